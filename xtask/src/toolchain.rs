//! One Rust toolchain for everything.
//!
//! A machine may have two: rustup's, and the distribution's (Debian packages a current one as `rustc-web` and so on, which is the
//! way out where rustup cannot download). Building the host's crates with one and the browser's with the other would compile most
//! crates twice and mix up the two `rustc` on PATH, so one is chosen, and every call of cargo goes through it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};
use crate::paths;

/// The browser's target.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The oldest compiler that works: `rust-version` of the workspace.
const OLDEST: (u32, u32) = (1, 93);

/// The folder with the `cargo`, `rustc`… that are used.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Toolchain {
    dir: PathBuf,
}

impl Toolchain {
    /// The first that is new enough and has the wasm target: what PATH names first (the developer's choice), rustup's, the system's.
    pub(crate) fn with_wasm() -> Option<Self> {
        candidates().into_iter().find(|t| t.new_enough() && t.has_wasm())
    }

    /// The same, or (before the wasm target is installed) the first that is new enough.
    pub(crate) fn any() -> Result<Self> {
        Self::with_wasm().or_else(|| candidates().into_iter().find(Self::new_enough)).ok_or_else(|| {
            Error::new(format!("no Rust {}.{} or newer found; install it from rustup.rs", OLDEST.0, OLDEST.1))
        })
    }

    /// The distribution's toolchain, whether it is there or not.
    pub(crate) fn system() -> Self {
        Self { dir: PathBuf::from("/usr/bin") }
    }

    /// `cargo` in the root of the workspace, which will find its own `rustc`.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = self.program("cargo");
        command.current_dir(paths::root());
        command
    }

    /// A subcommand that comes with the toolchain (`fmt`, `clippy`), in the root of the workspace. Called directly: cargo itself looks in
    /// `~/.cargo/bin` first, finds rustup's, and that one compiles everything a second time with another compiler.
    pub(crate) fn subcommand(&self, name: &str) -> Command {
        let mut command = self.program(&format!("cargo-{name}"));
        command.current_dir(paths::root()).env("CARGO", self.dir.join("cargo")).arg(name);
        command
    }

    /// Any program of the toolchain.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.dir.join(name));
        command.env("PATH", self.path());
        // What the outer cargo told this program must not leak into the builds it starts: build scripts would see it and rerun.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text == "CARGO"
                || text.starts_with("CARGO_PKG_")
                || text.starts_with("CARGO_MANIFEST_")
                || text == "LD_LIBRARY_PATH"
            {
                command.env_remove(&name);
            }
        }
        if self.dir == Path::new("/usr/bin") {
            command.env_remove("RUSTUP_TOOLCHAIN");
        }
        command
    }

    /// PATH with this toolchain first.
    pub(crate) fn path(&self) -> OsString {
        let old = std::env::var_os("PATH").unwrap_or_default();
        let mut dirs: Vec<PathBuf> = std::env::split_paths(&old).collect();
        if dirs.first() != Some(&self.dir) {
            dirs.insert(0, self.dir.clone());
        }
        std::env::join_paths(dirs).unwrap_or(old)
    }

    /// What `rustc --version` says, or nothing when there is none.
    pub(crate) fn version(&self) -> Option<String> {
        let output = self.program("rustc").arg("--version").output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn new_enough(&self) -> bool {
        self.dir.join("cargo").is_file()
            && self.version().as_deref().and_then(parse_version).is_some_and(|v| v >= OLDEST)
    }

    fn has_wasm(&self) -> bool {
        self.has_library(WASM)
    }

    /// Whether the standard library for a target is there.
    pub(crate) fn has_library(&self, target: &str) -> bool {
        let Some(dir) = self.libraries(target) else { return false };
        std::fs::read_dir(dir).is_ok_and(|mut files| {
            files.any(|file| {
                file.is_ok_and(|f| {
                    let name = f.file_name();
                    let name = name.to_string_lossy();
                    name.starts_with("libstd-") && name.ends_with(".rlib")
                })
            })
        })
    }

    /// Where the standard library for a target belongs.
    pub(crate) fn libraries(&self, target: &str) -> Option<PathBuf> {
        let output = self.program("rustc").args(["--print", "target-libdir", "--target", target]).output().ok()?;
        output.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
    }
}

/// All toolchains of this machine in order of preference.
fn candidates() -> Vec<Toolchain> {
    let first = paths::which("cargo").and_then(|cargo| cargo.parent().map(Path::to_owned));
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo")))
        .map(|home| home.join("bin"));
    let mut found: Vec<Toolchain> = Vec::new();
    for dir in [first, home, Some(PathBuf::from("/usr/bin"))].into_iter().flatten() {
        let candidate = Toolchain { dir };
        if candidate.dir.join("cargo").is_file() && !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found
}

/// `rustc 1.96.0 (…)` → (1, 96).
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(1)?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn the_version_is_read_from_rustc() {
        assert_eq!(parse_version("rustc 1.96.0 (f2d3ce0bd 2026-05-25) (built from a source tarball)"), Some((1, 96)));
        assert_eq!(parse_version("rustc 1.95.0-nightly (1 2)"), Some((1, 95)));
        assert_eq!(parse_version("something else"), None);
    }
}
