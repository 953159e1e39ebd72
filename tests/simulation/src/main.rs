//! Runs seeds: `--seeds A..B` for a soak, `--seed N --trace` for one with its trace.

use std::{process::ExitCode, time::Instant};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    if let Some(seed) = value("--seed").and_then(|text| text.parse().ok()) {
        return one(seed, args.iter().any(|arg| arg == "--trace"));
    }
    let range = value("--seeds")
        .and_then(|text| text.split_once(".."))
        .and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    match range {
        Some((from, to)) => many(from, to, args.iter().any(|arg| arg == "--keep-going")),
        None => {
            say("usage: almanac-simulation --seeds A..B [--keep-going] | --seed N [--trace]");
            ExitCode::from(2)
        }
    }
}

#[allow(clippy::print_stdout, reason = "this is a command-line tool")]
fn say(line: &str) {
    println!("{line}");
}

fn one(seed: u64, trace: bool) -> ExitCode {
    let result = if trace { almanac_simulation::run_traced(seed) } else { almanac_simulation::run(seed) };
    match result {
        Ok(report) => {
            for line in &report.trace {
                say(line);
            }
            say(&format!(
                "seed {seed} holds: {} edits, {} stuck, settled in {} ms, {} polls, hash {:016x}",
                report.edits, report.stuck, report.settled_ms, report.polls, report.hash
            ));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            say(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn many(from: u64, to: u64, keep_going: bool) -> ExitCode {
    let begin = Instant::now();
    let (mut edits, mut stuck, mut polls, mut failed, mut done) = (0, 0, 0, 0, 0_u64);
    let mut slowest = (0, 0);
    for seed in from..to {
        done += 1;
        match almanac_simulation::run(seed) {
            Ok(report) => {
                edits += report.edits;
                stuck += report.stuck;
                polls += report.polls;
                slowest = slowest.max((report.settled_ms, seed));
            }
            Err(failure) => {
                failed += 1;
                say(&failure.to_string());
                if !keep_going {
                    break;
                }
            }
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    say(&format!(
        "{done} seeds in {seconds:.1} s ({:.0}/s): {failed} failed, {edits} edits, {stuck} stuck, {polls} polls, slowest to settle {} ms (seed {})",
        done as f64 / seconds,
        slowest.0,
        slowest.1
    ));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
