//! Shows a local database to a person: `cargo xtask inspect <file> [--rows]`.
#![allow(clippy::print_stdout, reason = "this is a command-line tool")]

use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(path) = arguments.iter().find(|argument| !argument.starts_with("--")) else {
        println!("usage: inspect <file of the local database> [--rows]");
        return ExitCode::from(2);
    };
    let rows = arguments.iter().any(|argument| argument == "--rows");
    match almanac_store_sqlite::inspect::report(Path::new(path), rows) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            println!("{path}: {why}");
            ExitCode::FAILURE
        }
    }
}
