//! Rows, patches and shorthands for the behaviours.

use almanac_core::{
    Uuid,
    key::RowRef,
    outbox::Entry,
    patch::Patch,
    row::{Columns, Row, Span},
    stamp::{DeviceId, Stamp},
    store::{Batch, LocalTime, Outcome, Query, RemoteBatch, Store, Stored, SyncState},
    table::{DELETED_AT, LIFE, Table},
    time,
};
use serde_json::Value;

/// A day, ms.
pub(crate) const DAY: i64 = 86_400_000;
/// An hour, ms.
pub(crate) const HOUR: i64 = 3_600_000;
/// Midnight UTC of 2 November 2026, a Monday, ms.
pub(crate) const MONDAY: i64 = 1_793_577_600_000;
/// When the behaviours play, µs.
pub(crate) const NOW: u64 = 1_793_600_000_000_000;
/// The device of the behaviours.
pub(crate) const DEVICE: DeviceId = DeviceId(0xa1);

/// The user of the behaviours.
pub(crate) fn me() -> Uuid {
    id(0xcafe)
}

/// An id that sorts by its number.
pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A moment `seconds` after [`NOW`], with the server's clock known.
pub(crate) fn after(seconds: u64) -> LocalTime {
    let now = NOW + seconds * 1_000_000;
    LocalTime { now, adjusted: true, wall_ms: i64::try_from(now / 1000).expect("a time of this century") }
}

/// Fixed columns and all columns of all groups, null but for those given.
pub(crate) fn columns<'a>(table: Table, given: impl IntoIterator<Item = (&'a str, Value)>) -> Columns {
    let all = table.groups().iter().flat_map(|group| group.columns);
    let mut columns: Columns = all.map(|column| ((*column).to_owned(), Value::Null)).collect();
    columns.extend(given.into_iter().map(|(column, value)| (column.to_owned(), value)));
    columns
}

/// The columns of an event.
pub(crate) fn event(title: &str, span: Span) -> Columns {
    let minutes = span.end.saturating_sub(span.start) / 60_000;
    let start = u64::try_from(span.start).unwrap_or(0).saturating_mul(1000);
    columns(
        Table::Events,
        [
            ("owner_id", Value::from(me().to_string())),
            ("title", Value::from(title)),
            ("start_time", Value::from(time::text_of_micros(start))),
            ("duration", Value::from(minutes)),
            ("all_day", Value::from(false)),
            ("start_timestamp_ms", Value::from(span.start)),
            ("end_timestamp_ms", Value::from(span.end)),
            ("private", Value::from(false)),
        ],
    )
}

/// A span that begins `start` ms after [`MONDAY`].
pub(crate) fn span(start: i64, length: i64) -> Span {
    Span { start: MONDAY + start, end: MONDAY + start + length }
}

/// A new event.
pub(crate) fn create_event(number: u128, title: &str, span: Span) -> Patch {
    Patch::create(RowRef::event(id(number)), event(title, span))
}

/// A new calendar.
pub(crate) fn create_calendar(number: u128, name: &str) -> Patch {
    let given = [("user_id", Value::from(me().to_string())), ("name", Value::from(name))];
    Patch::create(RowRef::calendar(id(number)), columns(Table::Calendars, given))
}

/// A new overlay of that user.
pub(crate) fn create_overlay(event: u128, user: Uuid, calendar: Option<u128>) -> Patch {
    let given = [("calendar_id", calendar.map_or(Value::Null, |number| Value::from(id(number).to_string())))];
    Patch::create(RowRef::overlay(id(event), user), columns(Table::Overlays, given))
}

/// A new role of that user.
pub(crate) fn create_role(event: u128, user: Uuid, role: &str) -> Patch {
    Patch::create(RowRef::role(id(event), user), columns(Table::Roles, [("role", Value::from(role))]))
}

/// A new invitation.
pub(crate) fn create_invite(event: u128, email: &str) -> Patch {
    Patch::create(RowRef::invite(id(event), email), columns(Table::Invites, [("role", Value::from("viewer"))]))
}

/// A row as the server would hold it: all groups stamped by the server at that time.
pub(crate) fn server_row(at: &RowRef, columns: Columns, micros: u64) -> Row {
    let mut row = Row::empty(at);
    row.columns.extend(columns);
    row.columns.insert(DELETED_AT.to_owned(), Value::Null);
    let stamp = Stamp::new(micros, DeviceId(0));
    row.stamps = at.table.groups().iter().map(|group| (group.name.to_owned(), stamp)).collect();
    row
}

/// An event as the server would hold it.
pub(crate) fn server_event(number: u128, title: &str, span: Span, micros: u64) -> Row {
    server_row(&RowRef::event(id(number)), event(title, span), micros)
}

/// The same row, deleted by the server at that time.
pub(crate) fn deleted(mut row: Row, micros: u64) -> Row {
    row.columns.insert(DELETED_AT.to_owned(), Value::from(time::text_of_micros(micros)));
    row.stamps.insert(LIFE.to_owned(), Stamp::new(micros, DeviceId(0)));
    row
}

/// A page of the feed.
pub(crate) fn page(rows: Vec<Row>, at: u64) -> Batch {
    Batch::ApplyRemote(RemoteBatch { rows, at, cursor: Some(at), ..RemoteBatch::default() })
}

/// Edits, made `seconds` after [`NOW`].
pub(crate) fn edits(patches: Vec<Patch>, seconds: u64) -> Batch {
    Batch::CommitLocal { patches, at: after(seconds) }
}

/// Takes at most `limit` entries, whatever their size, `seconds` after [`NOW`].
pub(crate) fn take(limit: usize, seconds: u64) -> Batch {
    Batch::OutboxTake { now_ms: after(seconds).wall_ms, limit, max_bytes: usize::MAX, after: None }
}

/// Names the device, as the first opening does.
pub(crate) async fn named(store: &dyn Store) {
    run(store, Batch::Init { device: DEVICE }).await;
}

/// Runs a batch that must commit.
pub(crate) async fn run(store: &dyn Store, batch: Batch) -> Outcome {
    store.execute(batch).await.expect("the batch commits")
}

/// Commits edits.
pub(crate) async fn commit(store: &dyn Store, patches: Vec<Patch>) -> Outcome {
    run(store, edits(patches, 0)).await
}

/// The record, which must be there.
pub(crate) async fn stored(store: &dyn Store, at: &RowRef) -> Stored {
    get(store, at).await.unwrap_or_else(|| panic!("{at} is not there"))
}

/// The record.
pub(crate) async fn get(store: &dyn Store, at: &RowRef) -> Option<Stored> {
    store.get(at.clone()).await.expect("the row is read")
}

/// A column of a row that must be there.
pub(crate) async fn column(store: &dyn Store, at: &RowRef, column: &str) -> Value {
    let row = stored(store, at).await.row().expect("the record is a row");
    row.columns.get(column).cloned().unwrap_or(Value::Null)
}

/// The outbox.
pub(crate) async fn outbox(store: &dyn Store) -> Vec<Entry> {
    store.outbox().await.expect("the outbox is read")
}

/// The outbox entry of a row.
pub(crate) async fn entry(store: &dyn Store, at: &RowRef) -> Option<Entry> {
    outbox(store).await.into_iter().find(|entry| entry.at == *at)
}

/// The sync state.
pub(crate) async fn state(store: &dyn Store) -> SyncState {
    store.state().await.expect("the state is read")
}

/// An answer.
pub(crate) async fn query(store: &dyn Store, query: Query) -> Vec<Stored> {
    store.query(query).await.expect("the query is answered")
}

/// Keys of the events in a range, for [`me`].
pub(crate) async fn found(store: &dyn Store, span: Span) -> Vec<RowRef> {
    let all = query(store, Query::Events { span, user: me() }).await;
    all.into_iter().map(|stored| stored.at).filter(|at| at.table == Table::Events).collect()
}

/// Everything that can be read: rows of all tables, tombstones too where an event leads to them, outbox and state.
pub(crate) async fn everything(store: &dyn Store, events: &[Uuid]) -> (Vec<Stored>, Vec<Entry>, SyncState) {
    let mut rows = Vec::new();
    for table in [Table::Profiles, Table::Personas, Table::Calendars, Table::Categories] {
        rows.extend(query(store, Query::Table(table)).await);
    }
    for event in events {
        rows.extend(query(store, Query::Event(*event)).await);
    }
    (rows, outbox(store).await, state(store).await)
}

/// Random numbers that are the same on every platform (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// 64 random bits.
    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True once in `times`.
    pub(crate) const fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let index = self.below(of.len() as u64);
        of[usize::try_from(index).expect("an index")]
    }
}
