//! An event's popover: everything at a glance, and what one does most.

use crate::{
    grid::{may_delete, may_edit, signs},
    i18n::t,
    people::Answer,
    primitives::{Icon, IconButton, Popover, Shape},
    state::{Anchor, Shown, use_ui},
    text::{or_untitled, show_as},
    time::length,
};
use almanac_core::{domain::ShowTimeAs, outbox::RowState};
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn Peek(
    anchor: Anchor,
    shown: Shown,
    onedit: EventHandler<()>,
    oncopy: EventHandler<()>,
    ondelete: EventHandler<()>,
) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let event = &shown.item.event;
    let editable = may_edit(&shown);
    let show = shown.show_as();
    // What waited when one looked is told to be sent, in the same place: on a phone the buttons stand above it, and would go
    // away from under a finger.
    let mut waited = use_hook(|| CopyValue::new(None));
    if shown.row_state() == Some(RowState::Pending) {
        waited.set(Some(event.id));
    }
    let sent = *waited.peek() == Some(event.id);
    rsx! {
        Popover { anchor, height: 270.0, name: or_untitled(&event.title).to_owned(), focus: true, testid: "event-popover",
            div { class: "popover-head",
                span { class: "grow" }
                IconButton {
                    shape: Shape::Pen,
                    name: if editable { t!("edit-event") } else { t!("open-details") },
                    onclick: move |_| onedit.call(()),
                }
                IconButton { shape: Shape::Copy, name: t!("duplicate"), onclick: move |_| oncopy.call(()) }
                if may_delete(&shown) {
                    IconButton { shape: Shape::Bin, name: t!("delete-event"), onclick: move |_| ondelete.call(()) }
                }
                IconButton { shape: Shape::Close, name: t!("close"), onclick: move |_| ui.close() }
            }
            div { class: "popover-body", style: "--c:{shown.color}",
                h2 { class: "peek-title", dir: "auto", span { "{or_untitled(&event.title)}" } }
                p { class: "peek-line tabular",
                    Icon { shape: Shape::Clock }
                    span {
                        {clock.when(event.start_time, event.end_time(), event.all_day)}
                        if event.duration > 0 {
                            span { class: "muted", " · {length(event.duration)}" }
                        }
                    }
                }
                if let Some(location) = event.location.clone() {
                    p { class: "peek-line",
                        Icon { shape: Shape::Pin }
                        span { dir: "auto", "{location}" }
                    }
                }
                if let Some(notes) = event.notes.clone() {
                    p { class: "peek-line peek-notes",
                        Icon { shape: Shape::Text }
                        span { dir: "auto", "{notes}" }
                    }
                }
                if !shown.calendar.is_empty() {
                    p { class: "peek-line",
                        Icon { shape: Shape::Calendar }
                        span {
                            "{shown.calendar}"
                            if let Some(category) = &shown.category {
                                span { class: "muted", " · {category}" }
                            }
                            if show != ShowTimeAs::Busy {
                                span { class: "muted", " · {show_as(show)}" }
                            }
                        }
                    }
                }
                for (shape , words) in signs(&shown) {
                    p { class: "peek-line",
                        Icon { shape }
                        span { "{words}" }
                    }
                }
                if let Some(role) = &shown.item.role {
                    Answer { event: event.id, rsvp: role.rsvp }
                }
                match shown.row_state() {
                    Some(RowState::Synced) if sent => rsx! {
                        p { class: "note",
                            Icon { shape: Shape::Check }
                            {t!("sent-now")}
                        }
                    },
                    None | Some(RowState::Synced) => rsx! {},
                    Some(RowState::Pending) => rsx! {
                        p { class: "note", "data-tone": "wait",
                            span { class: "unsent" }
                            {t!("kept-here")}
                        }
                    },
                    Some(RowState::Stuck) => rsx! {
                        p { class: "note", "data-tone": "bad",
                            Icon { shape: Shape::Warning }
                            {t!("review-it")}
                        }
                    },
                }
                if !editable {
                    p { class: "note",
                        Icon { shape: Shape::Eye }
                        {t!("viewer-only")}
                    }
                }
            }
        }
    }
}
