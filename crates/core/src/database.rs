//! The local database with its announcements: what the UI reads and writes. The network is not in sight.

use crate::{
    changes::Changes,
    clock::{Exchange, ServerClock},
    key::RowRef,
    outbox::Entry,
    patch::Patch,
    platform::Platform,
    stamp::DeviceId,
    store::{Batch, LocalTime, Outcome, Query, Store, StoreError, Stored, SyncState},
};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use std::sync::{Arc, Mutex, PoisonError};

/// A commit, as subscribers hear of it.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// What changed.
    pub changes: Arc<Changes>,
    /// Whether it was committed here (and other tabs must be told) or heard from another tab.
    pub here: bool,
}

/// One account's local database: store, clock and announcements.
pub struct Database {
    store: Arc<dyn Store>,
    platform: Arc<dyn Platform>,
    clock: Mutex<ServerClock>,
    listeners: Mutex<Vec<UnboundedSender<Announcement>>>,
}

impl Database {
    /// Wraps an open store; names the device at the first opening.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(store: Arc<dyn Store>, platform: Arc<dyn Platform>) -> Result<Arc<Self>, StoreError> {
        let device = DeviceId(platform.random().max(1));
        store.execute(Batch::Init { device }).await?;
        Ok(Arc::new(Self { store, platform, clock: Mutex::default(), listeners: Mutex::default() }))
    }

    /// The platform.
    #[must_use]
    pub fn platform(&self) -> &Arc<dyn Platform> {
        &self.platform
    }

    /// Writes a person's edits; all of them or none. Returns once they are durable.
    ///
    /// # Errors
    /// [`StoreError::Patch`] when one is bad, else the store's.
    pub async fn commit(&self, patches: Vec<Patch>) -> Result<Outcome, StoreError> {
        let at = self.local_time();
        self.execute(Batch::CommitLocal { patches, at }).await
    }

    /// Runs a batch and announces what it changed.
    ///
    /// # Errors
    /// Those of the store; then nothing was written.
    pub async fn execute(&self, batch: Batch) -> Result<Outcome, StoreError> {
        let outcome = self.store.execute(batch).await?;
        if !outcome.changes.is_empty() {
            self.announce(&Announcement { changes: Arc::new(outcome.changes.clone()), here: true });
        }
        Ok(outcome)
    }

    /// Records.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn query(&self, query: Query) -> Result<Vec<Stored>, StoreError> {
        self.store.query(query).await
    }

    /// One record.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn get(&self, at: RowRef) -> Result<Option<Stored>, StoreError> {
        self.store.get(at).await
    }

    /// The outbox, in push order.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn outbox(&self) -> Result<Vec<Entry>, StoreError> {
        self.store.outbox().await
    }

    /// The sync state.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn state(&self) -> Result<SyncState, StoreError> {
        self.store.state().await
    }

    /// The store itself (closing, wiping).
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Announcements of every commit from now on.
    #[must_use]
    pub fn listen(&self) -> UnboundedReceiver<Announcement> {
        let (sender, receiver) = unbounded();
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
        receiver
    }

    /// Passes on what another tab committed.
    pub fn heard(&self, changes: Changes) {
        self.announce(&Announcement { changes: Arc::new(changes), here: false });
    }

    fn announce(&self, announcement: &Announcement) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.unbounded_send(announcement.clone()).is_ok());
    }

    /// The moment, in the server's clock as far as known.
    #[must_use]
    pub fn local_time(&self) -> LocalTime {
        let wall = self.platform.now_micros();
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, adjusted) = clock.now(wall, self.platform.monotonic_micros());
        LocalTime { now, adjusted, wall_ms: i64::try_from(wall / 1000).unwrap_or(i64::MAX) }
    }

    /// Learns the server's time from an answer. Returns the offset when it was not known before.
    pub fn learn_time(&self, exchange: Exchange) -> Option<i64> {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clock.offset().is_some();
        clock.learn(exchange);
        if known { None } else { clock.offset() }
    }
}
