//! The other questions.

use crate::{Fixture, data::*};
use almanac_core::{
    key::RowRef,
    patch::Patch,
    store::{Query, Store},
    table::Table,
};

pub(crate) async fn a_table_is_listed_by_key(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let category = Patch::create(RowRef::id(Table::Categories, id(2)), columns(Table::Categories, []));
    let patches = vec![create_calendar(5, "B"), create_calendar(3, "A"), category, create_calendar(4, "Dead")];
    commit(&*store, patches).await;
    run(&*store, take(100, 1)).await;
    run(&*store, edits(vec![Patch::delete(RowRef::calendar(id(4)))], 2)).await;
    let listed = query(&*store, Query::Table(Table::Calendars)).await;
    let keys: Vec<RowRef> = listed.into_iter().map(|stored| stored.at).collect();
    assert_eq!(keys, [RowRef::calendar(id(3)), RowRef::calendar(id(5))]);
    assert_eq!(query(&*store, Query::Table(Table::Categories)).await.len(), 1);
    assert_eq!(query(&*store, Query::Table(Table::Personas)).await, []);
}

pub(crate) async fn an_event_comes_with_all_that_hangs_on_it(fixture: &dyn Fixture) {
    let (store, other) = (fixture.connect().await, id(0xbeef));
    named(&*store).await;
    let mut patches = Vec::new();
    for number in 1..=3 {
        patches.extend([
            create_event(number, "Event", span(0, HOUR)),
            create_overlay(number, me(), None),
            create_role(number, other, "viewer"),
            create_invite(number, "ana@example.org"),
            create_invite(number, "bo@example.org"),
        ]);
    }
    commit(&*store, patches).await;
    run(&*store, take(100, 1)).await;
    run(
        &*store,
        edits(vec![Patch::delete(RowRef::invite(id(2), "bo@example.org")), Patch::delete(RowRef::event(id(2)))], 2),
    )
    .await;
    let all = query(&*store, Query::Event(id(2))).await;
    let keys: Vec<&RowRef> = all.iter().map(|stored| &stored.at).collect();
    let expected = [
        RowRef::event(id(2)),
        RowRef::overlay(id(2), me()),
        RowRef::role(id(2), other),
        RowRef::invite(id(2), "ana@example.org"),
        RowRef::invite(id(2), "bo@example.org"),
    ];
    assert_eq!(keys, expected.iter().collect::<Vec<_>>());
    assert_eq!(query(&*store, Query::Event(id(9))).await, []);
}

pub(crate) async fn invitations_are_listed_until_they_are_gone(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let (ana, bo) = ("ana@example.org", "bo@example.org");
    let listed = async || -> Vec<RowRef> {
        query(&*store, Query::Table(Table::Invites)).await.into_iter().map(|stored| stored.at).collect()
    };
    let mut patches: Vec<Patch> = (1..=4).map(|number| create_event(number, "Event", span(0, HOUR))).collect();
    patches.extend([create_invite(1, ana), create_invite(1, bo), create_invite(3, ana), create_overlay(2, me(), None)]);
    commit(&*store, patches).await;
    let unseen = RowRef::invite(id(9), ana);
    run(&*store, page(vec![server_row(&unseen, columns(Table::Invites, []), NOW)], 1)).await;
    let invite = |number, email| RowRef::invite(id(number), email);
    assert_eq!(listed().await, [invite(1, ana), invite(1, bo), invite(3, ana), unseen.clone()]);
    let delete = |at: &RowRef| Patch::delete(at.clone());
    // Nobody has heard of it yet: the row goes away altogether.
    run(&*store, edits(vec![delete(&invite(1, bo)), delete(&invite(3, ana))], 2)).await;
    assert_eq!(listed().await, [invite(1, ana), unseen.clone()]);
    run(&*store, take(100, 3)).await;
    run(&*store, edits(vec![delete(&invite(1, ana)), Patch::delete(RowRef::event(id(4)))], 4)).await;
    assert_eq!(listed().await, [unseen]);
    run(&*store, edits(vec![create_invite(3, bo)], 5)).await;
    assert_eq!(listed().await.len(), 2, "an event that had none before");
}

async fn search(store: &dyn Store, text: &str, limit: usize) -> Vec<u128> {
    let all = query(store, Query::Search { text: text.to_owned(), limit }).await;
    all.iter().filter_map(|stored| stored.at.uuid()).map(|id| id.as_u128()).collect()
}

/// An event with a location and notes.
fn with_words(number: u128, day: i64, title: &str, location: &str, notes: &str) -> Patch {
    let mut patch = create_event(number, title, span(day * DAY, HOUR));
    if let Some(initial) = &mut patch.initial {
        initial.insert("location".to_owned(), location.into());
        initial.insert("notes".to_owned(), notes.into());
    }
    patch
}

pub(crate) async fn search_looks_at_words_of_people(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let patches = vec![
        with_words(1, 1, "Lunch with Ana", "", ""),
        with_words(2, 2, "Dinner", "ANA's place", ""),
        with_words(3, 3, "Swim", "", "bring banana bread"),
        with_words(4, 4, "Private", "", ""),
        with_words(5, 5, "Ana again, deleted", "", ""),
        create_calendar(6, "Ana"),
    ];
    commit(&*store, patches).await;
    run(&*store, take(100, 1)).await;
    run(&*store, edits(vec![Patch::delete(RowRef::event(id(5)))], 2)).await;
    assert_eq!(search(&*store, "aNa", 10).await, [3, 2, 1]);
    assert_eq!(search(&*store, "private", 10).await, [4], "the title, not the column of that name");
    assert_eq!(search(&*store, "owner_id", 10).await, [] as [u128; 0]);
    assert_eq!(search(&*store, "nobody", 10).await, [] as [u128; 0]);
}

pub(crate) async fn search_answers_the_newest_first(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let days = [4, 9, 1, 7, 30, 2];
    let patches = days.into_iter().zip(1..).map(|(day, number)| with_words(number, day, "Swim", "", "")).collect();
    commit(&*store, patches).await;
    assert_eq!(search(&*store, "swim", 10).await, [5, 2, 4, 1, 6, 3]);
    assert_eq!(search(&*store, "swim", 2).await, [5, 2]);
    assert_eq!(search(&*store, "swim", 0).await, [] as [u128; 0]);
}

pub(crate) async fn search_finds_any_letter(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let patches = vec![
        with_words(1, 1, "Über \"Zoë\" reden", "", ""),
        with_words(2, 2, "C:\\Temp", "", "first line\nsecond LINE\ttab"),
        with_words(3, 3, "日本語 🎉", "", "ΟΔΟΣ"),
    ];
    commit(&*store, patches).await;
    for (text, number) in
        [("ÜBER", 1), ("\"ZOË\"", 1), ("c:\\t", 2), ("LINE\nsecond", 2), ("line\tTAB", 2), ("本語 🎉", 3), ("οδος", 3)]
    {
        assert_eq!(search(&*store, text, 10).await, [number], "{text:?}");
    }
}

pub(crate) async fn a_missing_row_is_none(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    commit(&*store, vec![create_event(1, "Lunch", span(0, HOUR))]).await;
    assert_eq!(get(&*store, &RowRef::event(id(2))).await, None);
    assert_eq!(get(&*store, &RowRef::calendar(id(1))).await, None);
    assert_eq!(get(&*store, &RowRef::overlay(id(1), me())).await, None);
}
