//! Realistic rows: about 100 events a week around now, most an hour long, each with an overlay of its owner.

use almanac_core::{
    Uuid,
    key::RowRef,
    row::{Columns, Row},
    stamp::{DeviceId, Stamp},
    time,
};
use serde_json::{Value, json};

pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: i64 = 24 * HOUR;
/// 2026-11-02, ms.
pub(crate) const MONDAY: i64 = 1_793_577_600_000;
/// Whose rows.
pub(crate) const ME: Uuid = Uuid::from_u128(0xa0_0000_0000_0000_0000_0000_0001);

/// Start of an event, ms: 100 a week, spread evenly over `count` of them around [`MONDAY`].
pub(crate) fn start(number: usize, count: usize) -> i64 {
    let week = (number / 100) as i64 - (count / 200) as i64;
    MONDAY + week * 7 * DAY + (number % 100) as i64 * 7 * DAY / 100 / HOUR * HOUR
}

/// A UUIDv7, as the app makes them: in the order in which the events were made, a minute apart.
pub(crate) fn id(number: usize) -> Uuid {
    let random = (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    let ms = 1_700_000_000_000 + number as u128 * 60_000;
    let version_and_variant = 0x7000_8000_0000_0000_0000;
    Uuid::from_u128(ms << 80 | version_and_variant | random & 0x0fff_3fff_ffff_ffff_ffff)
}

/// The columns of an event.
pub(crate) fn event(number: usize, count: usize, owner: Uuid) -> Columns {
    let start = start(number, count);
    columns(json!({
        "owner_id": owner.to_string(), "series_id": null, "original_start": null, "split_from": null, "ical_uid": null,
        "title": format!("Weekly planning with the team {number}"),
        "start_time": time::text_of_micros(u64::try_from(start).unwrap_or(0) * 1000), "duration": 60, "all_day": false,
        "time_zone": "UTC", "recurrence": null, "start_timestamp_ms": start, "end_timestamp_ms": start + HOUR,
        "private": false, "location": "Room 4.12, second floor", "notes": "Bring the figures of last week. ".repeat(6),
    }))
}

/// The columns of an overlay.
pub(crate) fn overlay() -> Columns {
    columns(json!({
        "calendar_id": id(7).to_string(), "category_id": null, "show_time_as": "busy", "time_defense_level": "normal",
        "ai_managed": false, "ai_instructions": null, "persona_id": null, "reminders": [10],
    }))
}

/// A row as a server sends it.
pub(crate) fn row(at: &RowRef, columns: Columns, micros: u64) -> Row {
    let mut row = Row::empty(at);
    row.columns.extend(columns);
    let stamp = Stamp::new(micros, DeviceId(0xb0b));
    row.stamps = at.table.groups().iter().map(|group| (group.name.to_owned(), stamp)).collect();
    row
}

pub(crate) fn columns(value: Value) -> Columns {
    match value {
        Value::Object(columns) => columns,
        _ => Columns::new(),
    }
}
