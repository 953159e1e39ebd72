//! Rules of the simulated server that can be switched off, to check that a run would notice.

use std::cell::Cell;

/// A rule of the server (`docs/sync.md` §3, §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerRule {
    /// The feed is numbered at commit, not by the statement.
    NumbersAtCommit,
    /// The server merges by stamp, too.
    ServerMerges,
    /// Deleted rows stay as tombstones.
    TombstonesStay,
    /// Who may no longer see a row hears "gone".
    GoneIsFed,
    /// Who is given a role hears of the event and all its rows.
    GrantFeedsAll,
    /// What hangs on an event travels with it when it moves in time or is revived.
    ChildrenTravel,
    /// Collecting tombstones raises the floor.
    FloorIsRaised,
}

impl ServerRule {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::NumbersAtCommit,
        Self::ServerMerges,
        Self::TombstonesStay,
        Self::GoneIsFed,
        Self::GrantFeedsAll,
        Self::ChildrenTravel,
        Self::FloorIsRaised,
    ];
}

thread_local! {
    static OFF: Cell<Option<ServerRule>> = const { Cell::new(None) };
}

/// Switches a rule off on this thread, or all on again.
pub fn switch_off(rule: Option<ServerRule>) {
    OFF.with(|off| off.set(rule));
}

pub(crate) fn off(rule: ServerRule) -> bool {
    OFF.with(Cell::get) == Some(rule)
}
