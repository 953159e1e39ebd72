//! Fetching all again.

use crate::{Fixture, data::*};
use almanac_core::{
    key::RowRef,
    outbox::RowState,
    patch::Patch,
    row::Row,
    stamp::{DeviceId, Stamp},
    store::{Batch, RemoteBatch, ResyncStep},
};

const WINDOW: (i64, i64) = (MONDAY, MONDAY + 60 * DAY);

fn begin(new_epoch: bool) -> Batch {
    Batch::BeginResync { window: WINDOW, new_epoch, repair_since: None }
}

fn resync_page(rows: Vec<Row>, at: u64, epoch: &str, next: Option<&str>) -> Batch {
    let step = ResyncStep { epoch: epoch.to_owned(), next: next.map(str::to_owned), total: Some(9) };
    Batch::ApplyRemote(RemoteBatch { rows, at, resync: Some(step), ..RemoteBatch::default() })
}

fn events(numbers: &[u128]) -> Vec<Row> {
    numbers.iter().map(|number| server_event(*number, "Event", span(0, HOUR), NOW - 1)).collect()
}

fn refs(numbers: &[u128]) -> Vec<RowRef> {
    numbers.iter().map(|number| RowRef::event(id(*number))).collect()
}

pub(crate) async fn a_resync_sweeps_at_its_end(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    run(&*store, page(events(&[1, 2, 3, 4]), 5)).await;
    run(&*store, page(vec![server_row(&RowRef::overlay(id(1), me()), Default::default(), NOW)], 6)).await;
    let edit = Patch::update(RowRef::event(id(3)), Default::default()).set("title", "Mine");
    commit(&*store, vec![edit, create_event(9, "New", span(0, HOUR))]).await;
    run(&*store, begin(false)).await;
    run(&*store, resync_page(events(&[1]), 20, "e1", Some("more"))).await;
    assert_eq!(found(&*store, span(0, DAY)).await, refs(&[1, 2, 3, 4, 9]), "nothing leaves before the end");
    run(&*store, resync_page(events(&[4, 5]), 25, "e1", None)).await;
    assert_eq!(found(&*store, span(0, DAY)).await, refs(&[1, 3, 4, 5, 9]));
    assert_eq!(get(&*store, &RowRef::overlay(id(1), me())).await, None, "the sweep looks at every table");
    let state = state(&*store).await;
    assert_eq!((state.cursor, state.epoch.as_deref()), (20, Some("e1")));
    assert_eq!((state.coverage, state.resyncing), (vec![WINDOW], None));
    assert_eq!(outbox(&*store).await.len(), 2);
}

pub(crate) async fn a_new_epoch_makes_lost_rows_pending_again(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    run(&*store, page(events(&[1, 2, 3]), 5)).await;
    run(&*store, begin(true)).await;
    let older = server_event(2, "Before the restore", span(0, HOUR), NOW - 1000);
    run(&*store, resync_page([events(&[1]), vec![older]].concat(), 3, "e2", None)).await;
    assert_eq!(found(&*store, span(0, DAY)).await, refs(&[1, 2, 3]));
    let waiting: Vec<RowRef> = outbox(&*store).await.into_iter().map(|entry| entry.at).collect();
    assert_eq!(waiting, refs(&[2, 3]), "an older version, and none");
    assert_eq!(stored(&*store, &RowRef::event(id(3))).await.state, RowState::Pending);
    assert_eq!(column(&*store, &RowRef::event(id(2)), "title").await, "Event");
    assert_eq!(state(&*store).await.cursor, 3);
}

pub(crate) async fn a_new_epoch_sends_only_groups_that_are_known(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let mut rows = events(&[1, 2]);
    for row in &mut rows {
        row.stamps.insert("of a newer version".to_owned(), Stamp::new(NOW, DeviceId(3)));
    }
    run(&*store, page(rows, 5)).await;
    run(&*store, begin(true)).await;
    run(&*store, resync_page(events(&[1]), 3, "e2", None)).await;
    let waiting = outbox(&*store).await;
    assert_eq!(waiting.len(), 1, "the first row is there but for what this version cannot send");
    assert_eq!(waiting[0].at, RowRef::event(id(2)));
    assert!(!waiting[0].groups.contains_key("of a newer version"));
    assert_eq!(found(&*store, span(0, DAY)).await, refs(&[1, 2]));
}

pub(crate) async fn a_resync_survives_reopening(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    run(&*store, page(events(&[1, 2]), 5)).await;
    run(&*store, begin(false)).await;
    run(&*store, resync_page(events(&[2]), 20, "e1", Some("more"))).await;
    store.close().await.expect("the store closes");
    drop(store);
    let store = fixture.connect().await;
    let resync = state(&*store).await.resyncing.expect("it is under way");
    assert_eq!((resync.next.as_deref(), resync.at, resync.done, resync.total), (Some("more"), Some(20), 1, Some(9)));
    run(&*store, resync_page(events(&[3]), 21, "e1", None)).await;
    assert_eq!(found(&*store, span(0, DAY)).await, refs(&[2, 3]));
}

pub(crate) async fn pages_of_an_abandoned_resync_are_left_out(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let outcome = run(&*store, resync_page(events(&[1]), 20, "e1", None)).await;
    assert!(!outcome.applied, "no resync is under way");
    assert_eq!(found(&*store, span(0, DAY)).await, []);
}
