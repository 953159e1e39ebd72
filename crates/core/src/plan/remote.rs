//! Planning what arrives: every row goes through merge, and an entry ends only where the server's stamps say so.

use super::{Draft, local};
use crate::{
    coverage,
    key::RowRef,
    merge::{merge, merge_into, settled_groups},
    mutation::{Mutation, off},
    outbox::{Entry, StuckReason},
    row::{Row, Stamps},
    stamp::Stamp,
    store::{Plan, Reads, RemoteBatch, Snapshot, StoreError, SyncState},
    table::{DELETED_AT, LIFE, Table},
};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

pub(crate) fn reads(batch: &RemoteBatch, state: &SyncState) -> Reads {
    let mut rows: Vec<RowRef> = batch.rows.iter().map(Row::at).chain(batch.gone.iter().cloned()).collect();
    crate::order::sort(&mut rows);
    rows.dedup();
    let last_window = state.resyncing.as_ref().is_none_or(|resync| resync.left.is_empty());
    let last = last_window && batch.resync.as_ref().is_some_and(|step| step.next.is_none());
    Reads { rows, unseen: last.then_some(state.resync), ..Reads::default() }
}

pub(crate) fn plan(snapshot: Snapshot, batch: RemoteBatch) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    let resyncing = batch.resync.is_some() && draft.state.resyncing.is_some();
    if batch.resync.is_some() && !resyncing {
        // A page of a resync that was given up meanwhile.
        draft.outcome.applied = false;
        return draft.finish();
    }
    // A snapshot older than what was applied must not bring back what left since.
    if !resyncing && draft.state.cursor > batch.at {
        draft.outcome.applied = false;
        return draft.finish();
    }
    // A restored server, or one that should hold the same and does not: what it lacks is given back.
    let gives_back = |r: &crate::store::Resync| r.new_epoch || r.repair_since.is_some();
    let new_epoch = resyncing && draft.state.resyncing.as_ref().is_some_and(gives_back);
    // Its stamps are those of a wrong clock (another tab's, which does not sync): compared with the server's they might lose
    // to an earlier edit. They are moved first, also where they go with a row that is given back: from then on they stay.
    let shifts = !off(Mutation::StampsShift) && !off(Mutation::OtherTabsShift);
    let in_the_dark = |at: &RowRef| draft.entry_ref(at).is_some_and(Entry::is_in_the_dark);
    let meets = draft.has_entries() && batch.rows.iter().any(|row| in_the_dark(&row.at()));
    if shifts && (meets || new_epoch && draft.row_refs().iter().any(in_the_dark)) {
        draft.outcome.applied = false;
        return draft.finish();
    }
    let count = batch.rows.len() as u64;
    for row in batch.rows {
        absorb(&mut draft, row, new_epoch)?;
    }
    for at in &batch.gone {
        // It was edited since it was asked for: the answer to that edit decides.
        if !(batch.named.contains(at) && draft.entry_ref(at).is_some()) {
            gone(&mut draft, at)?;
        }
    }
    draft.state.doubtful.retain(|at| !batch.named.contains(at));
    if let Some(step) = batch.resync {
        resync_page(&mut draft, step, batch.at, count)?;
    } else {
        if let Some(cursor) = batch.cursor {
            let cursor = if off(Mutation::CursorIsTheLastNumber) { batch.at } else { cursor };
            draft.state.cursor = draft.state.cursor.max(cursor);
        }
        if let Some(span) = batch.coverage {
            coverage::add(&mut draft.state.coverage, span);
        }
    }
    draft.finish()
}

/// Merges a row of the server into the local one and into what its entry remembers of the server.
pub(crate) fn absorb(draft: &mut Draft, incoming: Row, new_epoch: bool) -> Result<(), StoreError> {
    let at = incoming.at();
    draft.hear(&incoming);
    let resync = draft.state.resync;
    let local = draft.row(&at)?;
    let entry = draft.entry(&at);
    if local.is_none() && entry.is_none() && !incoming.is_live() {
        return Ok(());
    }
    // A tombstone that everyone else has collected, and the row was made again since: the server's word is the last. (Also
    // where the row lives here, because it was edited after its deletion.)
    let life = |row: &Row| row.stamps.get(LIFE).copied();
    let made_again =
        |local: &Row| !off(Mutation::CollectedGivesWay) && incoming.is_live() && life(&incoming) < life(local);
    let local = local.filter(|local| new_epoch || !made_again(local));
    let local = local.map(|local| give_way(local, &incoming));
    if entry.is_none() && !new_epoch {
        match local {
            // Mostly one's own edit coming back.
            Some(local) if local.is_live() && *local == incoming => draft.keep_row(&at, local, resync),
            Some(local) => draft.put_row(&at, merge_into(incoming, &local), resync),
            None => draft.put_row(&at, incoming, resync),
        }
        return Ok(());
    }
    // A row that left and is back shows what was written about it meanwhile.
    let local = local.or_else(|| entry.as_ref().map(|entry| Arc::new(entry.as_row())));
    let merged = match &local {
        Some(local) => merge(local, &incoming),
        None => incoming.clone(),
    };
    if off(Mutation::PendingIsMerged) && entry.is_some() && !new_epoch {
        draft.put_row(&at, incoming, resync);
        return Ok(());
    }
    let narrow = off(Mutation::RestoredWidensEntries) && entry.is_some();
    let new_epoch = new_epoch && !narrow && !off(Mutation::RestoredGetsItBack);
    if let (true, Some(local)) = (new_epoch, &local) {
        // After a restore the server may have lost edits that this device knows: they become pending again.
        // (Groups of a newer version among them cannot be sent from here.)
        let mut lost: Stamps = local.known_stamps();
        lost.retain(|group, stamp| incoming.stamps.get(group) < Some(&*stamp));
        if lost.is_empty() {
            draft.remove_entry(&at);
        } else {
            let entry = local::restoring(draft, entry, &merged, lost, Some(incoming.to_json()))?;
            draft.put_entry(entry);
        }
        draft.put_row(&at, merged, resync);
        return Ok(());
    }
    if let Some(mut entry) = entry {
        if strip(&mut entry, &incoming) {
            draft.remove_entry(&at);
        } else {
            remember_base(&mut entry, &incoming)?;
            draft.put_entry(entry);
        }
    }
    draft.put_row(&at, merged, resync);
    Ok(())
}

/// Defaults that nobody touched here give way to the server's, whatever their text: they are sent only with a new row, so
/// between two defaults the device and the server would never agree.
fn give_way(mut local: Arc<Row>, incoming: &Row) -> Arc<Row> {
    for group in incoming.table.groups() {
        let untouched = local.stamps.get(group.name) == Some(&Stamp::ZERO);
        if untouched && incoming.stamps.contains_key(group.name) {
            let local = Arc::make_mut(&mut local);
            local.stamps.remove(group.name);
            for column in group.columns {
                local.columns.remove(*column);
            }
        }
    }
    local
}

/// Takes out of the entry what the server has already, or has newer. True when nothing is left to send.
pub(crate) fn strip(entry: &mut Entry, server: &Row) -> bool {
    for group in settled_groups(entry.at.table, &entry.groups, server) {
        entry.groups.remove(&group);
        if let Some(group) = entry.at.table.group(&group) {
            for column in group.columns {
                entry.columns.remove(*column);
            }
        }
    }
    entry.create = false;
    entry.groups.is_empty()
}

/// Keeps the entry's picture of the server's row up to date.
pub(crate) fn remember_base(entry: &mut Entry, server: &Row) -> Result<(), StoreError> {
    let base = entry.base.take().map(|base| Row::from_json(entry.at.table, base)).transpose()?;
    // Not what was there before the server collected it, and the row was made again.
    let base = base.filter(|base| !(server.is_live() && server.stamps.get(LIFE) < base.stamps.get(LIFE)));
    let base = base.map_or_else(|| server.clone(), |base| merge(&base, server));
    entry.base = Some(base.to_json());
    Ok(())
}

/// A row one may no longer see leaves; what was written about it stays, stuck.
fn gone(draft: &mut Draft, at: &RowRef) -> Result<(), StoreError> {
    if off(Mutation::GoneTakesTheRow) {
        return Ok(());
    }
    if let Some(mut entry) = draft.entry(at) {
        if entry.create && !entry.attempted {
            return Ok(());
        }
        if entry.is_nobodys(draft.state.device) {
            draft.remove_entry(at);
            draft.remove_row(at);
            return Ok(());
        }
        entry.base = None;
        entry.stuck =
            Some(StuckReason { code: "gone".to_owned(), message: "you can no longer see this row".to_owned() });
        draft.put_entry(entry);
    }
    draft.remove_row(at);
    Ok(())
}

fn resync_page(draft: &mut Draft, step: crate::store::ResyncStep, at: u64, count: u64) -> Result<(), StoreError> {
    let Some(mut resync) = draft.state.resyncing.take() else { return Ok(()) };
    resync.at = resync.at.or(Some(at));
    resync.total = match (resync.total, step.total) {
        (Some(all), Some(more)) => Some(all + more),
        (all, more) => all.or(more),
    };
    resync.done += count;
    resync.epoch = Some(step.epoch);
    resync.next = step.next;
    if resync.next.is_some() {
        draft.state.resyncing = Some(resync);
        return Ok(());
    }
    coverage::add(&mut resync.fetched, resync.window);
    if let Some(window) = resync.left.pop() {
        resync.window = window;
        draft.state.resyncing = Some(resync);
        return Ok(());
    }
    sweep(draft, if resync.new_epoch { Some(0) } else { resync.repair_since })?;
    draft.state.epoch = resync.epoch;
    draft.state.cursor = if off(Mutation::ResyncCursorIsTheFirst) { at } else { resync.at.unwrap_or(at) };
    draft.state.coverage = resync.fetched;
    Ok(())
}

/// At the end of a resync: what the server did not confirm leaves, unless it waits to be sent, or the server may have lost
/// it: then what was written after `lost_since` (µs) is given back.
fn sweep(draft: &mut Draft, lost_since: Option<u64>) -> Result<(), StoreError> {
    if off(Mutation::ResyncSweeps) {
        return Ok(());
    }
    let lost_since = lost_since.filter(|_| !off(Mutation::RestoredGetsItBack));
    let resync = draft.state.resync;
    let revived = revived(draft)?;
    draft.state.doubtful.clear();
    for at in draft.row_refs() {
        let entry = draft.entry(&at);
        let widens = lost_since.is_some() && !off(Mutation::RestoredWidensEntries);
        if draft.seen(&at) == resync || (entry.is_some() && !widens && !off(Mutation::SweepSparesPending)) {
            continue;
        }
        match draft.row(&at)? {
            // Tombstones too: another device may give the server the living row back, and the deletion would be lost.
            Some(row) if lost_since.is_some_and(|since| row.updated_at() >= since && (since == 0 || row.is_live())) => {
                let groups = row.known_stamps();
                if !groups.is_empty() {
                    let entry = local::restoring(draft, entry, &row, groups, None)?;
                    draft.put_entry(entry);
                }
                draft.keep_row(&at, row, resync);
            }
            Some(_) if lost_since.is_some() && entry.is_some() => {}
            Some(_) if returns(&revived, &at) => draft.state.doubtful.push(at),
            _ => draft.remove_row(&at),
        }
    }
    Ok(())
}

/// Events that no page has and that wait here to live again. What hangs on them is in no page either, but will be once they
/// live: it must not leave the screen meanwhile. Each with its owner, where only the owner's overlay is known to come back:
/// it may be that one was shut out of the event, and not that it was deleted. (Or that somebody moved it out of the spans
/// fetched, and then nobody will send what hangs on it: so it is asked for by name once the event was sent.)
fn revived(draft: &mut Draft) -> Result<Vec<(Uuid, Option<String>)>, StoreError> {
    let is_dead = |base: &Value| base.get(DELETED_AT).is_some_and(|at| !at.is_null());
    let mut revived = Vec::new();
    for at in draft.row_refs().into_iter().filter(|at| at.table == Table::Events) {
        let Some(entry) = draft.entry(&at).filter(|_| draft.seen(&at) != draft.state.resync) else { continue };
        let Some(row) = draft.row(&at)?.filter(|row| row.is_live()) else { continue };
        let is_deleted = entry.base.as_ref().is_some_and(is_dead);
        let owner = row.columns.get("owner_id").and_then(Value::as_str).map(str::to_owned).filter(|_| !is_deleted);
        revived.extend(at.uuid().map(|event| (event, owner)));
    }
    Ok(revived)
}

fn returns(revived: &[(Uuid, Option<String>)], at: &RowRef) -> bool {
    let mine = |owner: &String| at.table == Table::Overlays && at.key.ends_with(owner.as_str());
    at.parent_event()
        .is_some_and(|event| revived.iter().any(|(id, owner)| *id == event && owner.as_ref().is_none_or(mine)))
}
