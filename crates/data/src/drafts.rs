//! From what a person wants to patches: pure, so that it is tested without a database.

use almanac_core::{
    domain::{Event, ShowTimeAs, TimeDefenseLevel, TimeFormat, WeekStart, WorkHours},
    key::RowRef,
    patch::Patch,
    row::Columns,
    table::Table,
    time,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A new event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewEvent {
    /// May be empty.
    pub title: String,
    /// For an all-day event midnight UTC of its date.
    pub start: DateTime<Utc>,
    /// Minutes; whole days for an all-day event.
    pub duration_minutes: i64,
    /// A date, not an instant.
    pub all_day: bool,
    /// IANA zone it was made in; none for a date, which is the same everywhere (kept as `UTC`).
    pub time_zone: Option<String>,
    /// None: the default one.
    pub calendar: Option<Uuid>,
    /// Where.
    pub location: Option<String>,
    /// Anything.
    pub notes: Option<String>,
    /// Whether it is private, and what else its maker keeps about it. (What has a field above is taken from there.)
    pub more: EventEdit,
}

/// What changes about an event. None: stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventEdit {
    /// Title.
    pub title: Option<String>,
    /// Start, minutes, all day.
    pub when: Option<(DateTime<Utc>, i64, bool)>,
    /// Location; inner none clears it.
    pub location: Option<Option<String>>,
    /// Notes; inner none clears them.
    pub notes: Option<Option<String>>,
    /// Only owner and full delegates see it.
    pub private: Option<bool>,
    /// The user's own calendar for it.
    pub calendar: Option<Uuid>,
    /// The user's own free or busy.
    pub show_time_as: Option<ShowTimeAs>,
    /// IANA zone it belongs to.
    pub time_zone: Option<String>,
    /// The user's own category; inner none takes it away.
    pub category: Option<Option<Uuid>>,
    /// How firmly the user defends the time.
    pub time_defense_level: Option<TimeDefenseLevel>,
    /// Which persona looks after it, if any.
    pub ai: Option<AiCare>,
    /// The user's own reminders, minutes before the start; inner none means the calendar's.
    pub reminders: Option<Option<Vec<i64>>>,
}

/// Whether and how a persona looks after an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AiCare {
    /// Whether one does.
    pub managed: bool,
    /// What it should know.
    pub instructions: Option<String>,
    /// Which; none leaves the choice open.
    pub persona: Option<Uuid>,
}

/// What changes about a calendar. None: stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalendarEdit {
    /// Name.
    pub name: Option<String>,
    /// Palette name or `#rrggbb`.
    pub color: Option<String>,
    /// Whether its events are shown.
    pub visible: Option<bool>,
    /// True makes it the default.
    pub is_default: Option<bool>,
    /// Reminders of events that have none of their own, minutes before the start.
    pub default_reminders: Option<Vec<i64>>,
}

impl CalendarEdit {
    /// A new one.
    #[must_use]
    pub fn new(name: String, color: String) -> Self {
        Self { name: Some(name), color: Some(color), ..Self::default() }
    }
}

/// What changes about the profile. None: stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfileEdit {
    /// 12 or 24 hours.
    pub time_format: Option<TimeFormat>,
    /// First weekday.
    pub week_start_day: Option<WeekStart>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// Given, family and shown name: one group, so they change together.
    pub names: Option<Names>,
    /// Job title; inner none clears it.
    pub title: Option<Option<String>>,
    /// Organization; inner none clears it.
    pub organization: Option<Option<String>>,
    /// Picture; inner none takes it away.
    pub avatar_url: Option<Option<String>>,
    /// Working hours by weekday name.
    pub work_schedule: Option<BTreeMap<String, Vec<WorkHours>>>,
}

/// A person's names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Given name.
    pub first: Option<String>,
    /// Family name.
    pub last: Option<String>,
    /// What others see.
    pub display: Option<String>,
}

/// The wire value of an enum.
pub(crate) fn word(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

pub(crate) fn columns(value: Value) -> Columns {
    match value {
        Value::Object(columns) => columns,
        _ => Columns::new(),
    }
}

fn when(start: DateTime<Utc>, minutes: i64, all_day: bool, recurs: bool) -> Columns {
    let span = Event::bounds(start, minutes, recurs);
    columns(json!({
        "start_time": time::text(start), "duration": minutes, "all_day": all_day,
        "start_timestamp_ms": span.start, "end_timestamp_ms": span.end,
    }))
}

/// The user's overlay of an event with these columns changed, made with the defaults where it is not there.
pub(crate) fn overlay(event: Uuid, user: Uuid, changed: Columns) -> Patch {
    let mut initial = columns(json!({
        "calendar_id": null, "category_id": null, "show_time_as": "busy", "time_defense_level": "normal",
        "ai_managed": false, "ai_instructions": null, "persona_id": null, "reminders": null,
    }));
    initial.extend(changed.clone());
    Patch::upsert(RowRef::overlay(event, user), initial, changed)
}

/// The patches of a new event.
pub(crate) fn create_event(id: Uuid, user: Uuid, new: NewEvent) -> Vec<Patch> {
    let mut initial = columns(json!({
        "owner_id": user, "series_id": null, "original_start": null, "split_from": null, "ical_uid": null,
        "title": new.title.trim(), "time_zone": new.time_zone.as_deref().unwrap_or("UTC"), "recurrence": null,
        "private": new.more.private.unwrap_or(false), "location": new.location, "notes": new.notes,
    }));
    initial.extend(when(new.start, new.duration_minutes, new.all_day, false));
    let own = own_view(&EventEdit { calendar: new.calendar, ..new.more });
    let own = (!own.is_empty()).then(|| overlay(id, user, own));
    std::iter::once(Patch::create(RowRef::event(id), initial)).chain(own).collect()
}

/// The columns of the user's overlay that an edit changes.
fn own_view(edit: &EventEdit) -> Columns {
    let mut own = Columns::new();
    if let Some(calendar) = edit.calendar {
        own.insert("calendar_id".into(), calendar.to_string().into());
    }
    if let Some(show) = edit.show_time_as {
        own.insert("show_time_as".into(), word(show));
    }
    if let Some(category) = edit.category {
        own.insert("category_id".into(), word(category));
    }
    if let Some(level) = edit.time_defense_level {
        own.insert("time_defense_level".into(), word(level));
    }
    if let Some(ai) = &edit.ai {
        own.insert("ai_managed".into(), ai.managed.into());
        own.insert("ai_instructions".into(), ai.instructions.clone().into());
        own.insert("persona_id".into(), word(ai.persona));
    }
    if let Some(reminders) = &edit.reminders {
        own.insert("reminders".into(), word(reminders));
    }
    own
}

/// The patches of an edit of the event as it is now.
pub(crate) fn edit_event(event: &Event, user: Uuid, edit: EventEdit) -> Vec<Patch> {
    let own = own_view(&edit);
    let mut changed = Columns::new();
    if let Some(title) = edit.title {
        changed.insert("title".into(), title.trim().into());
    }
    if let Some((start, minutes, all_day)) = edit.when {
        changed.extend(when(start, minutes, all_day, event.recurrence.is_some()));
    }
    if let Some(zone) = edit.time_zone {
        changed.insert("time_zone".into(), zone.into());
    }
    if let Some(location) = edit.location {
        changed.insert("location".into(), location.into());
    }
    if let Some(notes) = edit.notes {
        changed.insert("notes".into(), notes.into());
    }
    if let Some(private) = edit.private {
        changed.insert("private".into(), private.into());
    }
    let mut patches = Vec::new();
    if !changed.is_empty() {
        patches.push(Patch::update(RowRef::event(event.id), changed));
    }
    if !own.is_empty() {
        patches.push(overlay(event.id, user, own));
    }
    patches
}

/// The patch of a new calendar.
pub(crate) fn create_calendar(id: Uuid, user: Uuid, new: CalendarEdit, position: f64) -> Patch {
    let mut initial = columns(json!({
        "user_id": user, "name": "", "color": "", "visible": true, "is_default": false, "position": position, "default_reminders": [],
    }));
    initial.extend(edit_calendar(id, new).columns);
    Patch::create(RowRef::calendar(id), initial)
}

/// The patch of an edit of a calendar.
pub(crate) fn edit_calendar(id: Uuid, edit: CalendarEdit) -> Patch {
    let mut changed = Columns::new();
    if let Some(name) = edit.name {
        changed.insert("name".into(), name.trim().into());
    }
    if let Some(color) = edit.color {
        changed.insert("color".into(), color.into());
    }
    if let Some(visible) = edit.visible {
        changed.insert("visible".into(), visible.into());
    }
    if let Some(is_default) = edit.is_default {
        changed.insert("is_default".into(), is_default.into());
    }
    if let Some(reminders) = edit.default_reminders {
        changed.insert("default_reminders".into(), word(reminders));
    }
    Patch::update(RowRef::calendar(id), changed)
}

/// The patch of an edit of the profile.
pub(crate) fn edit_profile(user: Uuid, email: &str, edit: ProfileEdit) -> Patch {
    let mut changed = Columns::new();
    if let Some(format) = edit.time_format {
        changed.insert("time_format".into(), word(format));
    }
    if let Some(day) = edit.week_start_day {
        changed.insert("week_start_day".into(), word(day));
    }
    if let Some(zone) = edit.timezone {
        changed.insert("timezone".into(), zone.into());
    }
    if let Some(names) = edit.names {
        changed.insert("first_name".into(), names.first.into());
        changed.insert("last_name".into(), names.last.into());
        changed.insert("display_name".into(), names.display.into());
    }
    if let Some(title) = edit.title {
        changed.insert("title".into(), title.into());
    }
    if let Some(organization) = edit.organization {
        changed.insert("organization".into(), organization.into());
    }
    if let Some(url) = edit.avatar_url {
        changed.insert("avatar_url".into(), url.into());
    }
    if let Some(schedule) = edit.work_schedule {
        changed.insert("work_schedule".into(), word(schedule));
    }
    let mut initial = columns(json!({
        "email": email, "first_name": null, "last_name": null, "display_name": null, "title": null, "organization": null,
        "avatar_url": null, "timezone": "UTC", "time_format": "24_hour", "week_start_day": "monday", "work_schedule": null,
    }));
    initial.extend(changed.clone());
    Patch::upsert(RowRef::id(Table::Profiles, user), initial, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn named(name: &str) -> CalendarEdit {
        CalendarEdit::new(name.into(), "blue".into())
    }

    #[test]
    fn every_draft_passes_the_check_of_patches() {
        let new = NewEvent { calendar: Some(id(3)), duration_minutes: 60, ..NewEvent::default() };
        let mut all = create_event(id(1), id(2), new);
        all.push(create_calendar(id(3), id(2), named(" Work "), 1.0));
        all.push(edit_calendar(id(3), CalendarEdit { visible: Some(false), ..CalendarEdit::default() }));
        all.push(edit_profile(
            id(2),
            "a@b.c",
            ProfileEdit { time_format: Some(TimeFormat::TwelveHour), ..ProfileEdit::default() },
        ));
        for patch in all {
            assert_eq!(patch.check(), Ok(()), "{:?}", patch.at);
        }
    }

    #[test]
    fn what_the_server_requires_is_never_null() {
        // The columns that are `not null` in supabase/migrations: one null and the row is refused.
        let all_day = NewEvent { all_day: true, duration_minutes: 1440, ..NewEvent::default() };
        let event = create_event(id(1), id(2), all_day).remove(0).initial.unwrap();
        for column in ["owner_id", "title", "start_time", "duration", "all_day", "time_zone", "private"] {
            assert!(!event[column].is_null(), "{column}");
        }
        let calendar = create_calendar(id(3), id(2), named("Work"), 1.0).initial.unwrap();
        for column in ["user_id", "name", "color", "visible", "is_default", "position", "default_reminders"] {
            assert!(!calendar[column].is_null(), "{column}");
        }
    }

    #[test]
    fn an_edit_names_only_what_changed() {
        let event: Event = serde_json::from_value(json!({
            "id": id(1), "owner_id": id(2), "start_time": "2026-11-22T10:00:00Z", "duration": 60,
            "start_timestamp_ms": 0, "end_timestamp_ms": 1,
        }))
        .unwrap();
        let edit = EventEdit { title: Some(" Lunch ".into()), ..EventEdit::default() };
        let patches = edit_event(&event, id(2), edit);
        assert_eq!(patches, [Patch::update(RowRef::event(id(1)), Columns::new()).set("title", "Lunch")]);
        let edit = EventEdit { show_time_as: Some(ShowTimeAs::WorkingElsewhere), ..EventEdit::default() };
        let patches = edit_event(&event, id(2), edit);
        assert_eq!(patches.len(), 1, "the event itself is not touched");
        assert_eq!(patches[0].columns["show_time_as"], "working_elsewhere");
    }

    #[test]
    fn moving_a_series_keeps_it_without_end() {
        let event: Event = serde_json::from_value(json!({
            "id": id(1), "owner_id": id(2), "start_time": "2026-11-22T10:00:00Z", "duration": 60, "recurrence": "RRULE:FREQ=DAILY",
            "start_timestamp_ms": 0, "end_timestamp_ms": 1,
        })).unwrap();
        let edit = EventEdit { when: Some((event.start_time, 30, false)), ..EventEdit::default() };
        assert_eq!(edit_event(&event, id(2), edit)[0].columns["end_timestamp_ms"], time::FAR_FUTURE_MS);
    }
}
