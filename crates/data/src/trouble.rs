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
    /// It was closed while the app runs: by the browser, or because a newer version took it.
    Closed,
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
            StoreError::Blocked(_) | StoreError::Closed => Self::Closed,
            StoreError::Corrupt(_) => Self::Unreadable,
            StoreError::Patch(_) | StoreError::Backend(_) => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_closed_meanwhile_is_no_other_tabs_to_close() {
        let closed = StoreError::Blocked("the browser closed it".to_owned());
        assert_eq!([Trouble::from(&closed), Trouble::from(&StoreError::Closed)], [Trouble::Closed; 2]);
        assert_eq!(Trouble::from(&OpenError::Blocked("another tab has it".to_owned())), Trouble::Blocked);
    }

    #[test]
    fn a_record_that_does_not_read_is_not_said_to_be_untouched() {
        assert_eq!(Trouble::from(&StoreError::Corrupt("a row".to_owned())), Trouble::Unreadable);
    }
}
