//! The suite on core's in-memory store: what the suite expects, the plainest store does.

use almanac_core::{
    key::RowRef,
    log::Line,
    memory::MemoryStore,
    outbox::{Entry, Waiting},
    platform::BoxFuture,
    store::{Batch, Outcome, Query, Store, StoreError, Stored, SyncState},
    survey::Survey,
};
use almanac_store_conformance::{Fixture, behaviours, for_each_behaviour};
use futures::executor::block_on;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// All connections are one: the store is the database.
#[derive(Default)]
struct Memory {
    store: Arc<MemoryStore>,
    poisoned: Arc<AtomicBool>,
}

impl Fixture for Memory {
    fn connect(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async {
            self.store.reopen().await.expect("memory opens");
            let store: Arc<dyn Store> =
                Arc::new(Poisonable { store: self.store.clone(), poisoned: self.poisoned.clone() });
            store
        })
    }

    fn poison(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.poisoned.store(true, Ordering::Relaxed) })
    }

    fn heal(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.poisoned.store(false, Ordering::Relaxed) })
    }

    fn histories(&self) -> u64 {
        20
    }
}

/// The in-memory store can be told to fail once: here it is told before each batch.
struct Poisonable {
    store: Arc<MemoryStore>,
    poisoned: Arc<AtomicBool>,
}

impl Store for Poisonable {
    fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        if self.poisoned.load(Ordering::Relaxed) {
            self.store.fail_next_commit();
        }
        self.store.execute(batch)
    }

    fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        self.store.query(query)
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

macro_rules! each {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            block_on(behaviours::$name(&Memory::default()));
        }
    )* };
}

for_each_behaviour!(each);
