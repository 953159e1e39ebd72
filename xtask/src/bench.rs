//! `cargo xtask bench`: the benchmarks of `tests/bench`, each a folder with a `run.mjs` that prints its table and writes its JSON.

use std::process::Command;

use crate::args::Args;
use crate::error::{Error, Result};
use crate::{paths, setup, sh};

/// Runs those named, or all.
pub(crate) fn command(arguments: &[String]) -> Result<bool> {
    let args = Args::parse(arguments, &[], &[])?;
    let dir = paths::root().join("tests/bench");
    let mut there: Vec<_> = std::fs::read_dir(&dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.join("run.mjs").is_file())
        .collect();
    there.sort();
    if there.is_empty() {
        println!("There are no benchmarks yet: tests/bench is empty.");
        return Ok(true);
    }
    let name = |p: &std::path::Path| p.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(unknown) = args.words.iter().find(|w| !there.iter().any(|p| name(p) == **w)) {
        let known: Vec<String> = there.iter().map(|p| name(p)).collect();
        return Err(Error::usage(format!("no benchmark `{unknown}`; there are: {}", known.join(" "))));
    }
    for bench in there.iter().filter(|p| args.words.is_empty() || args.words.contains(&name(p))) {
        println!("== {}", name(bench));
        sh::run(Command::new(setup::node()).arg("run.mjs").args(&args.rest).current_dir(bench))?;
    }
    Ok(true)
}
