//! wasm-bindgen's command, which writes the JavaScript around our wasm. Its version must be exactly the library's in Cargo.lock.

use std::path::PathBuf;

use super::{cargo_install, say};
use crate::error::{Error, Result};
use crate::paths;
use crate::toolchain::Toolchain;

/// The folder with `wasm-bindgen` and `wasm-bindgen-test-runner`.
pub(crate) fn bin_dir() -> Result<PathBuf> {
    Ok(install_root()?.join("bin"))
}

fn install_root() -> Result<PathBuf> {
    Ok(paths::tools().join(format!("wasm-bindgen-{}", locked_version()?)))
}

/// Installs it unless this version is there.
pub(super) fn provide(toolchain: &Toolchain) -> Result<()> {
    let root = install_root()?;
    if root.join("bin/wasm-bindgen").exists() && root.join("bin/wasm-bindgen-test-runner").exists() {
        return Ok(());
    }
    let version = locked_version()?;
    say(
        &format!("installing wasm-bindgen-cli {version}"),
        "writes the JavaScript around our wasm; the version of Cargo.lock, kept for all checkouts",
    );
    // Not with the lock file it was published with: registries that lag may lack what it names.
    cargo_install(toolchain, "wasm-bindgen-cli", &version, false, &root)
}

/// The version of the `wasm-bindgen` library in Cargo.lock.
fn locked_version() -> Result<String> {
    let file = paths::root().join("Cargo.lock");
    let text = std::fs::read_to_string(&file).map_err(|e| Error::io("read", &file, &e))?;
    version_in(&text).ok_or_else(|| Error::new("Cargo.lock names no wasm-bindgen"))
}

fn version_in(lock: &str) -> Option<String> {
    let after = lock.split("\nname = \"wasm-bindgen\"\nversion = \"").nth(1)?;
    after.split('"').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn the_library_is_told_from_its_companions() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock).as_deref(), Some("0.2.130"));
        assert_eq!(version_in(""), None);
    }
}
