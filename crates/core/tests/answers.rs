//! What becomes of what was sent: done, refused, put off, retried, discarded.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use almanac_core::{
    outbox::RowState,
    patch::Patch,
    row::Columns,
    stamp::Stamp,
    store::{Batch, Settlement, Snapshot, Verdict},
};
use std::sync::Arc;
use support::*;

/// A device with an event of the server, edited here: its entry, taken.
fn edited() -> (Device, almanac_core::outbox::Entry) {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    let entry = device.take().remove(0);
    (device, entry)
}

/// What the server answers to it.
fn confirmed(entry: &almanac_core::outbox::Entry) -> almanac_core::row::Row {
    almanac_core::merge::merge(&server_event(1, "Lunch", NOW - HOUR), &entry.as_row())
}

#[test]
fn done_clears_the_entry_it_answers() {
    let (device, entry) = edited();
    device.settle(&entry, Verdict::Done(confirmed(&entry)), 11);
    assert!(device.entries().is_empty());
    let stored = device.stored(&event(1)).unwrap();
    assert_eq!((stored.state, title(&stored.row().unwrap())), (RowState::Synced, "Dinner"));
}

#[test]
fn an_answer_with_what_is_here_already_writes_no_row_again() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    device.create(2, "Supper");
    for entry in device.take() {
        let at = entry.at.clone();
        let answer = device.row(&at).unwrap();
        let snapshot = Snapshot {
            state: device.state(),
            rows: [(at.clone(), device.stored(&at).unwrap())].into(),
            entries: [(at.clone(), Arc::new(device.entry(&at).unwrap()))].into(),
            ..Snapshot::default()
        };
        let settlement = Settlement { at: at.clone(), generation: entry.generation, verdict: Verdict::Done(answer) };
        let plan = Batch::OutboxSettle { settlements: vec![settlement], at: 11 }.plan(snapshot).unwrap();
        assert_eq!((plan.puts, plan.deletes, plan.delete_entries), (vec![], vec![], vec![at.clone()]));
        let told = &plan.outcome.changes.rows;
        assert_eq!(told.iter().map(|change| &change.at).collect::<Vec<_>>(), [&at], "views hear that it was sent");
    }
}

#[test]
fn done_brings_what_others_wrote_meanwhile() {
    let (device, entry) = edited();
    let other = with(confirmed(&entry), "location", "Canteen", Stamp::new(NOW + 5, OTHER));
    device.settle(&entry, Verdict::Done(other), 11);
    assert_eq!(device.row(&event(1)).unwrap().columns["location"], "Canteen");
}

#[test]
fn an_answer_older_than_the_feed_only_settles() {
    let (device, entry) = edited();
    device.feed(&[], &[], 20);
    let answer = with(confirmed(&entry), "location", "Canteen", Stamp::new(NOW + 5, OTHER));
    let outcome = device.settle(&entry, Verdict::Done(answer), 15);
    assert!(!outcome.applied);
    assert!(device.entries().is_empty());
    assert!(device.row(&event(1)).unwrap().columns["location"].is_null(), "a row that left since must not come back");
}

#[test]
fn a_late_answer_clears_nothing_written_since() {
    let (device, entry) = edited();
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Supper"));
    device.settle(&entry, Verdict::Done(confirmed(&entry)), 11);
    let waits = device.entry(&event(1)).unwrap();
    assert_eq!(waits.columns["title"], "Supper");
    assert_eq!(title(&device.row(&event(1)).unwrap()), "Supper");
}

#[test]
fn refused_is_set_aside_and_stays_on_screen() {
    let (device, entry) = edited();
    device.settle(&entry, refused("forbidden", Some(server_event(1, "Lunch", NOW - HOUR))), 11);
    let stored = device.stored(&event(1)).unwrap();
    assert_eq!((stored.state, title(&stored.row().unwrap())), (RowState::Stuck, "Dinner"));
    assert_eq!(device.entry(&event(1)).unwrap().stuck.unwrap().code, "forbidden");
    assert!(device.take().is_empty(), "not sent again by itself");
}

#[test]
fn what_was_edited_since_a_refusal_gets_its_own_try() {
    let (device, entry) = edited();
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Supper"));
    device.settle(&entry, refused("invalid", None), 11);
    assert_eq!(device.take().len(), 1);
}

#[test]
fn a_refusal_that_shows_a_newer_row_ends_the_edit() {
    let (device, entry) = edited();
    let newer = with(server_event(1, "Lunch", NOW - HOUR), "title", "Brunch", Stamp::new(NOW + HOUR, OTHER));
    device.settle(&entry, refused("forbidden", Some(newer)), 11);
    assert!(device.entries().is_empty(), "superseded: nothing is left to decide");
    assert_eq!(title(&device.row(&event(1)).unwrap()), "Brunch");
}

#[test]
fn both_versions_of_a_stuck_row_are_kept_up_to_date() {
    let (device, entry) = edited();
    device.settle(&entry, refused("forbidden", None), 11);
    device.feed(&[with(server_event(1, "Lunch", NOW - HOUR), "location", "Canteen", Stamp::new(NOW, OTHER))], &[], 12);
    let base = device.entry(&event(1)).unwrap().base.unwrap();
    assert_eq!((base["title"].as_str(), base["location"].as_str()), (Some("Lunch"), Some("Canteen")));
    assert_eq!(title(&device.row(&event(1)).unwrap()), "Dinner");
}

#[test]
fn retry_sends_again_under_a_new_generation() {
    let (device, entry) = edited();
    device.settle(&entry, refused("forbidden", None), 11);
    device.run(Batch::Retry(event(1)));
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Pending);
    assert!(device.take()[0].generation > entry.generation);
}

#[test]
fn discard_shows_the_servers_row_and_tells_the_view_it_leaves() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - HOUR)], &[], 11);
    let later = i64::try_from(NOW / 1000).unwrap() + 7 * 86_400_000;
    let moved = columns(serde_json::json!({ "start_timestamp_ms": later, "end_timestamp_ms": later + 1 }));
    device.commit(Patch::update(event(1), moved));
    let outcome = device.run(Batch::Discard(event(1)));
    assert_eq!(device.row(&event(1)).unwrap(), server_event(1, "Lunch", NOW - HOUR));
    assert!(device.entries().is_empty());
    let change = &outcome.changes.rows[0];
    assert_eq!(change.before.unwrap().start, later, "next week's view must drop it");
    assert!(change.after.is_some());
}

#[test]
fn discarding_what_the_server_never_had_removes_it() {
    let device = Device::new();
    device.create(1, "Lunch");
    let entry = device.take().remove(0);
    device.settle(&entry, refused("invalid", None), 10);
    let outcome = device.run(Batch::Discard(event(1)));
    assert!(device.row(&event(1)).is_none() && device.entries().is_empty());
    assert!(outcome.changes.rows[0].before.is_some());
}

#[test]
fn put_off_waits_and_then_goes() {
    let (device, entry) = edited();
    let until_ms = i64::try_from(NOW / 1000).unwrap() + 1000;
    device.settle(&entry, Verdict::Deferred { until_ms }, 11);
    assert!(device.take().is_empty());
    let due = device.run(Batch::OutboxTake { now_ms: until_ms, limit: 9, max_bytes: 9999, after: None }).taken;
    assert_eq!(due.len(), 1);
}

#[test]
fn stuck_rows_hold_up_nothing_behind_them() {
    let device = Device::new();
    for n in 1..=3 {
        device.create(n, "Lunch");
    }
    let first = device.take_some(1).remove(0);
    device.settle(&first, refused("invalid", None), 10);
    assert_eq!(device.take_some(1)[0].at, event(2));
}

#[test]
fn parents_go_before_children_whatever_their_ids() {
    let device = Device::new();
    device.create(9, "Series");
    let mut exception = event_columns("Exception");
    exception.insert("series_id".to_owned(), id(9).to_string().into());
    device.commit(Patch::create(event(1), exception));
    let order: Vec<_> = device.take().into_iter().map(|entry| entry.at).collect();
    assert_eq!(order, [event(9), event(1)]);
}

#[test]
fn an_entry_is_marked_before_it_goes_out() {
    let (device, entry) = edited();
    assert!(entry.attempted && device.entry(&event(1)).unwrap().attempted);
}

#[test]
fn a_request_stays_under_its_size_unless_one_entry_is_larger() {
    let device = Device::new();
    for n in 1..=3 {
        device.create(n, &"x".repeat(5_000));
    }
    let take = |max_bytes| {
        device.run(Batch::OutboxTake { now_ms: (NOW / 1000) as i64, limit: 500, max_bytes, after: None }).taken.len()
    };
    assert_eq!(take(12_500), 2);
    assert_eq!(take(100), 1, "a larger one travels alone");
}
