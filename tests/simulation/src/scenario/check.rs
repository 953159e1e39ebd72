//! What must hold once everything is quiet (`docs/sync.md`, "What must hold"): the devices against the server and the books.

use super::{
    books::{self, Books},
    short,
};
use almanac_core::{
    Uuid,
    engine::WINDOW_MS,
    key::RowRef,
    outbox::Entry,
    row::{Row, Span},
    table::{LIFE, Table},
};
use std::{collections::BTreeMap, sync::Arc};

/// What the server holds, read when everything is quiet.
pub trait Truth {
    /// Every row, tombstones too.
    fn rows(&self) -> &BTreeMap<RowRef, Row>;
    /// Whether the user may see the row.
    fn sees(&self, user: Uuid, at: &RowRef) -> bool;
    /// The tombstone that was collected at this key, if one was.
    fn collected(&self, at: &RowRef) -> Option<&Row>;
    /// How often a backup was restored.
    fn restores(&self) -> u64;
    /// The server's clock, µs since 1970.
    fn now_micros(&self) -> u64;
}

/// What a device holds.
pub trait Held {
    /// Its number in the books.
    fn index(&self) -> usize;
    /// Whose it is.
    fn user(&self) -> Uuid;
    /// Its outbox.
    fn entries(&self) -> Vec<Entry>;
    /// Its coverage, ms.
    fn coverage(&self) -> Vec<(i64, i64)>;
    /// A row of it, tombstones too.
    fn row(&self, at: &RowRef) -> Option<Arc<Row>>;
    /// All its live rows.
    fn live(&self) -> Vec<RowRef>;
}

/// Guarantees 1, 2 and 6.
///
/// # Errors
/// In words, the first that does not hold.
pub fn at_rest(truth: &impl Truth, books: &Books, devices: &[&impl Held]) -> Result<(), String> {
    for device in devices {
        same_rows(truth, *device)?;
        sees_nothing_else(truth, *device)?;
    }
    for device in devices {
        every_edit(truth, books, *device)?;
    }
    Ok(())
}

/// Guarantee 1: the device holds what the server holds for its user.
fn same_rows(truth: &impl Truth, device: &impl Held) -> Result<(), String> {
    let entries: BTreeMap<RowRef, _> = device.entries().into_iter().map(|entry| (entry.at.clone(), entry)).collect();
    let coverage = device.coverage();
    let covered = |span: Span| coverage.iter().any(|(start, end)| span.overlaps(Span { start: *start, end: *end }));
    let now = i64::try_from(truth.now_micros() / 1000).unwrap_or(0);
    // The device's own clock may be an hour or a day off; well inside the window all agree.
    let inner = Span { start: now - WINDOW_MS + 3 * 86_400_000, end: now + WINDOW_MS - 3 * 86_400_000 };
    for (at, row) in truth.rows() {
        if !truth.sees(device.user(), at) || entries.contains_key(at) {
            continue;
        }
        let local = device.row(at);
        let event = if at.table == Table::Events {
            Some(row)
        } else {
            at.parent_event().and_then(|id| truth.rows().get(&RowRef::event(id)))
        };
        let needed = row.is_live()
            && event.is_none_or(|event| {
                event.is_live() && event.span().is_some_and(|span| span.overlaps(inner) || covered(span))
            });
        match local {
            None if needed => return Err(format!("guarantee 1: d{} lacks {}", device.index(), short(at))),
            None => {}
            // Collected as a tombstone, and sent once more by a device that had not heard: dead on both sides, and nobody sees
            // what the two still say of it.
            Some(local) if truth.collected(at).is_some() && !row.is_live() && !local.is_live() => {}
            Some(local) => equal(at, row, &local).map_err(|why| format!("guarantee 1: d{} {why}", device.index()))?,
        }
    }
    Ok(())
}

fn equal(at: &RowRef, server: &Row, local: &Row) -> Result<(), String> {
    if server.stamps != local.stamps {
        return Err(format!("{}: stamps {:?}, the server {:?}", short(at), brief(local), brief(server)));
    }
    if server.columns == local.columns {
        return Ok(());
    }
    for group in at.table.all_groups() {
        if group.columns.iter().all(|column| local.columns.get(*column) == server.columns.get(*column)) {
            continue;
        }
        let (here, there) = (books::text(local, group), books::text(server, group));
        if here != there {
            return Err(format!("{}: {} is {here}, on the server {there}", short(at), group.name));
        }
    }
    Ok(())
}

fn brief(row: &Row) -> Vec<String> {
    row.stamps.iter().map(|(group, stamp)| format!("{group}={stamp}")).collect()
}

/// Guarantee 6: nothing that the user may not see is still here, but stuck edits.
fn sees_nothing_else(truth: &impl Truth, device: &impl Held) -> Result<(), String> {
    let entries = device.entries();
    for at in device.live() {
        let kept = entries.iter().any(|entry| entry.at == at);
        if !kept && !truth.sees(device.user(), &at) {
            return Err(format!("guarantee 6: d{} still shows {}", device.index(), short(&at)));
        }
    }
    Ok(())
}

/// Guarantee 2: every edit is on the server, superseded there, or stuck.
fn every_edit(truth: &impl Truth, books: &Books, device: &impl Held) -> Result<(), String> {
    let entries = device.entries();
    let mine = books.edits.iter().filter(|((index, _), _)| *index == device.index());
    for (at, name, edit) in mine.flat_map(|((_, at), edits)| edits.0.iter().map(move |(name, edit)| (at, *name, edit)))
    {
        let stuck = entries.iter().any(|entry| entry.at == *at && entry.groups.contains_key(name));
        let Some(group) = at.table.group(name) else { continue };
        if stuck {
            continue;
        }
        let lost = |why: String| {
            Err(format!("guarantee 2: d{} {}: {name} {} = {} {why}", device.index(), short(at), edit.stamp, edit.value))
        };
        let collected = truth.collected(at).filter(|_| !truth.rows().contains_key(at));
        let Some(row) = truth.rows().get(at).or(collected) else {
            // A backup lost it, and this device had lost the right to it: nobody here could bring it back.
            if truth.restores() > 0 && (edit.let_go || device.row(at).is_none()) {
                continue;
            }
            return lost("is not on the server".to_owned());
        };
        // Collected, and made again since by a device that had not heard: what was written to the former row is past.
        if truth.collected(at).is_some() {
            continue;
        }
        let stamp = row.stamps.get(name).copied().unwrap_or_default();
        let value = books::text(row, group);
        let unreachable = truth.restores() > 0 && (edit.let_go || device.row(at).is_none());
        let superseded = truth.restores() > 0 && edit.superseded;
        if stamp < edit.stamp && !unreachable && !superseded {
            return lost(format!("is older on the server: {stamp} {value}"));
        }
        if stamp == edit.stamp && value != edit.value && name != LIFE {
            return lost(format!("has another value on the server: {value}"));
        }
        if value != edit.value && books::is_unique(at.table, name) && edit.before.contains(&value) && !unreachable {
            return lost(format!("lost to what its author had seen before: {value}"));
        }
    }
    Ok(())
}
