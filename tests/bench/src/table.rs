//! The table of a part: our figure, the peer's, their ratio, the goal.

use serde_json::{Value, json};
use std::path::Path;

/// A line.
struct Line {
    what: String,
    ours: f64,
    peer: String,
    theirs: f64,
    unit: &'static str,
    goal: f64,
}

/// See the module.
pub(crate) struct Table {
    part: &'static str,
    lines: Vec<Line>,
}

impl Table {
    pub(crate) const fn new(part: &'static str) -> Self {
        Self { part, lines: Vec::new() }
    }

    /// Adds a line. The goal is the greatest good ratio of ours to theirs.
    pub(crate) fn line(
        &mut self,
        what: impl Into<String>,
        ours: f64,
        (peer, theirs): (impl Into<String>, f64),
        unit: &'static str,
        goal: f64,
    ) {
        self.lines.push(Line { what: what.into(), ours, peer: peer.into(), theirs, unit, goal });
    }

    pub(crate) fn print(&self) {
        println!("\n{:<52} {:>12} {:>12}  {:>7} {:>7}  beside", self.part, "ours", "theirs", "ratio", "goal");
        for line in &self.lines {
            let ratio = line.ours / line.theirs;
            let verdict = if ratio <= line.goal { "" } else { "  missed" };
            println!(
                "{:<52} {:>9.3} {:<2} {:>9.3} {:<2}  {ratio:>7.3} {:>7.3}  {}{verdict}",
                line.what, line.ours, line.unit, line.theirs, line.unit, line.goal, line.peer
            );
        }
    }

    /// Writes `<part>.json` into a folder.
    pub(crate) fn write(&self, folder: &Path) {
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|line| {
                json!({
                    "what": line.what, "ours": line.ours, "peer": line.peer, "theirs": line.theirs, "unit": line.unit,
                    "ratio": line.ours / line.theirs, "goal": line.goal,
                })
            })
            .collect();
        std::fs::create_dir_all(folder).expect("a folder for the figures");
        let text = format!("{:#}\n", json!({ "part": self.part, "lines": lines }));
        std::fs::write(folder.join(format!("{}.json", self.part)), text).expect("the figures are written");
    }
}

/// The median.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Milliseconds that something takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let begin = std::time::Instant::now();
    let result = work();
    (begin.elapsed().as_secs_f64() * 1000.0, result)
}
