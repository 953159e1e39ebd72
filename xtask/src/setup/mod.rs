//! `cargo xtask setup`: what a part needs, why, and how this machine gets it.
//!
//! Every step first looks whether its result is already there, so a second run changes nothing and takes a second. The ordinary way is
//! always tried first; a fallback follows only where that fails. Everything comes from package registries and the system's packages.

mod android;
mod cargo_deny;
mod node;
mod npm;
mod python;
mod system;
mod wasm_bindgen;
mod wasm_target;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

pub(crate) use android::check as for_android;
pub(crate) use cargo_deny::program as cargo_deny;
pub(crate) use node::node;
pub(crate) use npm::{tests_folder, wasm_opt};
pub(crate) use python::python;
pub(crate) use wasm_bindgen::bin_dir as wasm_bindgen_dir;

use crate::args::Args;
use crate::error::{Error, Result};
use crate::toolchain::Toolchain;
use crate::{paths, sh};

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
    /// An X server without a screen, and what captures its windows.
    Xvfb,
    /// The browser of the end-to-end tests and its driver.
    Chromium,
    /// PostgreSQL's server programs, for tests on a real cluster.
    Postgres,
    /// npm packages of the tests.
    TestPackages,
    /// The official Supabase client for Python.
    Python,
    /// rustfmt, clippy and cargo-deny.
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
    Need::Xvfb,
    Need::Chromium,
    Need::Postgres,
    Need::TestPackages,
    Need::Python,
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

/// Provides all of `needs` and returns the toolchain to build with. What fails does not keep the rest from being provided.
pub(crate) fn prepare(needs: &[Need]) -> Result<Toolchain> {
    let mut problems = Vec::new();
    let mut attempt = |done: Result<()>| problems.extend(done.err().map(|error| error.to_string()));
    let wants = |need: Need| needs.contains(&need);

    attempt(system::install(needs));
    if wants(Need::WasmTarget) {
        attempt(wasm_target::provide());
    }
    let toolchain = Toolchain::any()?;
    if wants(Need::Lints) {
        attempt(wasm_target::lint_tools(&toolchain));
        attempt(cargo_deny::provide(&toolchain));
    }
    if wants(Need::Android) {
        attempt(android::provide(&toolchain));
    }
    if wants(Need::WasmBindgen) {
        attempt(wasm_bindgen::provide(&toolchain));
    }
    if wants(Need::WasmOpt) || wants(Need::TestPackages) {
        attempt(node::provide());
    }
    if wants(Need::WasmOpt) {
        attempt(npm::provide_binaryen());
    }
    if wants(Need::TestPackages) {
        attempt(npm::provide_test_packages());
    }
    if wants(Need::Python) {
        attempt(python::provide());
    }
    if problems.is_empty() { Ok(toolchain) } else { Err(Error::new(problems.join("\n"))) }
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
    sh::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// `cargo install` of a program into our tools: a finished one where cargo-binstall is there and reaches one, else from source.
fn cargo_install(toolchain: &Toolchain, name: &str, version: &str, locked: bool, root: &Path) -> Result<()> {
    let started = Instant::now();
    let binstall = || {
        let mut command = Command::new("cargo-binstall");
        command.args(["--no-confirm", "--disable-strategies", "compile", "--root"]).arg(root);
        sh::run_within(command.arg(format!("{name}@{version}")), Duration::from_secs(90)).is_ok()
    };
    if paths::which("cargo-binstall").is_none() || !binstall() {
        let scratch = paths::target().join(format!("build-{name}"));
        let mut cargo = toolchain.cargo();
        cargo.args(["install", "--quiet", name, "--version", version, "--root"]).arg(root);
        if locked {
            cargo.arg("--locked");
        }
        // Half the time to build; these programs run for a second or two.
        cargo
            .arg("--target-dir")
            .arg(&scratch)
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off");
        sh::run(&mut cargo)?;
        drop(std::fs::remove_dir_all(scratch));
    }
    took(started);
    Ok(())
}
