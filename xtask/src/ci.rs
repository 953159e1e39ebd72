//! Format, lints, walls, and the licences and sources of dependencies.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result};
use crate::test::Counts;
use crate::toolchain::{Toolchain, WASM};
use crate::{paths, sh, walls};

/// Packages that only make sense in a browser.
pub(crate) const BROWSER: &[&str] = &["almanac-store-indexeddb", "almanac-web"];

/// Runs every check, also after one has failed, and writes what they say into `log`.
pub(crate) fn run(toolchain: &Toolchain, log: &Path) -> Result<Counts> {
    let mut counts = Counts::default();
    let note = |text: &str| -> Result<()> {
        writeln!(sh::append(log)?, "\n== {text}").map_err(|e| Error::io("write", log, &e))
    };

    note("format")?;
    counts.check("format (cargo fmt)", sh::logged(toolchain.cargo().args(["fmt", "--all", "--check"]), log)?);

    note("lints for the host")?;
    let mut clippy = toolchain.cargo();
    clippy.args(["clippy", "--quiet", "--workspace", "--all-targets"]);
    for package in BROWSER {
        clippy.args(["--exclude", package]);
    }
    counts.check("clippy, host", sh::logged(clippy.args(["--", "-D", "warnings"]), log)?);

    note("lints for the browser")?;
    let mut clippy = toolchain.cargo();
    clippy.args(["clippy", "--quiet", "--all-targets", "--target", WASM]);
    for package in BROWSER {
        clippy.args(["-p", package]);
    }
    counts.check("clippy, browser", sh::logged(clippy.args(["--", "-D", "warnings"]), log)?);

    note("dependency walls")?;
    let found = walls::violations(toolchain)?;
    for violation in &found {
        note(violation)?;
    }
    counts.check("dependency walls", found.is_empty());

    note("licences and sources of dependencies")?;
    match cargo_deny() {
        // Advisories need a download that is not from a package registry; a scheduled job with network does them.
        Some(program) => {
            let mut deny = Command::new(program);
            deny.current_dir(paths::root()).env("PATH", toolchain.path());
            deny.args(["--offline", "check", "bans", "licenses", "sources"]);
            counts.check("cargo deny (bans, licences, sources)", sh::logged(&mut deny, log)?);
        }
        None => counts.notes.push(
            "cargo-deny is not installed (cargo install cargo-deny --locked): licences were not checked".to_owned(),
        ),
    }
    Ok(counts)
}

/// cargo-deny, from PATH or from our tools.
fn cargo_deny() -> Option<std::path::PathBuf> {
    let ours =
        fs::read_dir(paths::tools()).ok()?.flatten().map(|e| e.path().join("bin/cargo-deny")).find(|p| p.is_file());
    ours.or_else(|| paths::which("cargo-deny"))
}
