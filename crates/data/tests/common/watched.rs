//! A memory store that notes which spans of events it was asked for, and answers when it is let.

use super::Device;
use almanac_core::{
    key::RowRef,
    log::Line,
    memory::MemoryStore,
    outbox::{Entry, Waiting},
    platform::BoxFuture,
    store::{Batch, Outcome, Query, Store, StoreError, Stored, SyncState},
    survey::Survey,
};
use std::sync::Arc;

/// See the module.
pub(super) struct Watched {
    pub(super) store: Arc<MemoryStore>,
    pub(super) device: Device,
}

impl Store for Watched {
    fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        self.store.execute(batch)
    }

    fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        if let Query::Events { span, .. } = &query {
            self.device.kept().asked.push(*span);
        }
        let mut holds = self.device.holds();
        Box::pin(async move {
            let _ = holds.wait_for(|holds| !holds).await;
            self.store.query(query).await
        })
    }

    fn get(&self, at: RowRef) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.store.get(at)
    }

    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        self.store.outbox()
    }

    fn waiting(&self, now_ms: i64) -> BoxFuture<'_, Result<Waiting, StoreError>> {
        self.store.waiting(now_ms)
    }

    fn survey(&self, survey: Survey) -> BoxFuture<'_, Result<Survey, StoreError>> {
        self.store.survey(survey)
    }

    fn log(&self) -> BoxFuture<'_, Result<Vec<Line>, StoreError>> {
        self.store.log()
    }

    fn state(&self) -> BoxFuture<'_, Result<SyncState, StoreError>> {
        self.store.state()
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.wipe()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.close()
    }

    fn reopen(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.store.reopen()
    }
}
