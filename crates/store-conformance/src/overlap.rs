//! Events of a range.

use crate::{Fixture, data::*};
use almanac_core::{
    key::RowRef,
    patch::Patch,
    row::{Columns, Span},
    store::{Query, Store},
    table::Table,
    time::FAR_FUTURE_MS,
};
use serde_json::Value;
use std::sync::Arc;

/// A store with these events from the server, numbered from 1.
async fn with_events(fixture: &dyn Fixture, spans: &[Span]) -> Arc<dyn Store> {
    let store = fixture.connect().await;
    named(&*store).await;
    let rows = spans.iter().zip(1..).map(|(span, number)| server_event(number, "Event", *span, NOW)).collect();
    run(&*store, page(rows, 1)).await;
    store
}

/// Numbers of the events found.
async fn numbers(store: &dyn Store, span: Span) -> Vec<u128> {
    found(store, span).await.iter().filter_map(RowRef::uuid).map(|id| id.as_u128()).collect()
}

pub(crate) async fn an_event_that_began_before_the_range_is_found(fixture: &dyn Fixture) {
    let store = with_events(fixture, &[span(-HOUR, 2 * HOUR), span(-40 * DAY, 41 * DAY), span(-3 * DAY, DAY)]).await;
    assert_eq!(numbers(&*store, span(0, DAY)).await, [1, 2]);
}

pub(crate) async fn touching_is_not_overlapping(fixture: &dyn Fixture) {
    let store = with_events(
        fixture,
        &[span(-HOUR, HOUR), span(-HOUR, HOUR + 1), span(DAY, HOUR), span(DAY - 1, HOUR), span(0, DAY)],
    )
    .await;
    assert_eq!(numbers(&*store, span(0, DAY)).await, [2, 4, 5]);
}

pub(crate) async fn an_event_without_length_is_found_at_its_start(fixture: &dyn Fixture) {
    let store = with_events(fixture, &[span(0, 0), span(DAY - 1, 0), span(DAY, 0), span(-1, 0)]).await;
    assert_eq!(numbers(&*store, span(0, DAY)).await, [1, 2]);
    assert_eq!(numbers(&*store, span(0, 0)).await, [1], "a range without length is its first instant");
}

pub(crate) async fn an_all_day_event_is_found_on_its_day(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let mut columns = event("Holiday", span(DAY, DAY));
    columns.insert("all_day".to_owned(), Value::from(true));
    commit(&*store, vec![Patch::create(RowRef::event(id(1)), columns)]).await;
    assert_eq!(numbers(&*store, span(0, DAY)).await, [] as [u128; 0]);
    assert_eq!(numbers(&*store, span(DAY, DAY)).await, [1]);
    assert_eq!(numbers(&*store, span(2 * DAY, DAY)).await, [] as [u128; 0]);
}

pub(crate) async fn a_series_without_end_is_found_ever_after(fixture: &dyn Fixture) {
    let store = with_events(fixture, &[Span { start: MONDAY, end: FAR_FUTURE_MS }]).await;
    assert_eq!(numbers(&*store, span(-DAY, DAY)).await, [] as [u128; 0]);
    for day in [0, 1, 1000, 100_000, 2_000_000] {
        assert_eq!(numbers(&*store, span(day * DAY, DAY)).await, [1], "day {day}");
    }
}

pub(crate) async fn every_length_is_found_where_it_overlaps(fixture: &dyn Fixture) {
    let mut random = Random(11);
    let spans: Vec<Span> = (0..300)
        .map(|_| {
            let length = match random.below(8) {
                0 => 0,
                1..=3 => random.below(3 * 24) * 30 * 60_000,
                4 => random.below(60) * 86_400_000,
                5 => random.below(2000) * 86_400_000,
                6 => 40_000 * 86_400_000,
                // The very lengths at which a store may change its way of looking.
                _ => random.pick(&[1, 2, 16, 128, 1024]) * 86_400_000 + random.below(3) - 1,
            };
            let start = i64::try_from(random.below(3000)).expect("small") * DAY / 3 - 500 * DAY;
            span(start, i64::try_from(length).expect("small"))
        })
        .collect();
    let store = with_events(fixture, &spans).await;
    for _ in 0..40 {
        let days = random.pick(&[0, 1, 7, 42, 400]);
        let wanted = span(i64::try_from(random.below(1200)).expect("small") * DAY - 600 * DAY, days * DAY);
        let expected: Vec<u128> =
            spans.iter().zip(1..).filter(|(span, _)| span.overlaps(wanted)).map(|(_, number)| number).collect();
        assert_eq!(numbers(&*store, wanted).await, expected, "{wanted:?}");
    }
}

pub(crate) async fn a_moved_event_is_found_at_its_new_place_only(fixture: &dyn Fixture) {
    let store = with_events(fixture, &[span(0, HOUR)]).await;
    let places = [
        span(3 * DAY, HOUR),
        span(10 * DAY, 9 * DAY),
        Span { start: MONDAY + 30 * DAY, end: FAR_FUTURE_MS },
        span(DAY, 0),
    ];
    let mut before = span(0, HOUR);
    for (place, seconds) in places.into_iter().zip(1..) {
        let columns: Columns = event("Event", place).into_iter().filter(|(c, _)| c.ends_with("_ms")).collect();
        run(&*store, edits(vec![Patch::update(RowRef::event(id(1)), columns)], seconds)).await;
        assert_eq!(numbers(&*store, Span { start: place.start, end: place.start + 1 }).await, [1], "{place:?}");
        let left = Span { start: before.start, end: before.start + 1 };
        assert_eq!(numbers(&*store, left).await.len(), usize::from(left.overlaps(place)), "left {before:?}");
        before = place;
    }
}

pub(crate) async fn tombstones_are_hidden(fixture: &dyn Fixture) {
    let store = with_events(fixture, &[span(0, HOUR), span(0, 40 * DAY), span(0, HOUR)]).await;
    let dead = [1, 2].map(|number| deleted(server_event(number, "Event", span(0, HOUR), NOW), NOW + 9));
    run(&*store, page(dead.into(), 2)).await;
    assert_eq!(numbers(&*store, span(0, DAY)).await, [3]);
    run(&*store, edits(vec![Patch::delete(RowRef::event(id(3)))], 60)).await;
    assert_eq!(numbers(&*store, span(0, DAY)).await, [] as [u128; 0]);
}

pub(crate) async fn own_overlay_and_role_come_along(fixture: &dyn Fixture) {
    let (store, other) = (fixture.connect().await, id(0xbeef));
    named(&*store).await;
    let patches = vec![
        create_event(1, "Mine", span(0, HOUR)),
        create_event(2, "Later", span(9 * DAY, HOUR)),
        create_overlay(1, me(), None),
        create_overlay(2, me(), None),
        create_role(1, me(), "viewer"),
        create_role(1, other, "viewer"),
        create_overlay(1, other, None),
        create_invite(1, "ana@example.org"),
    ];
    commit(&*store, patches).await;
    run(&*store, take(100, 1)).await;
    let ask = async |user| {
        let all = query(&*store, Query::Events { span: span(0, DAY), user }).await;
        all.into_iter().map(|stored| stored.at).collect::<Vec<_>>()
    };
    let event = RowRef::event(id(1));
    assert_eq!(ask(me()).await, [event.clone(), RowRef::overlay(id(1), me()), RowRef::role(id(1), me())]);
    assert_eq!(ask(other).await, [event.clone(), RowRef::overlay(id(1), other), RowRef::role(id(1), other)]);
    run(&*store, edits(vec![Patch::delete(RowRef::role(id(1), me()))], 2)).await;
    assert_eq!(ask(me()).await, [event, RowRef::overlay(id(1), me())], "a dead role is none");
}

pub(crate) async fn children_may_arrive_before_their_event(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    let overlay = RowRef::overlay(id(1), me());
    run(&*store, page(vec![server_row(&overlay, columns(Table::Overlays, []), NOW)], 1)).await;
    assert_eq!(query(&*store, Query::Events { span: span(0, DAY), user: me() }).await, []);
    assert_eq!(get(&*store, &RowRef::event(id(1))).await, None);
    run(&*store, page(vec![server_event(1, "Lunch", span(0, HOUR), NOW)], 2)).await;
    let all = query(&*store, Query::Events { span: span(0, DAY), user: me() }).await;
    assert_eq!(all.iter().map(|stored| &stored.at).collect::<Vec<_>>(), [&RowRef::event(id(1)), &overlay]);
    let gone = almanac_core::store::RemoteBatch { gone: vec![RowRef::event(id(1))], at: 3, ..Default::default() };
    run(&*store, almanac_core::store::Batch::ApplyRemote(gone)).await;
    assert_eq!(query(&*store, Query::Events { span: span(0, DAY), user: me() }).await, []);
    stored(&*store, &overlay).await;
}

pub(crate) async fn the_answer_is_sorted(fixture: &dyn Fixture) {
    let store = fixture.connect().await;
    named(&*store).await;
    // Keys against the order of time, and lengths of all classes.
    for (number, seconds) in [9, 3, 7, 1, 5].into_iter().zip(0..) {
        let days = i64::try_from(number).expect("small");
        let patches = vec![
            create_event(number, "Event", span(-days * HOUR, days * days * DAY)),
            create_overlay(number, me(), None),
        ];
        run(&*store, edits(patches, seconds)).await;
    }
    let all = query(&*store, Query::Events { span: span(-DAY, 3 * DAY), user: me() }).await;
    let keys: Vec<&RowRef> = all.iter().map(|stored| &stored.at).collect();
    assert_eq!(keys.len(), 10);
    assert!(keys.is_sorted(), "{keys:?}");
}
