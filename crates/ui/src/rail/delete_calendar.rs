//! Before a calendar goes: what becomes of its events?

use crate::{
    i18n::t,
    primitives::{DialogBox, Face, Select, button},
    state::use_ui,
};
use almanac_core::Uuid;
use almanac_data::CalendarItem;
use dioxus::prelude::*;

/// Asks, and answers with the calendar the events go to.
#[component]
pub(crate) fn DeleteCalendar(
    item: CalendarItem,
    others: Vec<CalendarItem>,
    ondelete: EventHandler<Option<Uuid>>,
) -> Element {
    let ui = use_ui();
    let default = others.iter().find(|other| other.is_default).or(others.first()).map(|other| other.calendar.id);
    let mut target = use_signal(|| default);
    let options: Vec<_> =
        others.iter().map(|other| (other.calendar.id.to_string(), other.calendar.name.clone())).collect();
    rsx! {
        DialogBox {
            title: t!("calendar-delete-title", name = &item.calendar.name),
            alert: true,
            focus: true,
            onclose: move |()| ui.close_dialog(),
            if options.is_empty() {
                p { {t!("calendar-delete-only")} }
            } else {
                p { {t!("calendar-delete-kept")} }
                Select {
                    id: "move-events-to",
                    label: t!("calendar-move-to"),
                    value: target().map(|id| id.to_string()).unwrap_or_default(),
                    options,
                    onchange: move |id: String| target.set(id.parse().ok()),
                }
            }
            div { class: "dialog-foot",
                {button(Face::plain(t!("cancel")), move |_| ui.close_dialog())}
                {button(Face::danger(t!("calendar-delete")), move |_| ondelete.call(target()))}
            }
        }
    }
}
