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
    /// The newest event becomes one that the server chokes on.
    Poison,
}

impl Temper {
    /// A run's own.
    #[must_use]
    pub fn draw(lots: &impl Chance) -> Self {
        let (crashes, clocks, operator, partitions) =
            (lots.chance(600), lots.chance(400), lots.chance(250), lots.chance(600));
        Self { crashes, clocks, operator, partitions, poison: lots.chance(50) }
    }

    /// What happens next, if anything.
    #[must_use]
    pub fn next(&self, lots: &impl Chance) -> Option<Mischief> {
        match lots.below(12) {
            0 | 1 if self.crashes => Some(Mischief::Crash(lots.below(12))),
            2 | 3 if self.partitions => Some(Mischief::Partition),
            4 if self.clocks => Some(Mischief::SetClock),
            5 => Some(Mischief::DropChannel),
            6 if self.operator => Some(Mischief::BackUp),
            7 if self.operator && lots.chance(250) => Some(Mischief::Restore),
            8 if self.operator => Some(Mischief::Collect),
            9 | 10 => Some(Mischief::SqlEdit),
            11 if self.poison => Some(Mischief::Poison),
            _ => None,
        }
    }
}
