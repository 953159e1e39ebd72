//! One week of the month.

use super::chip::Chip;
use crate::{
    grid::{BarEvent, BarGhost},
    i18n::t,
    layout::{Bar, DragKind, Elements, all_day_dates, lane, stands_in_lane},
    state::{Anchor, Open, Place, Shown, View, use_ui},
    time::{day_month, full_date, week_number},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// Seven days; `rows` events fit on each.
#[component]
pub(crate) fn WeekRow(
    days: Vec<NaiveDate>,
    month: Option<u32>,
    events: Rc<Vec<Shown>>,
    now: DateTime<Utc>,
    rows: usize,
    /// The date with the Tab key, if it is of this week.
    current: Option<NaiveDate>,
    onmount: EventHandler<(NaiveDate, Rc<MountedData>)>,
    /// All dates of the grid, for what is dragged over them.
    all: Vec<NaiveDate>,
    color: String,
    onpress: EventHandler<(DragKind, Option<Shown>, PointerEvent)>,
    onclick: EventHandler<(NaiveDate, Anchor)>,
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
    let counts: Vec<usize> = (0..days.len()).map(|day| bars.iter().filter(|(_, bar)| on(day)(bar)).count()).collect();
    let hidden: Vec<usize> =
        (0..days.len()).map(|day| bars.iter().filter(|(_, bar)| bar.row >= limit && on(day)(bar)).count()).collect();
    let (bars, chips): (Vec<_>, Vec<_>) =
        bars.into_iter().filter(|(_, bar)| bar.row < limit).partition(|(shown, _)| stands_in_lane(&shown.item.event));
    let mut elements = use_hook(|| CopyValue::new([Elements::default(), Elements::default()]));
    let [bars, chips] = {
        let [of_bars, of_chips] = &mut *elements.write();
        [given(of_bars, bars), given(of_chips, chips)]
    };
    rsx! {
        div { class: "month-week", role: "row",
            span { class: "month-week-number", role: "rowheader", "aria-label": t!("week-number", week = week_number(days[0])), "{week_number(days[0])}" }
            for (i , date) in days.iter().copied().enumerate() {
                div {
                    key: "{date}",
                    class: "month-day",
                    role: "gridcell",
                    "data-date": "{date}",
                    "data-other": month.is_some_and(|month| date.month() != month).then_some(""),
                    tabindex: if current == Some(date) { "0" } else { "-1" },
                    "aria-current": (date == today).then_some("date"),
                    onmounted: move |event| onmount.call((date, event.data())),
                    // Under a press the page does not turn: what is let go of would be another date, or none.
                    onfocus: move |_| {
                        if month == Some(date.month()) || ui.drag.peek().is_none() {
                            ui.go_in_place(Place { date, ..*ui.place.peek() });
                        }
                    },
                    onkeydown: move |event| {
                        if event.key() == Key::Enter {
                            event.prevent_default();
                            event.stop_propagation();
                            ui.go(Place { view: View::Day, date });
                        }
                    },
                    onpointerdown: move |event| onpress.call((DragKind::Create, None, event)),
                    onclick: move |event: MouseEvent| {
                        let at = event.client_coordinates();
                        onclick.call((date, Anchor { x: at.x, y: at.y, width: 0.0, height: 0.0 }));
                    },
                    span { class: "sr", {t!("column", date = &full_date(date), count = counts[i])} }
                    button {
                        r#type: "button",
                        class: "month-number",
                        tabindex: "-1",
                        "aria-hidden": "true",
                        "data-today": (date == today).then_some(""),
                        onpointerdown: move |event| event.stop_propagation(),
                        onclick: move |event| {
                            event.stop_propagation();
                            ui.go(Place { view: View::Day, date });
                        },
                        if date.day() == 1 {
                            {day_month(date)}
                        } else {
                            "{date.day()}"
                        }
                    }
                }
            }
            div { class: "month-ghost", role: "presentation",
                BarGhost { days: days.clone(), all, color, rows: true }
            }
            div { class: "month-events", role: "gridcell",
                for (element , (shown , bar)) in bars {
                    BarEvent { key: "{element}", shown, bar, now, onpress: move |(kind, shown, event)| onpress.call((kind, Some(shown), event)) }
                }
                for (element , (shown , bar)) in chips {
                    Chip { key: "{element}", shown, bar, now, onpress: move |(kind, shown, event)| onpress.call((kind, Some(shown), event)) }
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
                                let at = event.client_coordinates();
                                ui.open_at(Open::Date(date, Anchor { x: at.x - 40.0, y: at.y - 12.0, width: 80.0, height: 24.0 }));
                            }
                        },
                        onpointerdown: move |event| event.stop_propagation(),
                        "aria-haspopup": "dialog",
                        {t!("more-count", count = n)}
    " "
                        span { class: "sr", {t!("more-on", date = &full_date(days[day]))} }
                    }
                }
            }
        }
    }
}

/// Each with the number of its element.
fn given(elements: &mut Elements, events: Vec<(Shown, Bar)>) -> Vec<(usize, (Shown, Bar))> {
    let ids: Vec<_> = events.iter().map(|(shown, _)| shown.id()).collect();
    elements.give(&ids).into_iter().zip(events).collect()
}
