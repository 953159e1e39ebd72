//! cargo-deny, which checks the licences and sources of all dependencies.

use std::path::PathBuf;

use super::{cargo_install, say};
use crate::error::Result;
use crate::paths;
use crate::toolchain::Toolchain;

const VERSION: &str = "0.20.2";

fn install_root() -> PathBuf {
    paths::tools().join(format!("cargo-deny-{VERSION}"))
}

/// The program.
pub(crate) fn program() -> PathBuf {
    install_root().join("bin/cargo-deny")
}

/// Installs it unless this version is there.
pub(super) fn provide(toolchain: &Toolchain) -> Result<()> {
    if program().exists() {
        return Ok(());
    }
    say(
        &format!("installing cargo-deny {VERSION}"),
        "cargo xtask ci checks the licences and sources of what we depend on",
    );
    cargo_install(toolchain, "cargo-deny", VERSION, true, &install_root())
}
