//! The browser's errors as core knows them.

use almanac_core::store::{OpenError, StoreError};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// The name of a DOM exception (`"QuotaExceededError"`) and its words.
fn named(value: &JsValue) -> (String, String) {
    match value.dyn_ref::<DomException>() {
        Some(exception) => (exception.name(), exception.message()),
        None => (String::new(), format!("{value:?}")),
    }
}

/// The value thrown inside idb's error.
fn thrown(error: &idb::Error) -> Option<JsValue> {
    use idb::Error as E;
    match error {
        E::DomException(exception) => Some(exception.clone().into()),
        E::AddFailed(value)
        | E::ClearFailed(value)
        | E::DeleteFailed(value)
        | E::UpdateFailed(value)
        | E::GetFailed(value)
        | E::GetAllFailed(value)
        | E::GetAllKeysFailed(value)
        | E::CountFailed(value)
        | E::IndexedDbNotFound(value)
        | E::IndexedDbOpenFailed(value)
        | E::IndexedDbDeleteFailed(value)
        | E::TransactionOpenFailed(value)
        | E::ObjectStoreNotFound(value) => Some(value.clone()),
        _ => None,
    }
}

/// Of a value thrown by the browser.
pub(crate) fn js(value: &JsValue) -> StoreError {
    let (name, words) = named(value);
    match name.as_str() {
        "QuotaExceededError" => StoreError::Full(words),
        _ => StoreError::Backend(format!("{name}: {words}")),
    }
}

/// Of idb.
pub(crate) fn store(error: idb::Error) -> StoreError {
    thrown(&error).map_or_else(|| StoreError::Backend(error.to_string()), |value| js(&value))
}

/// Of rexie.
pub(crate) fn read(error: rexie::Error) -> StoreError {
    match error {
        rexie::Error::IdbError(error) => store(error),
        other => StoreError::Backend(other.to_string()),
    }
}

/// While opening.
pub(crate) fn open(error: idb::Error) -> OpenError {
    let (name, words) = thrown(&error).map_or_else(|| (String::new(), error.to_string()), |value| named(&value));
    match name.as_str() {
        // The browser's own files are damaged.
        "UnknownError" | "DataError" => OpenError::Unreadable(words),
        "" => OpenError::Backend(words),
        name => OpenError::Backend(format!("{name}: {words}")),
    }
}

/// Whether the database has a greater version than was asked for.
pub(crate) fn is_newer(error: &idb::Error) -> bool {
    thrown(error).is_some_and(|value| named(&value).0 == "VersionError")
}

/// While opening again.
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

/// While rexie opens.
pub(crate) fn reading_opens(error: rexie::Error) -> OpenError {
    match error {
        rexie::Error::IdbError(error) => open(error),
        other => OpenError::Backend(other.to_string()),
    }
}
