//! What is counted, surveyed, logged and forgotten.

use crate::{Fixture, data::*};
use almanac_core::{
    changes::Changes,
    key::RowRef,
    log::{Happened, KEPT, Line},
    outbox::{StuckReason, Waiting},
    patch::Patch,
    store::{Batch, RemoteBatch, Settlement, Store, Verdict},
    survey::Survey,
    table::Table,
};

async fn waiting(store: &dyn Store, seconds: u64) -> Waiting {
    store.waiting(after(seconds).wall_ms).await.expect("the outbox is counted")
}

async fn survey(store: &dyn Store) -> Survey {
    store.survey(Survey::new()).await.expect("everything is shown")
}

async fn log(store: &dyn Store) -> Vec<Line> {
    store.log().await.expect("the log is read")
}

fn pulled(cursor: u64) -> Happened {
    Happened::Pulled { rows: 1, gone: 0, cursor }
}

pub(crate) async fn what_waits_is_counted(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    assert_eq!(waiting(&*store, 0).await, Waiting::default());
    let event = |number| create_event(number, "Lunch", span(0, HOUR));
    commit(&*store, vec![event(1), create_overlay(1, me(), None), event(2)]).await;
    run(&*store, edits(vec![create_calendar(7, "Work")], 9)).await;
    let taken = run(&*store, take(10, 10)).await.taken;
    let verdict = |at: &RowRef, verdict| {
        let entry = taken.iter().find(|entry| entry.at == *at).expect("it was taken");
        Settlement { at: at.clone(), generation: entry.generation, verdict }
    };
    let reason = StuckReason { code: "invalid".to_owned(), message: String::new() };
    let settlements = vec![
        verdict(&RowRef::event(id(2)), Verdict::Refused { reason, row: None }),
        verdict(&RowRef::overlay(id(1), me()), Verdict::Deferred { until_ms: after(60).wall_ms }),
        verdict(&RowRef::calendar(id(7)), Verdict::Deferred { until_ms: after(90).wall_ms }),
    ];
    run(&*store, Batch::OutboxSettle { settlements, at: 0 }).await;
    let expected = Waiting {
        entries: 4,
        things: 2,
        stuck: 1,
        oldest_ms: Some(after(0).wall_ms),
        next_due_ms: Some(after(60).wall_ms),
        last_due_ms: Some(after(90).wall_ms),
    };
    for connection in [&store, &fixture.connect().await] {
        assert_eq!(waiting(&**connection, 10).await, expected);
    }
    let later = waiting(&*store, 75).await;
    assert_eq!((later.next_due_ms, later.last_due_ms), (Some(after(90).wall_ms), Some(after(90).wall_ms)));
}

pub(crate) async fn a_survey_sees_everything(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let calendar = RowRef::calendar(id(7));
    let overlay = RowRef::overlay(id(1), me());
    let rows = vec![
        server_row(&calendar, columns(Table::Calendars, []), NOW),
        server_event(1, "Lunch", span(0, HOUR), NOW),
        server_row(&overlay, columns(Table::Overlays, []), NOW),
        server_event(2, "Far", span(400 * DAY, HOUR), NOW),
        server_event(3, "Cancelled", span(0, HOUR), NOW),
    ];
    run(&*store, page(rows, 5)).await;
    run(&*store, page(vec![deleted(server_event(3, "Cancelled", span(0, HOUR), NOW), NOW + 1)], 6)).await;
    let coverage = Some((MONDAY, MONDAY + 30 * DAY));
    run(&*store, Batch::ApplyRemote(RemoteBatch { at: 6, coverage, ..RemoteBatch::default() })).await;
    let surveyed = survey(&*store).await;
    assert_eq!((surveyed.surveyed().cursor, surveyed.is_pending()), (6, false));
    assert_eq!(surveyed.spare(NOW + 2, false), [RowRef::event(id(3))], "the old tombstone");
    assert_eq!(surveyed.spare(NOW + 1, false), [], "a younger one stays");
    assert_eq!(surveyed.spare(0, true), [RowRef::event(id(2))], "and what lies outside the coverage");
    let digest = surveyed.digest().expect("all of it reads");
    let counts: Vec<u64> = [Table::Calendars, Table::Events, Table::Overlays, Table::Roles]
        .iter()
        .map(|t| digest[*t as usize].1.count)
        .collect();
    assert_eq!(counts, [1, 1, 1, 0], "living rows inside the coverage");
    commit(&*store, vec![Patch::update(RowRef::event(id(2)), Default::default()).set("title", "Mine")]).await;
    let surveyed = survey(&*store).await;
    assert!(surveyed.is_pending());
    assert_eq!(surveyed.spare(0, true), [], "what waits to be sent is never spare");
}

pub(crate) async fn what_waits_is_never_forgotten(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let rows = vec![server_event(1, "Lunch", span(0, HOUR), NOW), server_event(2, "Dinner", span(0, HOUR), NOW)];
    run(&*store, page(rows, 5)).await;
    commit(&*store, vec![Patch::update(RowRef::event(id(2)), Default::default()).set("title", "Mine")]).await;
    let coverage = Some((MONDAY, MONDAY + 30 * DAY));
    run(&*store, Batch::ApplyRemote(RemoteBatch { at: 6, coverage, ..RemoteBatch::default() })).await;
    run(&*store, Batch::Uncover { keep: vec![(MONDAY + DAY, MONDAY + 60 * DAY)] }).await;
    assert_eq!(state(&*store).await.coverage, [(MONDAY + DAY, MONDAY + 30 * DAY)]);
    let both = vec![RowRef::event(id(1)), RowRef::event(id(2))];
    let outcome = run(&*store, Batch::Forget { rows: both.clone() }).await;
    assert_eq!(outcome.changes.rows.len(), 1, "views hear of what left");
    assert_eq!((get(&*store, &both[0]).await, outbox(&*store).await.len()), (None, 1));
    assert_eq!(column(&*store, &both[1], "title").await, "Mine");
}

pub(crate) async fn the_log_is_a_ring(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    assert_eq!(log(&*store).await, []);
    let outcome = run(&*store, Batch::Log { lines: vec![(1, Happened::Started), (2, pulled(5))] }).await;
    let told = Changes { log: true, ..Changes::default() };
    assert_eq!(outcome.changes, told, "no other view has to look again");
    let first: Vec<(u64, i64)> = log(&*store).await.iter().map(|line| (line.number, line.at_ms)).collect();
    assert_eq!(first, [(1, 1), (2, 2)]);
    let many = (0..KEPT + 3).map(|n| (9, pulled(n))).collect();
    run(&*fixture.connect().await, Batch::Log { lines: many }).await;
    let lines = log(&*store).await;
    assert_eq!(lines.len() as u64, KEPT);
    assert!(lines.windows(2).all(|pair| pair[0].number + 1 == pair[1].number), "in order, without a gap");
    assert_eq!(lines.last().map(|line| &line.what), Some(&pulled(KEPT + 2)));
    store.wipe().await.expect("the wipe commits");
    assert_eq!(log(&*store).await, [], "the next account finds nothing");
}
