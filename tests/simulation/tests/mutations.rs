//! The simulation is worth what it catches: each rule switched off must break a guarantee on some seed.
//!
//! `README.md` lists what catches which rule.

use almanac_core::{
    Uuid,
    key::RowRef,
    memory::MemoryStore,
    merge::merge,
    mutation::{self, Mutation},
    row::Row,
    stamp::{DeviceId, Stamp},
    store::{Batch, RemoteBatch, Store},
};
use almanac_simulation::{
    rules::{self, WorldRule},
    run,
};
use futures::FutureExt;
use std::sync::Mutex;

/// A run is a great many small allocations, each freed on the thread that made it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// No rule may take more seeds than this to be missed.
const SEEDS: u64 = 600;

/// Rules that hardly ever decide a run, or that device and server share: a scenario of their own shows each.
const BY_SCENARIO: [Mutation; 2] = [Mutation::ContentRevives, Mutation::CollectedGivesWay];

const fn stamp(micros: u64) -> Stamp {
    Stamp { micros, device: DeviceId(7) }
}

/// An event with these stamps of title and life.
fn event(title: u64, life: Option<u64>) -> Row {
    let mut row = Row::empty(&RowRef::event(Uuid::from_u128(1)));
    let columns = serde_json::json!({ "title": format!("{title}"), "start_timestamp_ms": 1, "end_timestamp_ms": 2 });
    row.columns.extend(columns.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())));
    row.stamps.insert("title".to_owned(), stamp(title));
    if let Some(life) = life {
        row.stamps.insert("life".to_owned(), stamp(life));
        row.columns.insert("deleted_at".to_owned(), "2026-11-22T14:02:03.123456Z".into());
    }
    row
}

fn content_revives() -> bool {
    merge(&event(1, Some(5)), &event(9, None)).is_live()
}

/// A device holds a tombstone that the server has collected; the row is made again elsewhere.
fn collected_gives_way() -> bool {
    let store = MemoryStore::new();
    let feed = |row: Row, seq| {
        let batch = RemoteBatch { rows: vec![row], at: seq, cursor: Some(seq), ..RemoteBatch::default() };
        store
            .execute(Batch::ApplyRemote(batch))
            .now_or_never()
            .expect("memory answers at once")
            .expect("it is a good batch")
    };
    feed(event(1, None), 1);
    feed(event(1, Some(5)), 2);
    feed(event(1, None), 3);
    let stored = store.get(RowRef::event(Uuid::from_u128(1))).now_or_never();
    stored
        .expect("memory answers at once")
        .expect("it is open")
        .is_some_and(|stored| stored.row().is_ok_and(|row| row.is_live()))
}

#[test]
fn the_scenarios_notice_their_rules() {
    let scenarios: [fn() -> bool; 2] = [content_revives, collected_gives_way];
    for (rule, holds) in BY_SCENARIO.into_iter().zip(scenarios) {
        assert!(holds(), "{rule:?} does not hold");
        mutation::switch_off(Some(rule));
        let noticed = !holds();
        mutation::switch_off(None);
        assert!(noticed, "{rule:?} is off and nobody notices");
    }
}

/// Rules that hardly any seed depends on: `directed.rs` shows each with a script.
const DIRECTED: [Mutation; 10] = [
    Mutation::OtherTabsShift,
    Mutation::RefusedStampsComeDown,
    Mutation::MarkAttempted,
    Mutation::StampsShift,
    Mutation::VanishOnlyUnattempted,
    Mutation::ResyncCoversAll,
    Mutation::PagesAreHalved,
    Mutation::PendingIsNotForgotten,
    Mutation::LimitsAreWaitedOut,
    Mutation::OnlyEditsNudge,
];
/// The same for the server.
const DIRECTED_ON_THE_SERVER: [WorldRule; 2] = [WorldRule::ChildrenTravel, WorldRule::FloorIsRaised];

fn caught(name: &str, switch: impl Fn(bool), missed: &Mutex<Vec<String>>) {
    switch(true);
    let found = (0..SEEDS).find_map(|seed| run(seed).err());
    switch(false);
    match found {
        // Shown with `--nocapture`, to write the list of the README.
        Some(failure) => {
            eprintln!("{name}: seed {}: {}", failure.seed, failure.why.chars().take(110).collect::<String>())
        }
        None => missed.lock().expect("no worker panics").push(name.to_owned()),
    }
}

#[test]
fn every_rule_of_core_is_missed_when_it_is_off() {
    let missed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for half in [0, 1] {
            let missed = &missed;
            scope.spawn(move || {
                let rules =
                    Mutation::ALL.into_iter().filter(|rule| !BY_SCENARIO.contains(rule) && !DIRECTED.contains(rule));
                for rule in rules.skip(half).step_by(2) {
                    caught(&format!("{rule:?}"), |off| mutation::switch_off(off.then_some(rule)), missed);
                }
            });
        }
    });
    assert_eq!(missed.into_inner().expect("no worker panics"), Vec::<String>::new(), "no seed noticed");
}

#[test]
fn every_rule_of_the_server_is_missed_when_it_is_off() {
    let missed = Mutex::new(Vec::new());
    for rule in WorldRule::ALL.into_iter().filter(|rule| !DIRECTED_ON_THE_SERVER.contains(rule)) {
        caught(&format!("{rule:?}"), |off| rules::switch_off(off.then_some(rule)), &missed);
    }
    assert_eq!(missed.into_inner().expect("no worker panics"), Vec::<String>::new(), "no seed noticed");
}
