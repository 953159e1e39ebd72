//! Format, lints, walls, and the licences and sources of dependencies.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use crate::error::{Error, Result};
use crate::test::Counts;
use crate::toolchain::{Toolchain, WASM};
use crate::{paths, setup, sh, walls};

/// Packages that only make sense in a browser.
pub(crate) const BROWSER: &[&str] = &["almanac-bench-page", "almanac-store-indexeddb", "almanac-web"];

/// Runs every check, also after one has failed, and writes what they say into `log`.
pub(crate) fn run(toolchain: &Toolchain, log: &Path) -> Result<Counts> {
    let mut counts = Counts::default();
    let note = |text: &str| -> Result<()> {
        writeln!(sh::append(log)?, "\n== {text}").map_err(|e| Error::io("write", log, &e))
    };

    note("format")?;
    counts.check("format (cargo fmt)", sh::logged(toolchain.subcommand("fmt").args(["--all", "--check"]), log)?);

    note("lints for the host")?;
    let mut clippy = toolchain.subcommand("clippy");
    clippy.args(["--quiet", "--workspace", "--all-targets"]);
    for package in BROWSER {
        clippy.args(["--exclude", package]);
    }
    counts.check("clippy, host", sh::logged(clippy.args(["--", "-D", "warnings"]), log)?);

    note("lints for the browser")?;
    let mut clippy = toolchain.subcommand("clippy");
    clippy.args(["--quiet", "--all-targets", "--target", WASM]);
    for package in BROWSER {
        clippy.args(["-p", package]);
    }
    // One thread there: what is shared between threads elsewhere is an `Arc` here too, around things that are not `Send`.
    counts.check(
        "clippy, browser",
        sh::logged(clippy.args(["--", "-D", "warnings", "-A", "clippy::arc_with_non_send_sync"]), log)?,
    );

    note("dependency walls")?;
    let found = walls::violations(toolchain)?;
    for violation in &found {
        note(violation)?;
    }
    counts.check("dependency walls", found.is_empty());

    note("licences and sources of dependencies")?;
    // Not the advisories: their database is a download that is not from a package registry, and changes while our code does not.
    let mut deny = Command::new(setup::cargo_deny());
    deny.current_dir(paths::root()).env("PATH", toolchain.path()).args(["check", "bans", "licenses", "sources"]);
    counts.check("cargo deny (bans, licences, sources)", sh::logged(&mut deny, log)?);
    Ok(counts)
}
