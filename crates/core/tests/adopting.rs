//! What was made without an account becomes an account's: ids kept, owners rewritten, defaults nobody touched left out,
//! and once more changes nothing.

mod support;

use almanac_core::{
    Uuid,
    adopt::{is_touched, rewritten},
    key::RowRef,
    patch::Patch,
    row::Row,
    stamp::Stamp,
    store::Batch,
    table::Table,
};
use serde_json::{Value, json};
use support::*;

const WALL_MS: i64 = 1_793_491_200_000;

fn nobody() -> Uuid {
    user(90)
}

fn calendar(n: u128) -> RowRef {
    RowRef::calendar(id(n))
}

fn calendar_columns(name: &str) -> almanac_core::row::Columns {
    columns(json!({
        "user_id": nobody().to_string(), "name": name, "color": "blue", "visible": true, "is_default": true,
        "position": 1.0, "default_reminders": [],
    }))
}

fn profile_columns() -> almanac_core::row::Columns {
    columns(json!({
        "email": "", "first_name": null, "last_name": null, "display_name": null, "title": null, "organization": null,
        "avatar_url": null, "timezone": "UTC", "time_format": "24_hour", "week_start_day": "monday", "work_schedule": null,
    }))
}

fn untouched(at: RowRef, initial: almanac_core::row::Columns) -> Patch {
    Patch { untouched: true, ..Patch::create(at, initial) }
}

fn own_event(n: u128, title: &str) -> Patch {
    let mut initial = event_columns(title);
    initial.insert("owner_id".into(), nobody().to_string().into());
    Patch::create(event(n), initial)
}

fn in_calendar(n: u128, calendar: Uuid) -> Patch {
    let initial = columns(json!({
        "calendar_id": calendar.to_string(), "category_id": null, "show_time_as": "free", "time_defense_level": "normal",
        "ai_managed": false, "ai_instructions": null, "persona_id": null, "reminders": null,
    }));
    Patch::create(RowRef::overlay(id(n), nobody()), initial)
}

/// A device used without an account: a default calendar and a profile that nobody touched, and two events.
fn without_account() -> Device {
    let device = Device(almanac_core::memory::MemoryStore::new());
    device.run(Batch::Init { device: ME });
    device.commit(untouched(calendar(50), calendar_columns("Calendar")));
    device.commit(untouched(RowRef::id(Table::Profiles, nobody()), profile_columns()));
    device.commit(own_event(1, "Lunch"));
    device.commit(in_calendar(1, id(50)));
    device.commit(own_event(2, "Dinner"));
    device
}

fn rows_of(device: &Device) -> Vec<Row> {
    let all = [calendar(50), calendar(51), event(1), event(2), RowRef::overlay(id(1), nobody())];
    let profile = RowRef::id(Table::Profiles, nobody());
    all.into_iter().chain([profile]).filter_map(|at| device.row(&at)).collect()
}

fn adopted(rows: Vec<Row>) -> Batch {
    Batch::Adopt { rows: rewritten(rows, nobody(), user(1)), wall_ms: WALL_MS }
}

fn entries(device: &Device) -> Vec<String> {
    device.entries().iter().map(|entry| entry.at.to_string()).collect()
}

#[test]
fn ids_stay_and_owners_become_the_account() {
    let device = Device::new();
    device.run(adopted(rows_of(&without_account())));
    let lunch = device.row(&event(1)).unwrap();
    assert_eq!(lunch.columns["owner_id"], json!(user(1)));
    assert!(device.row(&RowRef::overlay(id(1), user(1))).is_some(), "the overlay is keyed by its user");
    assert!(device.row(&RowRef::overlay(id(1), nobody())).is_none());
    assert_eq!(entries(&device).len(), 3, "two events and an overlay wait to be sent");
}

#[test]
fn what_nobody_touched_gives_way_to_the_accounts_own() {
    let rows = rewritten(rows_of(&without_account()), nobody(), user(1));
    assert!(rows.iter().all(|row| !matches!(row.table, Table::Calendars | Table::Profiles)));
    let overlay = rows.iter().find(|row| row.table == Table::Overlays).unwrap();
    assert_eq!(overlay.columns["calendar_id"], Value::Null, "reads as in the account's default calendar");
    assert_eq!(overlay.columns["show_time_as"], json!("free"));
}

#[test]
fn a_default_that_was_renamed_goes_along_with_its_events() {
    let device = without_account();
    device.commit(Patch::update(calendar(50), columns(json!({ "name": "Family" }))));
    let account = Device::new();
    account.run(adopted(rows_of(&device)));
    let family = account.row(&calendar(50)).unwrap();
    assert_eq!((&family.columns["name"], &family.columns["user_id"]), (&json!("Family"), &json!(user(1))));
    assert_eq!(family.stamps["is_default"], Stamp::ZERO, "the account's own default stays the default");
    let overlay = account.row(&RowRef::overlay(id(1), user(1))).unwrap();
    assert_eq!(overlay.columns["calendar_id"], json!(id(50)));
}

#[test]
fn of_the_profile_only_what_was_changed_goes_along() {
    let device = without_account();
    let own = RowRef::id(Table::Profiles, nobody());
    device.commit(Patch::update(own, columns(json!({ "week_start_day": "sunday" }))));
    let account = Device::new();
    account.run(adopted(rows_of(&device)));
    let entry = account.entry(&RowRef::id(Table::Profiles, user(1))).unwrap();
    assert_eq!(entry.groups.keys().collect::<Vec<_>>(), ["clock"], "the account's names are not emptied");
    assert_eq!(entry.columns["week_start_day"], json!("sunday"));
    assert!(!entry.columns.contains_key("display_name") && !entry.create);
}

#[test]
fn a_profile_that_is_here_already_is_merged_by_group() {
    let device = without_account();
    let own = RowRef::id(Table::Profiles, nobody());
    device.commit(Patch::update(own, columns(json!({ "week_start_day": "sunday" }))));
    let account = Device::new();
    let at = RowRef::id(Table::Profiles, user(1));
    let mut here = Row::empty(&at);
    here.columns.extend(profile_columns());
    here.columns.insert("title".into(), "Doctor".into());
    here.stamps.insert("title".into(), Stamp::new(NOW, OTHER));
    here.stamps.insert("clock".into(), Stamp::ZERO);
    account.feed(&[here], &[], 11);
    account.run(adopted(rows_of(&device)));
    let merged = account.row(&at).unwrap();
    assert_eq!((&merged.columns["week_start_day"], &merged.columns["title"]), (&json!("sunday"), &json!("Doctor")));
}

#[test]
fn cut_short_and_made_again_it_is_the_same() {
    let rows = rows_of(&without_account());
    for cut in 0..=rows.len() {
        let account = Device::new();
        account.run(adopted(rows[..cut].to_vec()));
        account.run(adopted(rows.clone()));
        let once = Device::new();
        once.run(adopted(rows.clone()));
        assert_eq!(entries(&account), entries(&once), "cut after {cut} rows");
        let outcome = account.run(adopted(rows.clone()));
        assert!(outcome.changes.is_empty(), "a further time changes nothing");
    }
}

#[test]
fn a_row_that_was_sent_or_changed_meanwhile_is_left_alone() {
    let rows = rows_of(&without_account());
    let account = Device::new();
    account.run(adopted(rows.clone()));
    account.commit(Patch::update(event(1), columns(json!({ "title": "Brunch" }))));
    // What was made in the dark is sent once the server's clock is known.
    account.run(Batch::ShiftStamps { by_micros: 0, now: NOW + HOUR });
    assert!(!account.take().is_empty());
    account.commit(Patch::delete(event(2)));
    account.run(adopted(rows));
    assert!(!account.row(&event(2)).unwrap().is_live(), "a deletion stays one");
    assert_eq!(title(&account.row(&event(1)).unwrap()), "Brunch");
}

#[test]
fn its_stamps_still_follow_the_servers_clock() {
    let account = Device::new();
    account.run(adopted(rows_of(&without_account())));
    let before = account.entry(&event(1)).unwrap().groups["title"].micros;
    account.run(Batch::ShiftStamps { by_micros: -1_000_000, now: NOW + HOUR });
    let after = account.entry(&event(1)).unwrap().groups["title"].micros;
    assert_eq!(before - after, SECOND);
}

#[test]
fn a_touched_row_has_a_stamp() {
    let device = without_account();
    assert!(!is_touched(&device.row(&calendar(50)).unwrap()));
    assert!(is_touched(&device.row(&event(1)).unwrap()));
}
