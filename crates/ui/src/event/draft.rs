//! The small editor of a new event: a title, when, where it goes. Enter makes it.

use super::when_fields::WhenFields;
use crate::{
    i18n::t,
    primitives::{Face, IconButton, Popover, Select, Shape, TextField, button},
    state::{Anchor, Field, Form, use_ui},
};
use almanac_data::CalendarItem;
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn DraftPopover(
    anchor: Anchor,
    form: Form,
    calendars: Vec<CalendarItem>,
    onsave: EventHandler<()>,
) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let problems = form.problems(clock);
    let title_error = problems.iter().find(|p| p.field == Field::Title).map(|p| p.words.clone());
    rsx! {
        Popover { anchor, height: 370.0, name: t!("new-event"), testid: "draft-popover",
            form {
                onsubmit: move |event| {
                    event.prevent_default();
                    onsave.call(());
                },
                // What is typed here is no key of the calendar.
                onkeydown: move |event| {
                    if event.key() != Key::Escape {
                        event.stop_propagation();
                    }
                    // From any field, also from one where Enter alone means something else.
                    if event.key() == Key::Enter && (event.modifiers().ctrl() || event.modifiers().meta()) {
                        event.prevent_default();
                        onsave.call(());
                    }
                },
                div { class: "popover-head",
                    strong { class: "grow", {t!("new-event")} }
                    IconButton { shape: Shape::Close, name: t!("close"), onclick: move |_| ui.close() }
                }
                div { class: "popover-body",
                    TextField {
                        id: "draft-title",
                        label: t!("title"),
                        hide_label: true,
                        class: "input-title",
                        placeholder: t!("add-title"),
                        value: form.title.clone(),
                        error: title_error,
                        focus: true,
                        oninput: move |title| ui.with_form(|form| form.title = title),
                    }
                    WhenFields { form: form.clone(), problems: problems.clone() }
                    CalendarSelect { form: form.clone(), calendars }
                    div { class: "popover-foot",
                        {button(Face::plain(t!("more-options")), move |_| ui.more())}
                        {button(Face::main(t!("save")).submit().unless(problems.first().map(|problem| problem.words.clone())), |_| {})}
                    }
                }
            }
        }
    }
}

/// Which calendar the event goes to.
#[component]
pub(crate) fn CalendarSelect(form: Form, calendars: Vec<CalendarItem>) -> Element {
    let ui = use_ui();
    if calendars.is_empty() {
        return rsx! {};
    }
    let default = calendars.iter().find(|item| item.is_default).map(|item| item.calendar.id);
    let chosen = form.calendar.or(default).map(|id| id.to_string()).unwrap_or_default();
    let options = calendars.iter().map(|item| (item.calendar.id.to_string(), item.calendar.name.clone())).collect();
    rsx! {
        Select {
            id: "event-calendar",
            label: t!("calendar"),
            value: chosen,
            options,
            onchange: move |id: String| ui.with_form(|form| form.calendar = id.parse().ok()),
        }
    }
}
