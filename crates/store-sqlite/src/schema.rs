//! The tables, and how each released schema becomes the next.
//!
//! `rows` keeps every synced row as JSON text, so that columns of newer versions pass through and a new column needs no
//! migration here. Beside the text stand only the columns that queries ask for. Numbers of tables and classes are those of
//! [`almanac_core::store::layout`].

use almanac_core::store::OpenError;
use rusqlite::{Connection, Transaction, TransactionBehavior};

/// "Alma": tells our files from other programs' (`PRAGMA application_id`).
pub(crate) const APPLICATION_ID: i64 = 0x416c_6d61;

/// The newest schema.
pub(crate) const VERSION: u32 = 2;

/// `STEPS[n]` makes schema n + 1 of schema n. Released steps are never changed; `tests/fixtures` holds a file of each.
const STEPS: [&str; VERSION as usize] = [
    "
    CREATE TABLE rows (
        id INTEGER PRIMARY KEY,
        tab INTEGER NOT NULL,
        key TEXT NOT NULL,
        body TEXT NOT NULL,
        state INTEGER NOT NULL,
        seen INTEGER NOT NULL,
        live INTEGER NOT NULL,
        class INTEGER,
        start_ms INTEGER,
        end_ms INTEGER,
        UNIQUE (tab, key)
    ) STRICT;
    CREATE INDEX rows_span ON rows (class, start_ms, end_ms) WHERE class IS NOT NULL;
    CREATE TABLE outbox (
        tab INTEGER NOT NULL,
        key TEXT NOT NULL,
        entry TEXT NOT NULL,
        stuck INTEGER NOT NULL,
        not_before_ms INTEGER NOT NULL,
        PRIMARY KEY (tab, key)
    ) STRICT;
    CREATE INDEX outbox_stuck ON outbox (tab, key) WHERE stuck;
    CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL) STRICT;
",
    "
    -- The sync log, a ring; and what is counted of a long outbox without reading it.
    CREATE TABLE log (slot INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT;
    -- (A damaged entry has no time, and can still be deleted.)
    ALTER TABLE outbox ADD COLUMN since_ms INTEGER
        GENERATED ALWAYS AS (CASE WHEN json_valid(entry) THEN json_extract(entry, '$.since_ms') END) VIRTUAL;
    CREATE INDEX outbox_since ON outbox (since_ms) WHERE since_ms > 0;
    CREATE INDEX outbox_due ON outbox (tab, key, not_before_ms, stuck) WHERE NOT stuck;
",
];

/// Brings the file to the newest schema, in one transaction with its version number.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    if current(connection)? == VERSION {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(crate::error::open)?;
    // Another process may have done it while we waited for the lock.
    let from = current(&transaction)?;
    if from < VERSION {
        upgrade(&transaction, from).map_err(crate::error::open)?;
        tracing::info!(from, to = VERSION, "upgraded the local database");
    }
    transaction.commit().map_err(crate::error::open)
}

/// The file's schema; 0 for an empty file.
pub(crate) fn current(connection: &Connection) -> Result<u32, OpenError> {
    let read = || -> rusqlite::Result<(i64, i64, i64)> {
        let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let version = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let tables = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((application, version, tables))
    };
    match read().map_err(crate::error::open)? {
        (0, 0, 0) => Ok(0),
        (APPLICATION_ID, version, _) => match u32::try_from(version) {
            Ok(found) if found > VERSION => Err(OpenError::Newer { found, known: VERSION }),
            Ok(found) if found > 0 => Ok(found),
            _ => Err(OpenError::Unreadable(format!("its schema number is {version}"))),
        },
        _ => Err(OpenError::Unreadable("it is another program's database".to_owned())),
    }
}

fn upgrade(transaction: &Transaction<'_>, from: u32) -> rusqlite::Result<()> {
    for step in STEPS.iter().skip(from as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)
}
