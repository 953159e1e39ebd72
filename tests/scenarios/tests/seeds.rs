//! The seeds of CI: `ALMANAC_SEEDS` says how many, `ALMANAC_SEED` names one to replay with its trace.
//!
//! `ALMANAC_TEST_DATABASE_URL` is the address of a PostgreSQL (15 or newer), as superuser. `cargo xtask test scenarios`
//! starts one.

use almanac_scenarios::Lab;
use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
};

/// Unless told otherwise.
const SEEDS: u64 = 200;

/// A mistake must not stay hidden longer than this.
const MOST_TO_CATCH: u64 = 40;

fn url() -> String {
    std::env::var("ALMANAC_TEST_DATABASE_URL")
        .expect("ALMANAC_TEST_DATABASE_URL names no PostgreSQL; `cargo xtask test scenarios` starts one")
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
#[allow(clippy::print_stdout, reason = "figures, and the trace of a replayed seed")]
fn every_guarantee_holds_on_the_real_server() {
    let url = url();
    if let Some(seed) = number("ALMANAC_SEED") {
        match Lab::new(&url, 0).run(seed) {
            Ok(report) => println!("{}\nseed {seed} holds", report.trace.join("\n")),
            Err(failure) => panic!("{failure}"),
        }
        return;
    }
    let seeds = number("ALMANAC_SEEDS").unwrap_or(SEEDS);
    let (next, edits, failures) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(Vec::new()));
    let (together, waited) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for worker in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(4) {
            let (url, next, edits, failures) = (&url, &next, &edits, &failures);
            let (together, waited) = (&together, &waited);
            scope.spawn(move || {
                let lab = Lab::new(url, worker);
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds || failures.lock().expect("no worker panics").len() >= 5 {
                        break;
                    }
                    match lab.run(seed) {
                        Ok(report) => drop(edits.fetch_add(report.edits, Ordering::Relaxed)),
                        Err(failure) => failures.lock().expect("no worker panics").push(failure),
                    }
                }
                together.fetch_add(lab.interleaved.together.load(Ordering::Relaxed), Ordering::Relaxed);
                waited.fetch_add(lab.interleaved.waited.load(Ordering::Relaxed), Ordering::Relaxed);
            });
        }
    });
    let failures = failures.into_inner().expect("no worker panics");
    if let Some(first) = failures.first() {
        let each: Vec<String> =
            failures.iter().map(|failure| format!("seed {}: {}", failure.seed, failure.why)).collect();
        panic!("{first}\n\n{}\nreplay one with `ALMANAC_SEED=N cargo xtask test scenarios`", each.join("\n"));
    }
    let (together, waited, edits) = (together.into_inner(), waited.into_inner(), edits.into_inner());
    println!("{seeds} seeds: {edits} edits, {together} pushes beside an open one, {waited} waits for another's row");
    assert!(edits > seeds * 5, "the persons of the runs hardly wrote anything");
    assert!(together > seeds / 4 && waited > 0, "transactions hardly interleaved: {together} together, {waited} waits");
}

/// The runs are worth what they catch: mistakes in the SQL, each alone.
#[test]
fn a_mistake_in_the_sql_is_caught() {
    let mistakes = [
        ("who is given a role does not hear of it", "drop trigger note_inserted on public.event_user_roles"),
        ("changed events are in nobody's feed", "drop trigger note_updated on public.events"),
        (
            "an older edit wins",
            "do $$ begin execute replace(pg_get_functiondef('almanac.merge_groups(text, jsonb, jsonb, text[])'::regprocedure),
                                         'if stamp_a > stamp_b then', 'if false then'); end $$",
        ),
    ];
    let url = url();
    for (number, (what, statements)) in mistakes.into_iter().enumerate() {
        let lab = Lab::new(&url, 100 + number);
        lab.spoil(statements);
        let caught = (0..MOST_TO_CATCH).find_map(|seed| lab.run(seed).err());
        assert!(caught.is_some(), "{MOST_TO_CATCH} seeds do not mind that {what}");
    }
}
