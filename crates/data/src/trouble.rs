//! What is wrong with the local database, as far as a person can do something about it.

use almanac_core::store::{OpenError, StoreError};

/// Why the local database did not open, or did not take a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A newer version of the app has written it.
    Newer,
    /// Another tab or window keeps it.
    Blocked,
    /// It cannot be read.
    Unreadable,
    /// The device is full.
    Full,
    /// The browser or the disk refuses.
    Refused,
    /// Anything else.
    Other,
}

impl From<&OpenError> for Trouble {
    fn from(error: &OpenError) -> Self {
        match error {
            OpenError::Newer { .. } => Self::Newer,
            OpenError::Blocked(_) => Self::Blocked,
            OpenError::Unreadable(_) => Self::Unreadable,
            OpenError::Backend(_) => Self::Refused,
        }
    }
}

impl From<&StoreError> for Trouble {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Full(_) => Self::Full,
            StoreError::Blocked(_) => Self::Blocked,
            StoreError::Patch(_) | StoreError::Corrupt(_) | StoreError::Closed | StoreError::Backend(_) => Self::Other,
        }
    }
}
