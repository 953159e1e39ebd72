//! Rust's standard library for the browser, and rustfmt and clippy beside it.
//!
//! The ordinary way is `rustup target add`. Where rustup can download nothing, Debian carries a current compiler (`rustc-web` and
//! its companions) without that library, but with its source: it is built here once and laid where the compiler looks for it, so that
//! from then on it behaves like a toolchain with the target installed.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{as_root, say, system, took};
use crate::error::{Error, Result};
use crate::toolchain::{Toolchain, WASM};
use crate::{paths, sh};

/// rustup has no time limit of its own. A slow line needs a while for 30 MB; a missing one must not block forever.
const RUSTUP_LIMIT: Duration = Duration::from_secs(240);

const DEBIAN: &[&str] =
    &["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22", "rustfmt-web", "rust-web-clippy"];

/// Sees to it that [`Toolchain::with_wasm`] finds one.
pub(super) fn provide() -> Result<()> {
    if Toolchain::with_wasm().is_some() {
        return Ok(());
    }
    if paths::which("rustup").is_some() {
        say(&format!("rustup target add {WASM}"), "Rust's standard library for the browser");
        let started = Instant::now();
        match sh::run_within(Command::new("rustup").args(["target", "add", WASM]), RUSTUP_LIMIT) {
            Ok(()) => {
                took(started);
                if Toolchain::with_wasm().is_some() {
                    return Ok(());
                }
            }
            Err(error) => println!("       {error}; trying the system's packages instead"),
        }
    }
    let system = Toolchain::system();
    if system.version().is_none() || !Path::new("/usr/lib/rustlib/src/rust/library").exists() {
        say(
            &format!("installing {}", DEBIAN.join(" ")),
            "a Rust compiler from the system's packages, with the source of its library",
        );
        system::apt_install(DEBIAN)?;
    }
    build_library(&system)?;
    Toolchain::with_wasm()
        .map(drop)
        .ok_or_else(|| Error::new("the standard library for the browser was built, but the compiler does not find it"))
}

/// Builds std for the browser from its source and installs it into the system's toolchain.
fn build_library(toolchain: &Toolchain) -> Result<()> {
    say(
        "building Rust's standard library for the browser from its source",
        "the system's packages do not carry it; takes a minute, once",
    );
    let started = Instant::now();
    let crate_dir = paths::target().join("wasm-std");
    let write = |name: &str, text: &str| {
        let file = crate_dir.join(name);
        std::fs::write(&file, text).map_err(|e| Error::io("write", &file, &e))
    };
    std::fs::create_dir_all(crate_dir.join("src")).map_err(|e| Error::io("create", &crate_dir, &e))?;
    // An own (empty) workspace, otherwise cargo takes it for a stray member of ours.
    write("Cargo.toml", "[package]\nname = \"throwaway\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n")?;
    write("src/lib.rs", "")?;
    let mut cargo = toolchain.cargo();
    cargo
        .current_dir(&crate_dir)
        .args([
            "build",
            "--quiet",
            "--release",
            "--target",
            WASM,
            "-Zbuild-std=std,panic_abort,test",
            "--target-dir",
            "target",
        ])
        .env("RUSTC_BOOTSTRAP", "1")
        // Without bitcode, fat LTO of our own bundle fails.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes");
    sh::run(&mut cargo)?;
    let to = toolchain.libraries(WASM).ok_or_else(|| Error::new("this compiler does not know the browser's target"))?;
    let from = crate_dir.join("target").join(WASM).join("release/deps");
    sh::run(as_root("mkdir").arg("-p").arg(&to))?;
    let mut copy = as_root("cp");
    let entries = std::fs::read_dir(&from).map_err(|e| Error::io("read", &from, &e))?;
    for file in entries.flatten().map(|e| e.path()) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".rlib") && !name.starts_with("libthrowaway") {
            copy.arg(&file);
        }
    }
    sh::run(copy.arg(&to))?;
    drop(std::fs::remove_dir_all(&crate_dir));
    took(started);
    Ok(())
}

/// rustfmt and clippy for the chosen toolchain.
pub(super) fn lint_tools(toolchain: &Toolchain) -> Result<()> {
    let there = |name: &str| sh::quiet_ok(toolchain.subcommand(name).arg("--version"));
    if there("fmt") && there("clippy") {
        return Ok(());
    }
    say("installing rustfmt and clippy", "cargo xtask ci checks format and lints");
    if *toolchain == Toolchain::system() {
        return system::apt_install(&["rustfmt-web", "rust-web-clippy"]);
    }
    sh::run_within(Command::new("rustup").args(["component", "add", "rustfmt", "clippy"]), RUSTUP_LIMIT)
}
