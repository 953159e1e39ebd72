//! The outbox: one entry per row with unsent edits.

use crate::{
    key::RowRef,
    row::{Columns, Row, Stamps},
    stamp::{DeviceId, Stamp},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// How a row stands to the server, as the UI shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowState {
    /// The server holds all of it.
    #[default]
    Synced,
    /// Something is not sent yet.
    Pending,
    /// The server refused something; a person must look.
    Stuck,
}

/// Why an entry is set aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StuckReason {
    /// `forbidden`, `deleted`, `missing`, `gone`, `server_error`, … (`docs/wire.md`).
    pub code: String,
    /// The server's words, for the curious.
    pub message: String,
}

/// What waits in the outbox, counted without reading the entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Entries, stuck ones too.
    pub entries: usize,
    /// Things with unsent edits, stuck ones not counted; an event and what hangs on it are one.
    pub things: usize,
    /// Stuck entries.
    pub stuck: usize,
    /// Local ms of the oldest unsent edit.
    pub oldest_ms: Option<i64>,
    /// The earliest local ms at which an entry that is put off may be sent; those that may go already are left out.
    pub next_due_ms: Option<i64>,
    /// The latest such ms.
    pub last_due_ms: Option<i64>,
}

impl Waiting {
    /// Counts entries; `now_ms` is the local time.
    pub fn count<'a>(entries: impl IntoIterator<Item = &'a Entry>, now_ms: i64) -> Self {
        let (mut waiting, mut things) = (Self::default(), BTreeSet::new());
        let earlier = |a: Option<i64>, b: i64| Some(a.map_or(b, |a| a.min(b)));
        for entry in entries {
            waiting.entries += 1;
            if entry.since_ms > 0 {
                waiting.oldest_ms = earlier(waiting.oldest_ms, entry.since_ms);
            }
            if entry.stuck.is_some() {
                waiting.stuck += 1;
                continue;
            }
            // The key of what hangs on an event begins with the event's.
            things.insert(entry.at.key.get(..36).unwrap_or(&entry.at.key));
            if entry.not_before_ms > now_ms {
                waiting.next_due_ms = earlier(waiting.next_due_ms, entry.not_before_ms);
                waiting.last_due_ms = waiting.last_due_ms.max(Some(entry.not_before_ms));
            }
        }
        waiting.things = things.len();
        waiting
    }
}

/// The length of the value's JSON text, about.
fn json_size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 16,
        // Escapes make it longer, each character that needs one.
        Value::String(text) => {
            text.len() + 2 + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\' | 0..32)).count() * 5
        }
        Value::Array(items) => items.iter().map(|item| json_size(item) + 1).sum::<usize>() + 2,
        Value::Object(map) => map.iter().map(|(name, value)| name.len() + json_size(value) + 4).sum::<usize>() + 2,
    }
}

/// The unsent edits of one row. A later edit joins it and takes a new generation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The row.
    pub at: RowRef,
    /// From one persisted counter, never reused: an answer clears only the edit it answers.
    pub generation: u64,
    /// The stamps of the changed groups.
    pub groups: Stamps,
    /// Key, fixed columns and all columns of the changed groups: what is sent.
    pub columns: Columns,
    /// Whether the server has never confirmed the row.
    pub create: bool,
    /// Whether all its stamps were made knowing the server's clock. Those that were not are shifted before a request
    /// carries them.
    pub adjusted: bool,
    /// Whether a request may have carried it: set, durably, before it does.
    pub attempted: bool,
    /// The greatest stamp time (µs) that an answered-or-lost request may have left on the server, or that a server before its
    /// restore had; 0: none. Stamps that are moved never fall below it.
    #[serde(default)]
    pub sent: u64,
    /// Where a stamp made without the server's clock joined others: the greatest time (µs) of those made knowing it, which
    /// stay; 0: none.
    #[serde(default)]
    pub known: u64,
    /// Failed tries of this entry alone.
    pub attempts: u32,
    /// Local ms since 1970 of the first unsent edit; 0 when it only brings back what a restored server lost.
    pub since_ms: i64,
    /// Not to be sent before this local ms (0: at once).
    pub not_before_ms: i64,
    /// Set aside until a person decides.
    pub stuck: Option<StuckReason>,
    /// The row as the server last had it, as JSON; none if it never had it.
    pub base: Option<Value>,
}

impl Entry {
    /// An entry with nothing in it yet, of a row that the server knows.
    pub(crate) fn new(at: RowRef, generation: u64) -> Self {
        Self {
            at,
            generation,
            groups: Stamps::new(),
            columns: Columns::new(),
            create: false,
            adjusted: true,
            attempted: false,
            sent: 0,
            known: 0,
            attempts: 0,
            since_ms: 0,
            not_before_ms: 0,
            stuck: None,
            base: None,
        }
    }

    /// Whether it may be sent at local time `now_ms`.
    #[must_use]
    pub fn is_due(&self, now_ms: i64) -> bool {
        self.stuck.is_none() && self.not_before_ms <= now_ms
    }

    /// Whether stamps of it were made without the server's clock and may still be moved.
    #[must_use]
    pub fn is_in_the_dark(&self) -> bool {
        self.groups.values().any(|stamp| self.is_dark(*stamp))
    }

    /// Whether this stamp of it was made without the server's clock and no request has carried it. Zero is no time, and is
    /// not moved.
    pub(crate) fn is_dark(&self, stamp: Stamp) -> bool {
        !self.adjusted && stamp != Stamp::ZERO && stamp.micros > self.settled()
    }

    /// The greatest time (µs) of its stamps that stay as they are when the others are shifted.
    pub(crate) fn settled(&self) -> u64 {
        self.sent.max(self.known)
    }

    /// The greatest time (µs) of its stamps.
    pub(crate) fn newest(&self) -> u64 {
        self.groups.values().map(|stamp| stamp.micros).max().unwrap_or(0)
    }

    /// The row's state while this entry stands.
    #[must_use]
    pub const fn state(&self) -> RowState {
        if self.stuck.is_some() { RowState::Stuck } else { RowState::Pending }
    }

    /// The size of the entry on the wire, in bytes, about.
    #[must_use]
    pub fn wire_size(&self) -> usize {
        self.columns.iter().map(|(k, v)| k.len() + json_size(v) + 4).sum::<usize>() + self.groups.len() * 48 + 160
    }

    /// What was written, as a row.
    #[must_use]
    pub fn as_row(&self) -> Row {
        Row { table: self.at.table, columns: self.columns.clone(), stamps: self.groups.clone() }
    }

    /// Whether it only brings back what a restored server lost, and nothing of it was written on this device: if the
    /// server does not take it, there is nobody to ask.
    #[must_use]
    pub fn is_nobodys(&self, device: DeviceId) -> bool {
        self.since_ms == 0 && self.groups.values().all(|stamp| stamp.device != device)
    }

    /// The rows this one cannot exist without.
    #[must_use]
    pub fn parents(&self) -> Vec<RowRef> {
        let id = |column: &str| self.columns.get(column).and_then(Value::as_str).and_then(|text| text.parse().ok());
        let mut parents: Vec<RowRef> = self.at.parent_event().map(RowRef::event).into_iter().collect();
        parents.extend(["series_id", "split_from"].into_iter().filter_map(id).map(RowRef::event));
        parents.extend(id("calendar_id").map(RowRef::calendar));
        parents.extend(id("category_id").map(|c| RowRef::id(crate::table::Table::Categories, c)));
        parents.extend(id("persona_id").map(|p| RowRef::id(crate::table::Table::Personas, p)));
        parents
    }
}
