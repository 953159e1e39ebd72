//! Planning the adoption: rows made without an account become rows of one, to be sent like any edit.
//!
//! Stamps stay as they are: they say when things were written, and entries made without knowing the server's clock are
//! still shifted. A row that is here already stays as it is, so that an adoption cut short is simply made again. Only
//! the profile, which every account has, is merged group by group.

use super::{Draft, local};
use crate::{
    merge::merge,
    outbox::Entry,
    row::{Columns, Row, Stamps},
    stamp::Stamp,
    store::{Plan, Snapshot, StoreError},
    table::Table,
};

pub(crate) fn plan(snapshot: Snapshot, rows: Vec<Row>, wall_ms: i64) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    for row in rows {
        let at = row.at();
        let here = draft.row(&at)?;
        let waiting = draft.entry(&at);
        if at.table == Table::Profiles {
            profile(&mut draft, row, here.as_deref(), waiting, wall_ms);
        } else if here.is_none() && waiting.is_none() {
            let groups = row.known_stamps();
            put(&mut draft, row, groups, None, true, wall_ms);
        }
    }
    draft.finish()
}

/// Only what was really written, where nothing newer is here.
fn profile(draft: &mut Draft, row: Row, here: Option<&Row>, waiting: Option<Entry>, wall_ms: i64) {
    let newer = |group: &String, stamp: &Stamp| here.and_then(|here| here.stamps.get(group)).is_none_or(|h| h < stamp);
    let mut groups = row.known_stamps();
    groups.retain(|group, stamp| *stamp > Stamp::ZERO && newer(group, stamp));
    if groups.is_empty() {
        return;
    }
    let mut written = Row { table: row.table, columns: Columns::new(), stamps: groups.clone() };
    for column in row.table.key_columns() {
        written.columns.extend(row.columns.get(*column).map(|value| ((*column).to_owned(), value.clone())));
    }
    for column in groups.keys().filter_map(|name| row.table.group(name)).flat_map(|group| group.columns) {
        written.columns.extend(row.columns.get(*column).map(|value| ((*column).to_owned(), value.clone())));
    }
    let merged = here.map_or_else(|| written.clone(), |here| merge(here, &written));
    put(draft, merged, groups, waiting, false, wall_ms);
}

fn put(draft: &mut Draft, row: Row, groups: Stamps, waiting: Option<Entry>, create: bool, wall_ms: i64) {
    let generation = draft.next_generation();
    let seen = draft.seen(&row.at());
    let mut entry = waiting.unwrap_or_else(|| Entry { create, since_ms: wall_ms, ..Entry::new(row.at(), generation) });
    entry.generation = generation;
    entry.adjusted = false;
    entry.groups.extend(groups);
    local::fill_columns(&mut entry, &row);
    draft.put_row(&row.at(), row, seen);
    draft.put_entry(entry);
}
