//! A line of a list of the rail: whether the events of a calendar or category are shown.

use crate::{color, i18n::t, text::or_untitled};
use almanac_core::outbox::RowState;
use dioxus::prelude::*;

/// See the module.
#[component]
pub(super) fn Ticked(
    /// A palette name or `#rrggbb`.
    color: String,
    name: String,
    visible: bool,
    is_default: bool,
    state: RowState,
    onshow: EventHandler<bool>,
    /// What else is done with it.
    children: Element,
) -> Element {
    rsx! {
        li { class: "cal", style: "--c:{color::css(&color)}",
            label {
                input { r#type: "checkbox", checked: visible, onchange: move |event| onshow.call(event.checked()) }
                span { class: "cal-name", dir: "auto", "{or_untitled(&name)}" }
            }
            if state != RowState::Synced {
                span {
                    class: "unsent",
                    role: "img",
                    title: if state == RowState::Stuck { t!("refused") } else { t!("not-sent") },
                    "aria-label": if state == RowState::Stuck { t!("refused") } else { t!("not-sent") },
                }
            }
            if is_default {
                span { class: "tag", {t!("calendar-default")} }
            }
            {children}
        }
    }
}
