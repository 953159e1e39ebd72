//! The suite of all stores on SQLite.

use almanac_core::{platform::BoxFuture, store::Store};
use almanac_store_conformance::{Fixture, behaviours, for_each_behaviour};
use almanac_store_sqlite::SqliteStore;
use futures::executor::block_on;
use rusqlite::Connection;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

struct File {
    dir: TempDir,
}

impl File {
    /// In memory where the system has such a folder: ten thousand commits that wait for a disk would take minutes, and what
    /// survives is the business of `crash.rs`.
    fn new() -> Self {
        let shared = Path::new("/dev/shm");
        let dir = if shared.is_dir() { tempfile::tempdir_in(shared) } else { tempfile::tempdir() };
        Self { dir: dir.expect("a folder") }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("almanac.db")
    }

    /// Runs statements on the file as another program would.
    fn meddle(&self, sql: &str) {
        Connection::open(self.path()).and_then(|file| file.execute_batch(sql)).expect("the file can be meddled with");
    }
}

impl Fixture for File {
    fn connect(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async {
            let store: Arc<dyn Store> = SqliteStore::open(self.path()).expect("the file opens");
            store
        })
    }

    /// The state is what a batch writes last, so everything else is written by then.
    fn poison(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.meddle(
                "CREATE TRIGGER poison BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'poisoned'); END;
                 CREATE TRIGGER poison_too BEFORE UPDATE ON state BEGIN SELECT RAISE(ABORT, 'poisoned'); END;",
            );
        })
    }

    fn heal(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.meddle("DROP TRIGGER poison; DROP TRIGGER poison_too;") })
    }

    fn histories(&self) -> u64 {
        200
    }
}

macro_rules! each {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            block_on(behaviours::$name(&File::new()));
        }
    )* };
}

for_each_behaviour!(each);
