//! The person at a device: makes, changes, deletes, shares, answers, looks elsewhere, and now and then decides about what
//! is stuck.

use crate::{
    device::Device,
    exec::lock,
    world::{START_MICROS, short},
};
use almanac_core::{
    Uuid,
    database::Database,
    engine::{Engine, Nudge},
    key::RowRef,
    patch::{Life, Patch},
    row::{Columns, Row},
    store::Batch,
    table::Table,
    time,
};
use futures::{StreamExt, future::Either};
use serde_json::{Value, json};
use std::sync::Arc;

/// Acts until the faults stop.
pub(crate) async fn live(device: Arc<Device>, database: Arc<Database>, engine: Arc<Engine>) {
    let exec = Arc::clone(&device.world.exec);
    let mut heard = database.listen();
    loop {
        let pause = if exec.chance(300) { exec.between_ms(0, 80) } else { exec.between_ms(200, 9_000) };
        let woken = futures::future::select(heard.next(), exec.sleep(pause)).await;
        if device.world.is_healed() {
            return;
        }
        // Something changes on the screen: now and then the person changes it right back.
        if let Either::Left((Some(told), _)) = woken {
            let titled =
                told.changes.rows.iter().find(|change| change.at.table == Table::Events && change.after.is_some());
            if let Some(change) = titled.filter(|_| exec.chance(60)) {
                let patch =
                    Patch::update(change.at.clone(), Columns::new()).set("title", format!("t{}", value(&device)));
                let _ = database.commit(vec![patch]).await;
            }
            continue;
        }
        if exec.chance(60) {
            engine.nudge(match exec.below(2) {
                0 => Nudge::Now,
                _ => Nudge::Window(far_from_now(0), far_from_now(1)),
            });
            continue;
        }
        if exec.chance(80) && decide(&device, &database).await {
            continue;
        }
        let patches = edit(&device);
        if !patches.is_empty() {
            // A full disk or a row that left meanwhile: the person sees the error, nothing was written.
            let _ = database.commit(patches).await;
        }
    }
}

/// A span outside the standing window: a year on.
const fn far_from_now(days: i64) -> i64 {
    (START_MICROS / 1000) as i64 + (365 + days) * 86_400_000
}

/// Retries or discards something stuck.
async fn decide(device: &Device, database: &Database) -> bool {
    let stuck: Vec<RowRef> =
        device.entries().into_iter().filter(|entry| entry.stuck.is_some()).map(|entry| entry.at).collect();
    let exec = &device.world.exec;
    let Some(at) = pick(exec, &stuck) else { return false };
    let batch = if exec.chance(500) { Batch::Retry(at.clone()) } else { Batch::Discard(at.clone()) };
    device.world.trace(|| {
        format!(
            "d{} decides: {} {}",
            device.index,
            if matches!(batch, Batch::Retry(_)) { "retry" } else { "discard" },
            short(at)
        )
    });
    let _ = database.execute(batch).await;
    true
}

fn pick<'a, T>(exec: &crate::exec::Exec, from: &'a [T]) -> Option<&'a T> {
    from.get(exec.below(from.len() as u64) as usize)
}

fn edit(device: &Device) -> Vec<Patch> {
    let exec = &device.world.exec;
    match exec.below(100) {
        0..24 => new_event(device, None),
        24..28 => new_exception(device),
        28..62 => change_event(device),
        62..70 => delete_or_restore(device),
        70..76 => share(device),
        76..80 => answer(device),
        80..86 => overlay(device),
        86..96 => calendar(device),
        _ => profile(device),
    }
}

fn fresh_id(device: &Device) -> Uuid {
    let exec = &device.world.exec;
    // A later id is mostly greater, as with UUIDv7, but not always: clocks differ.
    let time = exec.now() / 1000 + exec.below(5_000);
    Uuid::from_u128((u128::from(time) << 80) | (0x7 << 76) | (0x8 << 60) | u128::from(exec.random() >> 16))
}

fn value(device: &Device) -> u64 {
    lock(&device.world.books).fresh()
}

fn when(device: &Device) -> Columns {
    let exec = &device.world.exec;
    let number = value(device);
    // A few lie outside the standing window.
    let day = if exec.chance(40) { 365 } else { exec.below(100) as i64 - 50 };
    let micros = (START_MICROS as i64 + day * 86_400_000_000 + number as i64 * 1_000_000) as u64;
    let start = (micros / 1000) as i64;
    let duration = 30 + exec.below(90) as i64;
    columns(json!({
        "start_time": time::text_of_micros(micros), "duration": duration, "all_day": false, "time_zone": null, "recurrence": null,
        "start_timestamp_ms": start, "end_timestamp_ms": start + duration * 60_000,
    }))
}

fn columns(value: Value) -> Columns {
    match value {
        Value::Object(columns) => columns,
        _ => Columns::new(),
    }
}

fn new_event(device: &Device, series: Option<Uuid>) -> Vec<Patch> {
    let id = fresh_id(device);
    let mut initial = when(device);
    initial.extend(columns(json!({
        "owner_id": device.user.to_string(), "series_id": series.map(|id| id.to_string()), "title": format!("t{}", value(device)),
        "private": false, "location": format!("l{}", value(device)), "notes": format!("n{}", value(device)),
    })));
    lock(&device.world.books).events.push(id);
    let mut patches = vec![Patch::create(RowRef::event(id), initial)];
    if series.is_none() && device.world.exec.chance(600) {
        patches.push(overlay_patch(device, id));
    }
    patches
}

fn overlay_patch(device: &Device, event: Uuid) -> Patch {
    let calendars = lock(&device.world.books).calendars.clone();
    let own: Vec<&RowRef> = calendars.iter().filter(|at| device.stored(at).is_some()).collect();
    let calendar = pick(&device.world.exec, &own).map(|at| at.key.clone());
    let text = format!("a{}", value(device));
    let initial = columns(json!({
        "calendar_id": calendar, "category_id": null, "show_time_as": "busy", "time_defense_level": "normal",
        "ai_managed": false, "ai_instructions": text, "persona_id": null, "reminders": [10],
    }));
    Patch::upsert(RowRef::overlay(event, device.user), initial, Columns::new()).set("ai_instructions", text)
}

/// An event of the device, living or not.
fn some_event(device: &Device, living: bool) -> Option<(Uuid, Row)> {
    let events = lock(&device.world.books).events.clone();
    let exec = &device.world.exec;
    // Mostly a recent one: that is where people meet.
    for _ in 0..6 {
        let back = if exec.chance(700) { exec.below(4) } else { exec.below(events.len() as u64) };
        let id = *events.get(events.len().checked_sub(1 + back as usize)?)?;
        let row = device.stored(&RowRef::event(id)).and_then(|stored| stored.row().ok());
        if let Some(row) = row.filter(|row| row.is_live() == living) {
            return Some((id, row));
        }
    }
    None
}

fn owns(device: &Device, row: &Row) -> bool {
    row.columns.get("owner_id").and_then(Value::as_str) == Some(device.user.to_string().as_str())
}

/// Whether the app would offer it; sometimes the person does it anyway, as an old client would.
fn may_edit(device: &Device, id: Uuid, row: &Row) -> bool {
    if owns(device, row) || device.world.exec.chance(50) {
        return true;
    }
    let series = row.columns.get("series_id").and_then(Value::as_str).and_then(|id| id.parse().ok()).unwrap_or(id);
    let role = device.stored(&RowRef::role(series, device.user)).and_then(|stored| stored.row().ok());
    role.is_some_and(|role| role.is_live() && role.columns.get("role").and_then(Value::as_str) != Some("viewer"))
}

fn new_exception(device: &Device) -> Vec<Patch> {
    match some_event(device, true) {
        Some((id, row)) if owns(device, &row) && row.columns.get("series_id").is_none_or(Value::is_null) => {
            new_event(device, Some(id))
        }
        _ => Vec::new(),
    }
}

fn change_event(device: &Device) -> Vec<Patch> {
    let exec = &device.world.exec;
    let Some((id, row)) = some_event(device, !exec.chance(60)) else { return Vec::new() };
    if !may_edit(device, id, &row) {
        return Vec::new();
    }
    let mut patch = Patch::update(RowRef::event(id), Columns::new());
    for _ in 0..=exec.below(2) {
        patch = match exec.below(10) {
            0..4 => patch.set("title", format!("t{}", value(device))),
            4..6 => patch.set("notes", format!("n{}", value(device))),
            6 => patch.set("location", format!("l{}", value(device))),
            7 if owns(device, &row) => patch.set("private", exec.chance(500)),
            _ => {
                patch.columns.extend(when(device));
                patch
            }
        };
    }
    vec![patch]
}

fn delete_or_restore(device: &Device) -> Vec<Patch> {
    let exec = &device.world.exec;
    let living = exec.chance(800);
    let Some((id, row)) = some_event(device, living) else { return Vec::new() };
    if !owns(device, &row) && !exec.chance(50) {
        return Vec::new();
    }
    let life = if living { Life::Delete } else { Life::Restore };
    vec![Patch { life: Some(life), ..Patch::update(RowRef::event(id), Columns::new()) }]
}

/// Grants, changes or revokes another's role.
fn share(device: &Device) -> Vec<Patch> {
    let exec = &device.world.exec;
    let others: Vec<Uuid> = device.world.users.iter().copied().filter(|user| *user != device.user).collect();
    let (Some((id, row)), Some(other)) = (some_event(device, true), pick(exec, &others)) else { return Vec::new() };
    if !owns(device, &row) || row.columns.get("series_id").is_some_and(|id| !id.is_null()) {
        return Vec::new();
    }
    let at = RowRef::role(id, *other);
    let is_shared = device.stored(&at).and_then(|stored| stored.row().ok()).is_some_and(|role| role.is_live());
    if is_shared && exec.chance(500) {
        return vec![Patch::delete(at)];
    }
    let role = *pick(exec, &["viewer", "contributor", "contributor", "delegate_full"]).unwrap_or(&"viewer");
    let initial = columns(json!({ "role": role, "rsvp": "pending", "following": false }));
    vec![Patch::upsert(at, initial, columns(json!({ "role": role })))]
}

/// Answers an invitation, follows, or leaves.
fn answer(device: &Device) -> Vec<Patch> {
    let exec = &device.world.exec;
    let Some((id, _)) = some_event(device, true) else { return Vec::new() };
    let at = RowRef::role(id, device.user);
    let Some(role) = device.stored(&at).and_then(|stored| stored.row().ok()).filter(Row::is_live) else {
        return Vec::new();
    };
    match exec.below(10) {
        0 => vec![Patch::delete(at)],
        1..4 => vec![Patch::update(
            at,
            columns(json!({ "following": !role.columns.get("following").and_then(Value::as_bool).unwrap_or(false) })),
        )],
        _ => {
            vec![Patch::update(at, columns(json!({ "rsvp": *pick(exec, &["yes", "no", "maybe"]).unwrap_or(&"yes") })))]
        }
    }
}

fn overlay(device: &Device) -> Vec<Patch> {
    match some_event(device, true) {
        Some((id, _)) => vec![overlay_patch(device, id)],
        None => Vec::new(),
    }
}

fn calendar(device: &Device) -> Vec<Patch> {
    let exec = &device.world.exec;
    let calendars = lock(&device.world.books).calendars.clone();
    let own: Vec<&RowRef> = calendars.iter().filter(|at| device.stored(at).is_some()).collect();
    match (pick(exec, &own), exec.below(10)) {
        (Some(at), 0..5) => {
            vec![Patch::update((*at).clone(), columns(json!({ "name": format!("c{}", value(device)) })))]
        }
        (Some(at), 5) => vec![Patch::update(
            (*at).clone(),
            columns(json!({ "visible": exec.chance(500), "position": exec.below(9) })),
        )],
        (Some(at), 6) => vec![Patch::delete((*at).clone())],
        _ => {
            let at = RowRef::calendar(fresh_id(device));
            lock(&device.world.books).calendars.push(at.clone());
            let initial = columns(json!({
                "user_id": device.user.to_string(), "name": format!("c{}", value(device)), "color": "#aabbcc", "visible": true,
                "is_default": false, "position": 1.5, "default_reminders": [],
            }));
            vec![Patch::create(at, initial)]
        }
    }
}

fn profile(device: &Device) -> Vec<Patch> {
    let exec = &device.world.exec;
    let initial = columns(json!({
        "first_name": null, "last_name": null, "display_name": "x", "title": null, "organization": null, "avatar_url": null,
        "timezone": "UTC", "time_format": "24_hour", "week_start_day": "monday", "work_schedule": {},
    }));
    let at = RowRef::id(Table::Profiles, device.user);
    if exec.chance(300) {
        // A default that nobody touched.
        return vec![Patch { untouched: true, ..Patch::create(at, initial) }];
    }
    vec![Patch::upsert(at, initial, columns(json!({ "title": format!("p{}", value(device)) })))]
}
