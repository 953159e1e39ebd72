//! Where things are.

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Cargo tells where the manifest is *now*; the compiled-in path is wrong once the checkout has moved.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| here.to_owned(), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), Path::to_owned)
}

/// The target folder that all builds share (this program itself has its own, see `.cargo/config.toml`).
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The finished web app.
pub(crate) fn web_dist() -> PathBuf {
    root().join("dist/web")
}

/// Helpers that are downloaded or built once and shared by all checkouts, one folder for each version.
pub(crate) fn tools() -> PathBuf {
    if let Some(dir) = std::env::var_os("ALMANAC_TOOLS") {
        return PathBuf::from(dir);
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    cache.map_or_else(|| target().join("tools"), |cache| cache.join("almanac/tools"))
}

/// A program on PATH.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}
