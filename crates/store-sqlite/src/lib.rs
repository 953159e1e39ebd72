//! The store on SQLite: desktop and mobile.
//!
//! Two threads own one connection each: one writes, one reads. In WAL mode readers never wait for the writer, so the
//! calendar is drawn while ten thousand rows arrive. A batch runs as one closure on the writer's thread, from `BEGIN
//! IMMEDIATE` to the commit, and never across an await: a future that is dropped half-way leaves nothing half-done.
//!
//! What a person did is committed with `synchronous=FULL` and survives the power going; what the server sent is committed
//! without waiting for the disk: after a crash the database is as it was at some earlier commit, and the feed brings the
//! rest again.
//!
//! Another process (a second window of the app) may use the same file; SQLite's locks keep them apart.

mod connection;
mod error;
pub mod inspect;
mod read;
mod schema;
mod worker;
mod write;

#[cfg(test)]
mod tests;

use almanac_core::{
    key::RowRef,
    log::Line,
    outbox::{Entry, Waiting},
    platform::BoxFuture,
    store::{Batch, OpenError, Outcome, Query, Store, StoreError, Stored, SyncState},
    survey::Survey,
};
use connection::Role;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use worker::Worker;

/// The newest schema this version knows, kept in SQLite's `user_version`.
pub const SCHEMA: u32 = schema::VERSION;

/// One account's database in one file. See the module.
pub struct SqliteStore {
    path: PathBuf,
    writer: Worker,
    reader: Worker,
}

impl SqliteStore {
    /// Opens the file, making or upgrading it where needed. Blocks for as long as the disk takes (milliseconds, seconds when
    /// another process is upgrading it).
    ///
    /// # Errors
    /// [`OpenError`]; the file is left as it is.
    pub fn open(path: impl AsRef<Path>) -> Result<Arc<Self>, OpenError> {
        let path = path.as_ref().to_owned();
        let write = connection::open(&path, Role::Writer)?;
        let read = connection::open(&path, Role::Reader)?;
        let writer = Worker::start("almanac-write", write)?;
        let reader = Worker::start("almanac-read", read)?;
        Ok(Arc::new(Self { path, writer, reader }))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Store for SqliteStore {
    fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        self.writer.run(move |connection| write::execute(connection, batch))
    }

    fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        self.reader.run(move |connection| read::query(connection, &query))
    }

    fn get(&self, at: RowRef) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.reader.run(move |connection| read::row(connection, &at))
    }

    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        self.reader.run(read::outbox)
    }

    fn waiting(&self, now_ms: i64) -> BoxFuture<'_, Result<Waiting, StoreError>> {
        self.reader.run(move |connection| read::waiting(connection, now_ms))
    }

    fn survey(&self, survey: Survey) -> BoxFuture<'_, Result<Survey, StoreError>> {
        self.reader.run(move |connection| read::survey(connection, survey))
    }

    fn log(&self) -> BoxFuture<'_, Result<Vec<Line>, StoreError>> {
        self.reader.run(|connection| read::log(connection))
    }

    fn state(&self) -> BoxFuture<'_, Result<SyncState, StoreError>> {
        self.reader.run(|connection| read::state(connection))
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.writer.run(write::wipe)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            // The reader first, so that the writer is the last to leave and folds the log into the file.
            self.reader.close().await?;
            self.writer.close().await
        })
    }

    fn reopen(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.writer.reopen(self.path.clone(), Role::Writer).await?;
            self.reader.reopen(self.path.clone(), Role::Reader).await
        })
    }
}
