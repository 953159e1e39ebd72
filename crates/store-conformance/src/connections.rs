//! Two connections to one database: two tabs, two processes.

use crate::{Fixture, data::*};
use almanac_core::{
    key::RowRef,
    patch::Patch,
    store::{Query, Store},
    table::Table,
};
use futures::join;
use std::collections::BTreeSet;

pub(crate) async fn two_connections_see_each_others_commits(fixture: &dyn Fixture) {
    let (one, two) = (fixture.connect().await, fixture.connect().await);
    named(&*one).await;
    commit(&*one, vec![create_event(1, "Lunch", span(0, HOUR))]).await;
    assert_eq!(found(&*two, span(0, DAY)).await, [RowRef::event(id(1))]);
    let edit = Patch::update(RowRef::event(id(1)), Default::default()).set("title", "Dinner");
    run(&*two, edits(vec![edit], 1)).await;
    assert_eq!(column(&*one, &RowRef::event(id(1)), "title").await, "Dinner");
    assert_eq!(outbox(&*one).await, outbox(&*two).await);
    assert_eq!(state(&*one).await, state(&*two).await);
}

pub(crate) async fn concurrent_commits_lose_nothing(fixture: &dyn Fixture) {
    const EACH: u128 = 25;
    let (one, two) = (fixture.connect().await, fixture.connect().await);
    named(&*one).await;
    let write = async |store: &dyn Store, base: u128| {
        for number in base..base + EACH {
            commit(store, vec![create_calendar(number, "Mine")]).await;
        }
    };
    join!(write(&*one, 1000), write(&*two, 2000), write(&*one, 3000));
    let entries = outbox(&*two).await;
    let generations: BTreeSet<u64> = entries.iter().map(|entry| entry.generation).collect();
    let stamps: BTreeSet<u64> = entries.iter().map(|entry| entry.groups["name"].micros).collect();
    let all = 3 * usize::try_from(EACH).expect("small");
    assert_eq!(query(&*one, Query::Table(Table::Calendars)).await.len(), all);
    assert_eq!((entries.len(), generations.len(), stamps.len()), (all, all, all));
    let last = state(&*one).await;
    assert_eq!(Some(&last.generation), generations.last());
    assert_eq!(Some(&last.last_stamp), stamps.last());
}

pub(crate) async fn concurrent_edits_of_one_row_are_joined(fixture: &dyn Fixture) {
    const EACH: usize = 15;
    let (one, two) = (fixture.connect().await, fixture.connect().await);
    named(&*one).await;
    let at = RowRef::event(id(1));
    run(&*one, page(vec![server_event(1, "Lunch", span(0, HOUR), NOW - 1)], 1)).await;
    let write = async |store: &dyn Store, column: &str| {
        for number in 0..EACH {
            let edit = Patch::update(at.clone(), Default::default()).set(column, format!("{column} {number}"));
            commit(store, vec![edit]).await;
        }
    };
    join!(write(&*one, "title"), write(&*two, "location"), write(&*two, "notes"));
    let entry = entry(&*one, &at).await.expect("an entry");
    assert_eq!(outbox(&*two).await.len(), 1);
    assert_eq!(entry.generation, 3 * EACH as u64);
    for text in ["title", "location", "notes"] {
        let last = format!("{text} {}", EACH - 1);
        assert_eq!(column(&*two, &at, text).await, last.as_str());
        assert_eq!(entry.columns[text], last.as_str());
    }
}

pub(crate) async fn an_entry_taken_on_one_connection_is_attempted_on_the_other(fixture: &dyn Fixture) {
    let (one, two) = (fixture.connect().await, fixture.connect().await);
    named(&*one).await;
    commit(&*one, vec![create_event(1, "Lunch", span(0, HOUR))]).await;
    assert_eq!(run(&*two, take(10, 1)).await.taken.len(), 1);
    // It may be on the server by now, so deleting it has to be sent as well.
    run(&*one, edits(vec![Patch::delete(RowRef::event(id(1)))], 2)).await;
    let entry = entry(&*one, &RowRef::event(id(1))).await.expect("the deletion waits to be sent");
    assert!(entry.attempted && entry.groups.contains_key("life"));
}
