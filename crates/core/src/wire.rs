//! The JSON of the sync functions, as `docs/wire.md` has it.
//!
//! Rows that do not read are kept apart and reported, never a reason to drop the rest of a page.

use crate::{
    key::RowRef,
    outbox::Entry,
    row::{Columns, Row, Stamps},
    table::Table,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An entry of `sync_push`.
#[derive(Clone, Debug, Serialize)]
pub struct PushEntry<'a> {
    /// The table's name.
    pub table: Table,
    /// The key's text.
    pub key: &'a str,
    /// Comes back with the verdict.
    pub generation: u64,
    /// Key, fixed columns, and the columns of the changed groups.
    pub row: &'a Columns,
    /// The changed groups.
    pub stamps: &'a Stamps,
}

impl<'a> From<&'a Entry> for PushEntry<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            table: entry.at.table,
            key: &entry.at.key,
            generation: entry.generation,
            row: &entry.columns,
            stamps: &entry.groups,
        }
    }
}

/// What every answer carries.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Head {
    /// The server's clock, µs since 1970.
    pub now: u64,
    /// The server's database.
    pub epoch: String,
}

/// A row of an answer, or the word that it is gone.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WireRow {
    /// The table's name; a newer server may have tables this version does not know.
    pub table: String,
    /// The key's text.
    pub key: String,
    /// Its feed number, in a page of the feed.
    #[serde(default)]
    pub seq: Option<u64>,
    /// The row as it is now.
    #[serde(default)]
    pub row: Option<Value>,
    /// Whether one may no longer see it.
    #[serde(default)]
    pub gone: bool,
}

/// A verdict of `sync_push`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WireVerdict {
    /// The table's name.
    pub table: String,
    /// The key's text.
    pub key: String,
    /// The generation that was sent.
    pub generation: u64,
    /// `done` or `refused`.
    pub status: String,
    /// Why it was refused.
    #[serde(default)]
    pub code: Option<String>,
    /// In words.
    #[serde(default)]
    pub message: Option<String>,
    /// With `rate_limited`: seconds after which it may be sent again.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// The server's row.
    #[serde(default)]
    pub row: Option<Value>,
}

/// The answer of `sync_push`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PushAnswer {
    /// Time and epoch.
    #[serde(flatten)]
    pub head: Head,
    /// The feed's head in the snapshot of the rows.
    #[serde(default)]
    pub at: u64,
    /// One verdict per entry, in their order.
    #[serde(default)]
    pub results: Vec<WireVerdict>,
    /// `clock_ahead`: nothing was written.
    #[serde(default)]
    pub error: Option<String>,
}

/// The answer of `sync_pull`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PullAnswer {
    /// Time and epoch.
    #[serde(flatten)]
    pub head: Head,
    /// The feed's head.
    pub at: u64,
    /// Numbers up to here were collected.
    #[serde(default)]
    pub floor: u64,
    /// In order of their numbers.
    #[serde(default)]
    pub changes: Vec<WireRow>,
    /// `head` or `floor`: the cursor is of no use, fetch all again.
    #[serde(default)]
    pub resync: Option<String>,
}

/// The answer of `sync_bootstrap`, `sync_window` and `sync_rows`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PageAnswer {
    /// Time and epoch.
    #[serde(flatten)]
    pub head: Head,
    /// The feed's head in the same snapshot.
    pub at: u64,
    /// The rows.
    #[serde(default)]
    pub rows: Vec<WireRow>,
    /// Where the next page begins.
    #[serde(default)]
    pub next: Option<String>,
    /// Rows of all pages, on the first.
    #[serde(default)]
    pub total: Option<u64>,
}

/// Count and hash of a table's rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableDigest {
    /// Live rows.
    pub count: u64,
    /// The sum of their hashes, 16 hex digits.
    pub hash: String,
}

/// The answer of `sync_digest`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub struct DigestAnswer {
    /// Time and epoch.
    pub head: Head,
    /// The feed's head in the same snapshot.
    pub at: u64,
    /// By the table's name; a newer server may have tables this version does not know.
    pub tables: Columns,
}

impl TryFrom<Value> for DigestAnswer {
    type Error = &'static str;

    fn try_from(mut answer: Value) -> Result<Self, &'static str> {
        let number = |name: &str| answer.get(name).and_then(Value::as_u64);
        let epoch = answer.get("epoch").and_then(Value::as_str).map(str::to_owned);
        let (Some(now), Some(at), Some(epoch)) = (number("now"), number("at"), epoch) else {
            return Err("a digest without its time, place or epoch");
        };
        match answer.get_mut("tables").map(Value::take) {
            Some(Value::Object(tables)) => Ok(Self { head: Head { now, epoch }, at, tables }),
            _ => Err("a digest without tables"),
        }
    }
}

impl DigestAnswer {
    /// An answer, for servers in tests.
    #[must_use]
    pub fn new(head: Head, at: u64, digests: Vec<(Table, TableDigest)>) -> Self {
        let told = |digest: TableDigest| serde_json::json!({ "count": digest.count, "hash": digest.hash });
        let tables = digests.into_iter().map(|(table, digest)| (table.name().to_owned(), told(digest))).collect();
        Self { head, at, tables }
    }

    /// What it says of a table, if it knows it.
    #[must_use]
    pub fn table(&self, table: Table) -> Option<TableDigest> {
        let told = self.tables.get(table.name())?;
        Some(TableDigest { count: told.get("count")?.as_u64()?, hash: told.get("hash")?.as_str()?.to_owned() })
    }
}

/// Rows of an answer, sorted out.
#[derive(Clone, Debug, Default)]
pub struct Sorted {
    /// Rows that read.
    pub rows: Vec<Row>,
    /// Rows one may no longer see.
    pub gone: Vec<RowRef>,
    /// What did not read, in words. Rows of unknown tables are not among them: they are left out.
    pub malformed: Vec<String>,
}

impl Sorted {
    /// Sorts rows out.
    #[must_use]
    pub fn from_wire(wire: Vec<WireRow>) -> Self {
        let mut sorted = Self::default();
        for item in wire {
            let Some(table) = Table::from_name(&item.table) else { continue };
            let at = RowRef { table, key: item.key };
            match item.row {
                _ if item.gone => sorted.gone.push(at),
                Some(row) => match read_row(&at, row) {
                    Ok(row) => sorted.rows.push(row),
                    Err(what) => sorted.malformed.push(what),
                },
                None => sorted.malformed.push(format!("{at}: neither row nor gone")),
            }
        }
        sorted
    }
}

/// Reads a row and checks that it is the one named and fits its table.
///
/// # Errors
/// In words, for the sync log.
pub fn read_row(at: &RowRef, value: Value) -> Result<Row, String> {
    let row = Row::from_json(at.table, value).map_err(|bad| format!("{at}: {bad}"))?;
    if !row.is_at(at) {
        return Err(format!("{at}: the row calls itself {}", row.at()));
    }
    if at.table == Table::Events && row.span().is_none() {
        return Err(format!("{at}: an event without its span"));
    }
    Ok(row)
}

/// What an invitation to oneself is to (`invitations`): enough to answer it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedTo {
    /// The event.
    pub event_id: uuid::Uuid,
    /// Its title.
    pub title: String,
    /// Its start, ms.
    pub start_ms: i64,
    /// Its length, minutes.
    pub duration: i64,
    /// Whether it is a date and no time.
    pub all_day: bool,
    /// The name of who invites.
    #[serde(default)]
    pub inviter: Option<String>,
}

/// What one sees of somebody one shares an event with (`people`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their account.
    pub user_id: uuid::Uuid,
    /// The name they show.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Their picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
}
