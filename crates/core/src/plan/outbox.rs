//! Planning the outbox: what is sent next, and what becomes of what was sent.

use super::{Draft, remote};
use crate::{
    key::RowRef,
    mutation::{Mutation, off},
    order,
    outbox::Entry,
    row::Row,
    stamp::Stamp,
    store::{Outcome, Plan, Settlement, Snapshot, StoreError, Verdict},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Due entries in push order, durably marked before a request carries them. What is handed out says in `sent` what
/// earlier requests carried; what is kept counts this one too ([`SyncState::carried`](crate::store::SyncState::carried)).
pub(crate) fn take(snapshot: Snapshot, now_ms: i64, limit: usize, max_bytes: usize) -> Plan {
    let draft = Draft::new(snapshot);
    // Made in a tab that did not know the server's clock: shifted before a request carries them.
    let shifts = !off(Mutation::StampsShift) && !off(Mutation::OtherTabsShift);
    let due = draft.entries(|entry| entry.is_due(now_ms));
    if shifts && due.iter().any(|entry| entry.is_in_the_dark()) {
        return Plan::default();
    }
    let (mut bytes, mut taken) = (0, Vec::new());
    let mut state = draft.state.clone();
    for entry in due {
        bytes += entry.wire_size();
        if taken.len() >= limit || (bytes > max_bytes && !taken.is_empty()) {
            break;
        }
        let mut entry = entry.clone();
        entry.attempted = !off(Mutation::MarkAttempted);
        if entry.attempted {
            state.carried.push(entry.generation);
        }
        taken.push(entry);
    }
    order::sort(&mut state.carried);
    state.carried.dedup();
    // Marking changes nothing that anyone sees: no row is rewritten and nobody is told.
    let outcome = Outcome { taken: in_dependency_order(taken), applied: true, ..Outcome::default() };
    Plan { state: (state != draft.state).then_some(state), outcome, ..Plan::default() }
}

/// Taken, and then not sent. What an earlier request may have carried stays marked.
pub(crate) fn put_back(snapshot: Snapshot, taken: &[Entry]) -> Plan {
    let unsent: BTreeSet<u64> =
        taken.iter().filter(|entry| entry.sent < entry.newest()).map(|entry| entry.generation).collect();
    let mut state = snapshot.state.clone();
    state.carried.retain(|generation| !unsent.contains(generation));
    let outcome = Outcome { applied: true, ..Outcome::default() };
    Plan { state: (state != snapshot.state).then_some(state), outcome, ..Plan::default() }
}

/// A series before its exceptions, whatever their ids.
fn in_dependency_order(mut entries: Vec<Entry>) -> Vec<Entry> {
    let refs: BTreeSet<RowRef> = crate::order::collect(entries.iter().map(|e| e.at.clone()));
    let depth =
        |entry: &Entry| usize::from(entry.parents().iter().any(|p| p.table == entry.at.table && refs.contains(p)));
    crate::order::sort_by_key(&mut entries, |entry| (entry.at.table, depth(entry)));
    entries
}

/// Clears, defers or sets aside what was answered.
pub(crate) fn settle(snapshot: Snapshot, settlements: Vec<Settlement>, at: u64) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    let rows_apply = draft.state.cursor <= at;
    draft.outcome.applied = rows_apply;
    for settlement in settlements {
        match settlement.verdict {
            Verdict::Done(row) => {
                done(&mut draft, &settlement.at, settlement.generation, &row)?;
                draft.hear(&row);
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
                    // A judgment, not a failure: with that, even what nobody here wrote is worth another try.
                    if entry.is_nobodys(draft.state.device) && reason.code != "server_error" {
                        drop_entry(&mut draft, entry)?;
                        continue;
                    }
                    entry.attempts += 1;
                    if reason.code == "missing" {
                        // What the server last had of it is no more: discarded, the row must not come back.
                        entry.base = None;
                    }
                    entry.stuck = Some(reason);
                    draft.put_entry(entry);
                }
            }
            Verdict::Deferred { until_ms } => {
                if let Some(mut entry) = draft.entry(&settlement.at) {
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
fn done(draft: &mut Draft, at: &RowRef, generation: u64, row: &Row) -> Result<(), StoreError> {
    let Some(entry) = draft.entry_ref(at) else { return Ok(()) };
    if entry.generation == generation || off(Mutation::AnswerClearsItsGeneration) {
        draft.remove_entry(at);
        return Ok(());
    }
    let mut entry = entry.clone();
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
        drop_entry(&mut draft, entry)?;
    }
    draft.finish()
}

fn drop_entry(draft: &mut Draft, entry: Entry) -> Result<(), StoreError> {
    let at = entry.at;
    draft.remove_entry(&at);
    match entry.base {
        Some(base) => {
            let seen = draft.seen(&at);
            draft.put_row(&at, Row::from_json(at.table, base)?, seen);
        }
        None => draft.remove_row(&at),
    }
    Ok(())
}

/// Moves the stamps that no request has carried and that were made without knowing the server's clock.
pub(crate) fn shift(snapshot: Snapshot, by_micros: i64, now: u64) -> Result<Plan, StoreError> {
    if off(Mutation::StampsShift) {
        return Draft::new(snapshot).finish();
    }
    let mut draft = Draft::new(snapshot);
    let free = draft.entries(Entry::is_in_the_dark).into_iter().cloned().collect();
    // A stamp may have been pushed up by the version its author saw: never into the future by shifting it once more.
    let wanted = |old: u64, settled: u64| old.saturating_add_signed(by_micros).min(now).max(settled.saturating_add(1));
    restamp(&mut draft, free, Entry::settled, |micros, settled| micros > settled, wanted, now)?;
    draft.state.last_dark_stamp = 0;
    // An edit that knew the clock may have had to beat one that did not: both have moved, and the next need not be ahead.
    let last = draft.state.last_stamp.min(now);
    settle_last_stamp(&mut draft, last);
    draft.finish()
}

/// Moves the stamps that the server refused as ahead of its clock, with everything else the request carried. Nobody has
/// seen them; but an earlier request may have left lesser stamps there, which the moved ones must still beat.
pub(crate) fn shift_refused(snapshot: Snapshot, taken: &[Entry], now: u64) -> Result<Plan, StoreError> {
    if off(Mutation::RefusedStampsComeDown) {
        return Draft::new(snapshot).finish();
    }
    let mut draft = Draft::new(snapshot);
    let mut entries = Vec::new();
    for sent in taken {
        if let Some(mut entry) = draft.entry(&sent.at) {
            // More than the server takes cannot be there.
            entry.sent = sent.sent.min(now.saturating_add(super::TOLERANCE_MICROS));
            entries.push(entry);
        }
    }
    let wanted = |_, sent: u64| now.max(sent.saturating_add(1));
    restamp(&mut draft, entries, |entry| entry.sent, |micros, sent| micros > now.max(sent), wanted, now)?;
    let last = draft.state.last_stamp.min(now);
    settle_last_stamp(&mut draft, last);
    draft.finish()
}

/// The last stamp issued goes back with the stamps, but not behind any that waits and is not to be shifted. (What was sent
/// already needs no care: a new stamp is greater than all of its row anyway.)
fn settle_last_stamp(draft: &mut Draft, last: u64) {
    let device = draft.state.device;
    let stay = |entry: &'_ Entry| {
        let own = |stamp: &&Stamp| stamp.device == device && !entry.is_dark(**stamp);
        entry.groups.values().filter(own).map(|stamp| stamp.micros).max().unwrap_or(0)
    };
    draft.state.last_stamp = draft.all_entries().map(stay).fold(last, u64::max);
}

/// Gives stamps new times, above the `floor` of their entry, order kept, never below the version their author saw, or may
/// have seen where none is known. Stamps that `moves` denies stay.
fn restamp(
    draft: &mut Draft,
    entries: Vec<Entry>,
    floor: impl Fn(&Entry) -> u64,
    moves: impl Fn(u64, u64) -> bool,
    wanted: impl Fn(u64, u64) -> u64,
    now: u64,
) -> Result<(), StoreError> {
    let heard = super::unseen_floor(&draft.state, now);
    let mut floors: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
    for entry in &entries {
        let base = entry.base.clone().map(|base| Row::from_json(entry.at.table, base)).transpose()?;
        let seen = base.map_or(heard, |base| base.updated_at().saturating_add(1));
        let own = floor(entry);
        for stamp in entry.groups.values().filter(|stamp| **stamp != Stamp::ZERO && moves(stamp.micros, own)) {
            let floor = floors.entry(stamp.micros).or_default();
            *floor = (floor.0.max(seen), floor.1.max(own));
        }
    }
    let mut last = 0;
    let mut moved: BTreeMap<u64, u64> = BTreeMap::new();
    for (old, (seen, own)) in floors {
        last = wanted(old, own).max(seen).max(last + 1);
        moved.insert(old, last);
    }
    for mut entry in entries {
        // An edit of a row that left, sent again by its author, has none; its stamps are as wrong.
        let mut row = draft.row(&entry.at)?.map(Arc::unwrap_or_clone);
        let own = floor(&entry);
        for (group, stamp) in &mut entry.groups {
            // Two edits may carry one time, since the last stamp issued goes back: only one of them may be free to move.
            let is_free = *stamp != Stamp::ZERO && moves(stamp.micros, own);
            if let Some(micros) = moved.get(&stamp.micros).filter(|_| is_free) {
                let before = *stamp;
                *stamp = Stamp::new(*micros, stamp.device);
                // Made in the dark are at most the last of its stamps, and all that are later move, too.
                entry.adjusted = true;
                // The row may hold a newer one of the server by now.
                if let Some(row) = row.as_mut().filter(|row| row.stamps.get(group) == Some(&before)) {
                    row.stamps.insert(group.clone(), *stamp);
                }
            }
        }
        if let Some(row) = row {
            let seen = draft.seen(&entry.at);
            draft.put_row(&entry.at, row, seen);
        }
        draft.put_entry(entry);
    }
    Ok(())
}
