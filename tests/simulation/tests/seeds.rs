//! Many seeds, as CI runs them: `ALMANAC_SEEDS` says how many.

use almanac_simulation::{run, run_traced};
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

/// A run is a great many small allocations, each freed on the thread that made it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Unless told otherwise.
const SEEDS: u64 = 10_000;

#[test]
fn every_guarantee_holds_on_every_seed() {
    let seeds = std::env::var("ALMANAC_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    let (next, failures, edits) = (AtomicU64::new(0), Mutex::new(Vec::new()), AtomicU64::new(0));
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds || failures.lock().expect("no worker panics").len() >= 5 {
                        return;
                    }
                    match run(seed) {
                        Ok(report) => {
                            edits.fetch_add(report.edits, Ordering::Relaxed);
                        }
                        Err(failure) => failures.lock().expect("no worker panics").push(failure.to_string()),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no worker panics");
    assert!(
        failures.is_empty(),
        "replay one with `cargo run -p almanac-simulation -- --seed N --trace`:\n{}",
        failures.join("\n")
    );
    assert!(edits.into_inner() > seeds * 20, "the persons of the simulation hardly wrote anything");
}

#[test]
fn a_seed_is_one_run() {
    for seed in 0..5 {
        let (first, again) = (run_traced(seed), run_traced(seed));
        assert_eq!(first, again, "seed {seed} took another course");
    }
}
