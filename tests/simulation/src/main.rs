//! Runs seeds: `--seeds A..B [--threads N]` for a soak, `--seed N --trace` for one with its trace.

use almanac_simulation::{Failure, Report};
use std::{
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// A run is a great many small allocations, each freed on the thread that made it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A line of progress after so many seeds.
const TELL: u64 = 10_000;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1));
    if let Some(seed) = value("--seed").and_then(|text| text.parse().ok()) {
        return one(seed, args.iter().any(|arg| arg == "--trace"));
    }
    let range = value("--seeds")
        .and_then(|text| text.split_once(".."))
        .and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = value("--threads").and_then(|text| text.parse().ok()).unwrap_or_else(cores).max(1);
    match range {
        Some((from, to)) => many(from, to, threads, args.iter().any(|arg| arg == "--keep-going")),
        None => {
            say("usage: almanac-simulation --seeds A..B [--threads N] [--keep-going] | --seed N [--trace]");
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

/// What the seeds so far came to.
#[derive(Default)]
struct Sums {
    done: u64,
    failed: u64,
    edits: u64,
    stuck: u64,
    polls: u64,
    /// The longest any took to settle, ms, and which.
    slowest: (u64, u64),
}

impl Sums {
    fn add(&mut self, seed: u64, result: &Result<Report, Failure>) {
        self.done += 1;
        match result {
            Ok(report) => {
                self.edits += report.edits;
                self.stuck += report.stuck;
                self.polls += report.polls;
                self.slowest = self.slowest.max((report.settled_ms, seed));
            }
            Err(_) => self.failed += 1,
        }
    }

    fn told(&self, seconds: f64) -> String {
        let (slowest, seed) = self.slowest;
        format!(
            "{} seeds in {seconds:.1} s ({:.0}/s): {} failed, {} edits, {} stuck, {} polls, slowest to settle {slowest} ms (seed {seed})",
            self.done,
            self.done as f64 / seconds,
            self.failed,
            self.edits,
            self.stuck,
            self.polls,
        )
    }
}

/// Runs seeds on so many threads and tells now and then how far it is: a soak takes hours.
fn many(from: u64, to: u64, threads: usize, keep_going: bool) -> ExitCode {
    let begin = Instant::now();
    let (next, sums) = (AtomicU64::new(from), Mutex::new(Sums::default()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= to {
                        return;
                    }
                    let result = almanac_simulation::run(seed);
                    if let Err(failure) = &result {
                        say(&failure.to_string());
                        if !keep_going {
                            next.store(to, Ordering::Relaxed);
                        }
                    }
                    let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
                    sums.add(seed, &result);
                    if sums.done.is_multiple_of(TELL) {
                        say(&sums.told(begin.elapsed().as_secs_f64()));
                    }
                }
            });
        }
    });
    let sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    say(&format!("seeds {from}..{to} on {threads} threads: {}", sums.told(begin.elapsed().as_secs_f64())));
    if sums.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
