//! Adoption: what was made without an account, rewritten to be an account's (`docs/sync.md`).

use crate::{row::Row, stamp::Stamp, table::Table};
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

/// The columns that say whose a row is.
const WHOSE: [&str; 3] = ["user_id", "owner_id", "invited_by"];

/// Whether a person ever wrote in the row: a default nobody touched has stamp zero in every group.
#[must_use]
pub fn is_touched(row: &Row) -> bool {
    row.stamps.values().any(|stamp| *stamp > Stamp::ZERO)
}

/// The rows as those of account `to`: ids kept, owners rewritten. Defaults nobody touched are left out, since the account
/// has its own; what pointed to such a calendar points to none, and so reads as in the account's default one.
#[must_use]
pub fn rewritten(rows: Vec<Row>, from: Uuid, to: Uuid) -> Vec<Row> {
    let left_out: HashSet<String> =
        rows.iter().filter(|row| !is_touched(row)).filter_map(|row| row.at().uuid()).map(|id| id.to_string()).collect();
    rows.into_iter().filter(is_touched).map(|row| rewrite(row, from, to, &left_out)).collect()
}

fn rewrite(mut row: Row, from: Uuid, to: Uuid, left_out: &HashSet<String>) -> Row {
    let (from, to) = (from.to_string(), to.to_string());
    for column in WHOSE {
        if row.columns.get(column).and_then(Value::as_str) == Some(from.as_str()) {
            row.columns.insert(column.to_owned(), Value::from(to.as_str()));
        }
    }
    match row.table {
        Table::Profiles => {
            row.columns.insert("id".to_owned(), Value::from(to));
            // The server knows it.
            row.columns.remove("email");
        }
        Table::Overlays => {
            let is_left_out = |id: &Value| id.as_str().is_some_and(|id| left_out.contains(id));
            if row.columns.get("calendar_id").is_some_and(is_left_out) {
                row.columns.insert("calendar_id".to_owned(), Value::Null);
            }
        }
        _ => {}
    }
    row
}
