//! Programs and packages from npm.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::node::{node, npm};
use super::{say, took};
use crate::error::{Error, Result};
use crate::{paths, sh};

/// The version of npm's `binaryen`. Distributions' own are often too old for what today's compilers emit.
const BINARYEN: &str = "132.0.0";

/// wasm-opt, ready for its arguments.
pub(crate) fn wasm_opt() -> Command {
    let mut command = Command::new(node());
    command.arg(wasm_opt_script());
    command
}

fn wasm_opt_script() -> PathBuf {
    binaryen_root().join("node_modules/.bin/wasm-opt")
}

fn binaryen_root() -> PathBuf {
    paths::tools().join(format!("binaryen-{BINARYEN}"))
}

/// Installs wasm-opt unless this version is there.
pub(super) fn provide_binaryen() -> Result<()> {
    if wasm_opt_script().exists() {
        return Ok(());
    }
    say(&format!("installing binaryen {BINARYEN} from npm"), "its wasm-opt makes the web app smaller");
    let started = Instant::now();
    let root = binaryen_root();
    std::fs::create_dir_all(&root).map_err(|e| Error::io("create", &root, &e))?;
    sh::run(npm().args(["install", "--no-save", "--prefix"]).arg(&root).arg(format!("binaryen@{BINARYEN}")))?;
    took(started);
    Ok(())
}

/// The test folders with a `package.json`.
fn test_folders() -> Vec<PathBuf> {
    let tests = paths::root().join("tests");
    let entries = std::fs::read_dir(tests).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|e| e.path()).filter(|dir| dir.join("package.json").exists()).collect();
    folders.sort();
    folders
}

/// `tests/<name>`, if it is there and has npm packages.
pub(crate) fn tests_folder(name: &str) -> Option<PathBuf> {
    test_folders().into_iter().find(|dir| dir.ends_with(name))
}

/// Installs the npm packages of every test folder whose lock file is newer than what is installed.
pub(super) fn provide_test_packages() -> Result<()> {
    for folder in test_folders() {
        if !stale(&folder) {
            continue;
        }
        let shown = folder.strip_prefix(paths::root()).unwrap_or(&folder).display().to_string();
        say(&format!("npm packages of {shown}"), "tests in JavaScript");
        let started = Instant::now();
        let verb = if folder.join("package-lock.json").exists() { "ci" } else { "install" };
        sh::run(npm().arg(verb).current_dir(&folder))?;
        took(started);
    }
    Ok(())
}

/// Whether the packages are missing or older than the list of them.
fn stale(folder: &Path) -> bool {
    let time = |name: &str| std::fs::metadata(folder.join(name)).and_then(|m| m.modified()).ok();
    let Some(installed) = time("node_modules/.package-lock.json") else { return true };
    ["package.json", "package-lock.json"].iter().any(|name| time(name).is_some_and(|changed| changed > installed))
}
