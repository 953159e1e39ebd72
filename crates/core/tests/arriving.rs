//! What arrives: the feed and its cursor, windows, rows that are gone, the resync and the restored server.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use almanac_core::{
    key::RowRef,
    memory::MemoryStore,
    outbox::RowState,
    patch::Patch,
    row::{Columns, Row},
    stamp::Stamp,
    store::{Batch, RemoteBatch, Verdict},
};
use support::*;

const RESTORED: &str = "00000000-0000-4000-8000-000000000002";

fn lunch() -> Row {
    server_event(1, "Lunch", NOW - HOUR)
}

#[test]
fn rows_and_cursor_come_in_one_transaction() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    assert_eq!(device.state().cursor, 11);
    device.0.fail_next_commit();
    let batch =
        RemoteBatch { rows: vec![server_event(2, "x", NOW)], at: 12, cursor: Some(12), ..RemoteBatch::default() };
    assert!(device.try_run(Batch::ApplyRemote(batch)).is_err());
    assert_eq!((device.state().cursor, device.row(&event(2))), (11, None));
}

#[test]
fn an_answer_older_than_the_cursor_is_left_out_whole() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.feed(&[], &[event(1)], 12);
    let window = RemoteBatch { rows: vec![lunch()], at: 11, coverage: Some((0, 5)), ..RemoteBatch::default() };
    let before = device.state();
    assert!(!device.run(Batch::ApplyRemote(window)).applied);
    assert_eq!((device.row(&event(1)), device.state()), (None, before), "what is gone does not come back");
}

#[test]
fn an_answer_as_new_as_the_cursor_applies() {
    let device = Device(MemoryStore::new());
    device.run(Batch::BeginResync { window: (0, 5), new_epoch: false, repair_since: None });
    device.page(&[], 11, EPOCH, None);
    let window = RemoteBatch { rows: vec![lunch()], at: 11, coverage: Some((5, 9)), ..RemoteBatch::default() };
    assert!(device.run(Batch::ApplyRemote(window)).applied);
    assert!(device.row(&event(1)).is_some());
    assert_eq!(device.state().coverage, [(0, 9)]);
    assert_eq!(device.state().cursor, 11, "a window moves no cursor");
}

#[test]
fn a_pending_edit_is_not_overwritten_by_what_arrives() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    device.feed(&[with(lunch(), "location", "Canteen", Stamp::new(NOW, OTHER))], &[], 12);
    let row = device.row(&event(1)).unwrap();
    assert_eq!((title(&row), row.columns["location"].as_str()), ("Dinner", Some("Canteen")));
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Pending);
}

#[test]
fn a_newer_edit_of_another_supersedes_a_pending_one() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    device.feed(&[with(lunch(), "title", "Brunch", Stamp::new(NOW + 1, OTHER))], &[], 12);
    assert_eq!(title(&device.row(&event(1)).unwrap()), "Brunch");
    assert!(device.entries().is_empty());
}

#[test]
fn ones_own_edit_coming_back_settles_it_even_if_the_answer_was_lost() {
    let device = Device::new();
    device.create(1, "Lunch");
    let entry = device.take().remove(0);
    device.feed(&[entry.as_row()], &[], 11);
    assert!(device.entries().is_empty());
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Synced);
}

#[test]
fn gone_takes_the_row_and_tells_the_view_it_was_in() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    let outcome = device.feed(&[], &[event(1)], 12);
    assert!(device.row(&event(1)).is_none());
    assert!(outcome.changes.rows[0].before.is_some());
}

#[test]
fn a_pending_edit_of_a_row_that_is_gone_becomes_stuck() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    device.feed(&[], &[event(1)], 12);
    assert!(device.row(&event(1)).is_none());
    assert_eq!(device.entry(&event(1)).unwrap().stuck.unwrap().code, "gone");
}

#[test]
fn a_row_that_is_back_shows_what_was_written_about_it() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    device.feed(&[], &[event(1)], 12);
    device.feed(&[lunch()], &[], 13);
    assert_eq!(title(&device.row(&event(1)).unwrap()), "Dinner");
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Stuck, "a person still decides");
}

#[test]
fn a_row_never_sent_is_not_gone() {
    let device = Device::new();
    device.create(1, "Lunch");
    device.feed(&[], &[event(1)], 11);
    assert!(device.row(&event(1)).is_some() && device.entry(&event(1)).unwrap().stuck.is_none());
}

#[test]
fn a_resync_sweeps_at_its_end_never_at_its_start() {
    let device = Device::new();
    device.feed(&[lunch(), server_event(2, "Old", NOW - HOUR)], &[], 11);
    let covered = device.state().coverage;
    device.run(Batch::BeginResync { window: (0, 9), new_epoch: false, repair_since: None });
    device.page(&[lunch()], 20, EPOCH, Some("2"));
    assert!(device.row(&event(2)).is_some() && device.state().cursor == 11);
    device.page(&[], 25, EPOCH, None);
    assert!(device.row(&event(1)).is_some() && device.row(&event(2)).is_none());
    assert_eq!(device.state().cursor, 20, "the first page's: the feed repairs what later pages saw differently");
    assert_eq!(device.state().coverage, covered, "all that was covered was fetched, not only the window around now");
}

#[test]
fn a_resync_sweeps_nothing_that_waits_to_be_sent() {
    let device = Device::new();
    device.create(1, "Lunch");
    device.resync(&[], 20, EPOCH, false);
    assert!(device.row(&event(1)).is_some() && device.entry(&event(1)).is_some());
}

#[test]
fn a_page_of_a_resync_given_up_is_left_out() {
    let device = Device::new();
    let outcome = device.page(&[lunch()], 20, EPOCH, None);
    assert!(!outcome.applied);
    assert!(device.row(&event(1)).is_none());
}

#[test]
fn a_tombstone_that_the_server_collected_does_not_hide_a_row_made_again() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.feed(&[dead(lunch(), NOW)], &[], 12);
    device.feed(&[lunch()], &[], 13);
    assert!(device.row(&event(1)).unwrap().is_live(), "or this device would differ from the server for ever");
}

#[test]
fn a_default_that_nobody_touched_gives_way_to_the_servers_whatever_its_text() {
    let device = Device::new();
    let untouched = Patch { untouched: true, ..Patch::create(event(1), event_columns("zzz, the greater text")) };
    device.commit(untouched);
    let mut of_the_server = server_event(1, "a default", 0);
    of_the_server.stamps.values_mut().for_each(|stamp| *stamp = Stamp::ZERO);
    device.feed(&[of_the_server], &[], 11);
    assert_eq!(title(&device.row(&event(1)).unwrap()), "a default", "or the two would differ for ever");
}

#[test]
fn a_delete_that_waits_is_not_undone_by_the_old_row() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.commit(Patch::delete(event(1)));
    device.feed(&[lunch()], &[], 12);
    assert!(!device.row(&event(1)).unwrap().is_live());
}

// ---- A restored server ------------------------------------------------------------------------------------------------

#[test]
fn what_a_restored_server_lost_of_a_row_is_sent_again() {
    let device = Device::new();
    device.feed(&[with(lunch(), "title", "Dinner", Stamp::new(NOW, ME))], &[], 11);
    device.resync(&[lunch()], 3, RESTORED, true);
    let entry = device.entry(&event(1)).unwrap();
    assert_eq!(entry.groups.keys().collect::<Vec<_>>(), ["title"]);
    assert_eq!(entry.columns["title"], "Dinner");
    assert_eq!(title(&device.row(&event(1)).unwrap()), "Dinner");
    assert_eq!((device.state().cursor, device.state().epoch.as_deref()), (3, Some(RESTORED)));
}

#[test]
fn a_row_that_a_restored_server_lost_is_sent_whole() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.resync(&[], 3, RESTORED, true);
    let entry = device.entry(&event(1)).unwrap();
    assert!(entry.create && entry.groups.len() == 5);
    assert!(device.row(&event(1)).is_some());
}

#[test]
fn a_pending_edit_does_not_hide_what_else_the_restored_server_lost() {
    let device = Device::new();
    device.feed(&[with(lunch(), "title", "Dinner", Stamp::new(NOW, ME))], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("location", "Canteen"));
    device.resync(&[lunch()], 3, RESTORED, true);
    let entry = device.entry(&event(1)).unwrap();
    assert_eq!(entry.groups.keys().collect::<Vec<_>>(), ["location", "title"]);
    assert_eq!(entry.base.unwrap()["title"], "Lunch", "discarding would show what this server has");
}

#[test]
fn a_pending_edit_of_a_row_that_the_restored_server_lost_takes_the_row_along() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("location", "Canteen"));
    device.resync(&[], 3, RESTORED, true);
    let entry = device.entry(&event(1)).unwrap();
    assert_eq!(entry.groups.len(), 5, "the edit alone would be refused as missing");
    assert!(entry.create);
}

#[test]
fn a_deletion_that_a_restored_server_lost_is_sent_again() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.feed(&[dead(lunch(), NOW)], &[], 12);
    device.resync(&[], 3, RESTORED, true);
    let entry = device.entry(&event(1)).unwrap();
    assert_eq!(entry.groups.len(), 6, "whole, with its life: another device may bring the living row");
    assert!(!device.row(&event(1)).unwrap().is_live());
}

#[test]
fn a_restored_server_tries_anew_what_another_refused() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("location", "Canteen"));
    let entry = device.take().remove(0);
    device.settle(&entry, refused("missing", None), 11);
    device.resync(&[lunch()], 3, RESTORED, true);
    assert!(device.entry(&event(1)).unwrap().stuck.is_none());
}

#[test]
fn what_a_restored_server_does_not_take_back_bothers_nobody_who_did_not_write_it() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.resync(&[], 3, RESTORED, true);
    let entry = device.take().remove(0);
    device.settle(&entry, refused("forbidden", None), 3);
    assert!(device.entries().is_empty() && device.row(&event(1)).is_none());
}

#[test]
fn what_a_restored_server_failed_to_take_is_not_given_up() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.resync(&[], 3, RESTORED, true);
    let entry = device.take().remove(0);
    device.settle(&entry, refused("server_error", None), 3);
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Stuck);
}

#[test]
fn what_a_restored_server_does_not_take_back_is_shown_to_its_author() {
    let device = Device::new();
    device.feed(&[with(lunch(), "title", "Dinner", Stamp::new(NOW, ME))], &[], 11);
    device.resync(&[], 3, RESTORED, true);
    let entry = device.take().remove(0);
    device.settle(&entry, refused("forbidden", None), 3);
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Stuck);
}

#[test]
fn a_resync_begun_for_a_new_server_stays_one_when_begun_again() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.run(Batch::BeginResync { window: (0, 9), new_epoch: true, repair_since: None });
    device.resync(&[], 3, RESTORED, false);
    assert!(device.row(&event(1)).is_some(), "nothing is swept that the new server may have lost");
}

#[test]
fn done_by_a_restored_server_is_done() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.resync(&[], 3, RESTORED, true);
    let entry = device.take().remove(0);
    device.settle(&entry, Verdict::Done(entry.as_row()), 3);
    assert!(device.entries().is_empty());
    assert_eq!(device.row(&event(1)).unwrap(), lunch());
}

#[test]
fn what_hangs_on_an_event_that_waits_to_live_again_is_not_swept() {
    let device = Device::new();
    let overlay = RowRef::overlay(id(1), user(1));
    let mine = with(Row::empty(&overlay), "ai_instructions", "mine", Stamp::new(NOW - HOUR, OTHER));
    let other =
        with(Row::empty(&RowRef::overlay(id(2), user(1))), "ai_instructions", "x", Stamp::new(NOW - HOUR, OTHER));
    device.feed(&[lunch(), mine, other], &[], 11);
    device.feed(&[dead(lunch(), NOW)], &[], 12);
    device.commit(Patch::restore(event(1)));
    // The event is dead on the server: no page of the resync has it, or what hangs on it.
    device.resync(&[], 20, EPOCH, false);
    assert!(device.row(&event(1)).is_some_and(|row| row.is_live()));
    assert!(device.row(&overlay).is_some(), "it left the screen, and will be back once the event is sent");
    assert!(device.row(&RowRef::overlay(id(2), user(1))).is_none(), "nothing else is spared");
}

#[test]
fn ones_own_overlay_stays_with_an_event_whose_deletion_was_not_heard_of() {
    let device = Device::new();
    let overlay = RowRef::overlay(id(1), user(1));
    let mine = with(Row::empty(&overlay), "ai_instructions", "mine", Stamp::new(NOW - HOUR, OTHER));
    device.feed(&[lunch(), mine], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    device.resync(&[], 20, EPOCH, false);
    assert!(device.row(&event(1)).is_some() && device.row(&overlay).is_some());
}

#[test]
fn what_the_server_misses_does_not_come_back_when_its_edit_is_discarded() {
    let device = Device::new();
    device.feed(&[lunch()], &[], 11);
    device.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    let entry = device.take().remove(0);
    device.settle(&entry, refused("missing", None), 11);
    assert_eq!(device.stored(&event(1)).unwrap().state, RowState::Stuck, "shown until its author has decided");
    device.run(Batch::Discard(event(1)));
    assert!(device.row(&event(1)).is_none(), "nobody else has it");
}
