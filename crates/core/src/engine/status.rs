//! The status people see: honest about what has not been sent and how old the data is.

use crate::{outbox::Waiting, store::SyncState};
use serde::{Deserialize, Serialize};

/// What the engine is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Not begun.
    #[default]
    Idle,
    /// The account's first rows are coming; see [`Status::progress`].
    FirstLoad,
    /// Asking or sending.
    Syncing,
    /// The last cycle reached the end of the feed. Only with nothing unsent is everything up to date.
    UpToDate,
    /// The server cannot be reached; tried again by itself.
    Offline,
    /// The session has ended: sign in again, everything is kept.
    SignInAgain,
    /// The server speaks another version: update the app, everything is kept.
    UpdateNeeded,
    /// The local database refuses (quota, disk).
    StoreTrouble,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// What the engine is about.
    pub phase: Phase,
    /// Things with unsent edits, stuck ones not counted; an event and what hangs on it are one.
    pub pending: usize,
    /// Rows that a person must look at.
    pub stuck: usize,
    /// Local ms of the oldest unsent edit.
    pub oldest_pending_ms: Option<i64>,
    /// Local ms of the last time the feed was read to its end: how old the data is.
    pub as_of_ms: Option<i64>,
    /// The first load: rows here, rows in all.
    pub progress: Option<(u64, Option<u64>)>,
    /// Whether the realtime channel is up.
    pub realtime: bool,
    /// The last failure, in words.
    pub last_error: Option<String>,
}

impl Status {
    /// Whether one may say "up to date".
    #[must_use]
    pub fn is_up_to_date(&self) -> bool {
        self.phase == Phase::UpToDate && self.pending == 0 && self.stuck == 0
    }

    pub(super) fn count(&mut self, waiting: &Waiting, state: &SyncState) {
        self.stuck = waiting.stuck;
        self.pending = waiting.things;
        self.oldest_pending_ms = waiting.oldest_ms;
        self.as_of_ms = state.caught_up_ms;
        self.progress = state.resyncing.as_ref().map(|r| (r.done, r.total));
    }
}
