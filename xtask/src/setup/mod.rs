//! `cargo xtask setup`: what a part needs, why, and how this machine gets it.
//!
//! Every step first looks whether its result is already there, so a second run changes nothing and takes a second. The ordinary way is
//! always tried first; a fallback follows only where that fails. Everything comes from package registries and the system's packages.

mod android;
mod npm;
mod system;
mod wasm_bindgen;
mod wasm_target;

use std::process::Command;
use std::time::Instant;

pub(crate) use android::check as for_android;
pub(crate) use npm::{binaryen, tests_folder};
pub(crate) use wasm_bindgen::bin_dir as wasm_bindgen_dir;

use crate::args::Args;
use crate::error::{Error, Result};
use crate::paths;
use crate::toolchain::Toolchain;

/// What can be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A C compiler and linker.
    Compiler,
    /// Rust's standard library for the browser.
    WasmTarget,
    /// wasm-bindgen of exactly the version in Cargo.lock.
    WasmBindgen,
    /// wasm-opt, from npm.
    WasmOpt,
    /// GTK, WebKit and friends, which the desktop and mobile shells link.
    Webview,
    /// The system's SQLite headers, which the check for Android uses in place of a cross compiler.
    SqliteHeaders,
    /// An X server without a screen, and what captures its windows.
    Xvfb,
    /// The browser of the end-to-end tests and its driver.
    Chromium,
    /// PostgreSQL's server programs, for tests on a real cluster.
    Postgres,
    /// npm packages of the tests.
    TestPackages,
    /// rustfmt and clippy.
    Lints,
    /// Rust's standard library for Android, or its source.
    Android,
}

const WEB: &[Need] = &[Need::Compiler, Need::WasmTarget, Need::WasmBindgen, Need::WasmOpt];
const DESKTOP: &[Need] = &[Need::Compiler, Need::Webview];
const TEST: &[Need] = &[
    Need::Compiler,
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::WasmOpt,
    Need::Webview,
    Need::SqliteHeaders,
    Need::Xvfb,
    Need::Chromium,
    Need::Postgres,
    Need::TestPackages,
    Need::Lints,
    Need::Android,
];

/// `cargo xtask setup [part]`.
pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let args = Args::parse(arguments, &[], &[])?;
    let needs = match args.words.first().map_or("all", String::as_str) {
        "web" => WEB,
        "desktop" | "mobile" => DESKTOP,
        "test" | "all" => TEST,
        other => return Err(Error::usage(format!("setup knows web, desktop, mobile, test and all, not `{other}`"))),
    };
    let toolchain = prepare(needs)?;
    println!("Ready. Rust: {}", toolchain.version().unwrap_or_default());
    Ok(())
}

/// What `run` needs for a shell.
pub(crate) fn needs_of(shell: &str) -> &'static [Need] {
    if shell == "web" { WEB } else { DESKTOP }
}

/// Provides all of `needs` and returns the toolchain to build with.
pub(crate) fn prepare(needs: &[Need]) -> Result<Toolchain> {
    system::install(needs)?;
    let toolchain = if needs.contains(&Need::WasmTarget) { wasm_target::provide()? } else { Toolchain::any()? };
    if needs.contains(&Need::Lints) {
        wasm_target::lint_tools(&toolchain)?;
    }
    if needs.contains(&Need::Android) {
        android::provide(&toolchain)?;
    }
    if needs.contains(&Need::WasmBindgen) {
        wasm_bindgen::provide(&toolchain)?;
    }
    if needs.contains(&Need::WasmOpt) {
        npm::provide_binaryen()?;
    }
    if needs.contains(&Need::TestPackages) {
        npm::provide_test_packages()?;
    }
    Ok(toolchain)
}

/// Says what is about to be done and why.
fn say(what: &str, why: &str) {
    println!("setup: {what}\n       ({why})");
}

/// Says how long something took, if it was long.
fn took(since: Instant) {
    let seconds = since.elapsed().as_secs();
    if seconds > 1 {
        println!("       done in {seconds} s");
    }
}

/// A command that changes the system: as root itself, otherwise through sudo.
fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}

fn is_root() -> bool {
    crate::sh::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Fails with a list of what to install by hand where this program cannot do it.
fn need_program(program: &str, hint: &str) -> Result<()> {
    match paths::which(program) {
        Some(_) => Ok(()),
        None => Err(Error::new(format!("`{program}` is missing: {hint}"))),
    }
}
