//! What goes wrong beside the network: power, clocks, operators.

use super::Chance;

/// What may go wrong in a run. Each draws its own.
#[derive(Clone, Copy, Debug)]
pub struct Temper {
    crashes: bool,
    clocks: bool,
    operator: bool,
    partitions: bool,
    poison: bool,
    rot: bool,
    accounts: bool,
}

/// Something that happens to a device, or to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mischief {
    /// The device loses power after so many more transactions.
    Crash(u64),
    /// The device loses the network, or has it back.
    Partition,
    /// Its clock is set.
    SetClock,
    /// Its realtime channel falls.
    DropChannel,
    /// The operator takes a backup.
    BackUp,
    /// The operator brings the backup back, as another epoch.
    Restore,
    /// Old tombstones are collected.
    Collect,
    /// Someone edits a row by plain SQL.
    SqlEdit,
    /// One of its tabs is closed, or crashes; it is opened again later.
    CloseTab,
    /// A row vanishes from its disk, and nobody is told.
    Rot,
    /// Its person signs out, and someone signs in there.
    SwitchAccount,
    /// The newest event becomes one that the server chokes on.
    Poison,
}

impl Temper {
    /// A run's own.
    #[must_use]
    pub fn draw(lots: &impl Chance) -> Self {
        let (crashes, clocks, operator, partitions) =
            (lots.chance(600), lots.chance(400), lots.chance(250), lots.chance(600));
        let (poison, rot, accounts) = (lots.chance(50), lots.chance(150), lots.chance(150));
        Self { crashes, clocks, operator, partitions, poison, rot, accounts }
    }

    /// Nothing goes wrong by itself.
    #[must_use]
    pub const fn calm() -> Self {
        let no = false;
        Self { crashes: no, clocks: no, operator: no, partitions: no, poison: no, rot: no, accounts: no }
    }

    /// Whether backups may be restored in this run.
    #[must_use]
    pub const fn restores(&self) -> bool {
        self.operator
    }

    /// What happens next, if anything.
    #[must_use]
    pub fn next(&self, lots: &impl Chance) -> Option<Mischief> {
        match lots.below(16) {
            0 | 1 if self.crashes => Some(Mischief::Crash(lots.below(12))),
            2 | 3 if self.partitions => Some(Mischief::Partition),
            4 if self.clocks => Some(Mischief::SetClock),
            5 => Some(Mischief::DropChannel),
            6 if self.operator => Some(Mischief::BackUp),
            7 if self.operator && lots.chance(250) => Some(Mischief::Restore),
            8 if self.operator => Some(Mischief::Collect),
            9 | 10 => Some(Mischief::SqlEdit),
            11 if self.poison => Some(Mischief::Poison),
            12 | 13 => Some(Mischief::CloseTab),
            14 if self.rot => Some(Mischief::Rot),
            15 if self.accounts => Some(Mischief::SwitchAccount),
            _ => None,
        }
    }
}
