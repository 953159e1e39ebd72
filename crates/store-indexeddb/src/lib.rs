//! The store on IndexedDB: the web.
//!
//! # Records
//! An event and all that hangs on it (overlays, roles, invitations) are one record, a family, so that the events of a month
//! come with the user's overlays and roles by one `getAll` on one index: asking for each overlay by its key takes four times
//! as long as the events themselves. It also halves the records that a bulk write puts. Other rows are records of their own.
//! Bodies are JSON text and cross between JavaScript and wasm as one string each; a record is never taken apart field by field.
//!
//! There is one index on rows, over (class of length, start) of live events ([`almanac_core::store::layout`]); indexes
//! dominate the cost of bulk writes.
//!
//! # Transactions
//! IndexedDB commits by itself as soon as one awaits anything that is not its own request. So a batch reads, plans
//! synchronously, puts everything without awaiting in between, commits, and waits for the commit. Every other way out aborts.
//! A batch runs as a task of its own: dropping its future does not stop it half-way.
//!
//! What a person did is committed with strict durability (an edit that was shown as saved survives the browser's crash); what
//! the server sent can be fetched again and is not.
//!
//! Reading goes through rexie. Opening, upgrading and writing go through idb, on which rexie is built, because rexie has no
//! upgrade hook, no durability and does not tell why a transaction was aborted (`docs/adr/0002-rexie-and-upgrades.md`).
#![cfg(target_family = "wasm")]

mod connection;
mod error;
mod read;
mod record;
mod schema;
mod timer;
mod transaction;
mod write;

pub use connection::Lost;
pub use schema::VERSION as SCHEMA;

use almanac_core::{
    key::RowRef,
    log::Line,
    outbox::{Entry, Waiting},
    platform::BoxFuture,
    store::{Batch, OpenError, Outcome, Query, Store, StoreError, Stored, SyncState},
    survey::Survey,
};
use connection::Connections;
use futures::channel::oneshot;
use std::{future::Future, rc::Rc, sync::Arc, time::Duration};

/// How long opening waits for other tabs that hold an older version of the database.
const PATIENCE: Duration = Duration::from_secs(5);

/// One account's database in this browser. See the module.
pub struct IndexedDbStore {
    connections: Rc<Connections>,
}

impl IndexedDbStore {
    /// Opens the database of that name, making or upgrading it where needed.
    ///
    /// # Errors
    /// [`OpenError`]; the database is left as it is. [`OpenError::Blocked`] after five seconds in which another tab did not
    /// give up its older version: ask to close the other tabs.
    #[allow(clippy::arc_with_non_send_sync, reason = "in the browser there is one thread; core shares stores by Arc")]
    pub async fn open(name: &str) -> Result<Arc<Self>, OpenError> {
        let connections = Connections::open(name, PATIENCE).await?;
        Ok(Arc::new(Self { connections }))
    }

    /// Deletes the database of that name, whether it is there or not. Open stores on it are lost ([`Lost::Upgrade`]).
    ///
    /// # Errors
    /// [`OpenError::Backend`] when the browser refuses.
    pub async fn delete(name: &str) -> Result<(), OpenError> {
        let request = idb::Factory::new().and_then(|factory| factory.delete(name)).map_err(error::open)?;
        request.await.map_err(error::open)
    }

    /// Calls `tell` when the browser takes the database away from this tab. Calls of the store fail from then on; the
    /// page should ask to be reloaded.
    pub fn on_lost(&self, tell: impl Fn(Lost) + 'static) {
        self.connections.on_lost(Box::new(tell));
    }

    /// Runs work to its end, even if nobody waits for it any more: a write that stopped half-way would not be committed, and
    /// the browser would call the listeners of a read that is gone.
    fn to_its_end<T: 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        let (answer, answered) = oneshot::channel();
        wasm_bindgen_futures::spawn_local(async move { drop(answer.send(work.await)) });
        Box::pin(async move {
            answered.await.unwrap_or_else(|_| Err(StoreError::Backend("the work was given up".to_owned())))
        })
    }
}

impl Drop for IndexedDbStore {
    fn drop(&mut self) {
        self.connections.close();
    }
}

impl Store for IndexedDbStore {
    fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        let connections = Rc::clone(&self.connections);
        self.to_its_end(async move { write::execute(&connections, batch).await })
    }

    fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        let connections = Rc::clone(&self.connections);
        self.to_its_end(async move { read::query(&connections, query).await })
    }

    fn get(&self, at: RowRef) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        let connections = Rc::clone(&self.connections);
        self.to_its_end(async move { read::row(&connections, &at).await })
    }

    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        let connections = Rc::clone(&self.connections);
        self.to_its_end(async move { read::outbox(&connections).await })
    }

    fn waiting(&self, now_ms: i64) -> BoxFuture<'_, Result<Waiting, StoreError>> {
        // IndexedDB counts keys, not what is in a record: the entries are read, and an outbox is nearly always short.
        Box::pin(async move { Ok(Waiting::count(&self.outbox().await?, now_ms)) })
    }

    fn survey(&self, survey: Survey) -> BoxFuture<'_, Result<Survey, StoreError>> {
        let connections = Rc::clone(&self.connections);
        self.to_its_end(async move { read::survey(&connections, survey).await })
    }

    fn log(&self) -> BoxFuture<'_, Result<Vec<Line>, StoreError>> {
        let connections = Rc::clone(&self.connections);
        self.to_its_end(async move { read::log(&connections).await })
    }

    fn state(&self) -> BoxFuture<'_, Result<SyncState, StoreError>> {
        let connections = Rc::clone(&self.connections);
        self.to_its_end(async move { read::state(&connections).await })
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        let connections = Rc::clone(&self.connections);
        self.to_its_end(async move { write::wipe(&connections).await })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.connections.close();
            Ok(())
        })
    }

    fn reopen(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { self.connections.reopen(PATIENCE).await.map_err(error::reopening) })
    }
}
