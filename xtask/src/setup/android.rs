//! The mobile app is type-checked for Android without Google's SDK: only Rust's standard library for it is needed.

use std::process::Command;
use std::time::Duration;

use super::say;
use crate::error::Result;
use crate::sh;
use crate::toolchain::Toolchain;

/// Today's phones.
const TARGET: &str = "aarch64-linux-android";

const RUSTUP_LIMIT: Duration = Duration::from_secs(240);

/// rustup brings the library. The system's toolchain has only its source, which [`check`] builds on the way.
pub(super) fn provide(toolchain: &Toolchain) -> Result<()> {
    if toolchain.has_library(TARGET) || *toolchain == Toolchain::system() {
        return Ok(());
    }
    say(&format!("rustup target add {TARGET}"), "Rust's standard library for Android, to type-check the mobile app");
    sh::run_within(Command::new("rustup").args(["target", "add", TARGET]), RUSTUP_LIMIT)
}

/// Completes a `cargo check` so that it checks for Android.
pub(crate) fn check(toolchain: &Toolchain, cargo: &mut Command) {
    cargo.args(["--target", TARGET]);
    // SQLite's C source would need a cross compiler; a check does not link, so the headers of this machine do.
    cargo.env("PKG_CONFIG_ALLOW_CROSS", "1").env("LIBSQLITE3_SYS_USE_PKG_CONFIG", "1");
    if !toolchain.has_library(TARGET) {
        cargo.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
    }
}
