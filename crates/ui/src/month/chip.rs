//! A timed event in the month.

use crate::{
    grid::{is_movable, is_past, marks, spoken},
    layout::{Bar, DragKind},
    primitives::Icon,
    state::{Anchor, Open, Shown, use_ui},
    text::or_untitled,
};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

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
    let mut element = use_signal(|| None::<Rc<MountedData>>);
    let event = &shown.item.event;
    let id = event.id;
    let expanded = matches!(*ui.open.read(), Open::Peek(open, _) if open == id);
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
            "aria-haspopup": "dialog",
            "aria-expanded": expanded.then_some("true"),
            onmounted: move |event| {
                element.set(Some(event.data()));
                ui.focus_if_followed(id, event.data());
            },
            "data-dragged": (*ui.dragged.read() == Some(id)).then_some(""),
            onpointerdown: {
                let shown = shown.clone();
                move |event| {
                    if is_movable(&shown) {
                        onpress.call((DragKind::Move, shown.clone(), event));
                    }
                }
            },
            onfocus: move |_| ui.choose(id, true),
            onblur: move |_| ui.choose(id, false),
            onclick: move |event| {
                event.stop_propagation();
                let opener = element.peek().clone();
                spawn(async move {
                    let anchor = Anchor::of(opener.as_deref()).await;
                    ui.peek(id, anchor, opener);
                });
            },
            span { class: "chip-dot" }
            span { class: "chip-time", {clock.minute(clock.zone.minute(event.start_time))} }
            for shape in marks(&shown) {
                Icon { shape }
            }
            span { class: "chip-title", dir: "auto", "{or_untitled(&event.title)}" }
            span { class: "sr", {spoken(&shown, clock)} }
        }
    }
}
