//! The books: what each device's person wrote, and what the screen showed of it. The guarantees are checked against them.

use super::short;
use almanac_core::{
    key::RowRef,
    merge::group_text,
    row::Row,
    stamp::Stamp,
    table::{Group, LIFE, Table},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The last edit of a group on a device.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The stamp it has now (a shift may move it).
    pub stamp: Stamp,
    /// What was written.
    pub value: String,
    /// What the author saw or wrote there before: it must never win over the edit.
    pub before: BTreeSet<String>,
    /// Whether it left the screen.
    pub left: bool,
    /// Whether the row left the device since, for whatever reason: it cannot be given back to a restored server.
    pub let_go: bool,
    /// Whether the device has seen a later edit of the group: a restored server may have lost that one, and whoever may not write
    /// cannot give it back.
    pub superseded: bool,
}

/// What was written to a row on a device: the last edit of each group.
#[derive(Clone, Debug, Default)]
pub struct Written(pub BTreeMap<&'static str, Edit>);

impl Written {
    /// The row left for a reason the person knows of: what comes after is a new story.
    pub fn reset(&mut self) {
        for edit in self.0.values_mut() {
            edit.left = false;
            edit.before.clear();
        }
    }

    /// The row left the device.
    pub fn let_go(&mut self) {
        self.0.values_mut().for_each(|edit| edit.let_go = true);
    }

    /// What the device has of the row now: later edits supersede those made here.
    pub fn saw(&mut self, row: &Row) {
        for (group, edit) in &mut self.0 {
            edit.superseded |= row.stamps.get(*group).is_some_and(|stamp| *stamp > edit.stamp);
        }
    }

    /// What the screen shows now, and whether a backup was ever restored. In words, what is wrong with it.
    pub fn shown(&mut self, device: usize, at: &RowRef, row: Option<&Row>, restored: bool) -> Option<String> {
        let mut wrong = None;
        for (name, edit) in &mut self.0 {
            let Some(group) = at.table.group(name).filter(|g| g.name != LIFE && is_unique(at.table, g.name)) else {
                continue;
            };
            match row.map(|row| text(row, group)) {
                Some(now) if now == edit.value => {
                    if edit.left {
                        wrong = Some(format!(
                            "d{device} {}: {name} {} left the screen and came back",
                            short(at),
                            edit.value
                        ));
                    }
                }
                Some(now) => {
                    if edit.before.contains(&now) {
                        wrong = Some(format!(
                            "d{device} {}: {name} fell back to {now}, older than {}",
                            short(at),
                            edit.value
                        ));
                    }
                    // The device had let the row go, a restored server has it as it once was, until another device gives the
                    // rest back: it did not leave this screen, it was not on it.
                    edit.left |= !(edit.let_go && restored);
                }
                None => edit.left = true,
            }
        }
        wrong
    }
}

/// See the module.
#[derive(Default)]
pub struct Books {
    /// By device and row, then by group.
    pub edits: BTreeMap<(usize, RowRef), Written>,
    /// Events made so far, on all devices.
    pub events: Vec<almanac_core::Uuid>,
    /// Calendars made so far.
    pub calendars: Vec<RowRef>,
    /// A number for the next value.
    pub values: u64,
    /// Edits in all.
    pub count: u64,
}

/// The text of a group's columns.
#[must_use]
pub fn text(row: &Row, group: &Group) -> String {
    group_text(group, row)
}

/// Whether the simulation writes each value of this group only once.
#[must_use]
pub fn is_unique(table: Table, group: &str) -> bool {
    matches!(
        (table, group),
        (Table::Events, "title" | "when" | "location" | "notes") | (Table::Calendars, "name") | (Table::Overlays, "ai")
    )
}

impl Books {
    /// A value never written before.
    pub const fn fresh(&mut self) -> u64 {
        self.values += 1;
        self.values
    }

    /// Notes an edit.
    pub fn wrote(&mut self, device: usize, before: Option<&Row>, after: &Row) {
        let at = after.at();
        let Written(mine) = self.edits.entry((device, at.clone())).or_default();
        for group in at.table.all_groups() {
            let stamp = after.stamps.get(group.name);
            let Some(stamp) = stamp.filter(|stamp| before.and_then(|b| b.stamps.get(group.name)) != Some(*stamp))
            else {
                continue;
            };
            // A default is nobody's edit: it gives way to any other.
            if *stamp == Stamp::ZERO {
                continue;
            }
            self.count += 1;
            let mut seen = mine.remove(group.name).map_or_else(BTreeSet::new, |mut old| {
                old.before.insert(old.value);
                old.before
            });
            let value = text(after, group);
            seen.extend(before.map(|row| text(row, group)));
            seen.remove(&value);
            mine.insert(
                group.name,
                Edit { stamp: *stamp, value, before: seen, left: false, let_go: false, superseded: false },
            );
        }
    }

    /// The row was made and deleted before anything was sent, or its entry discarded: nothing is owed.
    pub fn forget(&mut self, device: usize, at: &RowRef, groups: Option<&BTreeSet<String>>) {
        if let Some(Written(mine)) = self.of(device, at) {
            mine.retain(|group, _| groups.is_some_and(|groups| !groups.contains(*group)));
        }
    }

    /// Another account moves in on the device: what comes to its screen from now on is a new story.
    pub fn moved_out(&mut self, device: usize) {
        for edit in self.edits.iter_mut().filter(|((of, _), _)| *of == device).flat_map(|(_, mine)| mine.0.values_mut())
        {
            edit.let_go = true;
            edit.left = false;
            edit.before.clear();
        }
    }

    /// What was written to the row here, if anything was.
    pub fn of(&mut self, device: usize, at: &RowRef) -> Option<&mut Written> {
        self.edits.get_mut(&(device, at.clone())).filter(|written| !written.0.is_empty())
    }

    /// The stamps moved. (An entry that gives a restored server its rows back also carries stamps of others.)
    pub fn shifted(&mut self, device: usize, at: &RowRef, group: &str, stamp: Stamp) {
        if let Some(edit) = self.of(device, at).and_then(|Written(mine)| mine.get_mut(group))
            && edit.stamp.device == stamp.device
        {
            edit.stamp = stamp;
        }
    }
}

/// The text of a JSON column, for the trace.
#[must_use]
pub fn brief(value: &Value) -> String {
    let text = value.to_string();
    text.chars().take(24).collect()
}
