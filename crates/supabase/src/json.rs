//! Reads JSON from the bytes of an answer.

use serde::de::{DeserializeOwned, Error as _};

/// What the bytes say. They are read as text, as the stores read theirs: serde's reader of bytes would be a second copy of
/// everything that can be read, a hundredth of the web app.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_str(std::str::from_utf8(bytes).map_err(serde_json::Error::custom)?)
}
