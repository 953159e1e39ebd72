//! A small month to jump with.

use crate::{
    i18n::t,
    primitives::{IconButton, Shape},
    state::{Place, View, use_ui},
    time::{full_date, month, month_days, weekday, weekday_tiny, weekdays},
};
use chrono::{Datelike, NaiveDate};
use dioxus::prelude::*;

/// A month; follows the place shown until one turns its pages.
#[component]
pub(crate) fn MiniMonth(today: NaiveDate) -> Element {
    let ui = use_ui();
    let first = *ui.first.read();
    let place = *ui.place.read();
    // Pages turned from the place shown, with the place they were turned at.
    let mut turned = use_signal(|| (place, 0_i32));
    let pages = if turned().0 == place { turned().1 } else { 0 };
    let step = if pages < 0 { -1 } else { 1 };
    let at = (0..pages.abs()).fold(Place { view: View::Month, date: place.date }, |at, _| at.step(step));
    let shown = if place.view == View::Month { Vec::new() } else { place.days(first) };
    let days = month_days(at.date, first);
    rsx! {
        section { class: "mini", "aria-label": t!("month"),
            div { class: "mini-head",
                h2 { "{month(at.date)}" }
                IconButton { shape: Shape::Left, name: t!("month-before"), onclick: move |_| turned.set((place, pages - 1)) }
                IconButton { shape: Shape::Right, name: t!("month-after"), onclick: move |_| turned.set((place, pages + 1)) }
            }
            table { class: "mini-grid",
                thead {
                    tr {
                        for day in weekdays(first) {
                            th { key: "{day}", scope: "col", abbr: weekday(day), {weekday_tiny(day)} }
                        }
                    }
                }
                tbody {
                    for week in days.chunks(7) {
                        tr { key: "{week[0]}",
                            for date in week.iter().copied() {
                                td {
                                    key: "{date}",
                                    "data-shown": shown.contains(&date).then_some(""),
                                    "data-first": (shown.first() == Some(&date)).then_some(""),
                                    "data-last": (shown.last() == Some(&date)).then_some(""),
                                    button {
                                        r#type: "button",
                                        class: "mini-day",
                                        "aria-label": full_date(date),
                                        "aria-current": (date == today).then_some("date"),
                                        "data-other": (date.month() != at.date.month()).then_some(""),
                                        onclick: move |_| {
                                            // On phones the rail lies over what one has chosen.
                                            if ui.is_phone() {
                                                let mut turned = ui.rail_turned;
                                                turned.set(false);
                                            }
                                            ui.go(Place { date, ..place });
                                        },
                                        "{date.day()}"
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
