//! One week of the month.

use super::chip::Chip;
use crate::{
    grid::{Asked, BarEvent},
    i18n::t,
    layout::{Bar, Moved, all_day_dates, lane, stands_in_lane},
    state::{Anchor, Open, Place, Shown, View, use_ui},
    time::{day_month, full_date},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// Seven days; `rows` events fit on each.
#[component]
pub(crate) fn WeekRow(
    days: Vec<NaiveDate>,
    month: u32,
    events: Rc<Vec<Shown>>,
    now: DateTime<Utc>,
    rows: usize,
    onask: EventHandler<Asked>,
) -> Element {
    let ui = use_ui();
    let zone = ui.clock.read().zone;
    let today = zone.date(now);
    // A concert that ends after midnight is the evening's, not a matter of two days.
    let dates = |event: &almanac_core::domain::Event| {
        let (first, last) = all_day_dates(event, zone);
        (first, if stands_in_lane(event) { last } else { first })
    };
    let dates: Vec<_> = events.iter().map(|shown| dates(&shown.item.event)).collect();
    let bars: Vec<(Shown, Bar)> =
        events.iter().zip(lane(&dates, &days)).filter_map(|(shown, bar)| Some((shown.clone(), bar?))).collect();
    let on = |day: usize| move |bar: &Bar| (bar.first..bar.first + bar.days).contains(&day);
    let deepest = bars.iter().map(|(_, bar)| bar.row + 1).max().unwrap_or(0);
    let limit = if deepest > rows { rows.saturating_sub(1) } else { rows };
    let hidden: Vec<usize> =
        (0..days.len()).map(|day| bars.iter().filter(|(_, bar)| bar.row >= limit && on(day)(bar)).count()).collect();
    rsx! {
        div { class: "month-week", role: "row",
            for date in days.iter().copied() {
                div {
                    key: "{date}",
                    class: "month-day",
                    role: "gridcell",
                    "data-date": "{date}",
                    "data-other": (date.month() != month).then_some(""),
                    onclick: move |event: MouseEvent| {
                        if *ui.open.peek() == Open::Nothing {
                            let at = event.client_coordinates();
                            let start = date.and_time(chrono::NaiveTime::MIN).and_utc();
                            let anchor = Anchor { x: at.x, y: at.y, width: 0.0, height: 0.0 };
                            onask.call(Asked::Create(Moved { start, minutes: 1440 }, true, anchor));
                        }
                    },
                    button {
                        r#type: "button",
                        class: "month-number",
                        "aria-current": (date == today).then_some("date"),
                        onclick: move |event| {
                            event.stop_propagation();
                            ui.go(Place { view: View::Day, date });
                        },
                        if date.day() == 1 {
                            {day_month(date)}
                        } else {
                            "{date.day()}"
                        }
                        span { class: "sr", {full_date(date)} }
                    }
                }
            }
            div { class: "month-events", role: "gridcell",
                for (shown , bar) in bars.iter().filter(|(_, bar)| bar.row < limit).cloned() {
                    if stands_in_lane(&shown.item.event) {
                        BarEvent { key: "{shown.id()}", shown, bar, now }
                    } else {
                        Chip { key: "{shown.id()}", shown, bar }
                    }
                }
                for (day , n) in hidden.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                    button {
                        key: "more-{day}",
                        r#type: "button",
                        class: "more",
                        style: "grid-column:{day + 1};grid-row:{limit + 1}",
                        onclick: {
                            let date = days[day];
                            move |event: MouseEvent| {
                                event.stop_propagation();
                                ui.go(Place { view: View::Day, date });
                            }
                        },
                        {t!("more-count", count = n)}
    " "
                        span { class: "sr", {t!("more-on", date = &full_date(days[day]))} }
                    }
                }
            }
        }
    }
}
