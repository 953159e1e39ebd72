//! Makes or changes a calendar.

use crate::{
    color::{self, PALETTE},
    i18n::t,
    primitives::{DialogBox, Face, Shape, Switch, TextField, button},
    state::{Dialog, use_ui},
};
use almanac_data::CalendarItem;
use dioxus::prelude::*;

/// The longest name the server takes.
const NAME: usize = 500;

/// What was entered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CalendarForm {
    pub(crate) name: String,
    pub(crate) color: String,
    pub(crate) is_default: bool,
}

/// See the module. `suggested` is the colour of a new one.
#[component]
pub(crate) fn CalendarDialog(
    item: Option<CalendarItem>,
    suggested: &'static str,
    onsave: EventHandler<CalendarForm>,
) -> Element {
    let ui = use_ui();
    let mut dialog = ui.dialog;
    let before = item.clone();
    let mut form = use_signal(|| match before {
        Some(item) => {
            CalendarForm { name: item.calendar.name, color: item.calendar.color, is_default: item.is_default }
        }
        None => CalendarForm { name: String::new(), color: suggested.to_owned(), is_default: false },
    });
    let mut tried = use_signal(|| false);
    let name = form.read().name.trim().to_owned();
    let error = if name.chars().count() > NAME {
        Some(t!("too-long", is = name.chars().count(), most = NAME))
    } else {
        (name.is_empty() && tried()).then(|| t!("name-needed").to_owned())
    };
    let wrong = error.is_some() || name.is_empty();
    let id = item.as_ref().map(|item| item.calendar.id);
    let was_default = item.as_ref().is_some_and(|item| item.is_default);
    rsx! {
        DialogBox {
            title: if id.is_some() { t!("calendar-edit") } else { t!("calendar-new") },
            onclose: move |()| ui.close_dialog(),
            form {
                style: "display:grid;gap:16px",
                onsubmit: move |event| {
                    event.prevent_default();
                    tried.set(true);
                    if !wrong {
                        onsave.call(form());
                    }
                },
                TextField {
                    id: "calendar-name",
                    label: t!("name"),
                    value: form.read().name.clone(),
                    error,
                    focus: true,
                    oninput: move |name| form.write().name = name,
                }
                fieldset {
                    legend { class: "label", style: "margin-bottom:8px", {t!("colour")} }
                    div { class: "swatches",
                        for (key , css) in PALETTE {
                            input {
                                key: "{key}",
                                class: "swatch",
                                style: "--c:{css}",
                                r#type: "radio",
                                name: "calendar-color",
                                "aria-label": color::label(key),
                                title: color::label(key),
                                checked: form.read().color == key,
                                onchange: move |_| form.write().color = key.to_owned(),
                            }
                        }
                    }
                }
                Switch {
                    label: t!("calendar-make-default"),
                    checked: form.read().is_default,
                    disabled: was_default,
                    onchange: move |is_default| form.write().is_default = is_default,
                }
                div { class: "dialog-foot",
                    if let Some(id) = id {
                        {button(Face::plain(t!("delete")).shape(Shape::Bin), move |_| dialog.set(Some(Dialog::DeleteCalendar(id))))}
                        span { class: "grow" }
                    }
                    {button(Face::plain(t!("cancel")), move |_| ui.close_dialog())}
                    {button(Face::main(t!("save")).submit(), |_| {})}
                }
            }
        }
    }
}
