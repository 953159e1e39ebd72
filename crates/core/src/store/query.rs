//! What can be asked of a store: a closed list, so that each backend has an index for each.

use crate::{
    key::RowRef,
    outbox::RowState,
    row::{BadRow, Row, Span},
    table::Table,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A question to the store. Only live rows are answered, but for [`Query::Event`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// Events overlapping the span, each with the user's own overlay and role. Sorted by table, then key.
    Events {
        /// The span asked for.
        span: Span,
        /// Whose overlays and roles.
        user: Uuid,
    },
    /// All rows of a small table (not events or what hangs on them).
    Table(Table),
    /// An event with all its overlays, roles and invites, tombstones too.
    Event(Uuid),
    /// Events whose title, location or notes contain the text (case folded), the newest start first.
    Search {
        /// What is looked for.
        text: String,
        /// At most so many.
        limit: usize,
    },
}

/// A record as stores keep it: the row as JSON text and its state.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The row's key.
    pub at: RowRef,
    /// The row's JSON text ([`Row::to_text`]).
    pub body: String,
    /// How it stands to the server. On the disk `Pending` only says that an edit waited when the record was written: most
    /// are answered with what is here already, and for that no record is written again. Whether the edit still waits says
    /// the outbox; a store looks there before it answers ([`Stored::confirm`]).
    pub state: RowState,
    /// The resync that last confirmed it.
    pub seen: u64,
}

impl Stored {
    /// Makes the state what it is: `waits` says whether the row has an entry in the outbox.
    #[must_use]
    pub fn confirm(mut self, waits: impl FnOnce(&RowRef) -> bool) -> Self {
        if self.state == RowState::Pending && !waits(&self.at) {
            self.state = RowState::Synced;
        }
        self
    }

    /// The row with its stamps.
    ///
    /// # Errors
    /// [`BadRow`] when the text is no row.
    pub fn row(&self) -> Result<Row, BadRow> {
        Row::from_text(self.at.table, &self.body)
    }

    /// The typed struct, read straight from the text.
    ///
    /// # Errors
    /// [`BadRow::Shape`] when it does not fit.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, BadRow> {
        serde_json::from_str(&self.body).map_err(|source| BadRow::Shape { table: self.at.table, source })
    }
}

impl Query {
    /// Whether an event of these columns matches a search for the (already lower-case) text.
    #[must_use]
    pub fn matches_text(row: &Row, lower: &str) -> bool {
        ["title", "location", "notes"].into_iter().any(|column| {
            row.columns
                .get(column)
                .and_then(serde_json::Value::as_str)
                .is_some_and(|t| t.to_lowercase().contains(lower))
        })
    }
}
