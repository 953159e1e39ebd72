//! A person's edits: what is written of them, with which stamps, and what waits to be sent.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use almanac_core::{
    key::RowRef,
    outbox::RowState,
    patch::{BadPatch, Patch},
    row::Columns,
    stamp::Stamp,
    store::{Batch, LocalTime, StoreError, Verdict},
    table::Table,
};
use serde_json::json;
use support::*;

#[test]
fn an_edit_carries_its_group_and_nothing_else() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    let entry = device.entry(&event(1)).unwrap();
    assert_eq!(entry.groups.keys().collect::<Vec<_>>(), ["title"]);
    assert_eq!(entry.columns.keys().collect::<Vec<_>>(), ["id", "owner_id", "title"], "key, fixed columns, the group");
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Pending);
    assert!(!entry.create);
}

#[test]
fn a_group_goes_whole_where_one_column_changed() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("duration", 90));
    let entry = device.entry(&event(1)).unwrap();
    for column in Table::Events.group("when").unwrap().columns {
        assert!(entry.columns.contains_key(*column), "{column} is not sent");
    }
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    let (state, row) = (device.state(), device.row(&event(1)));
    let outcome =
        device.commit(Patch::update(event(1), Columns::new()).set("title", "Lunch").set("location", json!(null)));
    assert!(outcome.changes.is_empty() && outcome.edits.is_empty());
    assert_eq!((device.state(), device.row(&event(1))), (state, row), "not even the clock moves");
    assert!(device.entries().is_empty());
}

#[test]
fn one_and_one_point_nought_are_the_same_position() {
    let device = Device::new();
    let at = RowRef::calendar(id(5));
    let initial = columns(json!({"user_id": user(1).to_string(), "name": "Work", "color": "#fff", "visible": true,
        "is_default": false, "position": 1, "default_reminders": []}));
    device.commit(Patch::create(at.clone(), initial));
    let outcome = device.commit(Patch::update(at, Columns::new()).set("position", 1.0));
    assert!(outcome.edits.is_empty(), "PostgreSQL prints the double 1.0 as 1");
}

#[test]
fn a_missing_column_reads_as_null() {
    let device = Device::new();
    let mut row = server_event(1, "Lunch", NOW - HOUR);
    row.columns.remove("notes");
    device.feed(&[row], &[], 11);
    assert!(device.commit(Patch::update(event(1), Columns::new()).set("notes", json!(null))).edits.is_empty());
}

#[test]
fn a_later_edit_joins_the_entry_and_takes_a_new_generation() {
    let device = Device::new();
    device.create(1, "Lunch");
    let first = device.entry(&event(1)).unwrap();
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    let joined = device.entry(&event(1)).unwrap();
    assert_eq!(device.entries().len(), 1);
    assert!(joined.generation > first.generation);
    assert!(joined.create && joined.groups.len() == Table::Events.groups().len());
    assert_eq!(joined.columns["title"], "Dinner");
    assert!(joined.groups["title"] > first.groups["title"]);
    assert_eq!(joined.groups["when"], first.groups["when"], "what was not touched keeps its stamp");
}

#[test]
fn a_generation_is_never_given_twice() {
    let device = Device::new();
    device.create(1, "Lunch");
    let first = device.entry(&event(1)).unwrap().generation;
    device.commit(Patch::delete(event(1)));
    assert!(device.entries().is_empty());
    device.create(1, "Lunch");
    assert!(device.entry(&event(1)).unwrap().generation > first);
}

#[test]
fn made_and_deleted_vanishes_if_it_was_never_attempted() {
    let device = Device::new();
    device.create(1, "Lunch");
    let outcome = device.commit(Patch::delete(event(1)));
    assert!(device.row(&event(1)).is_none() && device.entries().is_empty());
    assert!(outcome.changes.rows[0].before.is_some(), "the view it was in hears of it");
}

#[test]
fn made_sent_and_deleted_leaves_a_tombstone_to_send() {
    let device = Device::new();
    device.create(1, "Lunch");
    device.take();
    device.commit(Patch::delete(event(1)));
    let entry = device.entry(&event(1)).unwrap();
    assert!(entry.groups.contains_key("life") && entry.create, "the answer may have been lost: the server may have it");
    assert!(!device.row(&event(1)).unwrap().is_live());
}

#[test]
fn an_edit_beats_the_version_its_author_saw_whatever_the_clock_says() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW + HOUR)], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    assert_eq!(device.row(&event(1)).unwrap().stamps["title"], Stamp::new(NOW + HOUR + 1, ME));
}

#[test]
fn stamps_of_one_device_never_stand_still_or_go_back() {
    let device = Device::new();
    device.create(1, "a");
    device.commit_at(vec![Patch::create(event(2), event_columns("b"))], NOW - HOUR, true);
    let stamps: Vec<_> = [1, 2].map(|n| device.row(&event(n)).unwrap().stamps["title"]).into();
    assert!(stamps[1] > stamps[0]);
}

#[test]
fn a_default_nobody_touched_gives_way_to_any_edit() {
    let device = Device::new();
    device.commit(Patch { untouched: true, ..Patch::create(event(1), event_columns("Default")) });
    assert!(device.row(&event(1)).unwrap().stamps.values().all(|stamp| *stamp == Stamp::ZERO));
    device.feed(&[server_event(1, "Mine", 1)], &[], 11);
    assert_eq!(title(&device.row(&event(1)).unwrap()), "Mine");
    assert!(device.entries().is_empty());
}

#[test]
fn an_edit_of_a_row_that_is_not_here_changes_nothing_else_of_it() {
    let device = Device::new();
    device.commit(Patch::upsert(event(1), event_columns("Default"), Columns::new()).set("notes", "Bring the book"));
    let row = device.row(&event(1)).unwrap();
    let written: Vec<_> =
        row.stamps.iter().filter(|(_, stamp)| **stamp > Stamp::ZERO).map(|(g, _)| g.as_str()).collect();
    assert_eq!(written, ["notes"], "the others are defaults that nobody chose");
    assert!(device.entry(&event(1)).unwrap().create, "all of them go with it, for a server that lacks the row");
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    let row = device.row(&event(1)).unwrap();
    assert_eq!((title(&row), row.columns["notes"].as_str()), ("Lunch", Some("Bring the book")));
    assert_eq!(device.entry(&event(1)).unwrap().groups.keys().collect::<Vec<_>>(), ["notes"]);
}

#[test]
fn editing_the_content_of_a_deleted_row_revives_it() {
    let device = Device::new();
    device.feed(&[dead(server_event(1, "Lunch", NOW - HOUR), NOW - SECOND)], &[], 11);
    device.feed(&[server_event(2, "Lunch", NOW - HOUR)], &[], 12);
    assert!(device.row(&event(1)).is_none(), "a tombstone of an unknown row is not kept");
    device.feed(&[dead(server_event(2, "Lunch", NOW - HOUR), NOW - SECOND)], &[], 13);
    device.commit(Patch::update(event(2), Columns::new()).set("private", true));
    assert!(!device.row(&event(2)).unwrap().is_live(), "private is no content");
    device.commit(Patch::update(event(2), Columns::new()).set("title", "Dinner"));
    assert!(device.row(&event(2)).unwrap().is_live());
}

#[test]
fn a_batch_is_written_whole_or_not_at_all() {
    let device = Device::new();
    let at = LocalTime { now: NOW, adjusted: true, wall_ms: 0 };
    let patches = vec![Patch::create(event(1), event_columns("a")), Patch::delete(event(9))];
    let result = device.try_run(Batch::CommitLocal { patches, at });
    assert!(matches!(result, Err(StoreError::Patch(BadPatch::Missing(at))) if at == event(9)));
    assert!(device.row(&event(1)).is_none() && device.entries().is_empty());
}

#[test]
fn the_second_patch_of_a_batch_sees_the_first() {
    let device = Device::new();
    let patches =
        vec![Patch::create(event(1), event_columns("a")), Patch::update(event(1), Columns::new()).set("title", "b")];
    device.commit_at(patches, NOW, true);
    assert_eq!(title(&device.row(&event(1)).unwrap()), "b");
    assert_eq!(device.entries().len(), 1);
}

#[test]
fn keys_fixed_and_unknown_columns_are_not_changed_by_a_patch() {
    for column in ["id", "owner_id", "stamps", "updated_at", "deleted_at", "colour"] {
        let patch = Patch::update(event(1), Columns::new()).set(column, "x");
        assert!(matches!(patch.check(), Err(BadPatch::Column { .. })), "{column}");
    }
}

#[test]
fn a_new_row_must_be_complete_or_the_server_could_not_build_it() {
    let mut initial = event_columns("a");
    initial.remove("notes");
    let result = Patch::create(event(1), initial).check();
    assert_eq!(result, Err(BadPatch::Incomplete { table: Table::Events, column: "notes" }));
}

#[test]
fn what_postgres_cannot_hold_is_not_written() {
    let device = Device::new();
    device.create(1, "nul\0nul");
    assert_eq!(device.entry(&event(1)).unwrap().columns["title"], "nulnul", "one U+0000 would fail the whole request");
}

#[test]
fn editing_frees_a_stuck_row() {
    let device = Device::new();
    device.create(1, "Lunch");
    let entry = device.take().remove(0);
    device.settle(&entry, refused("invalid", None), 10);
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Stuck);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Pending);
    assert_eq!(device.take().len(), 1);
}

#[test]
fn an_edit_made_while_the_answer_was_under_way_stays_pending() {
    let device = Device::new();
    device.create(1, "Lunch");
    let sent = device.take().remove(0);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    device.settle(&sent, Verdict::Done(sent.as_row()), 10);
    let entry = device.entry(&event(1)).unwrap();
    assert_eq!(entry.groups.keys().collect::<Vec<_>>(), ["title"], "the rest is settled");
    assert!(!entry.create);
    assert_eq!(title(&device.row(&event(1)).unwrap()), "Dinner");
}

/// A person edits before the server's clock is known, the row leaves because it may no longer be seen, and the person
/// sends the stuck edit again.
fn an_edit_without_its_row() -> Device {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    device.commit_at(vec![Patch::update(event(1), Columns::new()).set("title", "Dinner")], NOW + HOUR, false);
    device.feed(&[], &[event(1)], 12);
    assert!(device.row(&event(1)).is_none() && device.entry(&event(1)).is_some_and(|entry| entry.stuck.is_some()));
    device.run(Batch::Retry(event(1)));
    device
}

#[test]
fn stamps_of_an_edit_whose_row_has_left_move_too() {
    let device = an_edit_without_its_row();
    let take = Batch::OutboxTake { now_ms: i64::MAX, limit: 9, max_bytes: 9999, after: None };
    assert!(!device.run(take.clone()).applied, "its stamps were made in the dark");
    device.run(Batch::ShiftStamps { by_micros: -(HOUR as i64), now: NOW });
    let outcome = device.run(take);
    assert!(outcome.applied, "the engine would ask for ever");
    assert_eq!(outcome.taken[0].groups["title"].micros, NOW);
    assert!(device.row(&event(1)).is_none(), "the row does not come back by it");
}

#[test]
fn stamps_of_an_edit_whose_row_has_left_come_down_when_refused() {
    let device = an_edit_without_its_row();
    device.run(Batch::ShiftStamps { by_micros: 0, now: NOW + HOUR });
    let taken = device.take();
    device.run(Batch::ShiftRefused { taken, now: NOW });
    assert_eq!(device.entry(&event(1)).unwrap().groups["title"].micros, NOW);
}

#[test]
fn a_stamp_that_may_be_on_the_server_stays_though_another_of_its_time_comes_down() {
    let device = Device::new();
    let later = NOW + 120 * SECOND;
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    device.commit_at(vec![Patch::update(event(1), Columns::new()).set("title", "Dinner")], later, true);
    device.take();
    let mut twin = server_event(2, "Supper", NOW - HOUR);
    twin.stamps.insert("title".to_owned(), Stamp::new(later, ME));
    device.run(Batch::Adopt { rows: vec![twin], wall_ms: 0 });
    device.run(Batch::ShiftStamps { by_micros: 0, now: later });
    let taken = device.take();
    assert_eq!(taken.len(), 2);
    device.run(Batch::ShiftRefused { taken, now: NOW });
    assert_eq!(device.entry(&event(2)).unwrap().groups["title"].micros, NOW, "nobody has seen it");
    assert_eq!(device.entry(&event(1)).unwrap().groups["title"].micros, later, "an earlier request carried it");
}
