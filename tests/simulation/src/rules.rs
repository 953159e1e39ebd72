//! Rules of the simulated world, which are not the engine's, and can be switched off, to check that a run would notice.

use std::cell::Cell;

/// A rule of the server (`docs/sync.md`), or of what a device does around its engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorldRule {
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
    /// Another account does not find the database of the one before. (`crates/data` opens another one.)
    AccountsAreApart,
    /// Nobody is signed out of a device, and its database emptied, while anything is unsent.
    UnsentKeepsSignedIn,
}

impl WorldRule {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::NumbersAtCommit,
        Self::ServerMerges,
        Self::TombstonesStay,
        Self::GoneIsFed,
        Self::GrantFeedsAll,
        Self::ChildrenTravel,
        Self::FloorIsRaised,
        Self::AccountsAreApart,
        Self::UnsentKeepsSignedIn,
    ];
}

thread_local! {
    static OFF: Cell<Option<WorldRule>> = const { Cell::new(None) };
}

/// Switches a rule off on this thread, or all on again.
pub fn switch_off(rule: Option<WorldRule>) {
    OFF.with(|off| off.set(rule));
}

pub(crate) fn off(rule: WorldRule) -> bool {
    OFF.with(Cell::get) == Some(rule)
}
