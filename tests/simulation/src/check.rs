//! What must hold once everything is quiet (`docs/sync.md` §11).

use crate::{
    books,
    device::Device,
    exec::lock,
    world::{World, short},
};
use almanac_core::{
    engine::{Phase, WINDOW_MS},
    key::RowRef,
    row::{Row, Span},
    table::{LIFE, Table},
};
use std::{collections::BTreeMap, sync::Arc};

/// Guarantee 5: whether all is sent or stuck, read to the end, and said so.
pub(crate) fn is_quiet(world: &World, devices: &[Arc<Device>]) -> Result<(), String> {
    for device in devices {
        let name = format!("d{}", device.index);
        if !lock(&world.switches)[device.index].running {
            return Err(format!("{name} is down"));
        }
        if let Some(entry) = device.entries().iter().find(|entry| entry.stuck.is_none()) {
            return Err(format!(
                "{name} has not sent {} {:?}",
                short(&entry.at),
                entry.groups.keys().collect::<Vec<_>>()
            ));
        }
        let state = device.state();
        let server = lock(&world.server);
        if state.resyncing.is_some() || state.epoch.as_deref() != Some(server.epoch_text().as_str()) {
            return Err(format!("{name} is resyncing or in another epoch"));
        }
        if let Some(at) = server.fed(device.user, state.cursor, u64::MAX).next() {
            return Err(format!("{name} stands at {}, the feed goes on with {}", state.cursor, short(at)));
        }
        drop(server);
        let status = lock(&device.engine).as_ref().map(|engine| engine.status());
        let stuck = device.entries().len();
        match status {
            Some(status) if status.phase == Phase::UpToDate && status.pending == 0 && status.stuck == stuck => {}
            other => return Err(format!("{name} says {other:?} with {stuck} stuck")),
        }
    }
    Ok(())
}

/// "Up to date" is said only with nothing unsent, at every step.
pub(crate) fn honest(device: &Device) -> Result<(), String> {
    let says = lock(&device.engine).as_ref().is_some_and(|engine| engine.status().is_up_to_date());
    if says && !device.entries().is_empty() {
        return Err(format!(
            "guarantee 5: d{} says \"up to date\" with {} unsent",
            device.index,
            device.entries().len()
        ));
    }
    Ok(())
}

/// All that can only be seen at the end.
pub(crate) fn at_rest(world: &World, devices: &[Arc<Device>]) -> Result<(), String> {
    for device in devices {
        same_rows(world, device)?;
        sees_nothing_else(world, device)?;
    }
    for device in devices {
        every_edit(world, device)?;
    }
    Ok(())
}

/// Guarantee 1: the device holds what the server holds for its user.
fn same_rows(world: &World, device: &Device) -> Result<(), String> {
    let server = lock(&world.server);
    let entries: BTreeMap<RowRef, _> = device.entries().into_iter().map(|entry| (entry.at.clone(), entry)).collect();
    let coverage = device.state().coverage;
    let covered = |span: Span| coverage.iter().any(|(start, end)| span.overlaps(Span { start: *start, end: *end }));
    let now = i64::try_from(world.server_now() / 1000).unwrap_or(0);
    // The device's own clock may be an hour or a day off; well inside the window all agree.
    let inner = Span { start: now - WINDOW_MS + 3 * 86_400_000, end: now + WINDOW_MS - 3 * 86_400_000 };
    for (at, row) in server.rows() {
        if !server.sees(device.user, at) || entries.contains_key(at) {
            continue;
        }
        let local = device.stored(at).map(|stored| stored.row()).transpose().map_err(|bad| bad.to_string())?;
        let event = if at.table == Table::Events {
            Some(row)
        } else {
            at.parent_event().and_then(|id| server.rows().get(&RowRef::event(id)))
        };
        let needed = row.is_live()
            && event.is_none_or(|event| {
                event.is_live() && event.span().is_some_and(|span| span.overlaps(inner) || covered(span))
            });
        match local {
            None if needed => return Err(format!("guarantee 1: d{} lacks {}", device.index, short(at))),
            None => {}
            Some(local) => equal(at, row, &local).map_err(|why| format!("guarantee 1: d{} {why}", device.index))?,
        }
    }
    Ok(())
}

fn equal(at: &RowRef, server: &Row, local: &Row) -> Result<(), String> {
    if server.stamps != local.stamps {
        return Err(format!("{}: stamps {:?}, the server {:?}", short(at), brief(local), brief(server)));
    }
    for group in at.table.all_groups() {
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
fn sees_nothing_else(world: &World, device: &Device) -> Result<(), String> {
    let server = lock(&world.server);
    let entries = device.entries();
    for stored in device.live_rows() {
        let kept = entries.iter().any(|entry| entry.at == stored.at);
        if !kept && !server.sees(device.user, &stored.at) {
            return Err(format!("guarantee 6: d{} still shows {}", device.index, short(&stored.at)));
        }
    }
    Ok(())
}

/// Guarantee 2: every edit is on the server, superseded there, or stuck.
fn every_edit(world: &World, device: &Device) -> Result<(), String> {
    let books = lock(&world.books);
    let server = lock(&world.server);
    let entries = device.entries();
    for ((index, at, name), edit) in &books.edits {
        if *index != device.index {
            continue;
        }
        let stuck = entries.iter().any(|entry| entry.at == *at && entry.groups.contains_key(name));
        let Some(group) = at.table.group(name) else { continue };
        if stuck {
            continue;
        }
        let lost = |why: String| {
            Err(format!("guarantee 2: d{} {}: {name} {} = {} {why}", device.index, short(at), edit.stamp, edit.value))
        };
        let collected = server.collected.get(at).filter(|_| !server.rows().contains_key(at));
        let Some(row) = server.rows().get(at).or(collected) else {
            // A backup lost it, and this device had lost the right to it: nobody here could bring it back.
            if server.restores > 0 && device.stored(at).is_none() {
                continue;
            }
            return lost("is not on the server".to_owned());
        };
        // Collected, and made again since by a device that had not heard: what was written to the former row is past.
        if server.collected.contains_key(at) {
            continue;
        }
        let stamp = row.stamps.get(name).copied().unwrap_or_default();
        let value = books::text(row, group);
        let unreachable = server.restores > 0 && device.stored(at).is_none();
        if stamp < edit.stamp && !unreachable {
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
