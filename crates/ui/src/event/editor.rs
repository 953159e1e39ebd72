//! The full editor, in the inspector; on phones over the whole screen.

use super::{own_view::OwnView, when_fields::WhenFields};
use crate::{
    i18n::t,
    people::Guests,
    primitives::{Face, Icon, IconButton, Shape, Switch, TextField, button},
    state::{Field, Form, use_ui},
};
use almanac_core::domain::Role;
use almanac_data::{CalendarItem, use_event};
use dioxus::prelude::*;

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
    // Another event is another editor: the page keys it by the id.
    let id = use_signal(|| form.id);
    let detail = use_event(id.into());
    let detail = detail();
    // What a role does not let one change is shown and cannot be changed; why, is said above it.
    let right = detail.as_ref().map_or(Role::Owner, |detail| detail.item.right());
    let manages = matches!(right, Role::Owner | Role::DelegateFull);
    let reason = match right {
        Role::Viewer => Some(t!("may-view")),
        Role::Contributor => Some(t!("may-contribute")),
        _ => None,
    };
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
                    if let Some(reason) = reason {
                        p { class: "note", "data-testid": "reason",
                            Icon { shape: Shape::Lock }
                            "{reason}"
                        }
                    }
                    fieldset { class: "content-fields", disabled: right == Role::Viewer, "aria-label": t!("event"),
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
                        Switch {
                            label: t!("private"),
                            checked: form.private,
                            disabled: !manages,
                            onchange: move |private| ui.with_form(|form| form.private = private),
                        }
                    }
                    OwnView { form: form.clone(), calendars, problems: problems.clone() }
                    match detail {
                        Some(detail) => rsx! {
                            Guests { detail }
                        },
                        None => rsx! {
                            p { class: "muted", {t!("people-after-save")} }
                        },
                    }
                }
                div { class: "inspector-foot",
                    if form.id.is_some() && manages {
                        {button(Face::plain(t!("delete")).shape(Shape::Bin), move |_| ondelete.call(()))}
                    }
                    span { class: "grow" }
                    {button(Face::plain(t!("cancel")), move |_| ui.close())}
                    {button(Face::main(t!("save")).submit().unless(problems.first().map(|problem| problem.words.clone())).hint("Ctrl+Enter"), |_| {})}
                }
            }
        }
    }
}
