//! Stamps made without knowing the server's clock, and stamps ahead of it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use almanac_core::{outbox::Entry, patch::Patch, row::Columns, stamp::Stamp, store::Batch};
use support::*;

const RESTORED: &str = "00000000-0000-4000-8000-000000000002";

fn stamp(device: &Device, n: u128, group: &str) -> u64 {
    let (row, entry) = (device.row(&event(n)).unwrap(), device.entry(&event(n)).unwrap());
    assert_eq!(row.stamps.get(group), entry.groups.get(group), "row and entry agree");
    entry.groups[group].micros
}

fn learn(device: &Device, by_micros: i64, now: u64) {
    device.run(Batch::ShiftStamps { by_micros, now });
}

fn set_title(n: u128, title: &str) -> Vec<Patch> {
    vec![Patch::update(event(n), Columns::new()).set("title", title)]
}

const HOURS: i64 = 3 * HOUR as i64;

#[test]
fn edits_made_before_the_servers_clock_is_known_move_with_it_in_order() {
    let device = Device::new();
    for n in 1..=3 {
        device.commit_at(vec![Patch::create(event(n), event_columns("x"))], NOW + 3 * HOUR + n as u64, false);
    }
    learn(&device, -HOURS, NOW + 10);
    assert_eq!([1, 2, 3].map(|n| stamp(&device, n, "title")), [NOW + 1, NOW + 2, NOW + 3]);
    assert_eq!(device.state().last_stamp, NOW + 3);
}

#[test]
fn what_was_sent_or_stamped_by_the_servers_clock_does_not_move() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW, true);
    device.commit_at(vec![Patch::create(event(2), event_columns("x"))], NOW + 5, true);
    device.take_some(2);
    device.commit_at(vec![Patch::create(event(3), event_columns("x"))], NOW + 20, true);
    learn(&device, HOURS, NOW + 4 * HOUR);
    assert_eq!([1, 2, 3].map(|n| stamp(&device, n, "title")), [NOW, NOW + 5, NOW + 20]);
}

#[test]
fn an_edit_made_in_the_dark_after_its_row_was_sent_moves_alone() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW, true);
    device.take();
    device.commit_at(set_title(1, "y"), NOW + 9 + 3 * HOUR, false);
    let batch = Batch::OutboxTake { now_ms: i64::MAX, limit: 9, max_bytes: usize::MAX, after: None };
    assert!(!device.run(batch.clone()).applied, "the wrong clock's time is not sent");
    learn(&device, -HOURS, NOW + SECOND);
    assert_eq!([stamp(&device, 1, "when"), stamp(&device, 1, "title")], [NOW, NOW + 9], "what was sent stays");
    assert_eq!(device.run(batch).taken.len(), 1);
}

#[test]
fn an_edit_made_in_the_dark_after_one_that_was_not_moves_alone() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW, true);
    device.commit_at(set_title(1, "y"), NOW + 9 + 3 * HOUR, false);
    device.commit_at(vec![Patch::update(event(1), Columns::new()).set("notes", "z")], NOW + 20, true);
    learn(&device, -HOURS, NOW + SECOND);
    let stamps = ["when", "title", "notes"].map(|group| stamp(&device, 1, group));
    assert_eq!(stamps, [NOW, NOW + 9, NOW + 10], "the first was right; the last beats what it saw, and moves with it");
}

#[test]
fn an_edit_made_in_the_dark_never_falls_below_what_was_sent_of_its_row() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW, true);
    device.take();
    device.commit_at(set_title(1, "y"), NOW + SECOND, false);
    learn(&device, -HOURS, NOW + SECOND);
    assert_eq!([stamp(&device, 1, "when"), stamp(&device, 1, "title")], [NOW, NOW + 1]);
}

#[test]
fn an_edit_of_a_row_that_left_beats_the_version_its_author_may_have_seen() {
    let ahead = NOW + 100 * SECOND;
    for adjusted in [true, false] {
        let device = Device::new();
        device.feed(&[server_event(1, "Lunch", ahead)], &[], 11);
        device.run(Batch::Forget { rows: vec![event(1)] });
        device.commit_at(vec![Patch::create(event(1), event_columns("Dinner"))], NOW, adjusted);
        learn(&device, -HOURS, NOW + SECOND);
        assert_eq!(stamp(&device, 1, "title"), ahead + 1);
        device.feed(&[server_event(1, "Lunch", ahead)], &[], 12);
        assert_eq!(title(&device.row(&event(1)).unwrap()), "Dinner");
    }
}

#[test]
fn what_the_server_would_refuse_is_not_beaten() {
    let device = Device::new();
    device.feed(&[server_event(1, "From a server whose clock was wrong", NOW + 3 * HOUR)], &[], 11);
    device.create(2, "New");
    assert_eq!(stamp(&device, 2, "title"), NOW + 240 * SECOND, "it takes five minutes");
}

#[test]
fn what_was_made_in_the_dark_is_not_sent_before_it_was_moved() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW, false);
    let batch = Batch::OutboxTake { now_ms: i64::MAX, limit: 9, max_bytes: usize::MAX, after: None };
    let outcome = device.run(batch.clone());
    assert!(!outcome.applied && outcome.taken.is_empty() && !device.entries()[0].attempted);
    learn(&device, HOURS, NOW + 4 * HOUR);
    assert_eq!(device.run(batch).taken.len(), 1);
}

#[test]
fn an_edit_that_knows_the_servers_clock_does_not_follow_one_that_does_not() {
    let device = Device::new();
    // Two tabs of a device whose clock is three hours fast: only one of them has heard of the server's.
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW + 3 * HOUR, false);
    device.commit_at(vec![Patch::create(event(2), event_columns("x"))], NOW + SECOND, true);
    assert_eq!(stamp(&device, 2, "title"), NOW + SECOND);
    learn(&device, -HOURS, NOW + 2 * SECOND);
    assert_eq!([1, 2].map(|n| stamp(&device, n, "title")), [NOW, NOW + SECOND]);
    assert_eq!(device.state().last_stamp, NOW + SECOND);
}

#[test]
fn an_edit_of_what_was_made_in_the_dark_leaves_no_later_one_ahead_of_the_servers_clock() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW + 3 * HOUR, false);
    // The tab that knows the server's clock edits the same row: its stamp must beat the one it saw.
    device.commit_at(set_title(1, "y"), NOW + SECOND, true);
    learn(&device, -HOURS, NOW + 2 * SECOND);
    assert_eq!(["when", "title"].map(|group| stamp(&device, 1, group)), [NOW, NOW + 1]);
    device.commit_at(vec![Patch::create(event(2), event_columns("x"))], NOW + 3 * SECOND, true);
    assert_eq!(stamp(&device, 2, "title"), NOW + 3 * SECOND);
}

#[test]
fn learning_the_clock_again_does_not_push_the_next_stamp_into_the_future() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW, true);
    // A device whose clock is three hours slow, started again three times.
    for _ in 0..3 {
        learn(&device, HOURS, NOW);
    }
    device.commit_at(vec![Patch::create(event(2), event_columns("x"))], NOW + SECOND, true);
    assert_eq!(stamp(&device, 2, "title"), NOW + SECOND);
}

#[test]
fn a_moved_stamp_still_beats_the_version_its_author_saw() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - SECOND)], &[], 11);
    // The clock was slow, so the stamp came from the row seen; then it was set, and is now an hour fast.
    device.commit_at(set_title(1, "Dinner"), NOW - 3 * HOUR, false);
    learn(&device, -HOURS, NOW);
    assert_eq!(stamp(&device, 1, "title"), NOW - SECOND + 1);
}

#[test]
fn a_stamp_that_came_from_the_row_seen_does_not_move_into_the_future() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - SECOND)], &[], 11);
    device.commit_at(set_title(1, "Dinner"), NOW - 3 * HOUR, false);
    learn(&device, HOURS, NOW);
    assert_eq!(stamp(&device, 1, "title"), NOW);
}

fn refuse(device: &Device, taken: Vec<Entry>, now: u64) {
    device.run(Batch::ShiftRefused { taken, now });
}

#[test]
fn stamps_refused_as_ahead_come_down_to_the_servers_clock() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW + 3 * HOUR, true);
    device.commit_at(set_title(1, "y"), NOW + 3 * HOUR + 5, true);
    refuse(&device, device.take(), NOW);
    assert_eq!([stamp(&device, 1, "when"), stamp(&device, 1, "title")], [NOW, NOW + 1], "order kept");
    assert_eq!(device.state().last_stamp, NOW + 1, "the next one is not ahead either");
}

#[test]
fn a_refusal_moves_only_what_was_ahead() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW - HOUR, true);
    device.commit_at(vec![Patch::create(event(2), event_columns("x"))], NOW + 3 * HOUR, true);
    refuse(&device, device.take(), NOW);
    assert_eq!([1, 2].map(|n| stamp(&device, n, "title")), [NOW - HOUR, NOW]);
}

#[test]
fn an_edit_that_came_down_still_beats_ones_own_earlier_edit_that_may_be_there() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW - SECOND, true);
    // Sent, applied, the answer lost. Then the clock jumps and the title is changed again.
    device.take();
    device.commit_at(set_title(1, "y"), NOW + 3 * HOUR, true);
    let taken = device.take();
    assert_eq!(taken[0].sent, NOW - SECOND, "what an earlier request carried");
    let minutes = 3 * 60 * SECOND;
    refuse(&device, taken, NOW - minutes);
    assert_eq!(stamp(&device, 1, "title"), NOW - SECOND + 1, "not minutes before the title that the server may have");
}

#[test]
fn refused_twice_they_still_come_down() {
    let device = Device::new();
    device.commit_at(vec![Patch::create(event(1), event_columns("x"))], NOW + 3 * HOUR, true);
    device.take(); // The refusal was lost.
    refuse(&device, device.take(), NOW);
    assert!(stamp(&device, 1, "title") <= NOW + 5 * 60 * SECOND + 1, "more than the server takes cannot be there");
    refuse(&device, device.take(), NOW);
    assert!(stamp(&device, 1, "title") <= NOW + 5 * 60 * SECOND + 1);
}

#[test]
fn what_a_restored_server_is_given_back_does_not_come_down_with_what_it_refused() {
    let device = Device::new();
    let minutes = 4 * 60 * SECOND;
    let dinner = with(server_event(1, "Lunch", NOW - HOUR), "title", "Dinner", Stamp::new(NOW + minutes, OTHER));
    device.feed(&[dinner], &[], 11);
    device.resync(&[server_event(1, "Lunch", NOW - HOUR)], 3, RESTORED, true);
    device.commit_at(vec![Patch::create(event(2), event_columns("x"))], NOW + 3 * HOUR, true);
    refuse(&device, device.take(), NOW);
    assert_eq!(stamp(&device, 1, "title"), NOW + minutes, "another device gives back the same");
    assert_eq!(stamp(&device, 2, "title"), NOW + minutes, "as far as the server takes it: it may have been seen, too");
}

#[test]
fn an_edit_that_came_down_still_beats_what_its_author_saw_before_the_server_was_restored() {
    let minutes = 4 * 60 * SECOND;
    let lunch = server_event(1, "Lunch", NOW - HOUR);
    let dinner = with(lunch.clone(), "title", "Dinner", Stamp::new(NOW + minutes, OTHER));
    for restored in [vec![lunch], Vec::new()] {
        let device = Device::new();
        device.feed(std::slice::from_ref(&dinner), &[], 11);
        device.commit_at(set_title(1, "Supper"), NOW + 3 * HOUR, true);
        device.resync(&restored, 3, RESTORED, true);
        refuse(&device, device.take(), NOW);
        assert_eq!(stamp(&device, 1, "title"), NOW + minutes + 1, "another device gives the dinner back");
    }
}

#[test]
fn what_was_made_in_the_dark_moves_before_a_restored_server_is_given_its_row_back() {
    let device = Device::new();
    device.feed(&[server_event(1, "Lunch", NOW - 3 * HOUR)], &[], 11);
    // A tab that does not know that the clock is two hours slow; the restored server lacks the row.
    device.commit_at(set_title(1, "Dinner"), NOW - 2 * HOUR, false);
    let window = (0, i64::MAX);
    device.run(Batch::BeginResync { window, new_epoch: true, repair_since: None });
    if !device.page(&[], 3, RESTORED, None).applied {
        learn(&device, HOURS, NOW);
        assert!(device.page(&[], 3, RESTORED, None).applied);
    }
    learn(&device, HOURS, NOW);
    assert_eq!(stamp(&device, 1, "title"), NOW, "not two hours ago: others wrote since");
}
