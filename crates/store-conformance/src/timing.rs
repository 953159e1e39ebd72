//! Quick figures for a store: `design/quality.md` says what is measured. Benchmarks against peers live in `tests/bench`; this is
//! what one looks at while working on a store.

use crate::data::*;
use almanac_core::{
    key::RowRef,
    patch::Patch,
    row::{Row, Span},
    store::{Query, Store},
    table::Table,
    time::FAR_FUTURE_MS,
};
use serde_json::Value;

/// A figure.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What was measured.
    pub what: String,
    /// The median, ms.
    pub median_ms: f64,
    /// The slowest, ms.
    pub worst_ms: f64,
}

/// 100 events a week: each with an overlay, some long, some series, notes of realistic length.
fn rows(first: u128, count: u128) -> Vec<Row> {
    let mut random = Random(u64::try_from(first).expect("small"));
    let mut rows = Vec::new();
    for number in first..first + count {
        let start = i64::try_from(number).expect("small") * 7 * DAY / 100;
        let span = match random.below(200) {
            0 => Span { start: MONDAY + start, end: FAR_FUTURE_MS },
            1..=4 => span(start, 12 * DAY),
            5..=14 => span(start - start % DAY, DAY),
            _ => span(start - start % (HOUR / 2), HOUR),
        };
        // Ids in no order of time, as after an import.
        let key = u128::from(Random(u64::try_from(number).expect("small")).next()) << 64 | number;
        let mut event = server_event(key, "Weekly planning with the team", span, NOW - 1);
        event.columns.insert("location".to_owned(), Value::from("Room 4.12, second floor"));
        event.columns.insert("notes".to_owned(), Value::from("Bring the figures of last week. ".repeat(6)));
        rows.push(event);
        let overlay = RowRef::overlay(id(key), me());
        rows.push(server_row(
            &overlay,
            columns(Table::Overlays, [("calendar_id", Value::from(id(7).to_string()))]),
            NOW - 1,
        ));
    }
    rows
}

fn figure(what: &str, mut times: Vec<f64>) -> Figure {
    times.sort_by(f64::total_cmp);
    let at = |index: usize| times.get(index).copied().unwrap_or(f64::NAN);
    Figure { what: what.to_owned(), median_ms: at(times.len() / 2), worst_ms: at(times.len().saturating_sub(1)) }
}

/// Fills an empty store with `events` events and measures it. `now` is a clock in ms.
pub async fn measure(store: &dyn Store, events: u128, now: impl Fn() -> f64) -> Vec<Figure> {
    named(store).await;
    let mut figures = Vec::new();
    let mut pages = Vec::new();
    for (head, first) in (1..).zip((0..events).step_by(500)) {
        let rows = rows(first, 500.min(events - first));
        let begin = now();
        run(store, page(rows, head)).await;
        pages.push(now() - begin);
    }
    figures.push(figure("a page of 1,000 rows from the server", pages));
    let weeks = i64::try_from(events / 100).expect("small");
    let mut months = Vec::new();
    let mut typed = Vec::new();
    let mut count = 0;
    for round in 0..21 {
        let wanted = span((1 + round * (weeks - 6).max(1) / 21) * 7 * DAY, 35 * DAY);
        let begin = now();
        let found = query(store, Query::Events { span: wanted, user: me() }).await;
        months.push(now() - begin);
        count = found.iter().filter(|stored| stored.at.table == Table::Events).count();
        let events = found.iter().filter(|stored| stored.at.table == Table::Events);
        let events: Vec<_> =
            events.map(|stored| stored.decode::<almanac_core::domain::Event>().expect("an event")).collect();
        typed.push(now() - begin);
        assert_eq!(events.len(), count);
    }
    figures.push(figure(&format!("a month ({count} events and their overlays)"), months));
    figures.push(figure("the same, as domain structs", typed));
    let mut edits_took = Vec::new();
    for round in 0..31 {
        let key = u128::from(Random(round).next()) << 64 | u128::from(round);
        let edit = Patch::update(RowRef::event(id(key)), Default::default()).set("title", format!("Edit {round}"));
        let begin = now();
        run(store, edits(vec![edit], round)).await;
        edits_took.push(now() - begin);
    }
    figures.push(figure("one edit, committed", edits_took));
    let begin = now();
    query(store, Query::Search { text: "nothing like it".to_owned(), limit: 20 }).await;
    figures.push(figure("a search through all", vec![now() - begin]));
    figures
}
