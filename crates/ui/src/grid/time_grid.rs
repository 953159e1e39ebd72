//! The grid of days and hours.

use super::{
    column::Column,
    day_head::DayHead,
    drag_layer::DragLayer,
    edge::use_edge,
    lane::AllDayLane,
    now_line::NowLine,
    placed::place,
    use_drag::{Measure, Press, use_drags},
};
use crate::{
    layout::{DragKind, Moved, off_hours},
    state::{Anchor, Shown, use_ui},
};
use almanac_core::{Uuid, domain::WorkHours};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use dioxus::{html::geometry::PixelsVector2D, prelude::*};
use std::{collections::BTreeMap, rc::Rc};

/// What the grid asks its page to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Asked {
    /// Move or resize an event.
    Change {
        /// Which.
        id: Uuid,
        /// To these times.
        moved: Moved,
        /// Whether it is all-day then.
        all_day: bool,
        /// From these.
        before: Moved,
    },
    /// Put a copy of an event there, all-day or not.
    Copy(Uuid, Moved, bool),
    /// Begin a new event, all-day or not, with a popover beside the anchor.
    Create(Moved, bool, Anchor),
}

/// Days beside each other.
#[component]
pub(crate) fn TimeGrid(
    days: Vec<NaiveDate>,
    events: Rc<Vec<Shown>>,
    now: DateTime<Utc>,
    /// The days' events are not all here.
    skeleton: bool,
    schedule: Option<BTreeMap<String, Vec<WorkHours>>>,
    /// CSS colour of new events.
    color: String,
    onask: EventHandler<Asked>,
) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let zone = clock.zone;
    let mut columns = use_signal(|| None::<Rc<MountedData>>);
    let mut scroller = use_signal(|| None::<Rc<MountedData>>);
    let mut head = use_signal(|| None::<Rc<MountedData>>);
    let mut scrolled = ui.scroll;
    let (today, minute) = (zone.date(now), zone.minute(now));
    let count = days.len();
    let hour = ui.density.read().hour();
    // Until it is measured: what the frame leaves of the window.
    let mut width = use_signal(|| (ui.window.peek().0 - 300.0).max(300.0));
    let placed = place(&events, &days, clock, room_in(width() / count.max(1) as f64));
    let shows_today = days.contains(&today);
    let drags = use_drags(Measure::Days { columns, head }, &days, onask);
    let press = move |(kind, shown, event): (DragKind, Option<Shown>, PointerEvent)| {
        drags.press(Press { kind, shown, whole: false }, &event, now);
    };
    let press_lane = move |(kind, shown, event): (DragKind, Option<Shown>, PointerEvent)| {
        drags.press(Press { kind, shown, whole: true }, &event, now);
    };

    let edge = use_edge(drags, scroller, head);
    let follow = move |event: PointerEvent| {
        if drags.follow(&event) {
            edge.dragged();
        }
    };

    let click = move |event: MouseEvent| {
        let at = event.client_coordinates();
        spawn(async move {
            let Some((spot, ground, days)) = drags.clicked((at.x, at.y)).await else { return };
            // The half hour under the pointer, an hour long.
            let start = zone.at(spot.date, (spot.minute.unwrap_or(0) / 30 * 30).min(1410));
            let moved = Moved { start, minutes: 60 };
            drags.create(moved, false, ground.anchor(moved, false, (at.x, at.y), &days, zone));
        });
    };

    rsx! {
        div {
            class: "scroller",
            onmounted: move |event| {
                scroller.set(Some(event.data()));
                // Where it was; at first two hours above now in the morning, else the working day from eight.
                let begin = if shows_today { (minute / 60 - 2).clamp(0, 8) } else { 7 };
                #[allow(clippy::cast_precision_loss, reason = "hours and minutes")]
                let y = ui.scroll.peek().map_or((begin * hour - 8) as f64, |minute| minute * hour as f64 / 60.0).max(0.0);
                async move {
                    let _ = event.scroll(PixelsVector2D::new(0.0, y), ScrollBehavior::Instant).await;
                }
            },
            onscroll: move |event| {
                #[allow(clippy::cast_precision_loss, reason = "px")]
                scrolled.set(Some(event.data().scroll_top() * 60.0 / hour as f64));
                ui.scrolled(&event);
                drags.scrolled();
            },
            onpointermove: follow,
            onpointerup: move |_| drags.release(),
            onpointercancel: move |_| {
                ui.cancel_drag();
            },
            // What is dragged by a finger must not scroll away under it.
            ontouchmove: move |event| {
                if drags.is_active() {
                    event.prevent_default();
                }
            },
            oncontextmenu: move |event| {
                if ui.drag.peek().is_some() {
                    event.prevent_default();
                }
            },
            div {
                class: "grid-head",
                onmounted: move |event| head.set(Some(event.data())),
                // It always stands at the upper end.
                ontouchstart: move |_| {
                    let mut on_head = ui.on_head;
                    on_head.set(true);
                },
                div {}
                div { class: "days", style: "--days:{count}",
                    for date in days.iter().copied() {
                        DayHead { date, today: date == today }
                    }
                }
                AllDayLane {
                    days: days.clone(),
                    events: events.clone(),
                    now,
                    drags,
                    color: color.clone(),
                    onpress: press_lane,
                }
            }
            div {
                class: "grid",
                div { class: "hours", "aria-hidden": "true",
                    for hour in 1..24_i64 {
                        span {
                            key: "{hour}",
                            class: "hour",
                            // The label of now takes its place.
                            "data-hidden": (shows_today && (hour * 60 - minute).abs() < 13).then_some(""),
                            style: "top:calc({hour} * 100% / 24)",
                            {clock.hour(hour)}
                        }
                    }
                    if shows_today {
                        span { class: "now-label", style: "top:calc({minute} * 100% / 1440)", {clock.minute(minute)} }
                    }
                }
                div {
                    class: "columns",
                    onresize: move |event| {
                        if let Ok(size) = event.get_border_box_size() {
                            width.set(size.width);
                        }
                    },
                    onmounted: move |event| columns.set(Some(event.data())),
                    div { class: "lines" }
                    div { class: "days", style: "--days:{count}",
                        // Beside each other and not by their dates: the columns of another week are the same with other events.
                        for (date , day) in days.iter().copied().zip(placed) {
                            Column {
                                date,
                                day,
                                off: off_hours(schedule.as_ref(), date.weekday()),
                                now,
                                skeleton,
                                onpress: press,
                                onclick: click,
                            }
                        }
                    }
                    NowLine { days: days.clone(), today, minute }
                    DragLayer { days: days.clone(), color }
                }
            }
        }
    }
}

/// How many events fit beside each other in a column of so many px.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "px")]
fn room_in(column: f64) -> usize {
    /// Px: narrower, not even a word of the title can be read.
    const NARROWEST: f64 = 30.0;
    ((column - 9.0) / NARROWEST).max(2.0) as usize
}
