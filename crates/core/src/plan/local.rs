//! Planning a person's edits: new stamps, the row, its outbox entry.

use super::Draft;
use crate::{
    key::RowRef,
    merge::{jsonb_text, normalise_life},
    mutation::{Mutation, off},
    order,
    outbox::Entry,
    patch::{BadPatch, Life, Patch},
    row::{Columns, Row, Stamps},
    stamp::Stamp,
    store::{LocalTime, Plan, Snapshot, StoreError},
    table::{DELETED_AT, Group, LIFE},
};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn plan(snapshot: Snapshot, patches: Vec<Patch>, at: LocalTime) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    for patch in patches {
        patch.check()?;
        edit(&mut draft, &patch, at)?;
    }
    draft.finish()
}

fn edit(draft: &mut Draft, patch: &Patch, time: LocalTime) -> Result<(), StoreError> {
    let before = draft.row(&patch.at)?.map(Arc::unwrap_or_clone);
    let entry = draft.entry(&patch.at);
    // A row deleted before the server ever heard of it is gone for good: such a delete leaves no tombstone to send.
    let unattempted = |e: &Entry| !e.attempted || off(Mutation::VanishOnlyUnattempted);
    let vanishes = entry.as_ref().is_some_and(|e| e.create && unattempted(e));
    if patch.life == Some(Life::Delete) && vanishes {
        if let Some(row) = before {
            let mut after = row.clone();
            after.columns.insert(DELETED_AT.to_owned(), Value::from(crate::time::text_of_micros(time.now)));
            draft.outcome.edits.push((Some(row), after));
        }
        draft.remove_row(&patch.at);
        draft.remove_entry(&patch.at);
        return Ok(());
    }
    let Some(edited) = edited(patch, before.as_ref())? else { return Ok(()) };
    let stamp = next_stamp(draft, patch, before.as_ref(), time);
    let mut row = before.clone().unwrap_or_else(|| Row::empty(&patch.at));
    let mut groups = Stamps::new();
    for (column, value) in edited {
        if let Some(group) = patch.at.table.group_of(&column) {
            let is_default = before.is_none() && is_default(patch, group);
            groups.insert(group.name.to_owned(), if is_default { Stamp::ZERO } else { stamp });
        }
        row.columns.insert(column, value);
    }
    if groups.contains_key(LIFE) && row.columns.get(DELETED_AT).is_some_and(|v| !v.is_null()) {
        row.columns.insert(DELETED_AT.to_owned(), Value::from(crate::time::text_of_micros(stamp.micros)));
    }
    row.stamps.extend(groups.iter().map(|(group, stamp)| (group.clone(), *stamp)));
    normalise_life(&mut row);
    let entry = joined(draft, entry, &row, groups, time, before.as_ref());
    // Of a row made here the server's answer is the first word, and it then need not be written again for its number.
    let seen = if before.is_none() { draft.state.resync } else { draft.seen(&patch.at) };
    draft.put_row(&patch.at, row.clone(), seen);
    draft.put_entry(entry);
    draft.outcome.edits.push((before, row));
    Ok(())
}

/// What an edit of a row that is not here begins it with: nobody chose it, and the server may have the row, with what
/// somebody did choose. (What makes a row without editing it is all meant.)
fn is_default(patch: &Patch, group: &Group) -> bool {
    !patch.columns.is_empty() && !group.columns.iter().any(|column| patch.columns.contains_key(*column))
}

/// The columns that the patch really changes; none if it changes nothing.
fn edited(patch: &Patch, before: Option<&Row>) -> Result<Option<Columns>, StoreError> {
    let delete = || (DELETED_AT.to_owned(), Value::from("now"));
    let restore = || (DELETED_AT.to_owned(), Value::Null);
    let mut columns = Columns::new();
    match (before, &patch.initial) {
        (None, None) => return Err(BadPatch::Missing(patch.at.clone()).into()),
        (None, Some(initial)) => columns.extend(initial.clone()),
        (Some(row), Some(initial)) if !row.is_live() => {
            let grouped = initial.iter().filter(|(c, _)| patch.at.table.group_of(c).is_some());
            columns.extend(grouped.map(|(c, v)| (c.clone(), v.clone())));
            columns.extend([restore()]);
        }
        (Some(_), _) => {}
    }
    let differs = |column: &str, value: &Value| {
        let now = before.and_then(|row| row.columns.get(column)).unwrap_or(&Value::Null);
        // By the text that PostgreSQL gives them: 1.0 and 1 are one number.
        now != value && jsonb_text(now) != jsonb_text(value)
    };
    for (column, value) in &patch.columns {
        if columns.contains_key(column) || differs(column, value) {
            columns.insert(column.clone(), value.clone());
        }
    }
    match (patch.life, before.map(Row::is_live)) {
        (Some(Life::Delete), Some(true) | None) => columns.extend([delete()]),
        (Some(Life::Restore), Some(false)) => columns.extend([restore()]),
        _ => {}
    }
    for value in columns.values_mut() {
        strip_nul(value);
    }
    Ok((!columns.is_empty()).then_some(columns))
}

/// U+0000 is the one character that PostgreSQL's text cannot hold: a single one would fail a whole request.
fn strip_nul(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => text.retain(|c| c != '\0'),
        Value::Array(items) => items.iter_mut().for_each(strip_nul),
        Value::Object(map) => map.values_mut().for_each(strip_nul),
        _ => {}
    }
}

/// Greater than every stamp issued here by the same clock and than the version the author saw, or may have seen before it
/// left.
fn next_stamp(draft: &mut Draft, patch: &Patch, before: Option<&Row>, time: LocalTime) -> Stamp {
    let now = time.now;
    if patch.untouched && before.is_none() {
        return Stamp::ZERO;
    }
    let seen = before.map_or_else(|| super::unseen_floor(&draft.state, now), |row| row.updated_at().saturating_add(1));
    let seen = if off(Mutation::StampBeatsSeen) { 0 } else { seen };
    let state = &mut draft.state;
    let last = if time.adjusted { state.last_stamp } else { state.last_stamp.max(state.last_dark_stamp) };
    let micros = now.max(last.saturating_add(1)).max(seen);
    *(if time.adjusted { &mut state.last_stamp } else { &mut state.last_dark_stamp }) = micros;
    Stamp::new(micros, state.device)
}

/// The entry with this edit joined to what waits already.
fn joined(
    draft: &mut Draft,
    entry: Option<Entry>,
    row: &Row,
    groups: Stamps,
    time: LocalTime,
    before: Option<&Row>,
) -> Entry {
    let generation = draft.next_generation();
    let mut entry = entry.unwrap_or_else(|| Entry {
        create: before.is_none(),
        since_ms: time.wall_ms,
        base: before.map(Row::to_json),
        ..Entry::new(row.at(), generation)
    });
    entry.generation = generation;
    entry.attempts = 0;
    entry.not_before_ms = 0;
    // Editing is one of the ways out of "stuck": the new version is sent again.
    entry.stuck = None;
    if entry.adjusted && !time.adjusted {
        entry.known = entry.newest();
    }
    entry.adjusted &= time.adjusted;
    if entry.since_ms == 0 {
        entry.since_ms = time.wall_ms;
    }
    entry.groups.extend(groups);
    fill_columns(&mut entry, row);
    entry
}

/// Puts the columns of the entry's groups into it, as the row has them now.
pub(crate) fn fill_columns(entry: &mut Entry, row: &Row) {
    let table = row.table;
    let mut columns = identity(row, &entry.at);
    for group in table.all_groups().filter(|g| entry.groups.contains_key(g.name)) {
        for column in group.columns {
            let value = row.columns.get(*column).cloned().unwrap_or(Value::Null);
            columns.insert((*column).to_owned(), value);
        }
    }
    entry.columns = columns;
}

/// Key and fixed columns, as far as the row has them.
fn identity(row: &Row, at: &RowRef) -> Columns {
    let names = at.table.key_columns().iter().chain(at.table.fixed_columns());
    order::collect(names.filter_map(|c| row.columns.get(*c).map(|v| ((*c).to_owned(), v.clone()))))
}

/// The entry that gives a restored server these groups of a row back, joined to what waits already.
pub(crate) fn restoring(
    draft: &mut Draft,
    entry: Option<Entry>,
    row: &Row,
    groups: Stamps,
    base: Option<Value>,
) -> Result<Entry, StoreError> {
    let generation = draft.next_generation();
    let sent = known_elsewhere(entry.as_ref(), row, &groups)?;
    let entry = entry.unwrap_or_else(|| Entry::new(row.at(), generation));
    let known = order::collect(groups.into_iter().filter(|(group, _)| row.table.group(group).is_some()));
    // What another server refused, this one may take.
    let sent = sent.max(entry.sent);
    let create = base.is_none();
    let mut entry = Entry { generation, groups: known, create, attempted: true, sent, stuck: None, base, ..entry };
    fill_columns(&mut entry, row);
    Ok(entry)
}

/// The greatest stamp time (µs) of the row that the former server had. Others may have it from there and give it back as well:
/// it never moves, and no edit that saw it falls below it.
fn known_elsewhere(entry: Option<&Entry>, row: &Row, groups: &Stamps) -> Result<u64, StoreError> {
    let base = entry.and_then(|entry| entry.base.clone());
    let seen = base.map(|base| Row::from_json(row.table, base)).transpose()?.map_or(0, |base| base.updated_at());
    let waits = |group: &str, stamp: &Stamp| entry.is_some_and(|entry| entry.groups.get(group) == Some(stamp));
    let given = groups.iter().filter(|(group, stamp)| !waits(group, stamp)).map(|(_, stamp)| stamp.micros);
    Ok(given.fold(seen, u64::max))
}
