//! The grid of days and hours.

use super::{
    column::Column,
    day_head::DayHead,
    drag_layer::DragLayer,
    dragging::{Dragging, spot},
    lane::AllDayLane,
    now_line::NowLine,
    placed::place,
};
use crate::{
    layout::{DragKind, Moved, off_hours},
    state::{Anchor, Open, Shown, use_ui},
};
use almanac_core::{Uuid, domain::WorkHours};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use dioxus::{
    html::{
        geometry::{PixelsRect, PixelsVector2D},
        input_data::MouseButton,
    },
    prelude::*,
};
use std::{collections::BTreeMap, rc::Rc};

/// What the grid asks its page to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Asked {
    /// Move or resize an event.
    Change(Uuid, Moved, Moved),
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
    let mut scrolling = use_signal(|| false);
    // Something was open when the pointer went down: then the click only closes it.
    let mut only_closes = use_signal(|| false);
    let mut drag = ui.drag;
    let (today, minute) = (zone.date(now), zone.minute(now));
    let placed = place(&events, &days, clock);
    let count = days.len();
    let shows_today = days.contains(&today);
    // Read by handlers that outlive this drawing.
    let mut shown_days = use_signal(|| days.clone());
    if *shown_days.peek() != days {
        shown_days.set(days.clone());
    }

    let measure = move || async move {
        let element = columns.peek().clone()?;
        element.get_client_rect().await.ok()
    };

    let press = move |(kind, shown, event): (DragKind, Option<Shown>, PointerEvent)| {
        only_closes.set(*ui.open.peek() != Open::Nothing);
        // Fingers scroll; and an event's edge and body, pressed before the column, have spoken.
        if drag.peek().is_some()
            || event.pointer_type() == "touch"
            || event.trigger_button() != Some(MouseButton::Primary)
        {
            return;
        }
        let at = event.client_coordinates();
        let before = shown.as_ref().map_or(Moved { start: now, minutes: 0 }, |shown| Moved {
            start: shown.item.event.start_time,
            minutes: shown.item.event.duration,
        });
        drag.set(Some(Dragging {
            kind,
            shown,
            before,
            origin: (at.x, at.y),
            at: (at.x, at.y),
            rects: None,
            active: false,
        }));
        spawn(async move {
            let Some(rect) = measure().await else { return };
            if let Some(dragging) = drag.write().as_mut() {
                dragging.rects = Some((rect, rect));
            }
        });
    };

    // A drag at the upper or lower edge scrolls, a step for each movement of the pointer.
    let mut scroll_at_edge = move |y: f64| {
        if scrolling() {
            return;
        }
        scrolling.set(true);
        spawn(async move {
            let (scroller, head) = (scroller.peek().clone(), head.peek().clone());
            if let (Some(scroller), Some(head)) = (scroller, head)
                && let (Ok(room), Ok(head)) = (scroller.get_client_rect().await, head.get_client_rect().await)
                && let Some(by) = edge_step(y, head.max_y(), room.max_y())
                && let Ok(offset) = scroller.get_scroll_offset().await
            {
                let _ = scroller
                    .scroll(PixelsVector2D::new(offset.x, (offset.y + by).max(0.0)), ScrollBehavior::Instant)
                    .await;
            }
            scrolling.set(false);
        });
    };

    let follow = move |event: PointerEvent| {
        if drag.peek().is_none() {
            return;
        }
        if event.held_buttons().is_empty() {
            // Let go outside of the window.
            ui.cancel_drag();
            return;
        }
        let at = event.client_coordinates();
        let mut dragged = ui.dragged;
        if let Some(dragging) = drag.write().as_mut() {
            dragging.follow((at.x, at.y));
            let id = dragging.shown.as_ref().map(Shown::id);
            if dragging.active && *dragged.peek() != id {
                dragged.set(id);
            }
        }
        if drag.peek().as_ref().is_some_and(|dragging| dragging.active) {
            scroll_at_edge(at.y);
        }
    };

    let release = move |_: PointerEvent| {
        let Some(dragging) = drag.take() else { return };
        let mut dragged = ui.dragged;
        dragged.set(None);
        let days = shown_days.peek();
        let Some(result) = dragging.on_grid(&days).filter(|_| dragging.active) else { return };
        let moved = result.result(zone);
        match &dragging.shown {
            Some(shown) if moved != dragging.before => onask.call(Asked::Change(shown.id(), moved, dragging.before)),
            Some(_) => {}
            None => {
                let Some((_, rect)) = dragging.rects else { return };
                onask.call(Asked::Create(moved, false, anchor_of(moved, rect, &days, zone)));
            }
        }
    };

    let click = move |event: MouseEvent| {
        if only_closes() {
            return;
        }
        let at = event.client_coordinates();
        spawn(async move {
            let Some(rect) = measure().await else { return };
            let days = shown_days.peek().clone();
            let Some(spot) = spot((at.x, at.y), rect, &days) else { return };
            // The half hour under the pointer, an hour long.
            let start = zone.at(spot.date, (spot.minute / 30 * 30).min(1410));
            let moved = Moved { start, minutes: 60 };
            onask.call(Asked::Create(moved, false, anchor_of(moved, rect, &days, zone)));
        });
    };

    rsx! {
        div {
            class: "scroller",
            onmounted: move |event| {
                scroller.set(Some(event.data()));
                // Two hours above now in the morning, else the working day from eight.
                let hour = if shows_today { (minute / 60 - 2).clamp(0, 8) } else { 7 };
                #[allow(clippy::cast_precision_loss, reason = "an hour")]
                let y = (hour as f64 * 48.0 - 8.0).max(0.0);
                async move {
                    let _ = event.scroll(PixelsVector2D::new(0.0, y), ScrollBehavior::Instant).await;
                }
            },
            onscroll: move |_| {
                if drag.peek().as_ref().is_some_and(|dragging| dragging.active) {
                    spawn(async move {
                        let Some(rect) = measure().await else { return };
                        if let Some(Dragging { rects: Some((_, now)), .. }) = drag.write().as_mut() {
                            *now = rect;
                        }
                    });
                }
            },
            div { class: "grid-head", onmounted: move |event| head.set(Some(event.data())),
                div {}
                div { class: "days", style: "--days:{count}",
                    for date in days.iter().copied() {
                        DayHead { key: "{date}", date, today: date == today }
                    }
                }
                AllDayLane {
                    days: days.clone(),
                    events: events.clone(),
                    now,
                    oncreate: move |(date, anchor): (NaiveDate, Anchor)| {
                        let start = date.and_time(chrono::NaiveTime::MIN).and_utc();
                        onask.call(Asked::Create(Moved { start, minutes: 1440 }, true, anchor));
                    },
                }
            }
            div {
                class: "grid",
                onpointermove: follow,
                onpointerup: release,
                onpointercancel: move |_| {
                    ui.cancel_drag();
                },
                div { class: "hours", "aria-hidden": "true",
                    for hour in 1..24_i64 {
                        span {
                            key: "{hour}",
                            class: "hour",
                            // The label of now takes its place.
                            "data-hidden": (shows_today && (hour * 60 - minute).abs() < 13).then_some(""),
                            style: "top:{hour * 48}px",
                            {clock.hour(hour)}
                        }
                    }
                    if shows_today {
                        span { class: "now-label", style: "top:{minute * 4 / 5}px", {clock.minute(minute)} }
                    }
                }
                div {
                    class: "columns",
                    onmounted: move |event| columns.set(Some(event.data())),
                    div { class: "lines" }
                    div { class: "days", style: "--days:{count}",
                        for (date , placed) in days.iter().copied().zip(placed) {
                            Column {
                                key: "{date}",
                                date,
                                placed,
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

/// How far to scroll, px, when the pointer is at `y` in a grid visible between `top` and `bottom`; none in the middle.
fn edge_step(y: f64, top: f64, bottom: f64) -> Option<f64> {
    const EDGE: f64 = 32.0;
    const STEP: f64 = 24.0;
    if y < top + EDGE {
        Some(-STEP)
    } else if y > bottom - EDGE {
        Some(STEP)
    } else {
        None
    }
}

/// Where a new event's block is in the window.
#[allow(clippy::cast_precision_loss, reason = "minutes and days")]
fn anchor_of(moved: Moved, rect: PixelsRect, days: &[NaiveDate], zone: crate::time::Zone) -> Anchor {
    let date = zone.date(moved.start);
    let index = days.iter().position(|day| *day == date).unwrap_or(0) as f64;
    let width = rect.width() / days.len().max(1) as f64;
    let minute = rect.height() / 1440.0;
    Anchor {
        x: rect.min_x() + index * width,
        y: rect.min_y() + zone.minute(moved.start) as f64 * minute,
        width,
        height: moved.minutes as f64 * minute,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_edges_scroll() {
        assert_eq!(edge_step(150.0, 140.0, 900.0), Some(-24.0));
        assert_eq!(edge_step(500.0, 140.0, 900.0), None);
        assert_eq!(edge_step(890.0, 140.0, 900.0), Some(24.0));
    }
}
