//! The year: twelve small months, each date the deeper the fuller it is.

use crate::{
    layout::all_day_dates,
    primitives::DateGrid,
    state::{Place, Shown, View, use_scroll, use_ui},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use dioxus::prelude::*;
use std::{collections::HashMap, rc::Rc};

/// See the module.
#[component]
pub(crate) fn YearGrid(year: i32, events: Rc<Vec<Shown>>, now: DateTime<Utc>) -> Element {
    let ui = use_ui();
    let scroll = use_scroll(Place { view: View::Year, date: NaiveDate::MIN }, true);
    let zone = ui.clock.read().zone;
    let first = *ui.first.read();
    let today = zone.date(now);
    let spans: Vec<_> = events.iter().map(|shown| all_day_dates(&shown.item.event, zone)).collect();
    let fullness = Rc::new(count(&spans, year));
    rsx! {
        div {
            class: "year",
            onmounted: move |event| scroll.mounted(&event),
            onscroll: move |event| scroll.scrolled(&event),
            for month in (1..=12).filter_map(|month| NaiveDate::from_ymd_opt(year, month, 1)) {
                DateGrid {
                    key: "{month}",
                    date: if (today.year(), today.month()) == (year, month.month()) { today } else { month },
                    today,
                    first,
                    fullness: fullness.clone(),
                    turns: false,
                    onpick: move |date| ui.go(Place { view: View::Day, date }),
                }
            }
        }
    }
}

/// Each date's level (1–3) and number of events, within the year.
fn count(spans: &[(NaiveDate, NaiveDate)], year: i32) -> HashMap<NaiveDate, (u8, usize)> {
    let mut found: HashMap<NaiveDate, (u8, usize)> = HashMap::new();
    for (from, to) in spans {
        let from = (*from).max(NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(*from));
        for date in from.iter_days().take_while(|date| date <= to && date.year() == year) {
            let (level, count) = found.entry(date).or_default();
            *count += 1;
            *level = match *count {
                1..=2 => 1,
                3..=5 => 2,
                _ => 3,
            };
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_the_fuller_the_more_happens_and_other_years_do_not_count() {
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut spans = vec![(date("2025-12-30"), date("2026-01-02")), (date("2026-12-31"), date("2027-01-05"))];
        spans.extend([(date("2026-01-02"), date("2026-01-02")); 2]);
        let found = count(&spans, 2026);
        assert_eq!(found.get(&date("2026-01-01")), Some(&(1, 1)));
        assert_eq!(found.get(&date("2026-01-02")), Some(&(2, 3)));
        assert_eq!(found.len(), 3);
    }
}
