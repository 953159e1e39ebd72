//! Batches: what is written, what must be read for it, and the plan of the writes.

use crate::{
    changes::Changes,
    key::RowRef,
    log::{Happened, Line},
    outbox::Entry,
    patch::Patch,
    plan,
    row::{Row, Span},
    store::{Checks, StoreError, Stored, SyncState},
};
use std::{collections::BTreeMap, sync::Arc};

/// A write, as data. Each is one transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Batch {
    /// A person's edits.
    CommitLocal {
        /// The edits; all or none.
        patches: Vec<Patch>,
        /// When.
        at: LocalTime,
    },
    /// Rows made without an account, rewritten ([`crate::adopt::rewritten`]): rows of this one from now on. Doing it again
    /// changes nothing.
    Adopt {
        /// The rows.
        rows: Vec<Row>,
        /// Wall clock, ms.
        wall_ms: i64,
    },
    /// Rows from the server.
    ApplyRemote(RemoteBatch),
    /// Marks due entries as attempted and returns them. [`Outcome::applied`] is false, and nothing is marked, when some were
    /// stamped without the server's clock: [`Batch::ShiftStamps`] comes first.
    OutboxTake {
        /// Wall clock, ms.
        now_ms: i64,
        /// At most so many entries.
        limit: usize,
        /// At most so many bytes, unless the first alone is larger.
        max_bytes: usize,
        /// Only those that come after this row: those up to it are under way.
        after: Option<RowRef>,
    },
    /// Takes the mark from entries that were taken and then not sent.
    OutboxPutBack {
        /// As they were handed out.
        taken: Vec<Entry>,
    },
    /// What became of entries that were sent.
    OutboxSettle {
        /// One per entry.
        settlements: Vec<Settlement>,
        /// The head the answered rows were read at; rows apply only if the cursor has not passed it.
        at: u64,
    },
    /// Sends a stuck entry again.
    Retry(RowRef),
    /// Drops an entry: the row becomes what the server last had, or leaves.
    Discard(RowRef),
    /// First opening: names the device.
    Init {
        /// The device's random id.
        device: crate::stamp::DeviceId,
    },
    /// Adds µs to the stamps that were made without knowing the server's clock and that no request has carried; order is
    /// kept, and none falls below the version its author saw or goes into the future.
    ShiftStamps {
        /// Added to each, may be negative.
        by_micros: i64,
        /// The server's clock, µs.
        now: u64,
    },
    /// Brings the stamps that the server refused as ahead of its clock down to it; order is kept.
    ShiftRefused {
        /// The entries as they were taken.
        taken: Vec<Entry>,
        /// The server's clock, µs.
        now: u64,
    },
    /// Begins a bootstrap or resync.
    BeginResync {
        /// The event window to fetch, ms.
        window: (i64, i64),
        /// Whether the server is another database than before.
        new_epoch: bool,
        /// See [`Resync::repair_since`](crate::store::Resync::repair_since).
        repair_since: Option<u64>,
    },
    /// Notes how the data compare with the server's.
    Checked(Checks),
    /// Gives up all coverage but these spans (ms): what lies outside may be forgotten.
    Uncover {
        /// What stays covered, as far as it was.
        keep: Vec<(i64, i64)>,
    },
    /// Removes rows that need not be kept, but none with an unsent edit.
    Forget {
        /// The rows.
        rows: Vec<RowRef>,
    },
    /// Notes that old tombstones were looked for.
    Tidied {
        /// Wall clock, ms.
        local_ms: i64,
    },
    /// Adds lines to the sync log.
    Log {
        /// When (local ms) and what.
        lines: Vec<(i64, Happened)>,
    },
    /// Notes that the feed was read to its end.
    CaughtUp {
        /// Wall clock, ms.
        local_ms: i64,
    },
}

/// The moment of a local edit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalTime {
    /// The server's clock as far as it is known, µs since 1970.
    pub now: u64,
    /// Whether the offset to the server's clock is known.
    pub adjusted: bool,
    /// The wall clock, ms since 1970.
    pub wall_ms: i64,
}

/// Rows from the server and what they mean for the cursor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoteBatch {
    /// Rows, tombstones included.
    pub rows: Vec<Row>,
    /// Rows one may no longer see.
    pub gone: Vec<RowRef>,
    /// The head of the snapshot they were read in.
    pub at: u64,
    /// The cursor after them (a page of the feed).
    pub cursor: Option<u64>,
    /// A span that is complete with them, ms.
    pub coverage: Option<(i64, i64)>,
    /// A page of the bootstrap or resync under way.
    pub resync: Option<ResyncStep>,
    /// What was asked for by name and answered: see [`SyncState::doubtful`](crate::store::SyncState::doubtful).
    pub named: Vec<RowRef>,
}

/// What a page says about the bootstrap under way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResyncStep {
    /// The epoch it was read in.
    pub epoch: String,
    /// The next page; none at the end.
    pub next: Option<String>,
    /// Rows of all pages, told with the first.
    pub total: Option<u64>,
}

/// What became of one sent entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// The row.
    pub at: RowRef,
    /// The generation that was sent.
    pub generation: u64,
    /// The verdict.
    pub verdict: Verdict,
}

/// A verdict on one entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The server holds it; its row as it is now.
    Done(Row),
    /// The server refused it: set aside, with the server's row if one may see it.
    Refused {
        /// Code and words.
        reason: crate::outbox::StuckReason,
        /// The server's row.
        row: Option<Row>,
    },
    /// Not now: to be sent again after this local ms.
    Deferred {
        /// Local ms.
        until_ms: i64,
    },
}

/// Entries that may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Wall clock, ms.
    pub now_ms: i64,
    /// At most so many due entries, in push order.
    pub limit: usize,
    /// Only those that come after this row.
    pub after: Option<RowRef>,
}

/// What the store reads before [`Batch::plan`]. The sync state is always read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// Rows and their outbox entries.
    pub rows: Vec<RowRef>,
    /// Due entries, and besides them all stuck ones.
    pub due: Option<Due>,
    /// All outbox entries and their rows.
    pub all_entries: bool,
    /// All rows whose `seen` is not this.
    pub unseen: Option<u64>,
}

/// What the store read.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The sync state.
    pub state: SyncState,
    /// The rows asked for that are there, and unseen ones.
    pub rows: BTreeMap<RowRef, Stored>,
    /// The entries asked for that are there; with `due` or `all_entries` those too.
    pub entries: BTreeMap<RowRef, Arc<Entry>>,
    /// What `rows` read as, where the store knows it already. A store on disk has only the text.
    pub read: BTreeMap<RowRef, Arc<Row>>,
    /// Whether the store keeps all rows as they read, and texts only where it is asked for them: then plans make none.
    pub textless: bool,
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// The record. Its text is empty where the snapshot was [textless](Snapshot::textless).
    pub stored: Stored,
    /// What its text reads as.
    pub row: Arc<Row>,
    /// Whether the row lives (dead ones are left out of queries).
    pub live: bool,
    /// The span of an event, for the overlap index.
    pub span: Option<Span>,
}

/// The writes of a batch. Keys in `puts` and `deletes` are disjoint, likewise for entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The new sync state, if it changed.
    pub state: Option<SyncState>,
    /// Rows written.
    pub puts: Vec<Put>,
    /// Rows removed.
    pub deletes: Vec<RowRef>,
    /// Entries written.
    pub put_entries: Vec<Entry>,
    /// Entries removed.
    pub delete_entries: Vec<RowRef>,
    /// Lines of the sync log, each for its slot.
    pub log: Vec<Line>,
    /// What the caller gets after the commit.
    pub outcome: Outcome,
}

/// What a batch did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// What changed, for live queries and other tabs. Core announces it after the commit.
    pub changes: Changes,
    /// [`Batch::OutboxTake`]: the entries to send. [`Batch::ShiftStamps`] and others: empty.
    pub taken: Vec<Entry>,
    /// [`Batch::CommitLocal`]: each edited row before and after, for undo.
    pub edits: Vec<(Option<Row>, Row)>,
    /// False when rows were left out: the cursor had passed their snapshot, or they meet edits made without the server's
    /// clock ([`Batch::ShiftStamps`] comes first). Ask again.
    pub applied: bool,
}

impl Batch {
    /// Whether the server can send again what the batch writes: then it need not wait for the disk.
    #[must_use]
    pub const fn is_repeatable(&self) -> bool {
        matches!(
            self,
            Self::ApplyRemote(_)
                | Self::OutboxSettle { .. }
                | Self::OutboxPutBack { .. }
                | Self::BeginResync { .. }
                | Self::CaughtUp { .. }
                | Self::Checked(_)
                | Self::Uncover { .. }
                | Self::Forget { .. }
                | Self::Tidied { .. }
                | Self::Log { .. }
        )
    }

    /// What must be read before planning.
    #[must_use]
    pub fn reads(&self, state: &SyncState) -> Reads {
        match self {
            Self::CommitLocal { patches, .. } => {
                Reads { rows: patches.iter().map(|p| p.at.clone()).collect(), ..Reads::default() }
            }
            Self::Adopt { rows, .. } => Reads { rows: rows.iter().map(Row::at).collect(), ..Reads::default() },
            Self::ApplyRemote(batch) => plan::remote::reads(batch, state),
            Self::OutboxTake { now_ms, limit, after, .. } => {
                let due = Due { now_ms: *now_ms, limit: *limit, after: after.clone() };
                Reads { due: Some(due), ..Reads::default() }
            }
            Self::OutboxSettle { settlements, .. } => {
                Reads { rows: settlements.iter().map(|s| s.at.clone()).collect(), ..Reads::default() }
            }
            Self::Retry(at) | Self::Discard(at) => Reads { rows: vec![at.clone()], ..Reads::default() },
            Self::ShiftRefused { .. } | Self::ShiftStamps { .. } => Reads { all_entries: true, ..Reads::default() },
            Self::Forget { rows } => Reads { rows: rows.clone(), ..Reads::default() },
            Self::Init { .. }
            | Self::BeginResync { .. }
            | Self::CaughtUp { .. }
            | Self::Checked(_)
            | Self::OutboxPutBack { .. }
            | Self::Uncover { .. }
            | Self::Tidied { .. }
            | Self::Log { .. } => Reads::default(),
        }
    }

    /// The writes. Pure: the same batch and snapshot give the same plan.
    ///
    /// # Errors
    /// [`StoreError::Patch`] or [`StoreError::Corrupt`]; then nothing may be written.
    pub fn plan(self, snapshot: Snapshot) -> Result<Plan, StoreError> {
        match self {
            Self::CommitLocal { patches, at } => plan::local::plan(snapshot, patches, at),
            Self::Adopt { rows, wall_ms } => plan::adopt::plan(snapshot, rows, wall_ms),
            Self::ApplyRemote(batch) => plan::remote::plan(snapshot, batch),
            Self::OutboxTake { limit, max_bytes, now_ms, .. } => {
                Ok(plan::outbox::take(snapshot, now_ms, limit, max_bytes))
            }
            Self::OutboxPutBack { taken } => Ok(plan::outbox::put_back(snapshot, &taken)),
            Self::OutboxSettle { settlements, at } => plan::outbox::settle(snapshot, settlements, at),
            Self::Retry(at) => plan::outbox::retry(snapshot, &at),
            Self::Discard(at) => plan::outbox::discard(snapshot, &at),
            Self::ShiftStamps { by_micros, now } => plan::outbox::shift(snapshot, by_micros, now),
            Self::ShiftRefused { taken, now } => plan::outbox::shift_refused(snapshot, &taken, now),
            Self::Init { device } => Ok(plan::session::init(snapshot, device)),
            Self::BeginResync { window, new_epoch, repair_since } => {
                Ok(plan::session::begin_resync(snapshot, window, new_epoch, repair_since))
            }
            Self::Checked(checks) => Ok(plan::session::checked(snapshot, checks)),
            Self::Uncover { keep } => Ok(plan::keep::uncover(snapshot, &keep)),
            Self::Forget { rows } => plan::keep::forget(snapshot, &rows),
            Self::Tidied { local_ms } => Ok(plan::session::tidied(snapshot, local_ms)),
            Self::Log { lines } => Ok(plan::session::log(snapshot, lines)),
            Self::CaughtUp { local_ms } => Ok(plan::session::caught_up(snapshot, local_ms)),
        }
    }
}
