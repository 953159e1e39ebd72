//! SQLite's errors as core knows them.

use almanac_core::store::{OpenError, StoreError};
use rusqlite::{Error, ErrorCode};

/// While the store is open.
pub(crate) fn store(error: Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(error.to_string()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Blocked(error.to_string()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Corrupt(error.to_string()),
        _ => StoreError::Backend(error.to_string()),
    }
}

/// While it is being opened.
pub(crate) fn open(error: Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Blocked(error.to_string()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Unreadable(error.to_string()),
        _ => OpenError::Backend(error.to_string()),
    }
}

/// While it is being opened again.
pub(crate) fn reopening(error: OpenError) -> StoreError {
    match error {
        OpenError::Blocked(text) => StoreError::Blocked(text),
        OpenError::Unreadable(text) => StoreError::Corrupt(text),
        newer @ OpenError::Newer { .. } => StoreError::Blocked(newer.to_string()),
        OpenError::Backend(text) => StoreError::Backend(text),
    }
}

/// A record that does not read.
pub(crate) fn corrupt(what: &str, why: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{what}: {why}"))
}
