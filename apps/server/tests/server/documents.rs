//! What `docs/self-hosting.md` and the files for operators tell people to type exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cli::program;

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn guide() -> String {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/self-hosting.md"))
}

/// What a command says of itself; it must be one.
fn help(command: &[&str]) -> String {
    let output = program(&[command, &["--help"]].concat()).output().expect("the program runs");
    assert!(output.status.success(), "{command:?} is no command: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Words that begin with `start`, as far as they go.
fn words(text: &str, start: &str, rest: impl Fn(char) -> bool) -> BTreeSet<String> {
    text.match_indices(start)
        .filter(|(at, _)| !text[..*at].ends_with(|before: char| before.is_ascii_alphanumeric() || before == '-'))
        .map(|(at, _)| text[at..].chars().take_while(|letter| rest(*letter)).collect::<String>())
        .filter(|word| word[start.len()..].starts_with(|first: char| first.is_ascii_alphabetic()))
        .collect()
}

fn flags(text: &str) -> BTreeSet<String> {
    words(text, "--", |letter| letter == '-' || letter.is_ascii_lowercase())
}

fn variables(text: &str) -> BTreeSet<String> {
    words(text, "ALMANAC_", |letter| letter == '_' || letter.is_ascii_uppercase())
}

/// The lines of code, with what surrounds the program taken away: who runs it, where its output goes.
fn command_lines(guide: &str) -> Vec<String> {
    let code = guide.split("```").skip(1).step_by(2).flat_map(str::lines);
    code.filter_map(|line| line.split_once("almanac-server").map(|(_, after)| after))
        // Behind a path or within a word it is not a command.
        .filter(|after| after.is_empty() || after.starts_with(' '))
        .map(|after| after.split(['#', '|']).next().unwrap_or_default().trim().to_owned())
        .collect()
}

#[test]
fn every_command_of_the_guide_exists_with_its_flags() {
    let lines = command_lines(&guide());
    assert!(lines.len() >= 9, "{lines:?}");
    for line in lines {
        let known =
            ["user", "add", "list", "reset-password", "delete", "keys", "show", "rotate", "backup", "restore", "roles"];
        let command: Vec<&str> = line.split_whitespace().take_while(|word| known.contains(word)).collect();
        let told = flags(&help(&command));
        for flag in flags(&line) {
            assert!(told.contains(&flag), "`almanac-server {line}`: {flag} is not among {told:?}");
        }
    }
}

#[test]
fn every_flag_and_variable_that_operators_are_told_of_exists() {
    let commands: [&[&str]; 5] = [&[], &["user", "add"], &["keys", "rotate"], &["backup"], &["restore"]];
    let help = commands.map(help).concat();
    // Flags of other programs.
    let others = ["--system", "--home-dir", "--shell", "--now", "--help", "--name", "--rm", "--release"];
    let text = [guide(), read(&deploy("almanac.service"))].concat();
    for flag in flags(&text).iter().filter(|flag| !others.contains(&flag.as_str())) {
        assert!(flags(&help).contains(flag), "{flag}");
    }
    for variable in variables(&[text, read(&deploy("Dockerfile"))].concat()) {
        assert!(variables(&help).contains(&variable), "{variable}");
    }
}

#[test]
fn systemd_takes_the_unit() {
    let unit = read(&deploy("almanac.service"));
    // The program is not where it will be.
    let here = unit.replace("/usr/local/bin/almanac-server", env!("CARGO_BIN_EXE_almanac-server"));
    assert_ne!(unit, here);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("almanac.service");
    std::fs::write(&file, here).expect("a file");
    let Ok(verified) = Command::new("systemd-analyze").arg("verify").arg(&file).output() else {
        // A system without systemd.
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && !said.contains("almanac.service"), "{said}");
}

#[test]
fn the_image_takes_from_its_build_what_is_made_there() {
    let dockerfile = read(&deploy("Dockerfile"));
    let taken: Vec<&str> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY --from=build /src/"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    // The profile that the build names, and where `cargo xtask` puts the web app.
    assert!(dockerfile.contains("cargo xtask test bundle && cargo build --release -p almanac-server"), "{dockerfile}");
    assert_eq!(taken, ["target/release/almanac-server", "dist/web"]);
    // What is here already must not come along: it was built for another system.
    let ignored = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.dockerignore"));
    for folder in ["target", "dist", ".git", "**/node_modules"] {
        assert!(ignored.lines().any(|line| line == folder), "{folder} is sent to the build");
    }
}
