//! Opening a connection, and what is set on it.

use crate::{error, schema};
use almanac_core::store::OpenError;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// How long a statement waits for another process's transaction.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Makes and upgrades the file, runs batches.
    Writer,
    /// Answers queries; opened after the writer.
    Reader,
}

pub(crate) fn open(path: &Path, role: Role) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX
        | match role {
            Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Role::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
    let mut connection = Connection::open_with_flags(path, flags).map_err(error::open)?;
    // 128 KB and more of prepared statements would be a leak; there are about twenty.
    connection.set_prepared_statement_cache_capacity(32);
    connection.busy_timeout(BUSY).map_err(error::open)?;
    if role == Role::Writer {
        // The version is looked at before anything is written, so that a file that is not ours stays as it is.
        schema::current(&connection)?;
        wal(&connection)?;
        schema::migrate(&mut connection)?;
    }
    settings(&connection, role).map_err(error::open)?;
    Ok(connection)
}

/// Switches to the write-ahead log. The file remembers it. SQLite does not wait for others here, even with a busy timeout, so
/// two processes that open a new file at once need this loop.
fn wal(connection: &Connection) -> Result<(), OpenError> {
    let deadline = Instant::now() + BUSY;
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(OpenError::Backend(format!("the file system offers no write-ahead log, only {mode}")));
            }
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(e) => return Err(error::open(e)),
        }
    }
}

fn settings(connection: &Connection, role: Role) -> rusqlite::Result<()> {
    // Bodies are read through the page cache of the system, which this only maps.
    connection.pragma_update(None, "mmap_size", 256 * 1024 * 1024)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    if role == Role::Writer {
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "cache_size", -8 * 1024)?;
    }
    Ok(())
}
