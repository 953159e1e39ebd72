//! Opening, closing, wiping.

use crate::{Fixture, data::*};
use almanac_core::{
    key::RowRef,
    stamp::DeviceId,
    store::{Batch, Query, Store, StoreError, SyncState},
    table::Table,
};
use std::sync::Arc;

/// Something of every kind.
async fn filled(store: &dyn Store) {
    named(store).await;
    let far = almanac_core::row::Span { start: MONDAY, end: almanac_core::time::FAR_FUTURE_MS };
    run(store, page(vec![server_event(1, "Lunch", span(0, HOUR), NOW), server_event(2, "Weekly", far, NOW)], 17)).await;
    let patches = vec![
        create_calendar(7, "Work"),
        create_event(3, "Mine", span(DAY, HOUR)),
        create_overlay(3, me(), Some(7)),
        create_role(1, me(), "viewer"),
        create_invite(3, "ana@example.org"),
    ];
    commit(store, patches).await;
    run(store, take(2, 1)).await;
}

pub(crate) async fn a_new_database_is_empty(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    assert_eq!(state(&*store).await, SyncState::default());
    assert_eq!(outbox(&*store).await, []);
    assert_eq!(found(&*store, span(-400 * DAY, 800 * DAY)).await, []);
    assert_eq!(query(&*store, Query::Table(Table::Calendars)).await, []);
}

pub(crate) async fn reopening_keeps_everything(fixture: &dyn Fixture) {
    let ids = [id(1), id(2), id(3)];
    let store = fixture.connect().await;
    filled(&*store).await;
    let before = everything(&*store, &ids).await;
    let week = query(&*store, Query::Events { span: span(0, 7 * DAY), user: me() }).await;
    assert_eq!(week.len(), 5, "three events, an overlay and a role");
    store.close().await.expect("the store closes");
    drop(store);
    let again = fixture.connect().await;
    assert_eq!(everything(&*again, &ids).await, before);
    assert_eq!(query(&*again, Query::Events { span: span(0, 7 * DAY), user: me() }).await, week);
}

pub(crate) async fn a_closed_store_says_so_and_can_be_reopened(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    filled(&*store).await;
    let before = everything(&*store, &[id(1), id(3)]).await;
    store.close().await.expect("the store closes");
    store.close().await.expect("closing twice is closing once");
    let closed = |what: &str, error: Option<StoreError>| {
        assert!(matches!(error, Some(StoreError::Closed)), "{what}: {error:?}");
    };
    closed("execute", store.execute(edits(vec![create_calendar(8, "No")], 3)).await.err());
    closed("query", store.query(Query::Table(Table::Calendars)).await.err());
    closed("get", store.get(RowRef::event(id(1))).await.err());
    closed("outbox", store.outbox().await.err());
    closed("state", store.state().await.err());
    closed("wipe", store.wipe().await.err());
    store.reopen().await.expect("the store opens again");
    store.reopen().await.expect("opening twice is opening once");
    assert_eq!(everything(&*store, &[id(1), id(3)]).await, before);
    run(&*store, edits(vec![create_calendar(8, "Yes")], 4)).await;
}

pub(crate) async fn a_wipe_leaves_an_empty_database(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    filled(&*store).await;
    store.wipe().await.expect("the wipe commits");
    assert_eq!(everything(&*store, &[id(1), id(2), id(3)]).await, (vec![], vec![], SyncState::default()));
    assert_eq!(found(&*store, span(-400 * DAY, 800 * DAY)).await, []);
    filled(&*store).await;
    assert_eq!(outbox(&*store).await.len(), 5, "it works as a new one");
}

pub(crate) async fn the_device_is_named_once(fixture: &dyn Fixture) {
    let (one, two): (Arc<dyn Store>, Arc<dyn Store>) = (fixture.connect().await, fixture.connect().await);
    run(&*one, Batch::Init { device: DEVICE }).await;
    let outcome = run(&*two, Batch::Init { device: DeviceId(0xb2) }).await;
    assert!(!outcome.changes.state, "it has a name already");
    assert_eq!(state(&*two).await.device, DEVICE);
}
