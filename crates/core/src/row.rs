//! A row of any table: columns and stamps. Merge, outbox and feed work on this form; the typed structs of
//! [`crate::domain`] are read from it.
//!
//! Columns stay a JSON map so that columns and groups of a newer version pass through untouched.

use crate::{
    key::RowRef,
    order,
    stamp::Stamp,
    table::{DELETED_AT, STAMPS, Table, UPDATED_AT},
    time,
};
use serde::{
    Serialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Columns by name.
pub type Columns = Map<String, Value>;
/// Stamps by group name, unknown groups included.
pub type Stamps = BTreeMap<String, Stamp>;

/// A row: columns (without `stamps` and `updated_at`, with `deleted_at`) and the stamps of its groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The table.
    pub table: Table,
    /// The columns.
    pub columns: Columns,
    /// One stamp per written group.
    pub stamps: Stamps,
}

/// Why some JSON is not a row.
#[derive(Debug, thiserror::Error)]
pub enum BadRow {
    /// Not a JSON object.
    #[error("a row of {0} is not an object")]
    NotAnObject(Table),
    /// A key column is missing or not text.
    #[error("a row of {table} lacks its key column {column}")]
    NoKey {
        /// The table.
        table: Table,
        /// The column.
        column: &'static str,
    },
    /// The stamps do not read as stamps.
    #[error("the stamps of a row of {table} are unreadable: {source}")]
    Stamps {
        /// The table.
        table: Table,
        /// What was wrong.
        source: serde_json::Error,
    },
    /// The columns do not fit the typed struct.
    #[error("a row of {table} does not fit: {source}")]
    Shape {
        /// The table.
        table: Table,
        /// What was wrong.
        source: serde_json::Error,
    },
}

impl Row {
    /// A row with only its key.
    #[must_use]
    pub fn empty(at: &RowRef) -> Self {
        let columns = at.parts().map(|(column, value)| (column.to_owned(), Value::from(value)));
        Self { table: at.table, columns: order::collect(columns), stamps: Stamps::new() }
    }

    /// Reads a row as it stands on the wire or in a store.
    ///
    /// # Errors
    /// [`BadRow`] when it has no key or unreadable stamps.
    pub fn from_json(table: Table, value: Value) -> Result<Self, BadRow> {
        let Value::Object(mut columns) = value else { return Err(BadRow::NotAnObject(table)) };
        for column in table.key_columns() {
            if !columns.get(*column).is_some_and(Value::is_string) {
                return Err(BadRow::NoKey { table, column });
            }
        }
        let stamps = match columns.remove(STAMPS) {
            None | Some(Value::Null) => Stamps::new(),
            Some(stamps) => read_stamps(stamps).map_err(|source| BadRow::Stamps { table, source })?,
        };
        columns.remove(UPDATED_AT);
        Ok(Self { table, columns, stamps })
    }

    /// Reads a row from the JSON text a store keeps.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn from_text(table: Table, text: &str) -> Result<Self, BadRow> {
        let value = serde_json::from_str(text).map_err(|source| BadRow::Shape { table, source })?;
        Self::from_json(table, value)
    }

    /// The row as one flat JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut columns = self.columns.clone();
        columns.entry(DELETED_AT).or_insert(Value::Null);
        columns.insert(UPDATED_AT.to_owned(), Value::from(time::text_of_micros(self.updated_at())));
        let stamps = self.stamps.iter().map(|(group, stamp)| (group.clone(), Value::from(stamp.text())));
        columns.insert(STAMPS.to_owned(), Value::Object(order::collect(stamps)));
        Value::Object(columns)
    }

    /// The row's JSON text, as stores keep it.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_json().to_string()
    }

    /// The row's key. Key columns that are no text read as empty.
    #[must_use]
    pub fn at(&self) -> RowRef {
        let key = match self.table.key_columns() {
            [first, second] => [self.key_part(first), ":", self.key_part(second)].concat(),
            columns => columns.iter().map(|column| self.key_part(column)).collect(),
        };
        RowRef { table: self.table, key }
    }

    /// Whether that is the row's key.
    #[must_use]
    pub fn is_at(&self, at: &RowRef) -> bool {
        self.table == at.table
            && match self.table.key_columns() {
                [column] => self.key_part(column) == at.key,
                _ => self.at().key == at.key,
            }
    }

    fn key_part(&self, column: &str) -> &str {
        self.columns.get(column).and_then(Value::as_str).unwrap_or_default()
    }

    /// The stamps of the groups that this version knows, and so can send.
    pub(crate) fn known_stamps(&self) -> Stamps {
        let known = self.stamps.iter().filter(|(group, _)| self.table.group(group).is_some());
        order::collect(known.map(|(group, stamp)| (group.clone(), *stamp)))
    }

    /// The time of the newest stamp, µs.
    #[must_use]
    pub fn updated_at(&self) -> u64 {
        self.stamps.values().map(|stamp| stamp.micros).max().unwrap_or(0)
    }

    /// Whether the row lives (is no tombstone).
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.columns.get(DELETED_AT).is_none_or(Value::is_null)
    }

    /// The typed struct of this row.
    ///
    /// # Errors
    /// [`BadRow::Shape`] when columns are missing or of another type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, BadRow> {
        serde_json::from_value(self.to_json()).map_err(|source| BadRow::Shape { table: self.table, source })
    }

    /// The instants an event covers, `[start, end)` in ms since 1970 UTC; none for other tables.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        if self.table != Table::Events {
            return None;
        }
        let ms = |column: &str| self.columns.get(column).and_then(Value::as_i64);
        Some(Span { start: ms("start_timestamp_ms")?, end: ms("end_timestamp_ms")? })
    }
}

fn read_stamps(value: Value) -> Result<Stamps, serde_json::Error> {
    let Value::Object(stamps) = value else { return Err(serde_json::Error::custom("not an object")) };
    let mut read = Stamps::new();
    for (group, stamp) in stamps {
        let text = stamp.as_str().unwrap_or_default();
        read.insert(group, text.parse().map_err(serde_json::Error::custom)?);
    }
    Ok(read)
}

/// A span of time `[start, end)`, ms since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
pub struct Span {
    /// First ms.
    pub start: i64,
    /// First ms after it.
    pub end: i64,
}

impl Span {
    /// Whether the two share an instant. An empty span counts as its start.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        let (end, other_end) = (self.effective_end(), other.effective_end());
        self.start < other_end && other.start < end
    }

    const fn effective_end(self) -> i64 {
        if self.end > self.start { self.end } else { self.start.saturating_add(1) }
    }
}
