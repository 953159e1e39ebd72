//! Files of older versions, of newer ones, of other programs, damaged, locked and full.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the report")]

use almanac_core::{
    Uuid,
    key::RowRef,
    outbox::RowState,
    patch::Patch,
    row::{Columns, Span},
    stamp::DeviceId,
    store::{Batch, LocalTime, OpenError, Query, Store, StoreError},
    table::Table,
};
use almanac_store_sqlite::{SCHEMA, SqliteStore};
use futures::executor::block_on;
use rusqlite::Connection;
use std::{fs, path::PathBuf};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("almanac.db");
    (dir, path)
}

/// A calendar with a long name.
fn calendar(number: u128) -> Patch {
    let all = Table::Calendars.groups().iter().flat_map(|group| group.columns);
    let columns: Columns = all.map(|column| ((*column).to_owned(), "long ".repeat(2000).into())).collect();
    Patch::create(RowRef::calendar(Uuid::from_u128(number)), columns)
}

fn edits(patches: Vec<Patch>) -> Batch {
    Batch::CommitLocal { patches, at: LocalTime { now: 1_793_600_000_000_000, adjusted: true, wall_ms: 1 } }
}

#[test]
fn every_released_schema_opens_with_all_it_holds() {
    // One file for each schema; a new schema adds its own and changes none.
    for schema in 1..=SCHEMA {
        let (_dir, path) = folder();
        let dump = format!("{}/tests/fixtures/schema-{schema}.sql", env!("CARGO_MANIFEST_DIR"));
        let dump = fs::read_to_string(&dump).unwrap_or_else(|e| panic!("{dump}: {e}"));
        Connection::open(&path).unwrap().execute_batch(&dump).unwrap();
        let store = SqliteStore::open(&path).unwrap();
        let (event, user) = (Uuid::from_u128(0x11), Uuid::from_u128(0xcafe));
        let span = Span { start: 1_793_577_600_000, end: 1_793_577_600_000 + 86_400_000 };
        let found = block_on(store.query(Query::Events { span, user })).unwrap();
        let keys: Vec<&RowRef> = found.iter().map(|stored| &stored.at).collect();
        let series = RowRef::event(Uuid::from_u128(0x12));
        assert_eq!(keys, [&RowRef::event(event), &series, &RowRef::overlay(event, user)]);
        assert_eq!(found[0].row().unwrap().columns["title"], "Mittagessen mit Zoë");
        assert_eq!(found[0].row().unwrap().columns["mood"], "🙂", "a column this version does not know");
        assert_eq!((found[0].state, found[1].state), (RowState::Pending, RowState::Synced));
        let entries = block_on(store.outbox()).unwrap();
        let told: Vec<_> = entries.iter().map(|e| (&e.at, e.generation, e.attempted, e.stuck.is_some())).collect();
        let calendar = RowRef::calendar(Uuid::from_u128(7));
        assert_eq!(told, [(&calendar, 2, true, true), (&RowRef::event(event), 3, false, false)]);
        let waiting = block_on(store.waiting(0)).unwrap();
        assert_eq!((waiting.entries, waiting.stuck, waiting.things), (2, 1, 1));
        assert!(waiting.oldest_ms.is_some_and(|ms| ms >= 1_793_600_000_000), "{waiting:?}");
        let lines = block_on(store.log()).unwrap().len();
        assert_eq!(lines, if schema < 2 { 0 } else { 2 });
        let state = block_on(store.state()).unwrap();
        assert_eq!((state.device, state.cursor, state.generation), (DeviceId(0xa1), 17, 3));
        block_on(store.execute(edits(vec![Patch::delete(RowRef::event(event))]))).unwrap();
    }
}

#[test]
fn a_file_of_a_newer_version_is_left_alone() {
    let (_dir, path) = folder();
    drop(SqliteStore::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", SCHEMA + 1).unwrap();
    let before = fs::read(&path).unwrap();
    let newer = SqliteStore::open(&path).err();
    assert!(
        matches!(newer, Some(OpenError::Newer { found, known }) if found == SCHEMA + 1 && known == SCHEMA),
        "{newer:?}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_database_of_ours_is_left_alone() {
    let (_dir, path) = folder();
    fs::write(&path, "Dear diary, this is no database. ".repeat(100)).unwrap();
    let before = fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path).err();
    assert!(matches!(refused, Some(OpenError::Unreadable(_))), "{refused:?}");
    assert_eq!(fs::read(&path).unwrap(), before);

    let (_dir, path) = folder();
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 1;")
        .unwrap();
    let before = fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path).err();
    assert!(matches!(refused, Some(OpenError::Unreadable(_))), "{refused:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let (_dir, path) = folder();
    let missing = SqliteStore::open(path.join("deeper/almanac.db")).err();
    assert!(matches!(missing, Some(OpenError::Backend(_))), "{missing:?}");
}

#[test]
fn a_damaged_record_is_told_and_left() {
    let (_dir, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    block_on(store.execute(edits(vec![calendar(1), calendar(2)]))).unwrap();
    Connection::open(&path).unwrap().execute_batch("UPDATE outbox SET entry = '{' WHERE key LIKE '%1'").unwrap();
    let failed = block_on(store.outbox()).err();
    assert!(matches!(failed, Some(StoreError::Corrupt(_))), "{failed:?}");
    let rows = block_on(store.query(Query::Table(Table::Calendars))).unwrap();
    assert_eq!(rows.len(), 2, "the rest is still read");
    let gone = Connection::open(&path).unwrap().execute("DELETE FROM outbox WHERE key LIKE '%1'", []);
    assert_eq!(gone.unwrap(), 1, "and it can be taken out");
}

#[test]
fn another_process_that_holds_the_file_is_told_of() {
    let (_dir, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let reads = block_on(store.query(Query::Table(Table::Calendars)));
    assert!(reads.is_ok_and(|rows| rows.is_empty()), "reading does not wait");
    let blocked = block_on(store.execute(edits(vec![calendar(1)]))).err();
    assert!(matches!(blocked, Some(StoreError::Blocked(_))), "{blocked:?}");
    other.execute_batch("COMMIT").unwrap();
    block_on(store.execute(edits(vec![calendar(1)]))).unwrap();
}

#[test]
fn a_database_can_be_shown_to_a_person_while_the_app_runs() {
    let (_dir, path) = folder();
    let dump = format!("{}/tests/fixtures/schema-{SCHEMA}.sql", env!("CARGO_MANIFEST_DIR"));
    Connection::open(&path).unwrap().execute_batch(&fs::read_to_string(dump).unwrap()).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let report = almanac_store_sqlite::inspect::report(&path, false).unwrap();
    for told in [
        "cursor      17",
        "events                         2 live      1 tombstones      1 unsent    0 stuck",
        "events/00000000-0000-0000-0000-000000000011 g3",
        "STUCK forbidden: not yours",
        "pulled 3 rows, 0 gone; cursor 17",
    ] {
        assert!(report.contains(told), "{told:?} is not in\n{report}");
    }
    assert!(!report.contains("Mittagessen"), "contents are told on request alone");
    let report = almanac_store_sqlite::inspect::report(&path, true).unwrap();
    assert!(report.contains("Mittagessen mit Zoë"), "{report}");
    drop(store);
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", SCHEMA + 1).unwrap();
    let refused = almanac_store_sqlite::inspect::report(&path, false).unwrap_err().to_string();
    assert!(refused.contains("use the program of its version"), "{refused}");
}
