//! Working without an account: a local database of nobody, and how an account adopts what was made in it
//! (`docs/sync.md`).

use crate::drafts;
use almanac_core::{
    adopt::{is_touched, rewritten},
    database::Database,
    key::RowRef,
    patch::Patch,
    platform::{BoxFuture, BoxStream, MaybeSend},
    remote::{Hint, Remote, RemoteError},
    row::{Row, Span},
    session::Session,
    stamp::DeviceId,
    store::{Batch, Query, StoreError, Stored},
    table::Table,
    wire::{DigestAnswer, PageAnswer, PullAnswer, PushAnswer},
};
use uuid::Uuid;

/// The owner of what is made without an account. No server ever gives this id.
pub(crate) const NOBODY: Uuid = Uuid::from_u128(0x8000_8000_0000_0000_0001);

/// Rows copied in one transaction.
const CHUNK: usize = 500;

/// How much was made without an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// Events.
    pub events: usize,
    /// Calendars, categories, personas, and settings that were changed.
    pub others: usize,
}

impl Made {
    /// Whether there is nothing to adopt.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        self.events == 0 && self.others == 0
    }
}

/// The session of nobody: it opens a database and no server.
pub(crate) fn session() -> Session {
    Session {
        user_id: NOBODY,
        email: String::new(),
        access_token: String::new(),
        refresh_token: String::new(),
        expires_at: 0,
    }
}

/// The defaults a new account would have, with stamp zero: what nobody touches gives way to the account's own.
pub(crate) async fn seed(database: &Database, calendar: &str) -> Result<(), StoreError> {
    if !database.query(Query::Table(Table::Profiles)).await?.is_empty() {
        return Ok(());
    }
    let first = drafts::CalendarEdit {
        is_default: Some(true),
        ..drafts::CalendarEdit::new(calendar.to_owned(), "blue".to_owned())
    };
    let calendar = drafts::create_calendar(Uuid::now_v7(), NOBODY, first, 0.0);
    let profile = drafts::edit_profile(NOBODY, "", drafts::ProfileEdit::default());
    let untouched = |patch: Patch| Patch { untouched: true, ..patch };
    database.commit(vec![untouched(calendar), untouched(profile)]).await.map(|_| ())
}

/// All rows, with their stamps.
async fn rows(database: &Database) -> Result<Vec<Row>, StoreError> {
    let mut stored: Vec<Stored> = Vec::new();
    for table in [Table::Profiles, Table::Personas, Table::Calendars, Table::Categories] {
        stored.extend(database.query(Query::Table(table)).await?);
    }
    let span = Span { start: i64::MIN, end: i64::MAX };
    stored.extend(database.query(Query::Events { span, user: NOBODY }).await?);
    stored.iter().map(|stored| stored.row().map_err(StoreError::from)).collect()
}

/// Counts what a person made.
pub(crate) async fn made(database: &Database) -> Result<Made, StoreError> {
    let mut made = Made::default();
    for row in rows(database).await?.iter().filter(|row| is_touched(row)) {
        match row.table {
            Table::Events => made.events += 1,
            Table::Profiles | Table::Personas | Table::Calendars | Table::Categories => made.others += 1,
            _ => {}
        }
    }
    Ok(made)
}

/// Copies everything into an account's database. Made again after being cut short, it goes on where it was; what is
/// written meanwhile (in another tab) is copied too.
pub(crate) async fn copy(from: &Database, to: &Database, user: Uuid) -> Result<(), StoreError> {
    loop {
        let generation = from.state().await?.generation;
        let rows = rewritten(rows(from).await?, NOBODY, user);
        let wall_ms = to.local_time().wall_ms;
        for chunk in rows.chunks(CHUNK) {
            to.execute(Batch::Adopt { rows: chunk.to_vec(), wall_ms }).await?;
        }
        if from.state().await?.generation == generation {
            return Ok(());
        }
    }
}

/// The server of nobody: there is none.
pub(crate) struct NoServer;

fn none<T: MaybeSend + 'static>() -> BoxFuture<'static, Result<T, RemoteError>> {
    Box::pin(async { Err(RemoteError::Auth("nobody is signed in".to_owned())) })
}

impl Remote for NoServer {
    fn bootstrap(&self, _: (i64, i64), _: Option<String>, _: u32) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        none()
    }

    fn pull(&self, _: u64, _: u32) -> BoxFuture<'_, Result<PullAnswer, RemoteError>> {
        none()
    }

    fn push(&self, _: DeviceId, _: Vec<almanac_core::outbox::Entry>) -> BoxFuture<'_, Result<PushAnswer, RemoteError>> {
        none()
    }

    fn window(&self, _: (i64, i64), _: Option<String>, _: u32) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        none()
    }

    fn rows(&self, _: Vec<RowRef>) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        none()
    }

    fn digest(&self, _: Vec<(i64, i64)>) -> BoxFuture<'_, Result<DigestAnswer, RemoteError>> {
        none()
    }

    fn subscribe(&self) -> BoxStream<'static, Hint> {
        Box::pin(futures::stream::pending())
    }
}
