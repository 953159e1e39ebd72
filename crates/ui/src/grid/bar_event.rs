//! An event in a lane: all-day, or of a day and more. Also used by the month.

use super::placed::{full_name, is_movable, is_past, marks};
use crate::{
    color,
    layout::{Bar, DragKind},
    primitives::Icon,
    state::{Shown, use_opener, use_ui},
    text::or_untitled,
};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// A bar over the days of an event.
#[component]
pub(crate) fn BarEvent(
    shown: Shown,
    bar: Bar,
    now: DateTime<Utc>,
    onpress: EventHandler<(DragKind, Shown, PointerEvent)>,
) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let event = &shown.item.event;
    let (id, title) = (event.id, or_untitled(&event.title));
    let opener = use_opener(event);
    let movable = is_movable(&shown);
    let dragged = *ui.dragged.read() == Some(id);
    let press = use_callback({
        let shown = shown.clone();
        move |(kind, event): (DragKind, PointerEvent)| onpress.call((kind, shown.clone(), event))
    });
    let time = (!event.all_day && !bar.from_before).then(|| clock.minute(clock.zone.minute(event.start_time)));
    rsx! {
        button {
            r#type: "button",
            class: "event bar-event",
            style: "--c:{shown.color};grid-column:{bar.first + 1} / span {bar.days};grid-row:{bar.row + 1}",
            "data-event-id": "{id}",
            "data-state": shown.state(),
            "data-show": shown.show(),
            "data-hue": color::hue(&shown.color),
            "data-past": is_past(&shown, now, clock).then_some(""),
            "data-rsvp": shown.is_declined().then_some("declined"),
            "data-from-before": bar.from_before.then_some(""),
            "data-to-after": bar.to_after.then_some(""),
            "aria-label": full_name([title, time.as_deref().unwrap_or_default()], &shown, clock),
            "aria-haspopup": "dialog",
            "aria-expanded": opener.is_open().then_some("true"),
            onmounted: move |event| opener.mounted(event.data()),
            "data-dragged": dragged.then_some(""),
            onpointerdown: move |event| press.call((DragKind::Move, event)),
            onfocus: move |_| opener.focused(true),
            onblur: move |_| opener.focused(false),
            onclick: move |event| opener.clicked(&event, true),
            if movable && !bar.from_before {
                span { class: "bar-handle", "data-edge": "start", onpointerdown: move |event| press.call((DragKind::Start, event)) }
            }
            if movable && !bar.to_after {
                span { class: "bar-handle", "data-edge": "end", onpointerdown: move |event| press.call((DragKind::End, event)) }
            }
            for shape in marks(&shown) {
                Icon { shape }
            }
            span { class: "event-title", dir: "auto", "{title}" }
            " "
            if let Some(time) = &time {
                span { class: "event-time", "{time}" }
            }
        }
    }
}
