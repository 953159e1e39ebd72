//! The process is killed while it writes: the file opens, and every edit that was told to be saved is there.
//!
//! `ALMANAC_SOAK=<n>` kills n times as often.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "in a test a panic is the report")]

use almanac_core::{
    Uuid,
    key::RowRef,
    outbox::{Entry, RowState},
    patch::Patch,
    row::{Columns, Row, Span},
    stamp::{DeviceId, Stamp},
    store::{Batch, LocalTime, Query, RemoteBatch, Store},
    table::Table,
};
use almanac_store_sqlite::SqliteStore;
use futures::executor::block_on;
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashMap},
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

const FILE: &str = "ALMANAC_CRASH_FILE";
const USER: Uuid = Uuid::from_u128(0xcafe);
const NOW: u64 = 1_793_600_000_000_000;

fn event(title: &str) -> Columns {
    let all = Table::Events.groups().iter().flat_map(|group| group.columns);
    let mut columns: Columns = all.map(|column| ((*column).to_owned(), Value::Null)).collect();
    columns.insert("title".to_owned(), Value::from(title));
    columns.insert("start_timestamp_ms".to_owned(), Value::from(0));
    columns.insert("end_timestamp_ms".to_owned(), Value::from(1000));
    columns
}

/// One edit: a new event with its overlay, or every third time a new title. Told once it is committed.
fn edit(store: &SqliteStore, number: u64) {
    let id = Uuid::from_u128(u128::from(number / 3));
    let overlay = Table::Overlays.groups().iter().flat_map(|group| group.columns);
    let overlay: Columns = overlay.map(|column| ((*column).to_owned(), Value::Null)).collect();
    let patches = if number.is_multiple_of(3) {
        vec![
            Patch::create(RowRef::event(id), event(&number.to_string())),
            Patch::create(RowRef::overlay(id, USER), overlay),
        ]
    } else {
        vec![Patch::update(RowRef::event(id), Columns::new()).set("title", number.to_string())]
    };
    let at = LocalTime { now: NOW + number, adjusted: true, wall_ms: 0 };
    block_on(store.execute(Batch::CommitLocal { patches, at })).unwrap();
}

/// Rows from the server between the edits: commits that do not wait for the disk.
fn page(store: &SqliteStore, number: u64) {
    let rows = (0..20).map(|n| {
        let at = RowRef::event(Uuid::from_u128(u128::from(1_000_000 + (number + n) % 100)));
        let mut row = Row::empty(&at);
        row.columns.extend(event("from the server"));
        let stamp = Stamp::new(NOW + number, DeviceId(0));
        row.stamps = Table::Events.groups().iter().map(|group| (group.name.to_owned(), stamp)).collect();
        row
    });
    let batch = RemoteBatch { rows: rows.collect(), at: number, cursor: Some(number), ..RemoteBatch::default() };
    block_on(store.execute(Batch::ApplyRemote(batch))).unwrap();
}

#[test]
#[ignore = "the process that the other test kills"]
fn writes_until_it_is_killed() {
    let path = std::env::var(FILE).expect("only the other test starts this");
    let store = SqliteStore::open(path).unwrap();
    block_on(store.execute(Batch::Init { device: DeviceId(1) })).unwrap();
    let mut number = first_unwritten(&store);
    let mut out = std::io::stdout().lock();
    loop {
        edit(&store, number);
        writeln!(out, "saved {number}").and_then(|()| out.flush()).unwrap();
        number += 1;
        page(&store, number);
        if number.is_multiple_of(7) {
            block_on(store.execute(Batch::OutboxTake { now_ms: 0, limit: 5, max_bytes: 100_000, after: None }))
                .unwrap();
        }
    }
}

fn titles(store: &SqliteStore) -> HashMap<RowRef, u64> {
    let span = Span { start: 0, end: 1 };
    let all = block_on(store.query(Query::Events { span, user: USER })).unwrap();
    let events = all.into_iter().filter(|stored| stored.at.table == Table::Events);
    events.filter_map(|s| Some((s.at.clone(), s.row().unwrap().columns["title"].as_str()?.parse().ok()?))).collect()
}

fn first_unwritten(store: &SqliteStore) -> u64 {
    titles(store).values().max().map_or(0, |last| last + 1)
}

/// What must hold whenever the file is opened.
fn check(path: &Path, saved: u64) {
    let store = SqliteStore::open(path).unwrap();
    let titles = titles(&store);
    let last = first_unwritten(&store) - 1;
    assert!(last == saved || last == saved + 1, "edit {saved} was told to be saved, the file knows {last}");
    for event in 0..=last / 3 {
        let at = RowRef::event(Uuid::from_u128(u128::from(event)));
        assert_eq!(titles.get(&at), Some(&(event * 3 + 2).min(last)), "{at}");
        assert!(block_on(store.get(RowRef::overlay(Uuid::from_u128(u128::from(event)), USER))).unwrap().is_some());
    }
    let entries: Vec<Entry> = block_on(store.outbox()).unwrap();
    let generations: BTreeSet<u64> = entries.iter().map(|entry| entry.generation).collect();
    assert_eq!(generations.len(), entries.len(), "a generation was given twice");
    let state = block_on(store.state()).unwrap();
    assert_eq!(generations.last(), Some(&state.generation), "the counter stands at the last one given");
    assert_eq!(entries.len() as u64, 2 * (last / 3 + 1), "one entry a row");
    for entry in entries {
        let stored = block_on(store.get(entry.at.clone())).unwrap().unwrap();
        assert_eq!((stored.state, stored.row().unwrap().stamps), (RowState::Pending, entry.groups));
    }
    block_on(store.close()).unwrap();
    let file = rusqlite::Connection::open(path).unwrap();
    let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
}

#[test]
fn a_killed_process_loses_no_edit_that_was_told_to_be_saved() {
    let soak: u64 = std::env::var("ALMANAC_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    // On a real disk, as a person's file would be.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("almanac.db");
    let mut seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    for round in 0..10 * soak {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "writes_until_it_is_killed"])
            .env(FILE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let number = |line: String| line.strip_prefix("saved ").and_then(|n| n.parse::<u64>().ok());
        // After some edits, at any moment of what the process does next.
        let mut saved = lines.by_ref().filter_map(number).nth(usize::try_from(seed >> 60).unwrap()).unwrap();
        let moment = Instant::now() + Duration::from_micros((seed >> 32) % 20_000);
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What it could still tell before it died was told.
        saved = lines.filter_map(number).last().unwrap_or(saved);
        check(&path, saved);
        println!("round {round}: {saved} edits");
    }
}
