//! The store: the local database as core sees it.
//!
//! Every write is a [`Batch`], data and not a closure, executed in one transaction: the store reads what
//! [`Batch::reads`] asks for, calls core's pure [`Batch::plan`], writes the [`Plan`] and commits. So all policy (merge,
//! stamps, outbox) is here in core and the same for every store; a store only reads and writes records. A batch that
//! fails leaves nothing behind.

mod batch;
pub mod layout;
mod query;
mod state;

pub use batch::{
    Batch, Due, LocalTime, Outcome, Plan, Put, Reads, RemoteBatch, ResyncStep, Settlement, Snapshot, Verdict,
};
pub use query::{Query, Stored};
pub use state::{Checks, Resync, SyncState};

use crate::{
    key::RowRef,
    log,
    outbox::{Entry, Waiting},
    patch::BadPatch,
    platform::{BoxFuture, MaybeSend, MaybeSync},
    row::BadRow,
    survey::Survey,
};

/// Why a store call failed. Nothing of the call was written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The batch was refused before anything was written.
    #[error(transparent)]
    Patch(#[from] BadPatch),
    /// A record in the database does not read. It is left as it is.
    #[error("the local database holds a record that does not read: {0}")]
    Corrupt(String),
    /// The disk or the browser's quota is full.
    #[error("no room is left for the local database: {0}")]
    Full(String),
    /// Someone else holds the database (another version of the app in another tab, another process).
    #[error("the local database is in use elsewhere: {0}")]
    Blocked(String),
    /// The store is closed.
    #[error("the local database is closed")]
    Closed,
    /// The transaction did not commit for another reason.
    #[error("the local database refused: {0}")]
    Backend(String),
}

impl From<BadRow> for StoreError {
    fn from(bad: BadRow) -> Self {
        Self::Corrupt(bad.to_string())
    }
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Written by a newer version of the app.
    #[error(
        "the local database was written by a newer version of Almanac (schema {found}, this one knows {known}); update the app"
    )]
    Newer {
        /// The schema found.
        found: u32,
        /// The newest schema this version knows.
        known: u32,
    },
    /// It is no database of ours, or damaged. It is left where it is.
    #[error("the local database does not read: {0}")]
    Unreadable(String),
    /// Another tab or process keeps it from opening.
    #[error("the local database is in use elsewhere: {0}")]
    Blocked(String),
    /// Anything else.
    #[error("the local database did not open: {0}")]
    Backend(String),
}

/// One account's local database. Cheap to share.
pub trait Store: MaybeSend + MaybeSync {
    /// Runs a batch in one transaction and returns once it is durably committed.
    fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>>;

    /// The records a query asks for, in one read transaction.
    fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>>;

    /// One record.
    fn get(&self, at: RowRef) -> BoxFuture<'_, Result<Option<Stored>, StoreError>>;

    /// All outbox entries, in push order.
    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>>;

    /// What waits in the outbox at the local time `now_ms`, without reading ten thousand entries.
    fn waiting(&self, now_ms: i64) -> BoxFuture<'_, Result<Waiting, StoreError>>;

    /// Shows the survey the sync state, then every outbox entry, then every row, tombstones too, all as of one moment.
    fn survey(&self, survey: Survey) -> BoxFuture<'_, Result<Survey, StoreError>>;

    /// The sync log, the oldest line first.
    fn log(&self) -> BoxFuture<'_, Result<Vec<log::Line>, StoreError>>;

    /// The sync state.
    fn state(&self) -> BoxFuture<'_, Result<SyncState, StoreError>>;

    /// Deletes everything, leaving an empty database.
    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Gives up all locks and handles (a phone suspends the app). Calls fail with [`StoreError::Closed`] until
    /// [`Store::reopen`].
    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Opens again after [`Store::close`].
    fn reopen(&self) -> BoxFuture<'_, Result<(), StoreError>>;
}
