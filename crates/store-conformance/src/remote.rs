//! Rows that arrive.

use crate::{Fixture, data::*};
use almanac_core::{
    key::RowRef,
    outbox::RowState,
    patch::Patch,
    row::Row,
    stamp::{DeviceId, Stamp},
    store::{Batch, Query, RemoteBatch},
    table::Table,
};
use serde_json::Value;

const LATER: u64 = NOW + 3_600_000_000;

pub(crate) async fn an_arriving_row_is_merged_with_a_pending_edit(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let at = RowRef::event(id(1));
    run(&*store, page(vec![server_event(1, "Lunch", span(0, HOUR), NOW - 1)], 1)).await;
    let edit = Patch::update(at.clone(), Default::default()).set("title", "Mine").set("notes", "My notes");
    commit(&*store, vec![edit]).await;
    let mut theirs = server_event(1, "Old", span(DAY, HOUR), NOW - 1);
    let newer = Stamp::new(LATER, DeviceId(0));
    theirs.columns.insert("notes".to_owned(), Value::from("Their notes"));
    theirs.stamps.insert("notes".to_owned(), newer);
    theirs.stamps.insert("when".to_owned(), newer);
    run(&*store, page(vec![theirs], 2)).await;
    assert_eq!(column(&*store, &at, "title").await, "Mine", "the newer edit is here");
    assert_eq!(column(&*store, &at, "notes").await, "Their notes", "the newer edit is there");
    let entry = entry(&*store, &at).await.expect("the title still waits to be sent");
    assert_eq!(entry.groups.keys().collect::<Vec<_>>(), ["title"]);
    assert_eq!(stored(&*store, &at).await.state, RowState::Pending);
    assert_eq!(found(&*store, span(DAY, DAY)).await, [at]);
    assert_eq!(state(&*store).await.cursor, 2);
}

pub(crate) async fn the_same_page_twice_changes_nothing(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let rows = || (1..=40).map(|n| server_event(n, "Event", span(0, HOUR), NOW)).collect::<Vec<_>>();
    let first = run(&*store, page(rows(), 1)).await;
    assert_eq!(first.changes.rows.len(), 40);
    let before = everything(&*store, &[id(1), id(40)]).await;
    let second = run(&*store, page(rows(), 1)).await;
    assert!(second.changes.is_empty() && second.applied);
    assert_eq!(everything(&*store, &[id(1), id(40)]).await, before);
}

pub(crate) async fn a_poisoned_page_moves_no_cursor(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    run(&*store, page(vec![server_event(1, "Lunch", span(0, HOUR), NOW)], 1)).await;
    commit(&*store, vec![Patch::update(RowRef::event(id(1)), Default::default()).set("title", "Mine")]).await;
    let before = everything(&*store, &[id(1), id(2)]).await;
    fixture.poison().await;
    let rows = vec![server_event(1, "Theirs", span(DAY, HOUR), LATER), server_event(2, "New", span(0, HOUR), LATER)];
    assert!(store.execute(page(rows.clone(), 2)).await.is_err(), "the commit should have failed");
    fixture.heal().await;
    assert_eq!(everything(&*store, &[id(1), id(2)]).await, before);
    run(&*store, page(rows, 2)).await;
    assert_eq!(state(&*store).await.cursor, 2);
    assert_eq!(outbox(&*store).await, []);
}

pub(crate) async fn a_late_snapshot_is_left_out(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    run(&*store, page(vec![server_event(1, "New", span(0, HOUR), LATER)], 9)).await;
    let window = RemoteBatch {
        rows: vec![server_event(2, "Old", span(0, HOUR), NOW)],
        at: 8,
        coverage: Some((MONDAY, MONDAY + DAY)),
        ..RemoteBatch::default()
    };
    let late = run(&*store, Batch::ApplyRemote(window.clone())).await;
    assert!(!late.applied, "it must be asked for again");
    assert_eq!(get(&*store, &RowRef::event(id(2))).await, None);
    assert_eq!(state(&*store).await.coverage, []);
    let fresh = run(&*store, Batch::ApplyRemote(RemoteBatch { at: 9, ..window })).await;
    assert!(fresh.applied);
    stored(&*store, &RowRef::event(id(2))).await;
}

pub(crate) async fn an_arriving_tombstone_hides_its_row(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let known = server_event(1, "Lunch", span(0, HOUR), NOW);
    let never = server_event(2, "Never seen", span(0, HOUR), NOW);
    run(&*store, page(vec![known.clone()], 1)).await;
    let outcome = run(&*store, page(vec![deleted(known, LATER), deleted(never, LATER)], 2)).await;
    assert_eq!(outcome.changes.rows.len(), 1);
    assert_eq!(found(&*store, span(0, DAY)).await, []);
    assert!(!stored(&*store, &RowRef::event(id(1))).await.row().expect("a row").is_live());
    assert_eq!(get(&*store, &RowRef::event(id(2))).await, None);
}

pub(crate) async fn a_row_that_is_gone_leaves(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let rows = (1..=3).map(|n| server_event(n, "Event", span(0, HOUR), NOW - 1)).collect();
    run(&*store, page(rows, 1)).await;
    commit(&*store, vec![Patch::update(RowRef::event(id(2)), Default::default()).set("title", "Mine")]).await;
    let gone = vec![RowRef::event(id(1)), RowRef::event(id(2)), RowRef::event(id(99))];
    run(&*store, Batch::ApplyRemote(RemoteBatch { gone, at: 2, cursor: Some(2), ..RemoteBatch::default() })).await;
    assert_eq!(found(&*store, span(0, DAY)).await, [RowRef::event(id(3))]);
    assert_eq!(get(&*store, &RowRef::event(id(1))).await, None);
    let aside = entry(&*store, &RowRef::event(id(2))).await.expect("the edit is kept");
    assert_eq!(aside.stuck.map(|reason| reason.code).as_deref(), Some("gone"));
    assert_eq!(aside.columns["title"], "Mine");
}

pub(crate) async fn unknown_columns_and_stamps_survive(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let at = RowRef::event(id(1));
    let mut row = server_event(1, "Lunch", span(0, HOUR), NOW - 1);
    let unknown = Stamp::new(NOW - 5, DeviceId(7));
    row.columns.insert("mood".to_owned(), serde_json::json!({"face": "🙂", "strength": 0.5}));
    row.stamps.insert("mood".to_owned(), unknown);
    run(&*store, page(vec![row], 1)).await;
    commit(&*store, vec![Patch::update(at.clone(), Default::default()).set("title", "Mine")]).await;
    run(&*store, page(vec![server_event(1, "Theirs", span(0, HOUR), LATER)], 2)).await;
    store.close().await.expect("the store closes");
    drop(store);
    let store = fixture.connect().await;
    let row: Row = stored(&*store, &at).await.row().expect("a row");
    assert_eq!(row.columns["mood"], serde_json::json!({"face": "🙂", "strength": 0.5}));
    assert_eq!(row.stamps["mood"], unknown);
    assert_eq!(row.columns["title"], "Theirs");
}

pub(crate) async fn coverage_grows_with_windows(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    for coverage in [(0, 10), (20, 30), (10, 20)] {
        run(&*store, Batch::ApplyRemote(RemoteBatch { coverage: Some(coverage), ..RemoteBatch::default() })).await;
    }
    assert_eq!(state(&*store).await.coverage, [(0, 30)]);
}

pub(crate) async fn a_large_page_is_merged_into_a_large_database(fixture: &dyn Fixture) {
    const ALL: u128 = 700;
    let store = fixture.connect().await;
    named(&*store).await;
    let event = |n: u128, title: &str, micros| {
        server_event(n, title, span(i64::try_from(n).expect("small") * HOUR, HOUR), micros)
    };
    let overlay = |n: u128, micros| server_row(&RowRef::overlay(id(n), me()), columns(Table::Overlays, []), micros);
    let calendar = |n: u128, micros| server_row(&RowRef::calendar(id(n)), columns(Table::Calendars, []), micros);
    // Every second row is there already; some of those are edited here.
    let old = (1..=ALL)
        .filter(|n| n % 2 == 0)
        .flat_map(|n| [event(n, "Old", NOW - 9), overlay(n, NOW - 9), calendar(n, NOW - 9)]);
    run(&*store, page(old.collect(), 1)).await;
    let mine = (1..=ALL).filter(|n| n % 70 == 0);
    let edit = |n| Patch::update(RowRef::event(id(n)), Default::default()).set("notes", "Mine");
    commit(&*store, mine.map(edit).collect()).await;
    let rows = (1..=ALL).flat_map(|n| [overlay(n, NOW - 9), event(n, "New", NOW - 5), calendar(n, NOW - 9)]).collect();
    let outcome = run(&*store, page(rows, 2)).await;
    assert_eq!(outcome.changes.rows.len(), 700 + 350 + 350);
    assert_eq!(outbox(&*store).await.len(), 10);
    let all = query(&*store, Query::Events { span: span(0, 60 * DAY), user: me() }).await;
    assert_eq!(all.len(), 1400);
    for stored in all.iter().filter(|stored| stored.at.table == Table::Events) {
        let row = stored.row().expect("a row");
        assert_eq!(row.columns["title"], "New");
        let edited = stored.at.uuid().is_some_and(|id| id.as_u128() % 70 == 0);
        assert_eq!(row.columns["notes"] == "Mine", edited, "{}", stored.at);
    }
    assert_eq!(query(&*store, Query::Table(Table::Calendars)).await.len(), 700);
}
