//! The local database with its announcements: what the UI reads and writes. The network is not in sight.

use crate::{
    changes::Changes,
    clock::{Exchange, ServerClock},
    key::RowRef,
    log::Line,
    outbox::{Entry, Waiting},
    patch::Patch,
    platform::{BoxFuture, Platform},
    row::Row,
    stamp::DeviceId,
    store::{Batch, LocalTime, Outcome, Query, Store, StoreError, Stored, SyncState},
    survey::Survey,
};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// A commit, as subscribers hear of it.
#[derive(Clone, Debug)]
pub struct Announcement {
    /// What changed.
    pub changes: Arc<Changes>,
    /// What a person wrote here: each row before and after.
    pub edits: Arc<[(Option<Row>, Row)]>,
    /// Whether it was committed here (and other tabs must be told) or heard from another tab.
    pub here: bool,
}

/// One account's local database: store, clock and announcements.
pub struct Database {
    store: Arc<dyn Store>,
    platform: Arc<dyn Platform>,
    clock: Mutex<ServerClock>,
    full: AtomicBool,
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
        Ok(Arc::new(Self {
            store,
            platform,
            clock: Mutex::default(),
            full: AtomicBool::new(false),
            listeners: Mutex::default(),
        }))
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
    pub fn commit(&self, patches: Vec<Patch>) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        let at = self.local_time();
        self.execute(Batch::CommitLocal { patches, at })
    }

    /// Runs a batch and announces what it changed.
    ///
    /// # Errors
    /// Those of the store; then nothing was written.
    #[inline(never)]
    pub fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        // Boxed, like the store's own: every caller would otherwise carry a copy of it, in memory and in the download.
        Box::pin(async move {
            let outcome = self.store.execute(batch).await.inspect_err(|why| {
                if matches!(why, StoreError::Full(_)) {
                    self.full.store(true, Ordering::Relaxed);
                }
            })?;
            if !outcome.changes.is_empty() {
                self.announce(&Announcement {
                    changes: Arc::new(outcome.changes.clone()),
                    edits: outcome.edits.clone().into(),
                    here: true,
                });
            }
            Ok(outcome)
        })
    }

    /// Records.
    ///
    /// # Errors
    /// Those of the store.
    pub fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        self.store.query(query)
    }

    /// One record.
    ///
    /// # Errors
    /// Those of the store.
    pub fn get(&self, at: RowRef) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.store.get(at)
    }

    /// The outbox, in push order.
    ///
    /// # Errors
    /// Those of the store.
    pub fn outbox(&self) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        self.store.outbox()
    }

    /// What waits in the outbox now.
    ///
    /// # Errors
    /// Those of the store.
    pub fn waiting(&self) -> BoxFuture<'_, Result<Waiting, StoreError>> {
        self.store.waiting(self.local_time().wall_ms)
    }

    /// Shows every row to a survey.
    ///
    /// # Errors
    /// Those of the store.
    pub fn survey(&self, survey: Survey) -> BoxFuture<'_, Result<Survey, StoreError>> {
        self.store.survey(survey)
    }

    /// The sync log, the oldest line first.
    ///
    /// # Errors
    /// Those of the store.
    pub fn log(&self) -> BoxFuture<'_, Result<Vec<Line>, StoreError>> {
        self.store.log()
    }

    /// Whether a write failed for want of room since [`Self::has_room`].
    pub(crate) fn is_short_of_room(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Room was made.
    pub(crate) fn has_room(&self) {
        self.full.store(false, Ordering::Relaxed);
    }

    /// The sync state.
    ///
    /// # Errors
    /// Those of the store.
    pub fn state(&self) -> BoxFuture<'_, Result<SyncState, StoreError>> {
        self.store.state()
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
        self.announce(&Announcement { changes: Arc::new(changes), edits: Arc::new([]), here: false });
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

    /// The server's clock minus this one's, µs, as far as it is known.
    pub(crate) fn server_offset(&self) -> i64 {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner).offset().unwrap_or(0)
    }

    /// Learns the server's time from an answer. Returns the offset when it was not known before.
    pub fn learn_time(&self, exchange: Exchange) -> Option<i64> {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let known = clock.offset().is_some();
        clock.learn(exchange);
        if known { None } else { clock.offset() }
    }
}
