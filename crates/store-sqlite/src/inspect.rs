//! What a local database holds, for a person to read: state, rows, outbox, log.
//!
//! The file is opened for reading only and no lock is taken that the app would wait for; the app may be running. Contents of
//! rows are told on request alone.

use crate::SCHEMA;
use almanac_core::{
    log::Line,
    outbox::Entry,
    row::{BadRow, Row},
    store::{SyncState, layout::table_of},
};
use rusqlite::{Connection, OpenFlags};
use std::{
    fmt::{self, Write as _},
    path::Path,
};

/// Why a file could not be told about.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// It was written by another version.
    #[error("it has schema {0}, this program knows {SCHEMA}; use the program of its version")]
    Schema(u32),
    /// It is no database of ours, or damaged.
    #[error("it does not read: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A record does not read.
    #[error("a record does not read: {0}")]
    Record(#[from] serde_json::Error),
    /// A row does not read.
    #[error(transparent)]
    Row(#[from] BadRow),
    /// Never happens: text takes any text.
    #[error(transparent)]
    Text(#[from] fmt::Error),
}

type Result<T> = std::result::Result<T, InspectError>;

/// The report; with `rows` it ends with the contents of every row.
///
/// # Errors
/// [`InspectError`]; the file is left as it is.
pub fn report(path: &Path, rows: bool) -> Result<String> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let schema: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if schema != SCHEMA {
        return Err(InspectError::Schema(schema));
    }
    let mut out = String::new();
    let state = state(&mut out, &connection)?;
    tables(&mut out, &connection)?;
    outbox(&mut out, &connection, &state)?;
    log(&mut out, &connection)?;
    if rows {
        contents(&mut out, &connection)?;
    }
    Ok(out)
}

fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let texts = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(texts)
}

fn moment(ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(ms)
        .map_or_else(|| ms.to_string(), |at| at.format("%Y-%m-%d %H:%M:%S%.3fZ").to_string())
}

/// Writes the sync state down, and gives it.
fn state(out: &mut String, connection: &Connection) -> Result<SyncState> {
    let Some(text) = texts(connection, "SELECT body FROM state")?.pop() else {
        writeln!(out, "an empty database")?;
        return Ok(SyncState::default());
    };
    let state: SyncState = serde_json::from_str(&text)?;
    writeln!(out, "device      {}", state.device)?;
    writeln!(out, "epoch       {}", state.epoch.as_deref().unwrap_or("none: never loaded"))?;
    writeln!(out, "cursor      {}", state.cursor)?;
    writeln!(out, "last stamp  {}", moment((state.last_stamp / 1000).cast_signed()))?;
    writeln!(out, "generation  {}", state.generation)?;
    writeln!(out, "caught up   {}", state.caught_up_ms.map_or_else(|| "never".to_owned(), moment))?;
    for (from, to) in &state.coverage {
        writeln!(out, "covered     {} … {}", moment(*from), moment(*to))?;
    }
    if let Some(resync) = &state.resyncing {
        writeln!(out, "resyncing   {} of {:?} rows, {} windows to come", resync.done, resync.total, resync.left.len())?;
    }
    let checks = &state.checks;
    writeln!(out, "compared    {}", checks.checked_ms.map_or_else(|| "never".to_owned(), moment))?;
    for (what, tables) in [("suspects", &checks.suspects), ("repaired", &checks.repaired), ("unlike", &checks.unlike)] {
        if !tables.is_empty() {
            let names: Vec<&str> = tables.iter().map(|table| table.name()).collect();
            writeln!(out, "{what:<11} {}", names.join(", "))?;
        }
    }
    Ok(state)
}

fn tables(out: &mut String, connection: &Connection) -> Result<()> {
    writeln!(out, "\nrows")?;
    let sql =
        "SELECT tab, sum(live), sum(NOT live), sum(state = 1), sum(state = 2) FROM rows GROUP BY tab ORDER BY tab";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number: u8 = row.get(0)?;
        let name = table_of(number).map_or_else(|| format!("table {number}"), |table| table.name().to_owned());
        let (live, dead, pending, stuck): (i64, i64, i64, i64) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
        writeln!(out, "  {name:<24} {live:>7} live {dead:>6} tombstones {pending:>6} unsent {stuck:>4} stuck")?;
    }
    Ok(())
}

fn outbox(out: &mut String, connection: &Connection, state: &SyncState) -> Result<()> {
    writeln!(out, "\noutbox")?;
    for text in texts(connection, "SELECT entry FROM outbox ORDER BY tab, key")? {
        let mut entry: Entry = serde_json::from_str(&text)?;
        state.mark(&mut entry);
        let groups: Vec<String> = entry.groups.iter().map(|(group, stamp)| format!("{group}={stamp}")).collect();
        writeln!(out, "  {} g{} since {}", entry.at, entry.generation, moment(entry.since_ms))?;
        writeln!(out, "    {}", groups.join(" "))?;
        let marks = [(entry.create, "new"), (entry.attempted, "attempted"), (!entry.adjusted, "made in the dark")];
        let marks: Vec<&str> = marks.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
        writeln!(out, "    {} · {} tries", marks.join(", "), entry.attempts)?;
        if entry.not_before_ms > 0 {
            writeln!(out, "    not before {}", moment(entry.not_before_ms))?;
        }
        if let Some(reason) = &entry.stuck {
            writeln!(out, "    STUCK {}: {}", reason.code, reason.message)?;
        }
    }
    Ok(())
}

fn log(out: &mut String, connection: &Connection) -> Result<()> {
    writeln!(out, "\nlog")?;
    let read = |text: &String| serde_json::from_str(text).ok();
    let mut lines: Vec<Line> = texts(connection, "SELECT line FROM log")?.iter().filter_map(read).collect();
    lines.sort_by_key(|line| line.number);
    for line in lines {
        writeln!(out, "  {} {}", moment(line.at_ms), line.what)?;
    }
    Ok(())
}

fn contents(out: &mut String, connection: &Connection) -> Result<()> {
    writeln!(out, "\ncontents")?;
    let mut statement = connection.prepare("SELECT tab, key, body FROM rows ORDER BY tab, key")?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        let (number, key, body): (u8, String, String) = (found.get(0)?, found.get(1)?, found.get(2)?);
        let Some(table) = table_of(number) else { continue };
        let row = Row::from_text(table, &body)?;
        writeln!(out, "  {}/{key}{}", table.name(), if row.is_live() { "" } else { " (tombstone)" })?;
        for group in table.all_groups() {
            let Some(stamp) = row.stamps.get(group.name) else { continue };
            let value = |column: &&str| row.columns.get(*column).map_or_else(|| "-".to_owned(), ToString::to_string);
            let values: Vec<String> = group.columns.iter().map(value).collect();
            writeln!(out, "    {:<20} {stamp}  {}", group.name, values.join(", "))?;
        }
    }
    Ok(())
}
