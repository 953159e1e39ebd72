//! Undo and redo as new edits: only the groups that still hold the stamp of the edit being undone are written, so that
//! nobody else's edit is taken back.

use almanac_core::{
    patch::{Life, Patch},
    row::{Columns, Row},
    table::{DELETED_AT, LIFE},
};

/// A row before and after an edit.
pub(crate) type Edit = (Option<Row>, Row);

/// What was done in one go.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) edits: Vec<Edit>,
    /// The number of the notice that offers to undo it, if one does.
    pub(crate) notice: Option<u32>,
}

impl Step {
    /// The edit `undone` was taken back by `written`: its row holds again what it held before, under new stamps. What this step tells
    /// of that row bears them too, so that it can be taken back in turn.
    fn follow(&mut self, undone: &Edit, written: &Edit) {
        let (Some(held), (was, now)) = (&undone.0, written) else { return };
        for (group, new) in &now.stamps {
            // What another has changed since was left alone.
            let is_written = was.as_ref().is_none_or(|was| was.stamps.get(group) != Some(new));
            let Some(old) = held.stamps.get(group).filter(|_| is_written) else { continue };
            let rows = self.edits.iter_mut().flat_map(|(before, after)| before.iter_mut().chain([after]));
            for row in rows.filter(|row| row.at() == now.at()) {
                if let Some(stamp) = row.stamps.get_mut(group).filter(|stamp| *stamp == old) {
                    *stamp = *new;
                }
            }
        }
    }
}

/// Steps that can be undone, or done again; the last one first.
#[derive(Debug, Default)]
pub(crate) struct Steps(Vec<Step>);

impl Steps {
    /// So many are remembered.
    const DEPTH: usize = 100;

    /// One more, if anything was done; `notice` offers to undo it.
    pub(crate) fn push(&mut self, edits: Vec<Edit>, notice: Option<u32>) {
        if edits.is_empty() {
            return;
        }
        if self.0.len() == Self::DEPTH {
            self.0.remove(0);
        }
        self.0.push(Step { edits, notice });
    }

    /// The last one; with a number the one that this notice speaks of.
    pub(crate) fn take(&mut self, notice: Option<u32>) -> Option<Step> {
        match notice {
            None => self.0.pop(),
            Some(_) => self.0.iter().rposition(|step| step.notice == notice).map(|at| self.0.remove(at)),
        }
    }

    /// It could not be taken back: it stays the last one.
    pub(crate) fn give_back(&mut self, step: Step) {
        self.0.push(step);
    }

    /// Nothing is left.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// A step was taken back by writing this.
    pub(crate) fn follow(&mut self, undone: &Step, written: &[Edit]) {
        for edit in &undone.edits {
            if let Some(written) = written.iter().find(|(_, row)| row.at() == edit.1.at()) {
                self.0.iter_mut().for_each(|step| step.follow(edit, written));
            }
        }
    }
}

/// The inverse of one edit, given the row as it is now, and whether something newer had to be left alone.
pub(crate) fn inverse(before: Option<&Row>, after: &Row, now: Option<&Row>) -> (Option<Patch>, bool) {
    let at = after.at();
    let Some(now) = now else {
        return match before {
            // Deleted before it was ever sent: it is made again.
            Some(before) if before.is_live() && !after.is_live() => (Some(Patch::create(at, initial(before))), false),
            // Another has deleted it, or it is no longer to be seen here.
            Some(before) if before.is_live() => (None, true),
            _ => (None, false),
        };
    };
    let Some(before) = before else {
        // The edit made the row: undone, it is deleted, unless another wrote in it since.
        let touched = now.stamps.iter().any(|(group, stamp)| after.stamps.get(group).is_some_and(|s| s < stamp));
        return if touched || !now.is_live() { (None, touched) } else { (Some(Patch::delete(at)), false) };
    };
    if !now.is_live() && after.is_live() && before.is_live() {
        // Another has deleted it since: writing its words would bring it back for everybody.
        return (None, true);
    }
    let mut patch = Patch::update(at, Columns::new());
    let mut newer = false;
    for group in after.table.all_groups() {
        let written = after.stamps.get(group.name) != before.stamps.get(group.name);
        if !written {
            continue;
        }
        if now.stamps.get(group.name) != after.stamps.get(group.name) {
            newer = true;
            continue;
        }
        if group.name == LIFE {
            patch.life = Some(if before.is_live() { Life::Restore } else { Life::Delete });
            continue;
        }
        for column in group.columns {
            if let Some(value) = before.columns.get(*column) {
                patch.columns.insert((*column).to_owned(), value.clone());
            }
        }
    }
    let empty = patch.columns.is_empty() && patch.life.is_none();
    ((!empty).then_some(patch), newer)
}

/// What a row begins with when it is made again.
fn initial(row: &Row) -> Columns {
    let table = row.table;
    let wanted = |column: &str| {
        column != DELETED_AT && (table.group_of(column).is_some() || table.fixed_columns().contains(&column))
    };
    almanac_core::order::collect(row.columns.iter().filter(|(c, _)| wanted(c)).map(|(c, v)| (c.clone(), v.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use almanac_core::{
        key::RowRef,
        stamp::{DeviceId, Stamp},
        table::Table,
    };
    use uuid::Uuid;

    fn calendar(name: &str, stamp: u64, color: &str, color_stamp: u64) -> Row {
        let mut row = Row::empty(&RowRef::id(Table::Calendars, Uuid::from_u128(1)));
        row.columns.insert("name".into(), name.into());
        row.columns.insert("color".into(), color.into());
        row.stamps.insert("name".into(), Stamp::new(stamp, DeviceId(1)));
        row.stamps.insert("color".into(), Stamp::new(color_stamp, DeviceId(1)));
        row
    }

    #[test]
    fn only_what_the_edit_wrote_is_taken_back() {
        let (before, after) = (calendar("Home", 1, "red", 1), calendar("Work", 2, "red", 1));
        let now = calendar("Work", 2, "blue", 9);
        let (patch, newer) = inverse(Some(&before), &after, Some(&now));
        assert_eq!(patch.map(|p| p.columns), Some(Patch::delete(before.at()).set("name", "Home").columns));
        assert!(!newer, "the colour was another edit");
    }

    #[test]
    fn what_another_wrote_since_is_left_alone() {
        let (before, after) = (calendar("Home", 1, "red", 1), calendar("Work", 2, "red", 1));
        let now = calendar("Hobby", 3, "red", 1);
        assert_eq!(inverse(Some(&before), &after, Some(&now)), (None, true));
    }

    #[test]
    fn what_another_deleted_since_stays_deleted() {
        let (before, after) = (calendar("Home", 1, "red", 1), calendar("Work", 2, "red", 1));
        let mut now = after.clone();
        now.columns.insert(DELETED_AT.into(), "2026-11-22T10:00:00Z".into());
        now.stamps.insert(LIFE.into(), Stamp::new(3, DeviceId(2)));
        assert_eq!(inverse(Some(&before), &after, Some(&now)), (None, true));
        assert_eq!(inverse(Some(&before), &after, None), (None, true), "nor is it made again where it is seen no more");
    }

    #[test]
    fn undoing_a_creation_deletes() {
        let after = calendar("Work", 2, "red", 2);
        let (patch, _) = inverse(None, &after, Some(&after));
        assert_eq!(patch.and_then(|p| p.life), Some(Life::Delete));
    }
}
