//! Benchmarks beside their peers, in one run on one machine: candidates alternate, medians and their ratio are told.
//! `cargo xtask bench [part…] [--smoke]` builds and starts this (`store`, `server`), and for what is measured in Chromium the scripts in
//! `web/`, which start this as their server (`serve`). Each part says what is compared with what.
//!
//! Not timed tests: CI runs them at a small size to see that they run. Quote ratios, never times alone: machines are noisy.

#![allow(clippy::print_stdout, reason = "a program of the command line")]

mod account;
mod load;
mod rows;
mod serve;
mod store;
mod table;

use std::{path::PathBuf, process::ExitCode};

/// How large a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// Only to see that it runs.
    Smoke,
    /// For figures.
    Full,
}

impl Size {
    /// One of two numbers.
    pub(crate) const fn pick(self, smoke: usize, full: usize) -> usize {
        match self {
            Self::Smoke => smoke,
            Self::Full => full,
        }
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let size = if args.iter().any(|arg| arg == "--smoke") { Size::Smoke } else { Size::Full };
    let out = args.iter().find_map(|arg| arg.strip_prefix("--json=")).map(PathBuf::from);
    let parts: Vec<&str> = args.iter().filter(|arg| !arg.starts_with("--")).map(String::as_str).collect();
    for part in parts {
        let tables = match part {
            "store" => vec![store::run(size)],
            "server" => load::run(size),
            "serve" => {
                serve::run(&args);
                return ExitCode::SUCCESS;
            }
            other => {
                println!("no part {other}; there are: store server serve");
                return ExitCode::from(2);
            }
        };
        for table in tables {
            table.print();
            if let Some(folder) = &out {
                table.write(folder);
            }
        }
    }
    ExitCode::SUCCESS
}
