//! The lane of all-day events over the columns.

use super::{BarEvent, BarGhost, use_drag::Drags};
use crate::{
    i18n::t,
    layout::{Bar, DragKind, Elements, Moved, all_day_dates, lane, stands_in_lane},
    state::{Anchor, Shown, use_ui},
};
use chrono::{DateTime, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// Rows shown before the rest is folded.
const ROWS: usize = 3;

/// All-day events of the days; a click on free room makes one.
#[component]
pub(crate) fn AllDayLane(
    days: Vec<NaiveDate>,
    events: Rc<Vec<Shown>>,
    now: DateTime<Utc>,
    drags: Drags,
    /// CSS colour of new events.
    color: String,
    onpress: EventHandler<(DragKind, Option<Shown>, PointerEvent)>,
) -> Element {
    let ui = use_ui();
    let zone = ui.clock.read().zone;
    let mut unfolded = use_signal(|| false);
    // The button that is pressed goes; the one that comes for it takes the focus.
    let mut pressed = use_hook(|| CopyValue::new(false));
    let takes_over = move |event: MountedEvent| async move {
        if pressed.replace(false) {
            let _ = event.set_focus(true).await;
        }
    };
    let inside: Vec<&Shown> = events.iter().filter(|shown| stands_in_lane(&shown.item.event)).collect();
    let dates: Vec<_> = inside.iter().map(|shown| all_day_dates(&shown.item.event, zone)).collect();
    let bars: Vec<(Shown, Bar)> =
        inside.into_iter().zip(lane(&dates, &days)).filter_map(|(shown, bar)| Some((shown.clone(), bar?))).collect();
    let rows = bars.iter().map(|(_, bar)| bar.row + 1).max().unwrap_or(0);
    // One row more than allowed is better shown than folded: "+1" would take its place.
    let fold = !unfolded() && rows > ROWS + 1;
    let limit = if fold { ROWS } else { rows };
    let hidden: Vec<usize> = (0..days.len())
        .map(|day| {
            bars.iter().filter(|(_, bar)| bar.row >= limit && (bar.first..bar.first + bar.days).contains(&day)).count()
        })
        .collect();
    let count = days.len();
    let bars: Vec<(Shown, Bar)> = bars.into_iter().filter(|(_, bar)| bar.row < limit).collect();
    let mut elements = use_hook(|| CopyValue::new(Elements::default()));
    let ids: Vec<_> = bars.iter().map(|(shown, _)| shown.id()).collect();
    let elements = elements.write().give(&ids);
    rsx! {
        div { class: "gutter-note lane-label",
            if rows > 0 {
                {t!("all-day")}
            }
            if rows > ROWS + 1 && !fold {
                button {
                    r#type: "button",
                    class: "link",
                    "aria-expanded": "true",
                    onmounted: takes_over,
                    onclick: move |_| {
                        pressed.set(true);
                        unfolded.set(false);
                    },
                    {t!("less")}
                }
            }
        }
        div { class: "lane", style: "--days:{count}", role: "group", "aria-label": t!("all-day-events"),
            div { class: "days lane-days",
                for date in days.iter().copied() {
                    div {
                        class: "lane-day",
                        "data-lane-date": "{date}",
                        onpointerdown: move |event| onpress.call((DragKind::Create, None, event)),
                        onclick: move |event: MouseEvent| {
                            let at = event.client_coordinates();
                            spawn(async move {
                                if drags.clicked((at.x, at.y)).await.is_some() {
                                    let start = date.and_time(chrono::NaiveTime::MIN).and_utc();
                                    let anchor = Anchor { x: at.x, y: at.y, width: 0.0, height: 0.0 };
                                    drags.create(Moved { start, minutes: 1440 }, true, anchor);
                                }
                            });
                        },
                    }
                }
            }
            BarGhost { days: days.clone(), all: days.clone(), color, rows: false }
            div { class: "lane-rows",
                for (element , (shown , bar)) in elements.into_iter().zip(bars) {
                    BarEvent {
                        key: "{element}",
                        shown,
                        bar,
                        now,
                        onpress: move |(kind, shown, event)| onpress.call((kind, Some(shown), event)),
                    }
                }
                if fold {
                    for (day , n) in hidden.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                        button {
                            key: "more-{day}",
                            r#type: "button",
                            class: "more",
                            style: "grid-column:{day + 1};grid-row:{limit + 1}",
                            "aria-expanded": "false",
                            onmounted: takes_over,
                            onclick: move |event: MouseEvent| {
                                event.stop_propagation();
                                pressed.set(true);
                                unfolded.set(true);
                            },
                            {t!("more-count", count = n)}
    " "
                            span { class: "sr", {t!("more")} }
                        }
                    }
                }
            }
        }
    }
}
