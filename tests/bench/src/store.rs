//! The desktop's store beside bare rusqlite with prepared statements, the same indexes and the same durability, each on a
//! file of its own: the month query as domain structs, one edit committed, 10,000 rows from the server; and how the month
//! query grows with what is stored.
//!
//! The peer keeps plain columns and knows neither merge nor unknown columns; its edit writes the row and an outbox row.

use crate::{
    Size,
    rows::{self, DAY, ME, MONDAY},
    table::{Table, median, timed},
};
use almanac_core::{
    domain::{Event, Overlay},
    key::RowRef,
    patch::Patch,
    row::{Columns, Span},
    stamp::DeviceId,
    store::{Batch, LocalTime, Query, RemoteBatch, Store},
    table::Table as Rows,
};
use almanac_store_sqlite::SqliteStore;
use futures::executor::block_on;
use rusqlite::{Connection, params};
use std::{path::Path, sync::Arc};

const NOW: u64 = 1_793_600_000_000_000;
/// Rows of a page from the server.
const PAGE: usize = 1000;
const MONTH: Span = Span { start: MONDAY, end: MONDAY + 35 * DAY };

pub(crate) fn run(size: Size) -> Table {
    let folder = tempfile::tempdir().expect("a folder");
    let count = size.pick(600, 20_000);
    let (rounds, edits) = (size.pick(3, 25), size.pick(5, 60));
    let ours = Ours::new(&folder.path().join("ours.db"));
    let mut theirs = Theirs::new(&folder.path().join("theirs.db"));
    ours.fill(0..count, count);
    theirs.fill(0..count, count);
    let mut table = Table::new("store");

    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (ms, found) = timed(|| ours.month());
        a.push(ms);
        let (ms, beside) = timed(|| theirs.month());
        b.push(ms);
        assert_eq!(found, beside, "both find the same");
    }
    table.line("one month of events, as domain structs", median(a), ("bare rusqlite", median(b)), "ms", 1.3);

    let (mut a, mut b) = (Vec::new(), Vec::new());
    for number in 0..edits {
        a.push(timed(|| ours.edit(number)).0);
        b.push(timed(|| theirs.edit(number)).0);
    }
    table.line("one edit, row and outbox, on the disk", median(a), ("bare rusqlite", median(b)), "ms", 1.3);

    let many = size.pick(1000, 10_000);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for round in 0..size.pick(1, 5) {
        let from = count + round * many;
        a.push(timed(|| ours.fill_events(from..from + many, count)).0);
        b.push(timed(|| theirs.fill_events(from..from + many, count)).0);
    }
    table.line(format!("{many} rows from the server"), median(a), ("bare rusqlite", median(b)), "ms", 1.3);

    let (few, lots) = (size.pick(300, 1000), size.pick(900, 100_000));
    let small = Ours::new(&folder.path().join("small.db"));
    let large = Ours::new(&folder.path().join("large.db"));
    small.fill(0..few, few);
    large.fill(0..lots, lots);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        a.push(timed(|| large.month()).0);
        b.push(timed(|| small.month()).0);
    }
    table.line(
        format!("the month query among {lots} events"),
        median(a),
        (format!("among {few}"), median(b)),
        "ms",
        1.5,
    );
    table
}

/// Our store.
struct Ours(Arc<SqliteStore>);

impl Ours {
    fn new(path: &Path) -> Self {
        let store = SqliteStore::open(path).expect("the file opens");
        block_on(store.execute(Batch::Init { device: DeviceId(1) })).expect("named");
        Self(store)
    }

    fn fill(&self, numbers: std::ops::Range<usize>, count: usize) {
        let overlays = numbers.clone().map(|n| rows::row(&RowRef::overlay(rows::id(n), ME), rows::overlay(), NOW));
        self.apply(overlays.collect());
        self.fill_events(numbers, count);
    }

    fn fill_events(&self, numbers: std::ops::Range<usize>, count: usize) {
        let events = numbers.map(|n| rows::row(&RowRef::event(rows::id(n)), rows::event(n, count, ME), NOW));
        self.apply(events.collect());
    }

    fn apply(&self, all: Vec<almanac_core::row::Row>) {
        for page in all.chunks(PAGE) {
            let batch = RemoteBatch { rows: page.to_vec(), ..RemoteBatch::default() };
            assert!(block_on(self.0.execute(Batch::ApplyRemote(batch))).expect("applied").applied);
        }
    }

    /// How many events, how many of them with an overlay.
    fn month(&self) -> (usize, usize) {
        let found = block_on(self.0.query(Query::Events { span: MONTH, user: ME })).expect("rows");
        let events = found.iter().filter(|row| row.at.table == Rows::Events);
        let events: Vec<Event> = events.map(|row| row.decode().expect("an event")).collect();
        let overlays = found.iter().filter(|row| row.at.table == Rows::Overlays);
        let overlays: Vec<Overlay> = overlays.map(|row| row.decode().expect("an overlay")).collect();
        (events.len(), overlays.len())
    }

    fn edit(&self, number: usize) {
        let patch =
            Patch::update(RowRef::event(rows::id(number)), Columns::new()).set("title", format!("edit {number}"));
        let at = LocalTime { now: NOW + 1 + number as u64, adjusted: true, wall_ms: 0 };
        block_on(self.0.execute(Batch::CommitLocal { patches: vec![patch], at })).expect("committed");
    }
}

/// What one would write by hand.
struct Theirs(Connection);

/// An event as the peer has it.
#[allow(dead_code, reason = "reading them is what is measured")]
struct Plain {
    id: String,
    title: String,
    start_time: String,
    duration: i64,
    all_day: bool,
    time_zone: String,
    recurrence: Option<String>,
    location: Option<String>,
    notes: Option<String>,
    private: bool,
    calendar: Option<String>,
    show_time_as: Option<String>,
}

impl Theirs {
    fn new(path: &Path) -> Self {
        let connection = Connection::open(path).expect("the file opens");
        connection
            .execute_batch(
                "PRAGMA journal_mode = wal; PRAGMA synchronous = full;
                 CREATE TABLE events (id TEXT PRIMARY KEY, owner_id TEXT, title TEXT, start_time TEXT, duration INTEGER,
                   all_day INTEGER, time_zone TEXT, recurrence TEXT, start_ms INTEGER, end_ms INTEGER, private INTEGER,
                   location TEXT, notes TEXT, updated_at TEXT, deleted_at TEXT);
                 CREATE INDEX events_span ON events (start_ms, end_ms);
                 CREATE TABLE overlays (event_id TEXT, user_id TEXT, calendar_id TEXT, show_time_as TEXT, reminders TEXT,
                   updated_at TEXT, deleted_at TEXT, PRIMARY KEY (event_id, user_id));
                 CREATE TABLE outbox (tab TEXT, key TEXT, entry TEXT, PRIMARY KEY (tab, key));",
            )
            .expect("tables");
        Self(connection)
    }

    fn fill(&mut self, numbers: std::ops::Range<usize>, count: usize) {
        let all: Vec<usize> = numbers.clone().collect();
        for page in all.chunks(PAGE) {
            let transaction = self.0.transaction().expect("a transaction");
            let mut put = transaction
                .prepare_cached("INSERT OR REPLACE INTO overlays VALUES (?1, ?2, ?3, 'busy', '[10]', 'now', NULL)")
                .expect("a statement");
            for n in page {
                put.execute(params![rows::id(*n).to_string(), ME.to_string(), rows::id(7).to_string()]).expect("put");
            }
            drop(put);
            transaction.commit().expect("committed");
        }
        self.fill_events(numbers, count);
    }

    fn fill_events(&mut self, numbers: std::ops::Range<usize>, count: usize) {
        self.0.execute_batch("PRAGMA synchronous = normal").expect("a setting");
        let all: Vec<usize> = numbers.collect();
        for page in all.chunks(PAGE) {
            let transaction = self.0.transaction().expect("a transaction");
            let mut put = transaction
                .prepare_cached(
                    "INSERT OR REPLACE INTO events VALUES (?1, ?2, ?3, ?4, 60, 0, 'UTC', NULL, ?5, ?6, 0, ?7, ?8, 'now', NULL)",
                )
                .expect("a statement");
            for n in page {
                let event = rows::event(*n, count, ME);
                let text = |column: &str| event.get(column).and_then(serde_json::Value::as_str).unwrap_or_default();
                let start = rows::start(*n, count);
                put.execute(params![
                    rows::id(*n).to_string(),
                    text("owner_id"),
                    text("title"),
                    text("start_time"),
                    start,
                    start + rows::HOUR,
                    text("location"),
                    text("notes")
                ])
                .expect("put");
            }
            drop(put);
            transaction.commit().expect("committed");
        }
        self.0.execute_batch("PRAGMA synchronous = full").expect("a setting");
    }

    fn month(&self) -> (usize, usize) {
        let mut ask = self
            .0
            .prepare_cached(
                "SELECT e.id, e.title, e.start_time, e.duration, e.all_day, e.time_zone, e.recurrence, e.location, e.notes,
                        e.private, o.calendar_id, o.show_time_as
                   FROM events e LEFT JOIN overlays o ON o.event_id = e.id AND o.user_id = ?3
                  WHERE e.start_ms < ?2 AND e.end_ms > ?1 AND e.start_ms > ?1 - 31 * 86400000 AND e.deleted_at IS NULL",
            )
            .expect("a statement");
        let found = ask.query_map(params![MONTH.start, MONTH.end, ME.to_string()], |row| {
            Ok(Plain {
                id: row.get(0)?,
                title: row.get(1)?,
                start_time: row.get(2)?,
                duration: row.get(3)?,
                all_day: row.get(4)?,
                time_zone: row.get(5)?,
                recurrence: row.get(6)?,
                location: row.get(7)?,
                notes: row.get(8)?,
                private: row.get(9)?,
                calendar: row.get(10)?,
                show_time_as: row.get(11)?,
            })
        });
        let found: Vec<Plain> = found.expect("rows").collect::<rusqlite::Result<_>>().expect("rows");
        (found.len(), found.iter().filter(|event| event.show_time_as.is_some()).count())
    }

    fn edit(&mut self, number: usize) {
        let transaction = self.0.transaction().expect("a transaction");
        let id = rows::id(number).to_string();
        transaction
            .prepare_cached("UPDATE events SET title = ?2, updated_at = 'later' WHERE id = ?1")
            .and_then(|mut set| set.execute(params![id, format!("edit {number}")]))
            .expect("set");
        transaction
            .prepare_cached("INSERT OR REPLACE INTO outbox VALUES ('events', ?1, ?2)")
            .and_then(|mut put| put.execute(params![id, format!("{{\"title\":\"edit {number}\"}}")]))
            .expect("put");
        transaction.commit().expect("committed");
    }
}
