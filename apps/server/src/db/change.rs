//! What a change trigger tells: which row of which table, and nothing else of it.

use serde::Deserialize;
use serde_json::{Map, Value};

/// One changed row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Change {
    /// Its schema.
    pub schema: String,
    /// Its table.
    pub table: String,
    /// What happened to it.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The columns of its primary key; `None` for a table without one.
    pub key: Option<Map<String, Value>>,
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// It is new.
    Insert,
    /// It changed.
    Update,
    /// It is gone.
    Delete,
}

impl Kind {
    /// As it is written in frames.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}
