//! The sync state: one small record that every batch reads and may write.

use crate::{key::RowRef, outbox::Entry, stamp::DeviceId, table::Table};
use serde::{Deserialize, Serialize};

/// Where this device stands. Kept in the store, written in the same transactions as the rows it speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncState {
    /// This device in this database.
    pub device: DeviceId,
    /// Generations of entries that a request may have carried since they were written, ascending: the mark of the outbox, in
    /// one record and not in each of 500. Whoever reads entries puts it into them ([`SyncState::mark`]).
    #[serde(default)]
    pub carried: Vec<u64>,
    /// The newest stamp time issued here by the server's clock, µs.
    pub last_stamp: u64,
    /// The newest issued by this device's own clock and not shifted yet, µs; 0: none. An edit that knows the server's clock
    /// does not follow it.
    #[serde(default)]
    pub last_dark_stamp: u64,
    /// The greatest stamp time that a row of the server ever had here, µs. An edit of a row that is not here (it was
    /// forgotten, or lost) beats it: its author may have seen that row before.
    #[serde(default)]
    pub heard: u64,
    /// The last outbox generation given.
    pub generation: u64,
    /// The server database the cursor counts in; none before the first bootstrap began.
    pub epoch: Option<String>,
    /// The last feed number applied.
    pub cursor: u64,
    /// Spans of time whose events are all here, `[start, end)` ms, sorted, disjoint.
    pub coverage: Vec<(i64, i64)>,
    /// Number of the last resync begun; rows the server has confirmed since carry it.
    pub resync: u64,
    /// The bootstrap or resync under way.
    pub resyncing: Option<Resync>,
    /// Local ms of the last time the feed was read to its end.
    pub caught_up_ms: Option<i64>,
    /// How the data compare with the server's.
    #[serde(default)]
    pub checks: Checks,
    /// Local ms of the last time that old tombstones were looked for.
    #[serde(default)]
    pub tidied_ms: Option<i64>,
    /// Rows that no page of a resync had and that stayed, because the event they hang on waits to live again. Whether the
    /// server has them otherwise is asked once the event was sent.
    #[serde(default)]
    pub doubtful: Vec<RowRef>,
    /// The number of the last line of the sync log.
    #[serde(default)]
    pub log: u64,
}

impl SyncState {
    /// Says in an entry, as the store has it, whether a request may have carried it.
    pub fn mark(&self, entry: &mut Entry) {
        if self.is_carried(entry) {
            entry.sent = entry.sent.max(entry.newest());
            entry.attempted = true;
        }
    }

    pub(crate) fn is_carried(&self, entry: &Entry) -> bool {
        self.carried.binary_search(&entry.generation).is_ok()
    }

    /// The same for many.
    #[must_use]
    pub fn marked(&self, mut entries: Vec<Entry>) -> Vec<Entry> {
        entries.iter_mut().for_each(|entry| self.mark(entry));
        entries
    }
}

/// What comparing digests with the server has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checks {
    /// Local ms of the last comparison.
    pub checked_ms: Option<i64>,
    /// Tables that differed the last time: differing once more, they are repaired.
    pub suspects: Vec<Table>,
    /// Local ms of the last repair; at most one a day.
    pub repaired_ms: Option<i64>,
    /// What was repaired then.
    pub repaired: Vec<Table>,
    /// Tables that still differ after a repair.
    pub unlike: Vec<Table>,
}

/// A bootstrap or resync under way. It survives a restart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resync {
    /// The first page's head: becomes the cursor at the end.
    pub at: Option<u64>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// The window asked for now, ms.
    pub window: (i64, i64),
    /// Windows still to be asked for: all that was covered must be here again before anything is swept, or what lies
    /// further out would leave the screen.
    #[serde(default)]
    pub left: Vec<(i64, i64)>,
    /// Windows fetched in this resync; the first came with everything that is no event.
    #[serde(default)]
    pub fetched: Vec<(i64, i64)>,
    /// The epoch of its pages.
    pub epoch: Option<String>,
    /// Rows of all pages, once told.
    pub total: Option<u64>,
    /// Rows applied.
    pub done: u64,
    /// Whether the server is another database than before: what it lacks is sent again.
    pub new_epoch: bool,
    /// Repairs a difference: what is newer here is sent again, and what the server lacks if it was written after this time
    /// (µs). Older rows may be missing there because their tombstones were collected.
    #[serde(default)]
    pub repair_since: Option<u64>,
}
