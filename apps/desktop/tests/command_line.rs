//! What the desktop app says on its command line, before there is a window.

use std::process::{Command, Output};

fn run(args: &[&str], data_dir: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_almanac-desktop"))
        .args(args)
        .env("ALMANAC_DATA_DIR", data_dir)
        .env_remove("ALMANAC_SERVER")
        .output()
        .expect("the app starts")
}

fn words(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

#[test]
fn help_explains_every_option() {
    let output = run(&["--help"], "/nonexistent");
    assert!(output.status.success());
    for word in ["--server", "--size", "ALMANAC_DATA_DIR"] {
        assert!(words(&output.stdout).contains(word), "--help is silent about {word}");
    }
}

#[test]
fn what_is_not_understood_is_refused_in_words() {
    for (args, hint) in [
        (&["--frobnicate"][..], "--frobnicate is not understood"),
        (&["--server"][..], "--server wants a value"),
        (&["--server", "ftp://x"][..], "no address of a server"),
        (&["--size", "huge"][..], "no size"),
    ] {
        let output = run(args, "/nonexistent");
        assert!(!output.status.success(), "{args:?} was taken");
        assert!(words(&output.stderr).contains(hint), "{args:?}: {}", words(&output.stderr));
    }
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let below = file.path().join("data");
    let output = run(&[], &below.to_string_lossy());
    assert!(!output.status.success());
    let said = words(&output.stderr);
    assert!(said.contains("cannot be made") && said.contains(&*below.to_string_lossy()), "{said}");
}
