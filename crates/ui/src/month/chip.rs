//! A timed event in the month.

use crate::{
    grid::{full_name, is_past, marks},
    layout::{Bar, DragKind},
    primitives::Icon,
    state::{Shown, use_opener, use_ui},
    text::or_untitled,
};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// A dot, the time, the title.
#[component]
pub(crate) fn Chip(
    shown: Shown,
    bar: Bar,
    now: DateTime<Utc>,
    onpress: EventHandler<(DragKind, Shown, PointerEvent)>,
) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let event = &shown.item.event;
    let (id, title) = (event.id, or_untitled(&event.title));
    let time = clock.minute(clock.zone.minute(event.start_time));
    let opener = use_opener(event);
    rsx! {
        button {
            r#type: "button",
            class: "chip",
            style: "--c:{shown.color};grid-column:{bar.first + 1};grid-row:{bar.row + 1}",
            "data-event-id": "{id}",
            "data-state": shown.state(),
            "data-show": shown.show(),
            "data-past": is_past(&shown, now, clock).then_some(""),
            "data-rsvp": shown.is_declined().then_some("declined"),
            "aria-label": full_name([&time, title], &shown, clock),
            "aria-haspopup": "dialog",
            "aria-expanded": opener.is_open().then_some("true"),
            onmounted: move |event| opener.mounted(event.data()),
            "data-dragged": (*ui.dragged.read() == Some(id)).then_some(""),
            onpointerdown: {
                let shown = shown.clone();
                move |event| onpress.call((DragKind::Move, shown.clone(), event))
            },
            onfocus: move |_| opener.focused(true),
            onblur: move |_| opener.focused(false),
            onclick: move |event| opener.clicked(&event, true),
            span { class: "chip-dot" }
            span { class: "chip-time", "{time}" }
            " "
            for shape in marks(&shown) {
                Icon { shape }
            }
            span { class: "chip-title", dir: "auto", "{title}" }
        }
    }
}
