//! Taking entries to be sent, and settling them.

use crate::{Fixture, data::*};
use almanac_core::{
    key::RowRef,
    outbox::{Entry, RowState, StuckReason},
    patch::Patch,
    row::{Columns, Row},
    store::{Batch, LocalTime, Query, Settlement, Store, Verdict},
    table::Table,
};

fn done(entry: &Entry, row: Row) -> Settlement {
    Settlement { at: entry.at.clone(), generation: entry.generation, verdict: Verdict::Done(row) }
}

fn refused(entry: &Entry) -> Settlement {
    let reason = StuckReason { code: "forbidden".to_owned(), message: "not yours".to_owned() };
    Settlement { at: entry.at.clone(), generation: entry.generation, verdict: Verdict::Refused { reason, row: None } }
}

async fn settle(store: &dyn Store, settlements: Vec<Settlement>, at: u64) -> bool {
    run(store, Batch::OutboxSettle { settlements, at }).await.applied
}

/// The row as the server would hold it after this entry.
fn accepted(entry: &Entry) -> Row {
    let mut row = Row::empty(&entry.at);
    row.columns.extend(entry.columns.clone());
    row.stamps = entry.groups.clone();
    row
}

fn keys(entries: &[Entry]) -> Vec<RowRef> {
    entries.iter().map(|entry| entry.at.clone()).collect()
}

pub(crate) async fn taking_marks_entries_in_push_order(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let patches = vec![
        create_role(1, me(), "viewer"),
        create_overlay(1, me(), Some(7)),
        create_event(1, "Lunch", span(0, HOUR)),
        create_calendar(7, "Work"),
    ];
    commit(&*store, patches).await;
    let taken = run(&*store, take(10, 1)).await.taken;
    let order =
        [RowRef::calendar(id(7)), RowRef::event(id(1)), RowRef::overlay(id(1), me()), RowRef::role(id(1), me())];
    assert_eq!(keys(&taken), order);
    assert!(taken.iter().all(|entry| entry.attempted));
    for connection in [&store, &fixture.connect().await] {
        let kept = outbox(&**connection).await;
        assert_eq!(keys(&kept), order);
        assert!(kept.iter().all(|entry| entry.attempted), "the mark is in the database");
    }
}

pub(crate) async fn taking_keeps_to_its_limits(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    commit(&*store, (1..=6).map(|number| create_calendar(number, &"long ".repeat(200))).collect()).await;
    let take = |limit, max_bytes| Batch::OutboxTake { now_ms: after(1).wall_ms, limit, max_bytes, after: None };
    let size = outbox(&*store).await[0].wire_size();
    assert!(size > 1000);
    assert_eq!(run(&*store, take(4, usize::MAX)).await.taken.len(), 4);
    assert_eq!(run(&*store, take(500, size * 2)).await.taken.len(), 2);
    assert_eq!(run(&*store, take(500, 1)).await.taken.len(), 1, "an entry that is too large travels alone");
    let attempted = outbox(&*store).await.iter().filter(|entry| entry.attempted).count();
    assert_eq!(attempted, 4, "only what was taken is marked");
}

pub(crate) async fn taking_goes_on_after_a_row(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let mut patches: Vec<_> = (1..=40).map(|number| create_calendar(number, "Work")).collect();
    patches.push(create_event(1, "Lunch", span(0, HOUR)));
    commit(&*store, patches).await;
    let take_after =
        |limit, after| Batch::OutboxTake { now_ms: self::after(1).wall_ms, limit, max_bytes: usize::MAX, after };
    let calendars = |range: std::ops::RangeInclusive<u128>| range.map(|n| RowRef::calendar(id(n))).collect::<Vec<_>>();
    assert_eq!(keys(&run(&*store, take_after(30, None)).await.taken), calendars(1..=30));
    let after = Some(RowRef::calendar(id(30)));
    assert_eq!(keys(&run(&*store, take_after(10, after.clone())).await.taken), calendars(31..=40));
    let rest = run(&*store, take_after(99, Some(RowRef::calendar(id(39))))).await.taken;
    assert_eq!(keys(&rest), [RowRef::calendar(id(40)), RowRef::event(id(1))]);
    assert!(run(&*store, take_after(99, Some(RowRef::event(id(1))))).await.taken.is_empty());
    assert_eq!(run(&*store, take_after(99, None)).await.taken.len(), 41, "nothing was answered");
}

pub(crate) async fn what_was_not_sent_after_all_is_not_marked(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    commit(&*store, vec![create_calendar(1, "Work"), create_calendar(2, "Work")]).await;
    // The first was sent once; then both were taken, and not sent.
    run(&*store, take(1, 1)).await;
    let taken = run(&*store, take(10, 1)).await.taken;
    run(&*store, Batch::OutboxPutBack { taken }).await;
    let attempted = |entries: Vec<Entry>| entries.iter().map(|entry| entry.attempted).collect::<Vec<_>>();
    assert_eq!(attempted(outbox(&*fixture.connect().await).await), [true, false]);
}

pub(crate) async fn waiting_entries_do_not_block_others(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    commit(&*store, (1..=9).map(|number| create_calendar(number, "Work")).collect()).await;
    let taken = run(&*store, take(6, 1)).await.taken;
    let until = after(100).wall_ms;
    let mut settlements: Vec<Settlement> = taken.iter().take(3).map(refused).collect();
    settlements.extend(taken.iter().skip(3).map(|entry| Settlement {
        at: entry.at.clone(),
        generation: entry.generation,
        verdict: Verdict::Deferred { until_ms: until },
    }));
    settle(&*store, settlements, 0).await;
    let calendars = |range: std::ops::RangeInclusive<u128>| range.map(|n| RowRef::calendar(id(n))).collect::<Vec<_>>();
    assert_eq!(keys(&run(&*store, take(2, 2)).await.taken), calendars(7..=8));
    assert_eq!(keys(&run(&*store, take(10, 2)).await.taken), calendars(7..=9));
    assert_eq!(keys(&run(&*store, take(10, 99)).await.taken), calendars(7..=9), "a second too early");
    assert_eq!(keys(&run(&*store, take(10, 100)).await.taken), calendars(4..=9), "now they are due");
}

pub(crate) async fn a_long_queue_is_taken_piece_by_piece(fixture: &dyn Fixture) {
    const ALL: u128 = 240;
    let store = fixture.connect().await;
    named(&*store).await;
    commit(&*store, (1..=ALL).map(|number| create_calendar(number, "Work")).collect()).await;
    // The first third waits, so that looking for what is due has to go past it.
    let taken = run(&*store, take(80, 1)).await.taken;
    let deferred = taken.iter().map(|entry| Settlement {
        at: entry.at.clone(),
        generation: entry.generation,
        verdict: Verdict::Deferred { until_ms: i64::MAX },
    });
    settle(&*store, deferred.collect(), 0).await;
    let mut sent = Vec::new();
    loop {
        let taken = run(&*store, take(50, 2)).await.taken;
        if taken.is_empty() {
            break;
        }
        assert!(taken.len() <= 50);
        sent.extend(keys(&taken));
        settle(&*store, taken.iter().map(|entry| done(entry, accepted(entry))).collect(), 1).await;
    }
    assert_eq!(sent, (81..=ALL).map(|number| RowRef::calendar(id(number))).collect::<Vec<_>>());
    assert_eq!(outbox(&*store).await.len(), 80);
    assert_eq!(stored(&*store, &RowRef::calendar(id(ALL))).await.state, RowState::Synced);
    assert_eq!(stored(&*store, &RowRef::calendar(id(1))).await.state, RowState::Pending);
}

pub(crate) async fn what_is_settled_reads_as_synced(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    for many in [3, 40] {
        let mut patches: Vec<_> = (1..=many).map(|n| create_event(n, "Lunch", span(0, HOUR))).collect();
        patches.extend((1..=many).map(|n| create_overlay(n, me(), None)));
        patches.extend((1..=many).map(|n| create_calendar(n, "Work")));
        commit(&*store, patches).await;
        let states = async || {
            let events = Query::Events { span: span(0, DAY), user: me() };
            let search = Query::Search { text: "lunch".to_owned(), limit: 500 };
            let mut states = Vec::new();
            for query in [events, Query::Table(Table::Calendars), Query::Event(id(2)), search] {
                let found = store.query(query).await.expect("the query is answered");
                states.extend(found.into_iter().map(|stored| (stored.at, stored.state)));
            }
            states.push((RowRef::event(id(2)), stored(&*store, &RowRef::event(id(2))).await.state));
            states
        };
        let before = states().await;
        assert!(before.iter().all(|(_, state)| *state == RowState::Pending), "{before:?}");

        let taken = run(&*store, take(500, 1)).await.taken;
        assert_eq!(taken.len() as u128, 3 * many);
        run(&*store, edits(vec![Patch::update(RowRef::event(id(1)), Columns::new()).set("title", "Late lunch")], 2))
            .await;
        let answers = taken.iter().map(|entry| done(entry, accepted(entry))).collect();
        let outcome = run(&*store, Batch::OutboxSettle { settlements: answers, at: 0 }).await;
        assert!(outcome.applied);
        let told: Vec<&RowRef> = outcome.changes.rows.iter().map(|change| &change.at).collect();
        assert!(told.contains(&&RowRef::event(id(2))), "views hear that it is sent");
        let after = states().await;
        assert_eq!(after.len(), before.len());
        for (at, state) in after {
            let expected = if at == RowRef::event(id(1)) { RowState::Pending } else { RowState::Synced };
            assert_eq!(state, expected, "{at}");
        }
        store.wipe().await.expect("the database is emptied");
        named(&*store).await;
    }
}

pub(crate) async fn an_answer_clears_only_the_edit_it_answers(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let at = RowRef::event(id(1));
    commit(&*store, vec![create_event(1, "Lunch", span(0, HOUR))]).await;
    let first = run(&*store, take(10, 1)).await.taken;
    // While the request is under way, another edit is made.
    run(&*store, edits(vec![Patch::update(at.clone(), Default::default()).set("title", "Dinner")], 2)).await;
    settle(&*store, vec![done(&first[0], accepted(&first[0]))], 1).await;
    let left = entry(&*store, &at).await.expect("the second edit still waits");
    assert_eq!(left.groups.keys().collect::<Vec<_>>(), ["title"]);
    assert_eq!(column(&*store, &at, "title").await, "Dinner");
    assert_eq!(stored(&*store, &at).await.state, RowState::Pending);
    let second = run(&*store, take(10, 3)).await.taken;
    let mut row = accepted(&first[0]);
    row.columns.extend(second[0].columns.clone());
    row.stamps.extend(second[0].groups.clone());
    settle(&*store, vec![done(&second[0], row)], 2).await;
    assert_eq!(outbox(&*store).await, []);
    assert_eq!(stored(&*store, &at).await.state, RowState::Synced);
}

pub(crate) async fn a_refused_entry_is_set_aside(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let at = RowRef::event(id(1));
    commit(&*store, vec![create_event(1, "Lunch", span(0, HOUR)), create_calendar(7, "Work")]).await;
    let taken = run(&*store, take(10, 1)).await.taken;
    settle(&*store, vec![done(&taken[0], accepted(&taken[0])), refused(&taken[1])], 1).await;
    assert_eq!(stored(&*store, &at).await.state, RowState::Stuck);
    assert_eq!(column(&*store, &at, "title").await, "Lunch");
    let all = outbox(&*store).await;
    assert_eq!(keys(&all), [at]);
    assert_eq!(all[0].stuck.as_ref().map(|reason| reason.code.as_str()), Some("forbidden"));
    assert_eq!(run(&*store, take(10, 2)).await.taken, []);
}

pub(crate) async fn a_stuck_entry_can_be_retried_or_discarded(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let (at, new) = (RowRef::event(id(1)), RowRef::event(id(2)));
    run(&*store, page(vec![server_event(1, "Theirs", span(0, HOUR), NOW - 1)], 1)).await;
    let edit = Patch::update(at.clone(), Default::default()).set("title", "Mine");
    commit(&*store, vec![edit, create_event(2, "New", span(0, HOUR))]).await;
    let taken = run(&*store, take(10, 1)).await.taken;
    settle(&*store, taken.iter().map(refused).collect(), 1).await;
    run(&*store, Batch::Retry(at.clone())).await;
    assert_eq!(stored(&*store, &at).await.state, RowState::Pending);
    assert_eq!(keys(&run(&*store, take(10, 2)).await.taken), std::slice::from_ref(&at));
    run(&*store, Batch::Discard(at.clone())).await;
    run(&*store, Batch::Discard(new.clone())).await;
    assert_eq!(column(&*store, &at, "title").await, "Theirs");
    assert_eq!(stored(&*store, &at).await.state, RowState::Synced);
    assert_eq!(get(&*store, &new).await, None, "the server never had it");
    assert_eq!(outbox(&*store).await, []);
}

pub(crate) async fn a_late_answer_settles_without_its_row(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let at = RowRef::event(id(1));
    commit(&*store, vec![create_event(1, "Lunch", span(0, HOUR))]).await;
    let taken = run(&*store, take(10, 1)).await.taken;
    let newer = server_event(1, "Theirs", span(0, HOUR), NOW + 60_000_000);
    run(&*store, page(vec![newer], 9)).await;
    let applied = settle(&*store, vec![done(&taken[0], accepted(&taken[0]))], 8).await;
    assert!(!applied, "the cursor has passed the answer's snapshot");
    assert_eq!(outbox(&*store).await, []);
    assert_eq!(column(&*store, &at, "title").await, "Theirs");
}

pub(crate) async fn stamps_made_in_the_dark_are_shifted(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let dark = LocalTime { adjusted: false, ..after(0) };
    let known = LocalTime { adjusted: true, ..dark };
    run(&*store, Batch::CommitLocal { patches: vec![create_calendar(1, "Work")], at: known }).await;
    run(&*store, take(1, 1)).await;
    let event = vec![create_event(1, "Lunch", span(0, HOUR))];
    run(&*store, Batch::CommitLocal { patches: event, at: dark }).await;
    let patches = vec![create_calendar(2, "Work"), create_event(2, "Lunch", span(0, HOUR))];
    run(&*store, Batch::CommitLocal { patches, at: known }).await;
    let outcome = run(&*store, take(9, 1)).await;
    assert!(!outcome.applied && outcome.taken.is_empty(), "what was made in the dark is moved before it is sent");
    let before = outbox(&*store).await;
    run(&*store, Batch::ShiftStamps { by_micros: -5_000_000, now: after(0).now }).await;
    let (sent, shifted) = (RowRef::calendar(id(1)), RowRef::event(id(1)));
    for (old, new) in before.iter().zip(outbox(&*store).await) {
        let by = if old.at == shifted { 5_000_000 } else { 0 };
        for (group, stamp) in &old.groups {
            assert_eq!(new.groups[group].micros, stamp.micros - by, "{} {group}", old.at);
        }
        let row = stored(&*store, &new.at).await.row().expect("a row");
        assert_eq!(row.stamps, new.groups, "row and entry of {} agree", new.at);
    }
    assert!(entry(&*store, &sent).await.is_some_and(|entry| entry.attempted));
}
