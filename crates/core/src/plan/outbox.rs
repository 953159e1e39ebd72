//! Planning the outbox: what is sent next, and what becomes of what was sent.

use super::{Draft, local, remote};
use crate::{
    key::RowRef,
    outbox::Entry,
    row::Row,
    stamp::Stamp,
    store::{Plan, Settlement, Snapshot, StoreError, Verdict},
};
use std::collections::BTreeSet;

/// Due entries in push order, marked attempted. A child whose parent is stuck before its creation waits.
pub(crate) fn take(snapshot: Snapshot, now_ms: i64, limit: usize, max_bytes: usize) -> Plan {
    let mut draft = Draft::new(snapshot);
    let mut bytes = 0;
    let all = draft.entries();
    let mut blocked: BTreeSet<RowRef> = BTreeSet::new();
    for mut entry in all {
        let waits = !entry.is_due(now_ms) || entry.parents().iter().any(|parent| blocked.contains(parent));
        if waits {
            if entry.create {
                blocked.insert(entry.at.clone());
            }
            continue;
        }
        bytes += entry.wire_size();
        let full = draft.outcome.taken.len() >= limit || (bytes > max_bytes && !draft.outcome.taken.is_empty());
        if full {
            break;
        }
        entry.attempted = true;
        draft.outcome.taken.push(entry.clone());
        draft.put_entry(entry);
    }
    draft.outcome.taken = in_dependency_order(std::mem::take(&mut draft.outcome.taken));
    // Marking changes nothing that anyone sees: the plan cannot fail, and no row is rewritten.
    let taken = draft.outcome.taken.clone();
    Plan {
        put_entries: taken.clone(),
        outcome: crate::store::Outcome { taken, applied: true, ..Default::default() },
        ..Plan::default()
    }
}

/// A series before its exceptions, whatever their ids.
fn in_dependency_order(mut entries: Vec<Entry>) -> Vec<Entry> {
    let refs: BTreeSet<RowRef> = entries.iter().map(|e| e.at.clone()).collect();
    let depth =
        |entry: &Entry| usize::from(entry.parents().iter().any(|p| p.table == entry.at.table && refs.contains(p)));
    entries.sort_by_key(|entry| (entry.at.table, depth(entry)));
    entries
}

/// Clears, defers or sets aside what was answered.
pub(crate) fn settle(snapshot: Snapshot, settlements: Vec<Settlement>, at: u64) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    let rows_apply = draft.state.cursor <= at;
    draft.outcome.applied = rows_apply;
    for settlement in settlements {
        let current = draft.entry(&settlement.at);
        match settlement.verdict {
            Verdict::Done(row) => {
                done(&mut draft, current, settlement.generation, &row)?;
                if rows_apply {
                    remote::absorb(&mut draft, row, false)?;
                }
            }
            Verdict::Refused { reason, row } => {
                if let Some(row) = row.filter(|_| rows_apply) {
                    remote::absorb(&mut draft, row, false)?;
                }
                // What was edited since is another edit: it gets its own try. (Its entry may also be gone by now.)
                let same = |entry: &Entry| entry.generation == settlement.generation;
                if let Some(mut entry) = draft.entry(&settlement.at).filter(same) {
                    entry.attempts += 1;
                    entry.stuck = Some(reason);
                    draft.put_entry(entry);
                }
            }
            Verdict::Deferred { until_ms } => {
                if let Some(mut entry) = current {
                    entry.attempts += 1;
                    entry.not_before_ms = until_ms;
                    draft.put_entry(entry);
                }
            }
        }
    }
    draft.finish()
}

/// An answer clears only the edit it answers.
fn done(draft: &mut Draft, entry: Option<Entry>, generation: u64, row: &Row) -> Result<(), StoreError> {
    let Some(mut entry) = entry else { return Ok(()) };
    if entry.generation == generation {
        draft.remove_entry(&entry.at);
        return Ok(());
    }
    if remote::strip(&mut entry, row) {
        draft.remove_entry(&entry.at);
    } else {
        entry.attempted = true;
        remote::remember_base(&mut entry, row)?;
        draft.put_entry(entry);
    }
    Ok(())
}

/// Sends a stuck entry again.
pub(crate) fn retry(snapshot: Snapshot, at: &RowRef) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    if let Some(mut entry) = draft.entry(at) {
        entry.stuck = None;
        entry.attempts = 0;
        entry.not_before_ms = 0;
        entry.generation = draft.next_generation();
        draft.put_entry(entry);
    }
    draft.finish()
}

/// Drops an entry: the row becomes what the server last had, or leaves if it never had it.
pub(crate) fn discard(snapshot: Snapshot, at: &RowRef) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    if let Some(entry) = draft.entry(at) {
        draft.remove_entry(at);
        match entry.base {
            Some(base) => {
                let seen = draft.seen(at);
                draft.put_row(at, Row::from_json(at.table, base)?, seen);
            }
            None => draft.remove_row(at),
        }
    }
    draft.finish()
}

/// Moves stamps, order kept, on entry and row alike: of entries that the server refused whole, else of those never
/// attempted and made without knowing the server's clock.
pub(crate) fn shift(snapshot: Snapshot, by_micros: i64, refused: bool) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    for mut entry in draft.entries() {
        if !refused && (entry.attempted || entry.adjusted) {
            continue;
        }
        let Some(mut row) = draft.row(&entry.at)? else { continue };
        for (group, stamp) in &mut entry.groups {
            if *stamp != Stamp::ZERO {
                *stamp = Stamp::new(stamp.micros.saturating_add_signed(by_micros), stamp.device);
                row.stamps.insert(group.clone(), *stamp);
            }
        }
        entry.adjusted = true;
        local::fill_columns(&mut entry, &row);
        let seen = draft.seen(&entry.at);
        draft.put_row(&entry.at.clone(), row, seen);
        draft.put_entry(entry);
    }
    draft.state.last_stamp = draft.state.last_stamp.saturating_add_signed(by_micros);
    draft.finish()
}
