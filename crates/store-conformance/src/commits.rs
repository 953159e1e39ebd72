//! Edits of a person.

use crate::{Fixture, data::*};
use almanac_core::{
    key::RowRef,
    outbox::RowState,
    patch::{BadPatch, Patch},
    store::{Store, StoreError},
};

/// A store with an event that the server holds already.
async fn with_synced_event(store: &dyn Store) -> RowRef {
    named(store).await;
    run(store, page(vec![server_event(1, "Lunch", span(12 * HOUR, HOUR), NOW - 1)], 1)).await;
    RowRef::event(id(1))
}

pub(crate) async fn a_commit_writes_row_entry_and_clock(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    commit(&*store, vec![create_event(1, "Lunch", span(12 * HOUR, HOUR))]).await;
    let at = RowRef::event(id(1));
    let (row, entry, state) = (stored(&*store, &at).await, entry(&*store, &at).await, state(&*store).await);
    let entry = entry.expect("the edit waits to be sent");
    assert_eq!(row.state, RowState::Pending);
    assert_eq!(row.row().expect("a row").columns["title"], "Lunch");
    assert!(entry.create && !entry.attempted);
    assert_eq!(entry.columns["title"], "Lunch");
    assert_eq!((entry.generation, state.generation), (1, 1));
    assert_eq!(state.last_stamp, entry.groups["title"].micros, "the clock stands at the newest stamp");
    assert_eq!(entry.groups["title"].device, DEVICE);
}

pub(crate) async fn a_later_edit_joins_the_entry(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    let at = with_synced_event(&*store).await;
    run(&*store, edits(vec![Patch::update(at.clone(), Default::default()).set("title", "Dinner")], 1)).await;
    let first = entry(&*store, &at).await.expect("an entry");
    run(&*store, edits(vec![Patch::update(at.clone(), Default::default()).set("location", "Roof")], 2)).await;
    let all = outbox(&*store).await;
    assert_eq!(all.len(), 1);
    let joined = &all[0];
    assert!(joined.generation > first.generation);
    assert_eq!(joined.groups.keys().collect::<Vec<_>>(), ["location", "title"]);
    assert_eq!(joined.base, first.base, "what the server had stays remembered");
}

pub(crate) async fn the_outcome_tells_what_changed(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    let at = with_synced_event(&*store).await;
    let (old, new) = (span(12 * HOUR, HOUR), span(DAY, HOUR));
    let moved = Patch::update(at.clone(), event("Lunch", new)).columns;
    let when = ["start_time", "start_timestamp_ms", "end_timestamp_ms"];
    let columns = moved.into_iter().filter(|(column, _)| when.contains(&column.as_str())).collect();
    let outcome = commit(&*store, vec![Patch::update(at.clone(), columns)]).await;
    let [(before, after)] = &outcome.edits[..] else { panic!("one edit, not {:?}", outcome.edits) };
    assert_eq!(before.as_ref().and_then(almanac_core::row::Row::span), Some(old));
    assert_eq!(after.span(), Some(new));
    let [change] = &outcome.changes.rows[..] else { panic!("one change, not {:?}", outcome.changes) };
    assert_eq!((change.before, change.after), (Some(old), Some(new)));
    assert!(outcome.changes.outbox && outcome.changes.state);
}

pub(crate) async fn a_poisoned_batch_leaves_nothing(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let before = everything(&*store, &[id(1), id(2)]).await;
    fixture.poison().await;
    let patches = || {
        vec![
            create_calendar(7, "Work"),
            create_event(1, "Lunch", span(0, HOUR)),
            create_overlay(1, me(), Some(7)),
            create_event(2, "Dinner", span(DAY, HOUR)),
        ]
    };
    let failed = store.execute(edits(patches(), 0)).await;
    assert!(failed.is_err(), "the commit should have failed");
    assert_eq!(everything(&*store, &[id(1), id(2)]).await, before);
    assert_eq!(found(&*store, span(0, 7 * DAY)).await, []);
    fixture.heal().await;
    commit(&*store, patches()).await;
    assert_eq!(found(&*store, span(0, 7 * DAY)).await.len(), 2);
    let other = fixture.connect().await;
    assert_eq!(outbox(&*other).await.len(), 4);
}

pub(crate) async fn a_poisoned_edit_keeps_the_old_version(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    let at = with_synced_event(&*store).await;
    commit(&*store, vec![Patch::update(at.clone(), Default::default()).set("title", "Dinner")]).await;
    let before = everything(&*store, &[id(1)]).await;
    fixture.poison().await;
    let edit = Patch::update(at.clone(), event("Breakfast", span(DAY, HOUR))).columns;
    let groups = edit.into_iter().filter(|(column, _)| column != "owner_id").collect();
    let failed = store.execute(edits(vec![Patch::update(at.clone(), groups), create_overlay(1, me(), None)], 1)).await;
    assert!(failed.is_err(), "the commit should have failed");
    let failed = store.execute(edits(vec![Patch::delete(at.clone())], 2)).await;
    assert!(failed.is_err(), "the commit should have failed");
    fixture.heal().await;
    assert_eq!(everything(&*store, &[id(1)]).await, before);
    assert_eq!(found(&*store, span(0, DAY)).await, [at]);
    assert_eq!(found(&*store, span(DAY, DAY)).await, []);
}

pub(crate) async fn a_refused_patch_leaves_nothing(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let before = everything(&*store, &[id(1)]).await;
    let missing = Patch::update(RowRef::event(id(2)), Default::default()).set("title", "Nothing");
    let refused = store.execute(edits(vec![create_event(1, "Lunch", span(0, HOUR)), missing], 0)).await;
    assert!(matches!(refused, Err(StoreError::Patch(BadPatch::Missing(at))) if at == RowRef::event(id(2))));
    assert_eq!(everything(&*store, &[id(1)]).await, before);
    commit(&*store, vec![create_event(1, "Lunch", span(0, HOUR))]).await;
    assert_eq!(outbox(&*store).await.len(), 1, "the store goes on");
}

pub(crate) async fn created_and_deleted_leaves_no_row_and_no_entry(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    commit(&*store, vec![create_event(1, "Lunch", span(0, HOUR)), create_overlay(1, me(), None)]).await;
    commit(&*store, vec![Patch::delete(RowRef::event(id(1)))]).await;
    assert_eq!(get(&*store, &RowRef::event(id(1))).await, None);
    let left: Vec<RowRef> = outbox(&*store).await.into_iter().map(|entry| entry.at).collect();
    assert_eq!(left, [RowRef::overlay(id(1), me())], "only the event itself was deleted");
    stored(&*store, &RowRef::overlay(id(1), me())).await;
    assert_eq!(found(&*store, span(0, DAY)).await, []);
}

pub(crate) async fn a_deletion_is_a_tombstone_until_restored(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    let at = with_synced_event(&*store).await;
    commit(&*store, vec![Patch::delete(at.clone())]).await;
    let tombstone = stored(&*store, &at).await;
    assert!(!tombstone.row().expect("a row").is_live());
    assert_eq!(tombstone.state, RowState::Pending);
    assert_eq!(entry(&*store, &at).await.expect("an entry").groups.keys().collect::<Vec<_>>(), ["life"]);
    assert_eq!(found(&*store, span(0, DAY)).await, []);
    run(&*store, edits(vec![Patch::restore(at.clone())], 5)).await;
    assert_eq!(found(&*store, span(0, DAY)).await, [at]);
}
