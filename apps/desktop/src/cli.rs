//! The few words the desktop app takes on its command line.

use std::{io::Write as _, process::ExitCode};

const HELP: &str = "\
Almanac, a calendar that never waits.

Usage: almanac-desktop [--server URL] [--size WIDTHxHEIGHT]

  --server URL   the server to sync with (default: $ALMANAC_SERVER, else http://127.0.0.1:8787)
  --size WxH     the window's first size in pixels (default: as it was, at first 1280x840)
  --help         this text

Data is kept in the user's data folder, or below $ALMANAC_DATA_DIR. $RUST_LOG says how much is logged.
";

/// What to run with.
pub(crate) struct Options {
    pub(crate) server: String,
    /// None: as it was at the end.
    pub(crate) size: Option<(f64, f64)>,
}

pub(crate) enum Asked {
    Run(Options),
    Help,
}

pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut options = Options { server: almanac_shell_native::usual_server(), size: None };
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} wants a value; see --help"));
        match word.as_str() {
            "--help" | "-h" => return Ok(Asked::Help),
            "--server" => options.server = value()?,
            "--size" => options.size = Some(size(&value()?)?),
            other => return Err(format!("{other} is not understood; see --help")),
        }
    }
    if !options.server.starts_with("http://") && !options.server.starts_with("https://") {
        return Err(format!("{} is no address of a server: it begins with http:// or https://", options.server));
    }
    Ok(Asked::Run(options))
}

fn size(text: &str) -> Result<(f64, f64), String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    parsed
        .filter(|(w, h): &(f64, f64)| *w >= 200.0 && *h >= 200.0)
        .ok_or_else(|| format!("{text} is no size; write it like 1280x840"))
}

pub(crate) fn print_help() -> ExitCode {
    // A closed standard output is the reader's wish.
    let _ = std::io::stdout().write_all(HELP.as_bytes());
    ExitCode::SUCCESS
}

pub(crate) fn fail(problem: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "almanac-desktop: {problem}");
    ExitCode::FAILURE
}
