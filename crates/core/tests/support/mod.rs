//! What the tests of core share: a store in memory, rows and patches that read well.

#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses its part; a test may panic"
)]

use almanac_core::{
    Uuid,
    key::RowRef,
    memory::MemoryStore,
    merge::normalise_life,
    outbox::{Entry, StuckReason},
    patch::Patch,
    row::{Columns, Row},
    stamp::{DeviceId, Stamp},
    store::{
        Batch, LocalTime, Outcome, RemoteBatch, ResyncStep, Settlement, Store, StoreError, Stored, SyncState, Verdict,
    },
    table::{DELETED_AT, LIFE, Table},
    time,
};
use futures::FutureExt;
use serde_json::{Value, json};

pub const ME: DeviceId = DeviceId(0xaaaa);
pub const OTHER: DeviceId = DeviceId(0xbbbb);
/// The server's clock in these tests, µs.
pub const NOW: u64 = 1_793_491_200_000_000;
pub const SECOND: u64 = 1_000_000;
pub const HOUR: u64 = 3600 * SECOND;
pub const EPOCH: &str = "00000000-0000-4000-8000-000000000001";

pub fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x7000_8000_0000_0000_0000 + n)
}

pub fn user(n: u128) -> Uuid {
    Uuid::from_u128(0xa000_8000_0000_0000_0000 + n)
}

pub fn columns(value: Value) -> Columns {
    value.as_object().cloned().unwrap()
}

pub fn event(n: u128) -> RowRef {
    RowRef::event(id(n))
}

/// All columns of a new event.
pub fn event_columns(title: &str) -> Columns {
    let start = NOW / 1000;
    columns(json!({
        "owner_id": user(1).to_string(), "title": title, "private": false, "location": null, "notes": null,
        "start_time": time::text_of_micros(NOW), "duration": 60, "all_day": false, "time_zone": null, "recurrence": null,
        "start_timestamp_ms": start, "end_timestamp_ms": start + 3_600_000,
    }))
}

/// An event as the server has it: all groups stamped by another device.
pub fn server_event(n: u128, title: &str, micros: u64) -> Row {
    let mut row = Row::empty(&event(n));
    row.columns.extend(event_columns(title));
    for group in Table::Events.groups() {
        row.stamps.insert(group.name.to_owned(), Stamp::new(micros, OTHER));
    }
    row.columns.insert(DELETED_AT.to_owned(), Value::Null);
    row
}

pub fn with(mut row: Row, column: &str, value: impl Into<Value>, stamp: Stamp) -> Row {
    let group = row.table.group_of(column).unwrap().name;
    row.columns.insert(column.to_owned(), value.into());
    row.stamps.insert(group.to_owned(), stamp);
    normalise_life(&mut row);
    row
}

pub fn dead(row: Row, micros: u64) -> Row {
    with(row, DELETED_AT, time::text_of_micros(micros), Stamp::new(micros, OTHER))
}

pub fn title(row: &Row) -> &str {
    row.columns["title"].as_str().unwrap()
}

pub struct Device(pub MemoryStore);

impl Device {
    /// A device that has read the feed to 10.
    pub fn new() -> Self {
        let device = Self(MemoryStore::new());
        device.run(Batch::Init { device: ME });
        device.bootstrap(&[], 10);
        device
    }

    pub fn try_run(&self, batch: Batch) -> Result<Outcome, StoreError> {
        self.0.execute(batch).now_or_never().unwrap()
    }

    pub fn run(&self, batch: Batch) -> Outcome {
        self.try_run(batch).unwrap()
    }

    pub fn bootstrap(&self, rows: &[Row], at: u64) {
        self.resync(rows, at, EPOCH, false);
    }

    pub fn resync(&self, rows: &[Row], at: u64, epoch: &str, new_epoch: bool) -> Outcome {
        self.run(Batch::BeginResync { window: (0, i64::MAX), new_epoch, repair_since: None });
        self.page(rows, at, epoch, None)
    }

    pub fn page(&self, rows: &[Row], at: u64, epoch: &str, next: Option<&str>) -> Outcome {
        let step = ResyncStep { epoch: epoch.to_owned(), next: next.map(str::to_owned), total: None };
        self.run(Batch::ApplyRemote(RemoteBatch {
            rows: rows.to_vec(),
            at,
            resync: Some(step),
            ..RemoteBatch::default()
        }))
    }

    /// A page of the feed.
    pub fn feed(&self, rows: &[Row], gone: &[RowRef], seq: u64) -> Outcome {
        self.run(Batch::ApplyRemote(RemoteBatch {
            rows: rows.to_vec(),
            gone: gone.to_vec(),
            at: seq,
            cursor: Some(seq),
            ..RemoteBatch::default()
        }))
    }

    pub fn commit_at(&self, patches: Vec<Patch>, now: u64, adjusted: bool) -> Outcome {
        let at = LocalTime { now, adjusted, wall_ms: i64::try_from(now / 1000).unwrap() };
        self.run(Batch::CommitLocal { patches, at })
    }

    pub fn commit(&self, patch: Patch) -> Outcome {
        self.commit_at(vec![patch], NOW, true)
    }

    pub fn create(&self, n: u128, title: &str) {
        self.commit(Patch::create(event(n), event_columns(title)));
    }

    pub fn take(&self) -> Vec<Entry> {
        self.take_some(500)
    }

    pub fn take_some(&self, limit: usize) -> Vec<Entry> {
        self.run(Batch::OutboxTake { now_ms: (NOW / 1000) as i64, limit, max_bytes: usize::MAX, after: None }).taken
    }

    pub fn settle(&self, entry: &Entry, verdict: Verdict, at: u64) -> Outcome {
        let settlement = Settlement { at: entry.at.clone(), generation: entry.generation, verdict };
        self.run(Batch::OutboxSettle { settlements: vec![settlement], at })
    }

    pub fn stored(&self, at: &RowRef) -> Option<Stored> {
        self.0.get(at.clone()).now_or_never().unwrap().unwrap()
    }

    pub fn row(&self, at: &RowRef) -> Option<Row> {
        self.stored(at).map(|stored| stored.row().unwrap())
    }

    pub fn entry(&self, at: &RowRef) -> Option<Entry> {
        self.entries().into_iter().find(|entry| entry.at == *at)
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.0.outbox().now_or_never().unwrap().unwrap()
    }

    pub fn state(&self) -> SyncState {
        self.0.state().now_or_never().unwrap().unwrap()
    }
}

pub fn refused(code: &str, row: Option<Row>) -> Verdict {
    Verdict::Refused { reason: StuckReason { code: code.to_owned(), message: String::new() }, row }
}

pub fn life(row: &Row) -> Option<Stamp> {
    row.stamps.get(LIFE).copied()
}
