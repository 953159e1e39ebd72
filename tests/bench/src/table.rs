//! The table of a part: our figure, the peer's, their ratio, the goal; or figures that have no peer.

use serde_json::{Value, json};
use std::path::Path;

/// A line.
struct Line {
    what: String,
    ours: f64,
    unit: &'static str,
    beside: Option<Beside>,
}

/// What a figure is compared with.
struct Beside {
    peer: String,
    theirs: f64,
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
        let beside = Beside { peer: peer.into(), theirs, goal };
        self.lines.push(Line { what: what.into(), ours, unit, beside: Some(beside) });
    }

    /// Adds a figure without a peer.
    pub(crate) fn figure(&mut self, what: impl Into<String>, ours: f64, unit: &'static str) {
        self.lines.push(Line { what: what.into(), ours, unit, beside: None });
    }

    /// Adds the median and the 95th percentile of times in ms.
    pub(crate) fn spread(&mut self, what: &str, times: Vec<f64>) {
        self.figure(format!("{what}, p50"), percentile(times.clone(), 0.5), "ms");
        self.figure(format!("{what}, p95"), percentile(times, 0.95), "ms");
    }

    pub(crate) fn print(&self) {
        println!("\n{:<52} {:>12} {:>12}  {:>7} {:>7}  beside", self.part, "ours", "theirs", "ratio", "goal");
        for Line { what, ours, unit, beside } in &self.lines {
            let Some(Beside { peer, theirs, goal }) = beside else {
                println!("{what:<52} {ours:>9.3} {unit}");
                continue;
            };
            let ratio = ours / theirs;
            let verdict = if ratio <= *goal { "" } else { "  missed" };
            println!(
                "{what:<52} {ours:>9.3} {unit:<2} {theirs:>9.3} {unit:<2}  {ratio:>7.3} {goal:>7.3}  {peer}{verdict}"
            );
        }
    }

    /// Writes `<part>.json` into a folder.
    pub(crate) fn write(&self, folder: &Path) {
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|Line { what, ours, unit, beside }| match beside {
                None => json!({ "what": what, "ours": ours, "unit": unit }),
                Some(Beside { peer, theirs, goal }) => json!({
                    "what": what, "ours": ours, "peer": peer, "theirs": theirs, "unit": unit, "ratio": ours / theirs,
                    "goal": goal,
                }),
            })
            .collect();
        std::fs::create_dir_all(folder).expect("a folder for the figures");
        let text = format!("{:#}\n", json!({ "part": self.part, "lines": lines }));
        std::fs::write(folder.join(format!("{}.json", self.part)), text).expect("the figures are written");
    }
}

/// The median.
pub(crate) fn median(values: Vec<f64>) -> f64 {
    percentile(values, 0.5)
}

/// The value that this share of the values is below.
pub(crate) fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get(((values.len() as f64 * share) as usize).min(last)).copied().unwrap_or(f64::NAN)
}

/// Milliseconds that something takes.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let begin = std::time::Instant::now();
    let result = work();
    (begin.elapsed().as_secs_f64() * 1000.0, result)
}
