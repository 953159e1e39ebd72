//! The mobile app is type-checked for Android without Google's SDK: only Rust's standard library for it is needed.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use super::say;
use crate::error::{Error, Result};
use crate::toolchain::Toolchain;
use crate::{paths, sh};

/// Today's phones.
const TARGET: &str = "aarch64-linux-android";

const RUSTUP_LIMIT: Duration = Duration::from_secs(240);

/// Build scripts of a few crates (ring, SQLite) compile C, for which there is no compiler without the SDK. A type check
/// does not link, so empty object files serve as well. It must answer like a GCC, else it is taken for Microsoft's.
const NO_COMPILER: &str = "#!/bin/sh
case \"$1\" in
  -E) exec cc \"$@\" ;;
  '-?') exit 1 ;;
esac
while [ $# -gt 0 ]; do
  if [ \"$1\" = -o ]; then : > \"$2\"; fi
  shift
done
";

/// rustup brings the library. The system's toolchain has only its source, which [`check`] builds on the way.
pub(super) fn provide(toolchain: &Toolchain) -> Result<()> {
    if toolchain.has_library(TARGET) || *toolchain == Toolchain::system() {
        return Ok(());
    }
    say(&format!("rustup target add {TARGET}"), "Rust's standard library for Android, to type-check the mobile app");
    sh::run_within(Command::new("rustup").args(["target", "add", TARGET]), RUSTUP_LIMIT)
}

/// Completes a `cargo check` so that it checks for Android.
pub(crate) fn check(toolchain: &Toolchain, cargo: &mut Command) -> Result<()> {
    let compiler = paths::target().join("android-no-compiler");
    fs::write(&compiler, NO_COMPILER).map_err(|e| Error::io("write", &compiler, &e))?;
    fs::set_permissions(&compiler, Permissions::from_mode(0o755))
        .map_err(|e| Error::io("make executable", &compiler, &e))?;
    cargo.args(["--target", TARGET]).env("CC_aarch64_linux_android", compiler).env("AR_aarch64_linux_android", "ar");
    // Headers of this machine do for a check.
    cargo.env("PKG_CONFIG_ALLOW_CROSS", "1");
    if !toolchain.has_library(TARGET) {
        cargo.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_abort");
    }
    Ok(())
}
