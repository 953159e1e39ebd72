//! One's calendars: shown or not, edited, added.

use crate::{
    color,
    i18n::t,
    primitives::{IconButton, Shape},
    state::{Dialog, use_ui},
    text::or_untitled,
};
use almanac_core::{Uuid, outbox::RowState};
use almanac_data::CalendarItem;
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn CalendarList(
    calendars: Vec<CalendarItem>,
    /// Whether these are all there are; before the first answer of the server nobody knows.
    known: bool,
    onshow: EventHandler<(Uuid, bool)>,
) -> Element {
    let ui = use_ui();
    let mut dialog = ui.dialog;
    rsx! {
        section { "aria-label": t!("calendars"),
            div { class: "rail-head",
                h2 { {t!("calendars")} }
                IconButton { shape: Shape::Plus, name: t!("calendar-new"), onclick: move |_| dialog.set(Some(Dialog::Calendar(None))) }
            }
            if known && calendars.is_empty() {
                p { class: "rail-empty", {t!("calendars-none")} }
            }
            ul {
                for CalendarItem { calendar , is_default , state } in calendars {
                    li {
                        key: "{calendar.id}",
                        class: "cal",
                        style: "--c:{color::css(&calendar.color)}",
                        "data-calendar-id": "{calendar.id}",
                        label {
                            input {
                                r#type: "checkbox",
                                checked: calendar.visible,
                                onchange: move |event| onshow.call((calendar.id, event.checked())),
                            }
                            span { class: "cal-name", dir: "auto", "{or_untitled(&calendar.name)}" }
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
                        IconButton {
                            shape: Shape::More,
                            name: t!("calendar-edit-named", name = &calendar.name),
                            onclick: move |_| dialog.set(Some(Dialog::Calendar(Some(calendar.id)))),
                        }
                    }
                }
            }
        }
    }
}
