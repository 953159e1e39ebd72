//! Quick figures: `cargo run --release -p almanac-store-sqlite --example timing [events]`.
#![allow(clippy::print_stdout)]

use almanac_store_conformance::timing::measure;
use almanac_store_sqlite::SqliteStore;
use std::time::Instant;

fn main() {
    let events = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20_000);
    let dir = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(dir.path().join("almanac.db")).expect("the file opens");
    let begin = Instant::now();
    let figures = futures::executor::block_on(measure(&*store, events, || begin.elapsed().as_secs_f64() * 1000.0));
    println!("{events} events");
    for figure in figures {
        println!("{:45} median {:8.2} ms, worst {:8.2} ms", figure.what, figure.median_ms, figure.worst_ms);
    }
}
