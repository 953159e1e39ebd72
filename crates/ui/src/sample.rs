//! Fixed data for tests and the gallery.

use almanac_core::{
    Uuid,
    domain::{Calendar, Event, Overlay, ShowTimeAs, TimeDefenseLevel},
    outbox::RowState,
};
use almanac_data::{CalendarItem, EventItem};
use chrono::{DateTime, TimeDelta, Utc};
use std::rc::Rc;

/// A timed event of the user with id 1.
pub(crate) fn event(id: u128, title: &str, start: &str, minutes: i64) -> Event {
    let start_time: DateTime<Utc> = start.parse().expect("an RFC 3339 time");
    let span = Event::bounds(start_time, minutes, false);
    Event {
        id: Uuid::from_u128(id),
        owner_id: Uuid::from_u128(1),
        title: title.to_owned(),
        start_time,
        duration: minutes,
        all_day: false,
        time_zone: Some("Europe/Berlin".into()),
        recurrence: None,
        private: false,
        location: None,
        notes: None,
        series_id: None,
        original_start: None,
        split_from: None,
        ical_uid: None,
        start_timestamp_ms: span.start,
        end_timestamp_ms: span.end,
    }
}

/// The same as an item in a calendar.
pub(crate) fn item(id: u128, title: &str, start: &str, minutes: i64, calendar: u128) -> EventItem {
    EventItem {
        event: event(id, title, start, minutes),
        overlay: None,
        role: None,
        calendar: Some(Uuid::from_u128(calendar)),
        state: RowState::Synced,
    }
}

/// A calendar.
pub(crate) fn calendar(id: u128, name: &str, color: &str) -> CalendarItem {
    let calendar = Calendar {
        id: Uuid::from_u128(id),
        user_id: Uuid::from_u128(1),
        name: name.into(),
        color: color.into(),
        visible: true,
        is_default: id == 1,
        #[allow(clippy::cast_precision_loss, reason = "a few samples")]
        position: id as f64,
        default_reminders: None,
    };
    CalendarItem { calendar, is_default: id == 1, state: RowState::Synced }
}

/// A category.
#[cfg(test)]
pub(crate) fn category(id: u128, name: &str) -> almanac_data::CategoryItem {
    let category = almanac_core::domain::Category {
        id: Uuid::from_u128(id),
        user_id: Uuid::from_u128(1),
        name: name.into(),
        color: "blue".into(),
        visible: true,
        is_default: false,
        position: 1.0,
    };
    almanac_data::CategoryItem { category, is_default: false, state: RowState::Synced }
}

/// One's own view of an item, as nobody has touched it.
pub(crate) fn overlay(item: &EventItem) -> Overlay {
    Overlay {
        event_id: item.event.id,
        user_id: Uuid::from_u128(1),
        calendar_id: item.calendar,
        category_id: None,
        show_time_as: ShowTimeAs::Busy,
        time_defense_level: TimeDefenseLevel::Normal,
        ai_managed: false,
        ai_instructions: None,
        persona_id: None,
        reminders: None,
    }
}

/// Five calendars.
pub(crate) fn calendars() -> Vec<CalendarItem> {
    [("Work", "blue"), ("Personal", "green"), ("Family", "orange"), ("Travel", "violet"), ("Health", "pink")]
        .into_iter()
        .zip(1..)
        .map(|((name, color), id)| calendar(id, name, color))
        .collect()
}

/// A full week from Monday 16 November 2026 with every kind of event in it.
pub(crate) fn week() -> Vec<Rc<EventItem>> {
    let all_day = |id, title, start: &str, days, calendar| {
        let mut item = item(id, title, start, i64::from(days) * 1440, calendar);
        item.event.all_day = true;
        item
    };
    let own = |mut item: EventItem, change: fn(&mut Overlay)| {
        change(item.overlay.insert(overlay(&item)));
        item
    };
    let state = |mut item: EventItem, state| {
        item.state = state;
        item
    };
    let mut items = vec![
        all_day(1, "Conference in Lisbon", "2026-11-18T00:00:00Z", 4, 4),
        all_day(2, "Ana's birthday", "2026-11-17T00:00:00Z", 1, 3),
        all_day(3, "Quarter closes", "2026-11-19T00:00:00Z", 1, 1),
        all_day(4, "School holiday", "2026-11-14T00:00:00Z", 6, 3),
        all_day(5, "Deploy freeze", "2026-11-19T00:00:00Z", 6, 1),
        item(10, "Stand-up", "2026-11-16T08:30:00Z", 15, 1),
        item(11, "Stand-up", "2026-11-17T08:30:00Z", 15, 1),
        item(12, "Stand-up", "2026-11-18T08:30:00Z", 15, 1),
        item(13, "Stand-up", "2026-11-19T08:30:00Z", 15, 1),
        item(14, "Planning for the next release", "2026-11-16T09:00:00Z", 90, 1),
        state(item(15, "Lunch with Ana", "2026-11-17T12:00:00Z", 60, 2), RowState::Pending),
        item(
            16,
            "Design review: the week grid, its overlaps and what happens with a long title",
            "2026-11-17T13:30:00Z",
            90,
            1,
        ),
        own(item(17, "Interview", "2026-11-17T14:00:00Z", 60, 1), |own| own.show_time_as = ShowTimeAs::Tentative),
        item(18, "Deep work", "2026-11-18T09:00:00Z", 240, 1),
        item(19, "Call with the bank", "2026-11-18T10:00:00Z", 30, 2),
        own(item(20, "Dentist", "2026-11-18T11:15:00Z", 45, 5), |own| {
            own.time_defense_level = TimeDefenseLevel::HardBlock
        }),
        own(item(21, "Gym", "2026-11-18T17:00:00Z", 75, 5), |own| own.show_time_as = ShowTimeAs::Free),
        state(item(22, "Budget", "2026-11-19T10:00:00Z", 60, 1), RowState::Stuck),
        item(23, "One to one", "2026-11-19T10:00:00Z", 30, 1),
        item(24, "Pick up Tim", "2026-11-19T10:00:00Z", 45, 3),
        own(item(25, "Train to Porto", "2026-11-20T07:00:00Z", 180, 4), |own| own.show_time_as = ShowTimeAs::Oof),
        own(item(26, "Writing", "2026-11-20T12:00:00Z", 120, 2), |own| own.show_time_as = ShowTimeAs::WorkingElsewhere),
        item(27, "Concert", "2026-11-20T19:00:00Z", 300, 2),
        own(item(28, "Long run", "2026-11-21T07:30:00Z", 100, 5), |own| own.ai_managed = true),
        item(29, "Call home", "2026-11-22T17:00:00Z", 30, 3),
    ];
    for n in 0..12_u32 {
        let start = format!("2026-11-22T{:02}:{:02}:00Z", 9 + n / 8, (n * 7) % 60);
        items.push(item(
            100 + u128::from(n),
            &format!("Booth {}", n + 1),
            &start,
            50 + i64::from(n % 3) * 20,
            1 + u128::from(n % 5),
        ));
    }
    for (item, location) in items.iter_mut().skip(8).zip(["Room 4", "Meet", "Alto Bar"].iter().cycle()) {
        item.event.location = Some((*location).to_owned());
    }
    items.sort_by_key(|item| (item.event.start_timestamp_ms, std::cmp::Reverse(item.event.end_timestamp_ms)));
    items.into_iter().map(Rc::new).collect()
}

/// When the gallery is: Wednesday 18 November 2026, 11:20 in Berlin.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(29_916_620)
}
