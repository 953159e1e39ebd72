//! What a commit changed: told to live queries here and in other tabs.

use crate::{key::RowRef, row::Span};
use serde::{Deserialize, Serialize};

/// One changed row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The row.
    pub at: RowRef,
    /// The span of a live event before.
    pub before: Option<Span>,
    /// The span of a live event after.
    pub after: Option<Span>,
}

/// The changes of one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Changed rows.
    pub rows: Vec<Change>,
    /// Whether the outbox changed.
    pub outbox: bool,
    /// Whether there is something new to send: an edit, a retry, or a stuck entry that left and frees what waited for it.
    /// An answer that settles entries is none.
    #[serde(default)]
    pub to_send: bool,
    /// Whether the sync state changed.
    pub state: bool,
    /// Whether the sync log has new lines.
    #[serde(default)]
    pub log: bool,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && !self.outbox && !self.state && !self.log
    }
}
