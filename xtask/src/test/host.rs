//! Everything for the host, built by one call of cargo, and where its programs and test programs are.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::sh;
use crate::toolchain::Toolchain;

/// What cargo built.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// Whether everything built.
    pub(super) ok: bool,
    packages: Vec<String>,
    artifacts: Vec<Artifact>,
}

/// A file one can run.
#[derive(Debug, Clone, PartialEq)]
struct Artifact {
    package: String,
    /// The folder of the package, in which its tests expect to run.
    dir: PathBuf,
    target: String,
    file: PathBuf,
    is_test: bool,
}

impl Built {
    /// The test programs of a package: (name, program, folder to run in).
    pub(super) fn tests_of(&self, package: &str) -> Vec<(String, PathBuf, PathBuf)> {
        let tests = self.artifacts.iter().filter(|a| a.is_test && a.package == package);
        tests.map(|a| (a.target.clone(), a.file.clone(), a.dir.clone())).collect()
    }

    /// The program of this name.
    pub(super) fn program(&self, name: &str) -> Result<PathBuf> {
        let found = self.artifacts.iter().find(|a| !a.is_test && a.target == name);
        found
            .map(|a| a.file.clone())
            .ok_or_else(|| Error::new(format!("{name} was not built; see target/test-logs/build.log")))
    }

    /// `-p a -p b …` for all that was built together. Later calls of cargo use the same, so that features stay the same.
    pub(super) fn package_arguments(&self) -> Vec<String> {
        self.packages.iter().flat_map(|p| ["-p".to_owned(), p.clone()]).collect()
    }
}

/// Builds the programs and tests of `packages`.
pub(super) fn build(toolchain: &Toolchain, packages: &[&str], log: &Path) -> Result<Built> {
    let mut names: Vec<String> = packages.iter().map(|&p| p.to_owned()).collect();
    names.sort();
    names.dedup();
    let mut built = Built { ok: true, packages: names, artifacts: Vec::new() };
    if built.packages.is_empty() {
        return Ok(built);
    }
    let mut cargo = toolchain.cargo();
    // --keep-going: what does not depend on a broken crate is still tested.
    cargo.args([
        "build",
        "--lib",
        "--bins",
        "--tests",
        "--examples",
        "--keep-going",
        "--message-format=json-render-diagnostics",
    ]);
    cargo.args(built.package_arguments()).stdout(Stdio::piped()).stderr(sh::append(log)?);
    let mut child = cargo.spawn().map_err(|e| Error::new(format!("cannot start `{}`: {e}", sh::shown(&cargo))))?;
    if let Some(stdout) = child.stdout.take() {
        built.artifacts =
            BufReader::new(stdout).lines().map_while(std::result::Result::ok).filter_map(|l| artifact(&l)).collect();
    }
    built.ok = child.wait().map_err(|e| Error::new(format!("cargo was lost: {e}")))?.success();
    Ok(built)
}

/// The runnable file that a line of cargo's messages announces.
fn artifact(line: &str) -> Option<Artifact> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let file = PathBuf::from(message["executable"].as_str()?);
    let manifest = Path::new(message["manifest_path"].as_str()?);
    // "path+file:///…/crates/core#almanac-core@0.1.0", or "…/crates/xtask#0.1.0" where the folder has the package's name.
    let id = message["package_id"].as_str()?;
    let (path, tail) = id.rsplit_once('#')?;
    let package = match tail.split_once('@') {
        Some((name, _)) => name,
        None => path.rsplit('/').next()?,
    };
    Some(Artifact {
        package: package.to_owned(),
        dir: manifest.parent()?.to_owned(),
        target: message["target"]["name"].as_str()?.to_owned(),
        file,
        is_test: message["profile"]["test"].as_bool()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_s_messages_are_read() {
        let line = r#"{"reason":"compiler-artifact","package_id":"path+file:///w/crates/core#almanac-core@0.1.0","manifest_path":"/w/crates/core/Cargo.toml","target":{"name":"merge"},"profile":{"test":true},"executable":"/w/target/debug/deps/merge-1"}"#;
        let found = artifact(line).unwrap();
        assert_eq!((found.package.as_str(), found.target.as_str(), found.is_test), ("almanac-core", "merge", true));
        assert_eq!(found.dir, Path::new("/w/crates/core"));
        let short = line.replace("crates/core#almanac-core@0.1.0", "xtask#0.1.0");
        assert_eq!(artifact(&short).unwrap().package, "xtask");
    }

    #[test]
    fn libraries_and_other_messages_are_no_programs() {
        assert_eq!(artifact(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(artifact(r#"{"reason":"compiler-artifact","executable":null}"#), None);
        assert_eq!(artifact("   Compiling"), None);
    }
}
