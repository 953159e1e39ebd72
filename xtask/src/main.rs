//! The developers' commands: `cargo xtask setup | run | test | bench | ci`.
//!
//! Continuous integration calls the very same commands, so that what is green here is green there. The program uses almost no
//! dependencies: it is the first thing that is compiled on a bare machine, and it prepares everything else.

// A command-line program talks through its standard output.
#![allow(clippy::print_stdout)]

mod alike;
mod args;
mod bench;
mod bundle;
mod ci;
mod error;
mod hash;
mod names;
mod paths;
mod postgres;
mod run;
mod setup;
mod sh;
mod snip;
mod test;
mod toolchain;
mod walls;
mod wasm;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  setup [web|desktop|mobile|test|all]
          Installs what the part needs and this machine lacks (default: all). May be repeated: what is there is left alone.
  run [web|desktop|mobile] [--release] [--xvfb] [--port N] [-- arguments for the server]
          Prepares, builds and starts the app (default: web). `web` starts the server, which serves the app on the same address.
          desktop and mobile start the server too, unless one already answers. --xvfb: show the window on an invisible display.
  test [part…]
          Runs all tests, or only the parts named. The last line is `N passed, N failed`. Parts:
          units doc simulation sql scenarios server supabase indexeddb bundle bench contract e2e desktop mobile lints
  bench [store|server|sync|newdevice|notice|ui…] [--smoke]
          Runs the benchmarks of tests/bench beside their peers; prints tables and writes target/bench/*.json. --smoke: only to see
          that they run.
  soak [seeds | scenarios | kills]
          Runs the simulation on that many seeds (default: a million), and goes on after a failure; `scenarios`: 5,000 seeds on the
          real server; `kills`: kills server, store and browser ten times as often as the tests do.
  inspect <file> [--rows]
          Shows a local database of the desktop or mobile app: sync state, rows counted, outbox with stamps, the log of what
          was synced. Contents of rows only with --rows. The app may be running.
  ci      Format, lints, dependency walls, licences and sources of the dependencies. The same as `test lints`.

Environment: ALMANAC_TESTS  of the parts named, only the tests with this in their name (e2e: in their file's)
             ALMANAC_SOAK   kills so many times as often, and waits as much longer
             ALMANAC_TOOLS  folder of downloaded helpers (default ~/.cache/almanac/tools)
             ALMANAC_SERVER address of the server that the desktop and mobile apps use";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command named first. `Ok(false)`: it ran, and what it checked failed (it has already said so).
fn dispatch(arguments: &[String]) -> error::Result<bool> {
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("--help", arguments),
    };
    if rest.iter().take_while(|a| *a != "--").any(|a| a == "--help" || a == "-h") {
        println!("{HELP}");
        return Ok(true);
    }
    match command {
        "setup" => setup::command(rest).map(|()| true),
        "run" => run::command(rest).map(|()| true),
        "test" => test::command(rest),
        "bench" => bench::command(rest),
        "soak" => soak(rest),
        "inspect" => inspect(rest).map(|()| true),
        "ci" => test::command(&["lints".to_owned()]),
        "--help" | "-h" | "help" => {
            println!("{HELP}");
            Ok(true)
        }
        other => Err(error::Error::usage(format!("unknown command `{other}`\n\n{HELP}"))),
    }
}

/// Runs parts of the tests under these variables.
fn tests_with(parts: &[&str], variables: &[(&str, &str)]) -> error::Result<bool> {
    let me = std::env::current_exe().map_err(|e| error::Error::new(format!("this program cannot be found: {e}")))?;
    let mut again = std::process::Command::new(me);
    sh::run(again.arg("test").args(parts).envs(variables.iter().copied())).map(|()| true)
}

/// `cargo xtask inspect <file> [--rows]`.
fn inspect(arguments: &[String]) -> error::Result<()> {
    let toolchain = setup::prepare(&[setup::Need::Compiler])?;
    let mut cargo = toolchain.cargo();
    cargo.args(["run", "--quiet", "-p", "almanac-store-sqlite", "--example", "inspect", "--"]);
    sh::run(cargo.args(arguments))
}

/// `cargo xtask soak [seeds | scenarios | kills]`.
fn soak(arguments: &[String]) -> error::Result<bool> {
    let seeds = arguments.first().map_or("1000000", String::as_str);
    match seeds {
        "scenarios" => return tests_with(&["scenarios"], &[("ALMANAC_SOAK", "10"), ("ALMANAC_SEEDS", "5000")]),
        "kills" => {
            return tests_with(&["units", "supabase", "e2e"], &[("ALMANAC_SOAK", "10"), ("ALMANAC_TESTS", "kill")]);
        }
        _ => {}
    }
    let toolchain = setup::prepare(&[setup::Need::Compiler])?;
    let mut cargo = toolchain.cargo();
    cargo.args(["run", "-p", "almanac-simulation", "--profile", "soak", "--", "--keep-going", "--seeds"]);
    sh::run(cargo.arg(format!("0..{seeds}"))).map(|()| true)
}
