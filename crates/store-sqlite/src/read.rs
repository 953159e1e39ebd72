//! Reading records.

use crate::error::{corrupt, store as failed};
use almanac_core::{
    key::RowRef,
    log::Line,
    outbox::{Entry, Waiting},
    row::Span,
    store::{
        Due, Query, StoreError, Stored, SyncState,
        layout::{overlapping, state_of, table_number, table_of},
    },
    survey::Survey,
    table::Table,
};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use std::cmp::Reverse;

/// (Whether what waited still waits: see [`Stored::state`].)
const COLUMNS: &str = "tab, key, body, \
    CASE state WHEN 1 THEN EXISTS (SELECT 1 FROM outbox o WHERE o.tab = rows.tab AND o.key = rows.key) ELSE state END, \
    seen";

/// The record in a row of [`COLUMNS`].
fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    let at = row_ref(row)?;
    let state: u8 = row.get(3).map_err(failed)?;
    let Some(state) = state_of(state) else { return Err(corrupt(&at.to_string(), format!("state {state}"))) };
    let seen: i64 = row.get(4).map_err(failed)?;
    Ok(Stored { at, body: row.get(2).map_err(failed)?, state, seen: seen.cast_unsigned() })
}

/// The key in the first two columns.
fn row_ref(row: &Row<'_>) -> Result<RowRef, StoreError> {
    let number: u8 = row.get(0).map_err(failed)?;
    let table = table_of(number).ok_or_else(|| corrupt("rows", format!("table {number}")))?;
    Ok(RowRef { table, key: row.get(1).map_err(failed)? })
}

/// The rows of a statement, each read by `read`.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(read(row)?);
    }
    Ok(found)
}

pub(crate) fn row(connection: &Connection, at: &RowRef) -> Result<Option<Stored>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM rows WHERE tab = ?1 AND key = ?2");
    let found = all(connection, &sql, params![table_number(at.table), at.key], stored)?;
    Ok(found.into_iter().next())
}

/// Rows that the resync of that number has not confirmed.
pub(crate) fn unseen(connection: &Connection, resync: u64) -> Result<Vec<Stored>, StoreError> {
    all(connection, &format!("SELECT {COLUMNS} FROM rows WHERE seen <> ?1"), [resync.cast_signed()], stored)
}

fn entry(row: &Row<'_>) -> Result<Entry, StoreError> {
    let text = row.get_ref(0).and_then(|value| Ok(value.as_str()?)).map_err(failed)?;
    serde_json::from_str(text).map_err(|e| corrupt("outbox", e))
}

pub(crate) fn outbox_entry(connection: &Connection, at: &RowRef) -> Result<Option<Entry>, StoreError> {
    let sql = "SELECT entry FROM outbox WHERE tab = ?1 AND key = ?2";
    let found = all(connection, sql, params![table_number(at.table), at.key], entry)?;
    Ok(found.into_iter().next())
}

/// All entries as they are in the table.
pub(crate) fn entries(connection: &Connection) -> Result<Vec<Entry>, StoreError> {
    all(connection, "SELECT entry FROM outbox ORDER BY tab, key", [], entry)
}

/// The outbox: all entries, marked as the sync state says.
pub(crate) fn outbox(connection: &mut Connection) -> Result<Vec<Entry>, StoreError> {
    let transaction = connection.transaction().map_err(failed)?;
    Ok(state(&transaction)?.marked(entries(&transaction)?))
}

/// Entries that may be sent, in push order.
pub(crate) fn due(connection: &Connection, due: &Due) -> Result<Vec<Entry>, StoreError> {
    let sql = "SELECT entry FROM outbox WHERE NOT stuck AND not_before_ms <= ?1 AND (tab, key) > (?3, ?4)
               ORDER BY tab, key LIMIT ?2";
    // No table has the number 0.
    let (table, key) = due.after.as_ref().map_or((0, ""), |at| (table_number(at.table), at.key.as_str()));
    all(connection, sql, params![due.now_ms, i64::try_from(due.limit).unwrap_or(i64::MAX), table, key], entry)
}

pub(crate) fn stuck(connection: &Connection) -> Result<Vec<Entry>, StoreError> {
    all(connection, "SELECT entry FROM outbox WHERE stuck", [], entry)
}

/// What waits, from the indexes of the outbox alone.
pub(crate) fn waiting(connection: &mut Connection, now_ms: i64) -> Result<Waiting, StoreError> {
    let transaction = connection.transaction().map_err(failed)?;
    let one = |sql: &str| {
        let mut statement = transaction.prepare_cached(sql)?;
        statement.query_row([], |row| row.get::<_, Option<i64>>(0))
    };
    let count = |sql: &str| one(sql).map(|n| usize::try_from(n.unwrap_or(0)).unwrap_or(0));
    let read = || -> rusqlite::Result<Waiting> {
        let stuck = count("SELECT count(*) FROM outbox WHERE stuck")?;
        let free = count("SELECT count(*) FROM outbox WHERE NOT stuck")?;
        let later = |pick: &str| {
            let sql = format!("SELECT {pick}(not_before_ms) FROM outbox WHERE NOT stuck AND not_before_ms > ?1");
            transaction.prepare_cached(&sql)?.query_row([now_ms], |row| row.get(0))
        };
        Ok(Waiting {
            entries: stuck + free,
            // The key of what hangs on an event begins with the event's.
            things: count("SELECT count(DISTINCT substr(key, 1, 36)) FROM outbox WHERE NOT stuck")?,
            stuck,
            oldest_ms: one("SELECT min(since_ms) FROM outbox WHERE since_ms > 0")?,
            next_due_ms: later("min")?,
            last_due_ms: later("max")?,
        })
    };
    read().map_err(failed)
}

/// Shows everything to a survey, in one read transaction.
pub(crate) fn survey(connection: &mut Connection, mut survey: Survey) -> Result<Survey, StoreError> {
    let transaction = connection.transaction().map_err(failed)?;
    survey.state(state(&transaction)?);
    all(&transaction, "SELECT entry FROM outbox", [], |row| {
        survey.entry(&entry(row)?);
        Ok(())
    })?;
    all(&transaction, &format!("SELECT {COLUMNS} FROM rows"), [], |row| survey.row(&stored(row)?))?;
    Ok(survey)
}

/// The sync log, the oldest line first.
pub(crate) fn log(connection: &Connection) -> Result<Vec<Line>, StoreError> {
    let mut lines = all(connection, "SELECT line FROM log", [], |row| {
        let text = row.get_ref(0).and_then(|value| Ok(value.as_str()?)).map_err(failed)?;
        // Another version may have written what this one has no word for.
        Ok(serde_json::from_str::<Line>(text).ok())
    })?;
    lines.sort_by_key(|line| line.as_ref().map(|line| line.number));
    Ok(lines.into_iter().flatten().collect())
}

pub(crate) fn state(connection: &Connection) -> Result<SyncState, StoreError> {
    let mut statement = connection.prepare_cached("SELECT body FROM state").map_err(failed)?;
    let body: Option<String> = statement.query_row([], |row| row.get(0)).optional().map_err(failed)?;
    body.map_or_else(|| Ok(SyncState::default()), |body| serde_json::from_str(&body).map_err(|e| corrupt("state", e)))
}

/// Answers in one read transaction.
pub(crate) fn query(connection: &mut Connection, query: &Query) -> Result<Vec<Stored>, StoreError> {
    let transaction = connection.transaction().map_err(failed)?;
    let found = match query {
        Query::Events { span, user } => events(&transaction, *span, &user.to_string())?,
        Query::Table(table) => {
            let sql = format!("SELECT {COLUMNS} FROM rows WHERE tab = ?1 AND live ORDER BY key");
            all(&transaction, &sql, [table_number(*table)], stored)?
        }
        Query::Event(id) => with_children(&transaction, &id.to_string())?,
        Query::Search { text, limit } => search(&transaction, &text.to_lowercase(), *limit)?,
    };
    transaction.commit().map_err(failed)?;
    Ok(found)
}

fn events(connection: &Connection, wanted: Span, user: &str) -> Result<Vec<Stored>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, start_ms, end_ms FROM rows \
         WHERE class = ?1 AND start_ms >= ?2 AND start_ms < ?3 AND (end_ms > ?4 OR start_ms >= ?4)"
    );
    let mut found = Vec::new();
    for (class, first, after) in overlapping(wanted) {
        let of_class = all(connection, &sql, params![class, first, after, wanted.start], |row| {
            let span = Span { start: row.get(5).map_err(failed)?, end: row.get(6).map_err(failed)? };
            if span.overlaps(wanted) { stored(row).map(Some) } else { Ok(None) }
        })?;
        found.extend(of_class.into_iter().flatten());
    }
    let mut children = Vec::new();
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM rows WHERE tab = ?1 AND key = ?2 AND live"))
        .map_err(failed)?;
    for event in &found {
        let key = format!("{}:{user}", event.at.key);
        for table in [Table::Overlays, Table::Roles] {
            let mut rows = statement.query(params![table_number(table), key]).map_err(failed)?;
            if let Some(row) = rows.next().map_err(failed)? {
                children.push(stored(row)?);
            }
        }
    }
    found.append(&mut children);
    found.sort_unstable_by(|a, b| a.at.cmp(&b.at));
    Ok(found)
}

/// An event and what hangs on it, tombstones too.
fn with_children(connection: &Connection, id: &str) -> Result<Vec<Stored>, StoreError> {
    let mut found = Vec::new();
    let own = RowRef { table: Table::Events, key: id.to_owned() };
    found.extend(row(connection, &own)?);
    // ';' follows ':' in the alphabet.
    let sql = format!("SELECT {COLUMNS} FROM rows WHERE tab = ?1 AND key >= ?2 AND key < ?3 ORDER BY key");
    for table in Table::ALL.into_iter().filter(|table| table.is_event_child()) {
        let range = params![table_number(table), format!("{id}:"), format!("{id};")];
        found.extend(all(connection, &sql, range, stored)?);
    }
    Ok(found)
}

/// Reads every live event, newest first, until there are enough. The text is looked for in the JSON first: parsing each row
/// would cost ten times as much.
fn search(connection: &Connection, lower: &str, limit: usize) -> Result<Vec<Stored>, StoreError> {
    let needle = serde_json::to_string(lower).unwrap_or_default();
    let needle = needle.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
    let sql = format!("SELECT {COLUMNS}, start_ms FROM rows WHERE tab = ?1 AND live");
    let mut hits: Vec<(i64, Stored)> = Vec::new();
    all(connection, &sql, [table_number(Table::Events)], |row| {
        let body = row.get_ref(2).and_then(|value| Ok(value.as_str()?)).map_err(failed)?;
        if body.to_lowercase().contains(&needle) {
            let hit = stored(row)?;
            if Query::matches_text(&hit.row()?, lower) {
                hits.push((row.get::<_, Option<i64>>(5).map_err(failed)?.unwrap_or(0), hit));
            }
        }
        Ok(())
    })?;
    hits.sort_by(|(start_a, a), (start_b, b)| (Reverse(start_a), &a.at).cmp(&(Reverse(start_b), &b.at)));
    Ok(hits.into_iter().take(limit).map(|(_, hit)| hit).collect())
}
