//! A patch: what a person changed, as keys and columns, never whole rows.

use crate::{
    key::RowRef,
    row::Columns,
    table::{DELETED_AT, LIFE, Table},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What happens to the row's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// Becomes a tombstone.
    Delete,
    /// Lives again.
    Restore,
}

/// One edit of one row. A batch of patches commits as a whole or not at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// The row.
    pub at: RowRef,
    /// What the row begins with where it is not there (or is a tombstone): fixed columns and all columns of all groups.
    /// None: the row must be there. Where `columns` says what is edited, the other groups of a row that is not there are
    /// defaults, which give way to what the server may have.
    pub initial: Option<Columns>,
    /// Changed columns. A group that none of them belongs to is not touched.
    pub columns: Columns,
    /// Deletes or restores.
    pub life: Option<Life>,
    /// Stamped as zero: a default that gives way to any edit.
    pub untouched: bool,
}

/// Why a patch is refused. Nothing of its batch is written.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadPatch {
    /// The column is the key, fixed, bookkeeping or unknown.
    #[error("{table}.{column} cannot be changed")]
    Column {
        /// The table.
        table: Table,
        /// The column.
        column: String,
    },
    /// An edit of a row that is not there.
    #[error("{0} is not in the local database")]
    Missing(RowRef),
    /// A new row lacks a group: the server could not build it.
    #[error("a new row of {table} lacks {column}")]
    Incomplete {
        /// The table.
        table: Table,
        /// The first missing column.
        column: &'static str,
    },
    /// The key does not read as the table's key.
    #[error("{0} is not a key of its table")]
    Key(RowRef),
}

impl Patch {
    /// An edit of these columns.
    #[must_use]
    pub fn update(at: RowRef, columns: Columns) -> Self {
        Self { at, initial: None, columns, life: None, untouched: false }
    }

    /// A new row, or these columns of the row where it lives already.
    #[must_use]
    pub fn upsert(at: RowRef, initial: Columns, columns: Columns) -> Self {
        Self { initial: Some(initial), ..Self::update(at, columns) }
    }

    /// A new row. All columns of all groups must be given; a row that lives already is left alone.
    #[must_use]
    pub fn create(at: RowRef, initial: Columns) -> Self {
        Self::upsert(at, initial, Columns::new())
    }

    /// A deletion.
    #[must_use]
    pub fn delete(at: RowRef) -> Self {
        Self { life: Some(Life::Delete), ..Self::update(at, Columns::new()) }
    }

    /// A restoration.
    #[must_use]
    pub fn restore(at: RowRef) -> Self {
        Self { life: Some(Life::Restore), ..Self::update(at, Columns::new()) }
    }

    /// Adds a changed column.
    #[must_use]
    pub fn set(mut self, column: &str, value: impl Into<Value>) -> Self {
        self.columns.insert(column.to_owned(), value.into());
        self
    }

    /// Checks the patch by itself.
    ///
    /// # Errors
    /// [`BadPatch`] when a column may not be changed, the key is malformed, or a new row is incomplete.
    pub fn check(&self) -> Result<(), BadPatch> {
        let table = self.at.table;
        self.check_key()?;
        let grouped = |column: &str| column != DELETED_AT && table.group_of(column).is_some_and(|g| g.name != LIFE);
        let refused = |column: &str| BadPatch::Column { table, column: column.to_owned() };
        if let Some(column) = self.columns.keys().find(|c| !grouped(c)) {
            return Err(refused(column));
        }
        if let Some(initial) = &self.initial {
            let may = |column: &str| grouped(column) || table.fixed_columns().contains(&column);
            if let Some(column) = initial.keys().find(|c| !may(c)) {
                return Err(refused(column));
            }
            let needed = table.groups().iter().flat_map(|g| g.columns).find(|c| !initial.contains_key(**c));
            if let Some(column) = needed {
                return Err(BadPatch::Incomplete { table, column });
            }
        }
        Ok(())
    }

    fn check_key(&self) -> Result<(), BadPatch> {
        let bad = || BadPatch::Key(self.at.clone());
        let columns = self.at.table.key_columns();
        if self.at.parts().count() != columns.len() {
            return Err(bad());
        }
        for (column, value) in self.at.parts() {
            let ok = if column == "email" {
                value.contains('@')
            } else {
                Uuid::parse_str(value).is_ok_and(|u| u.to_string() == value)
            };
            if !ok {
                return Err(bad());
            }
        }
        Ok(())
    }
}
