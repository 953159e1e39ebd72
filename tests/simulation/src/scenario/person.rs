//! The person at a device: makes, changes, deletes, shares, answers, looks elsewhere, and now and then decides about what
//! is stuck.

use super::{Chance, books::Books};
use almanac_core::{
    Uuid,
    changes::Changes,
    engine::Nudge,
    key::RowRef,
    patch::{Life, Patch},
    row::{Columns, Row},
    store::Batch,
    table::Table,
    time,
};
use serde_json::{Value, json};
use std::{
    sync::{Arc, MutexGuard},
    time::Duration,
};

/// Where a person sits: a device, as far as a person sees it.
pub trait Seat: Chance {
    /// Whose device it is.
    fn user(&self) -> Uuid;
    /// Everyone, oneself too.
    fn users(&self) -> &[Uuid];
    /// A row of the device, tombstones too.
    fn row(&self, at: &RowRef) -> Option<Arc<Row>>;
    /// What is stuck.
    fn stuck(&self) -> Vec<RowRef>;
    /// The books of the run. Never held across another call.
    fn books(&self) -> MutexGuard<'_, Books>;
    /// Whether people act often and share much, since the run is short.
    fn hurries(&self) -> bool {
        false
    }
    /// µs since the run began.
    fn micros(&self) -> u64;
    /// The day around which events are made, µs since 1970.
    fn today_micros(&self) -> u64;
}

/// What a person does.
#[derive(Clone, Debug)]
pub enum Doing {
    /// Wants the engine to look.
    Look(Nudge),
    /// Decides about something stuck.
    Decide(Batch),
    /// Edits. (A full disk or a row that left meanwhile: the person sees the error, nothing is written.)
    Edit(Vec<Patch>),
}

/// How long the person waits before the next thing they do.
pub fn pause(seat: &impl Seat) -> Duration {
    let longest = if seat.hurries() { 1_500 } else { 9_000 };
    if seat.chance(300) { seat.between_ms(0, 80) } else { seat.between_ms(200, longest) }
}

/// Something changes on the screen: now and then the person changes it right back.
pub fn answer_back(seat: &impl Seat, changes: &Changes) -> Option<Doing> {
    let titled = changes.rows.iter().find(|change| change.at.table == Table::Events && change.after.is_some());
    let change = titled.filter(|_| seat.chance(60))?;
    let patch = Patch::update(change.at.clone(), Columns::new()).set("title", format!("t{}", value(seat)));
    Some(Doing::Edit(vec![patch]))
}

/// What the person does next.
pub fn next(seat: &impl Seat) -> Doing {
    if seat.chance(60) {
        return Doing::Look(match seat.below(8) {
            0..3 => Nudge::Now,
            3 => Nudge::Shrink,
            4 => Nudge::Check,
            _ => Nudge::Window(far_from_now(seat, 0), far_from_now(seat, 1)),
        });
    }
    if seat.chance(80)
        && let Some(decided) = decide(seat)
    {
        return decided;
    }
    Doing::Edit(edit(seat))
}

/// A span outside the standing window: a year on.
fn far_from_now(seat: &impl Seat, days: i64) -> i64 {
    (seat.today_micros() / 1000).cast_signed() + (365 + days) * 86_400_000
}

/// Retries or discards something stuck.
fn decide(seat: &impl Seat) -> Option<Doing> {
    let stuck = seat.stuck();
    let at = seat.pick(&stuck)?.clone();
    Some(Doing::Decide(if seat.chance(500) { Batch::Retry(at) } else { Batch::Discard(at) }))
}

fn edit(seat: &impl Seat) -> Vec<Patch> {
    if seat.hurries() && seat.chance(120) {
        return share(seat);
    }
    match seat.below(100) {
        0..24 => new_event(seat, None),
        24..28 => new_exception(seat),
        28..62 => change_event(seat),
        62..70 => delete_or_restore(seat),
        70..76 => share(seat),
        76..80 => answer(seat),
        80..86 => overlay(seat),
        86..96 => calendar(seat),
        _ => profile(seat),
    }
}

fn fresh_id(seat: &impl Seat) -> Uuid {
    // A later id is mostly greater, as with UUIDv7, but not always: clocks differ.
    let time = seat.micros() / 1000 + seat.below(5_000);
    Uuid::from_u128((u128::from(time) << 80) | (0x7 << 76) | (0x8 << 60) | u128::from(seat.random() >> 16))
}

fn value(seat: &impl Seat) -> u64 {
    seat.books().fresh()
}

fn when(seat: &impl Seat) -> Columns {
    let number = value(seat);
    // A few lie outside the standing window.
    let day = if seat.chance(40) { 365 } else { seat.below(100) as i64 - 50 };
    let micros = (seat.today_micros() as i64 + day * 86_400_000_000 + number as i64 * 1_000_000) as u64;
    let start = (micros / 1000) as i64;
    let duration = 30 + seat.below(90) as i64;
    columns(json!({
        "start_time": time::text_of_micros(micros), "duration": duration, "all_day": false, "time_zone": "UTC", "recurrence": null,
        "start_timestamp_ms": start, "end_timestamp_ms": start + duration * 60_000,
    }))
}

fn columns(value: Value) -> Columns {
    match value {
        Value::Object(columns) => columns,
        _ => Columns::new(),
    }
}

fn new_event(seat: &impl Seat, series: Option<Uuid>) -> Vec<Patch> {
    let id = fresh_id(seat);
    let mut initial = when(seat);
    initial.extend(columns(json!({
        "owner_id": seat.user().to_string(), "series_id": series.map(|id| id.to_string()),
        "original_start": series.map(|_| initial["start_time"].clone()), "title": format!("t{}", value(seat)),
        "private": false, "location": format!("l{}", value(seat)), "notes": format!("n{}", value(seat)),
    })));
    seat.books().events.push(id);
    let mut patches = vec![Patch::create(RowRef::event(id), initial)];
    if series.is_none() && seat.chance(600) {
        patches.push(overlay_patch(seat, id));
    }
    patches
}

fn overlay_patch(seat: &impl Seat, event: Uuid) -> Patch {
    let calendars = seat.books().calendars.clone();
    let own: Vec<&RowRef> = calendars.iter().filter(|at| seat.row(at).is_some()).collect();
    let calendar = seat.pick(&own).map(|at| at.key.clone());
    let text = format!("a{}", value(seat));
    let initial = columns(json!({
        "calendar_id": calendar, "category_id": null, "show_time_as": "busy", "time_defense_level": "normal",
        "ai_managed": false, "ai_instructions": text, "persona_id": null, "reminders": [10],
    }));
    Patch::upsert(RowRef::overlay(event, seat.user()), initial, Columns::new()).set("ai_instructions", text)
}

/// An event of the device, living or not.
fn some_event(seat: &impl Seat, living: bool) -> Option<(Uuid, Arc<Row>)> {
    let events = seat.books().events.clone();
    // Mostly a recent one: that is where people meet.
    for _ in 0..6 {
        let back = if seat.chance(700) { seat.below(4) } else { seat.below(events.len() as u64) };
        let id = *events.get(events.len().checked_sub(1 + back as usize)?)?;
        let row = seat.row(&RowRef::event(id));
        if let Some(row) = row.filter(|row| row.is_live() == living) {
            return Some((id, row));
        }
    }
    None
}

fn owns(seat: &impl Seat, row: &Row) -> bool {
    row.columns.get("owner_id").and_then(Value::as_str) == Some(seat.user().to_string().as_str())
}

/// Whether the app would offer it; sometimes the person does it anyway, as an old client would.
fn may_edit(seat: &impl Seat, id: Uuid, row: &Row) -> bool {
    if owns(seat, row) || seat.chance(50) {
        return true;
    }
    let series = row.columns.get("series_id").and_then(Value::as_str).and_then(|id| id.parse().ok()).unwrap_or(id);
    let role = seat.row(&RowRef::role(series, seat.user()));
    role.is_some_and(|role| role.is_live() && role.columns.get("role").and_then(Value::as_str) != Some("viewer"))
}

fn new_exception(seat: &impl Seat) -> Vec<Patch> {
    match some_event(seat, true) {
        Some((id, row)) if owns(seat, &row) && row.columns.get("series_id").is_none_or(Value::is_null) => {
            new_event(seat, Some(id))
        }
        _ => Vec::new(),
    }
}

fn change_event(seat: &impl Seat) -> Vec<Patch> {
    let Some((id, row)) = some_event(seat, !seat.chance(60)) else { return Vec::new() };
    if !may_edit(seat, id, &row) {
        return Vec::new();
    }
    let mut patch = Patch::update(RowRef::event(id), Columns::new());
    for _ in 0..=seat.below(2) {
        patch = match seat.below(10) {
            0..4 => patch.set("title", format!("t{}", value(seat))),
            4..6 => patch.set("notes", format!("n{}", value(seat))),
            6 => patch.set("location", format!("l{}", value(seat))),
            7 if owns(seat, &row) => patch.set("private", seat.chance(500)),
            _ => {
                patch.columns.extend(when(seat));
                patch
            }
        };
    }
    vec![patch]
}

fn delete_or_restore(seat: &impl Seat) -> Vec<Patch> {
    let living = seat.chance(800);
    let Some((id, row)) = some_event(seat, living) else { return Vec::new() };
    if !owns(seat, &row) && !seat.chance(50) {
        return Vec::new();
    }
    let life = if living { Life::Delete } else { Life::Restore };
    vec![Patch { life: Some(life), ..Patch::update(RowRef::event(id), Columns::new()) }]
}

/// Grants, changes or revokes another's role.
fn share(seat: &impl Seat) -> Vec<Patch> {
    let others: Vec<Uuid> = seat.users().iter().copied().filter(|user| *user != seat.user()).collect();
    let (Some((id, row)), Some(other)) = (some_event(seat, true), seat.pick(&others)) else { return Vec::new() };
    if !owns(seat, &row) || row.columns.get("series_id").is_some_and(|id| !id.is_null()) {
        return Vec::new();
    }
    let at = RowRef::role(id, *other);
    let is_shared = seat.row(&at).is_some_and(|role| role.is_live());
    if is_shared && seat.chance(500) {
        return vec![Patch::delete(at)];
    }
    let role = *seat.pick(&["viewer", "contributor", "contributor", "delegate_full"]).unwrap_or(&"viewer");
    let initial = columns(json!({ "role": role, "rsvp": null, "following": false }));
    vec![Patch::upsert(at, initial, columns(json!({ "role": role })))]
}

/// Answers an invitation, follows, or leaves.
fn answer(seat: &impl Seat) -> Vec<Patch> {
    let Some((id, _)) = some_event(seat, true) else { return Vec::new() };
    let at = RowRef::role(id, seat.user());
    let Some(role) = seat.row(&at).filter(|role| role.is_live()) else {
        return Vec::new();
    };
    match seat.below(10) {
        0 => vec![Patch::delete(at)],
        1..4 => vec![Patch::update(
            at,
            columns(json!({ "following": !role.columns.get("following").and_then(Value::as_bool).unwrap_or(false) })),
        )],
        _ => {
            vec![Patch::update(
                at,
                columns(json!({ "rsvp": *seat.pick(&["accepted", "declined", "tentative"]).unwrap_or(&"accepted") })),
            )]
        }
    }
}

fn overlay(seat: &impl Seat) -> Vec<Patch> {
    match some_event(seat, true) {
        Some((id, _)) => vec![overlay_patch(seat, id)],
        None => Vec::new(),
    }
}

fn calendar(seat: &impl Seat) -> Vec<Patch> {
    let calendars = seat.books().calendars.clone();
    let own: Vec<&RowRef> = calendars.iter().filter(|at| seat.row(at).is_some()).collect();
    match (seat.pick(&own), seat.below(10)) {
        (Some(at), 0..5) => {
            vec![Patch::update((*at).clone(), columns(json!({ "name": format!("c{}", value(seat)) })))]
        }
        (Some(at), 5) => vec![Patch::update(
            (*at).clone(),
            columns(json!({ "visible": seat.chance(500), "position": seat.below(9) })),
        )],
        (Some(at), 6) => vec![Patch::delete((*at).clone())],
        _ => {
            let at = RowRef::calendar(fresh_id(seat));
            seat.books().calendars.push(at.clone());
            let initial = columns(json!({
                "user_id": seat.user().to_string(), "name": format!("c{}", value(seat)), "color": "#aabbcc", "visible": true,
                "is_default": false, "position": 1.5, "default_reminders": [],
            }));
            vec![Patch::create(at, initial)]
        }
    }
}

fn profile(seat: &impl Seat) -> Vec<Patch> {
    let initial = columns(json!({
        "first_name": null, "last_name": null, "display_name": "x", "title": null, "organization": null, "avatar_url": null,
        "timezone": "UTC", "time_format": "24_hour", "week_start_day": "monday", "work_schedule": {},
    }));
    let at = RowRef::id(Table::Profiles, seat.user());
    if seat.chance(300) {
        // A default that nobody touched.
        return vec![Patch { untouched: true, ..Patch::create(at, initial) }];
    }
    vec![Patch::upsert(at, initial, columns(json!({ "title": format!("p{}", value(seat)) })))]
}
