//! What can go wrong here, as a sentence for a person at a terminal.

use std::fmt;
use std::path::Path;

/// The result of everything in this program.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A failure, told with what to do about it. Nothing in this program branches on the kind, so there is only the text.
#[derive(Debug)]
pub(crate) struct Error(String);

impl Error {
    /// A failure with this explanation.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// The command line was wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A file or folder could not be used.
    pub(crate) fn io(what: &str, path: &Path, source: &std::io::Error) -> Self {
        Self(format!("cannot {what} {}: {source}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
