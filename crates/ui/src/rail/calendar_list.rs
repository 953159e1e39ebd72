//! One's calendars: shown or not, edited, added.

use super::ticked::Ticked;
use crate::{
    i18n::t,
    primitives::{IconButton, Shape},
    state::{Dialog, use_ui},
};
use almanac_core::Uuid;
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
                    Ticked {
                        key: "{calendar.id}",
                        color: calendar.color.clone(),
                        name: calendar.name.clone(),
                        visible: calendar.visible,
                        is_default,
                        state,
                        onshow: move |visible| onshow.call((calendar.id, visible)),
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
