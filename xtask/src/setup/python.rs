//! A Python of its own for the contract tests, with the official Supabase client in it. One folder for each list of packages.

use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use super::{say, took};
use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::{paths, sh};

/// What is installed, in the repository.
const LIST: &str = "tests/contract/python/requirements.txt";

/// The Python that has it.
pub(crate) fn python() -> Result<PathBuf> {
    Ok(root()?.join("bin/python"))
}

fn root() -> Result<PathBuf> {
    let list = paths::root().join(LIST);
    let text = std::fs::read(&list).map_err(|e| Error::io("read", &list, &e))?;
    Ok(paths::tools().join(format!("python-{}", Hash::new().add(&text).hex())))
}

/// Makes it unless it is there.
pub(super) fn provide() -> Result<()> {
    let root = root()?;
    // Written last, so that half an installation does not count.
    let finished = root.join("finished");
    if finished.exists() {
        return Ok(());
    }
    say("a virtual environment for Python with the official Supabase client", "contract tests in Python");
    let started = Instant::now();
    drop(std::fs::remove_dir_all(&root));
    sh::run(Command::new("python3").args(["-m", "venv"]).arg(&root))?;
    let mut pip = Command::new(root.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    sh::run(pip.arg(paths::root().join(LIST)))?;
    std::fs::write(&finished, "").map_err(|e| Error::io("write", &finished, &e))?;
    took(started);
    Ok(())
}
