//! The full editor, in the inspector; on phones over the whole screen.

use super::{draft::CalendarSelect, when_fields::WhenFields};
use crate::{
    i18n::t,
    primitives::{Icon, IconButton, Select, Shape, Switch, TextField},
    state::{Field, Form, use_ui},
    text::show_as,
};
use almanac_core::domain::ShowTimeAs;
use almanac_data::CalendarItem;
use dioxus::prelude::*;

const SHOWS: [ShowTimeAs; 5] =
    [ShowTimeAs::Busy, ShowTimeAs::Free, ShowTimeAs::Tentative, ShowTimeAs::Oof, ShowTimeAs::WorkingElsewhere];

/// See the module.
#[component]
pub(crate) fn Editor(
    form: Form,
    calendars: Vec<CalendarItem>,
    onsave: EventHandler<()>,
    ondelete: EventHandler<()>,
) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let problems = form.problems(clock);
    let error = |field: Field| problems.iter().find(|p| p.field == field).map(|p| p.words.clone());
    let heading = if form.id.is_some() { t!("edit-event") } else { t!("new-event") };
    let shows = SHOWS.iter().map(|show| (format!("{show:?}"), show_as(*show).to_owned())).collect();
    rsx! {
        aside { class: "inspector", "aria-label": heading, "data-testid": "event-editor",
            form {
                style: "display:contents",
                onsubmit: move |event| {
                    event.prevent_default();
                    onsave.call(());
                },
                onkeydown: move |event| {
                    let save = event.key() == Key::Enter && (event.modifiers().ctrl() || event.modifiers().meta());
                    if save {
                        event.prevent_default();
                        onsave.call(());
                    }
                    if event.key() != Key::Escape {
                        event.stop_propagation();
                    }
                },
                div { class: "inspector-head",
                    h2 { "{heading}" }
                    IconButton { shape: Shape::Close, name: t!("close-editor"), onclick: move |_| ui.close() }
                }
                div { class: "inspector-body",
                    TextField {
                        id: "event-title",
                        label: t!("title"),
                        class: "input-title",
                        placeholder: t!("add-title"),
                        value: form.title.clone(),
                        error: error(Field::Title),
                        focus: true,
                        oninput: move |title| ui.with_form(|form| form.title = title),
                    }
                    WhenFields { form: form.clone(), problems: problems.clone() }
                    p { class: "muted", style: "font-size:var(--text-s)", {t!("times-are", zone = clock.zone.name())} }
                    TextField {
                        id: "event-location",
                        label: t!("location"),
                        placeholder: t!("add-location"),
                        value: form.location.clone(),
                        error: error(Field::Location),
                        oninput: move |location| ui.with_form(|form| form.location = location),
                    }
                    TextField {
                        id: "event-notes",
                        label: t!("notes"),
                        rows: 4,
                        value: form.notes.clone(),
                        error: error(Field::Notes),
                        oninput: move |notes| ui.with_form(|form| form.notes = notes),
                    }
                    CalendarSelect { form: form.clone(), calendars }
                    Select {
                        id: "event-show-as",
                        label: t!("show-as"),
                        value: format!("{:?}", form.show_as),
                        options: shows,
                        onchange: move |name: String| {
                            if let Some(show) = SHOWS.into_iter().find(|show| format!("{show:?}") == name) {
                                ui.with_form(|form| form.show_as = show);
                            }
                        },
                    }
                    Switch {
                        label: t!("private"),
                        checked: form.private,
                        onchange: move |private| ui.with_form(|form| form.private = private),
                    }
                }
                div { class: "inspector-foot",
                    if form.id.is_some() {
                        button { r#type: "button", class: "btn", onclick: move |_| ondelete.call(()),
                            Icon { shape: Shape::Bin }
                            {t!("delete")}
                        }
                    }
                    span { class: "grow" }
                    button { r#type: "button", class: "btn", onclick: move |_| ui.close(), {t!("cancel")} }
                    button { r#type: "submit", class: "btn btn-main", disabled: !problems.is_empty(), title: "Ctrl+Enter", {t!("save")} }
                }
            }
        }
    }
}
