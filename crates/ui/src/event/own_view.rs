//! What one keeps about an event for oneself, without touching the others': calendar, category, free or busy, how firmly
//! the time is defended, reminders, the persona that looks after it.

use super::draft::CalendarSelect;
use crate::{
    i18n::t,
    primitives::{Select, Switch, TextField},
    state::{Field, Form, Problem, use_ui},
    text,
};
use almanac_core::domain::{ShowTimeAs, TimeDefenseLevel};
use almanac_data::{CalendarItem, use_categories, use_personas};
use dioxus::prelude::*;

const SHOWS: [ShowTimeAs; 5] =
    [ShowTimeAs::Busy, ShowTimeAs::Free, ShowTimeAs::Tentative, ShowTimeAs::Oof, ShowTimeAs::WorkingElsewhere];
const LEVELS: [TimeDefenseLevel; 4] =
    [TimeDefenseLevel::Flexible, TimeDefenseLevel::Normal, TimeDefenseLevel::High, TimeDefenseLevel::HardBlock];
/// Reminders that are offered, minutes before the start.
const REMINDERS: [i64; 7] = [0, 5, 10, 30, 60, 1440, 10080];

fn level(level: TimeDefenseLevel) -> &'static str {
    match level {
        TimeDefenseLevel::Flexible => t!("defend-flexible"),
        TimeDefenseLevel::Normal => t!("defend-normal"),
        TimeDefenseLevel::High => t!("defend-high"),
        TimeDefenseLevel::HardBlock => t!("defend-hard"),
    }
}

/// The fields of [`crate::state::Ui::form`] that are one's own.
#[component]
pub(super) fn OwnView(form: Form, calendars: Vec<CalendarItem>, problems: Vec<Problem>) -> Element {
    let ui = use_ui();
    let categories = use_categories();
    let personas = use_personas();
    let none = |words: &str| std::iter::once((String::new(), words.to_owned()));
    let categories: Vec<_> = none(t!("category-none"))
        .chain(categories.read().iter().map(|item| (item.category.id.to_string(), item.category.name.clone())))
        .collect();
    let personas: Vec<_> = none(t!("persona-any"))
        .chain(personas.read().iter().map(|item| (item.persona.id.to_string(), item.persona.name.clone())))
        .collect();
    let instructions_error = problems.iter().find(|p| p.field == Field::Instructions).map(|p| p.words.clone());
    rsx! {
        section { class: "own-view", "aria-label": t!("own-view"),
            h3 { {t!("own-view")} }
            CalendarSelect { form: form.clone(), calendars }
            if categories.len() > 1 || form.category.is_some() {
                Select {
                    id: "event-category",
                    label: t!("category"),
                    value: form.category.map(|id| id.to_string()).unwrap_or_default(),
                    options: categories,
                    onchange: move |id: String| ui.with_form(|form| form.category = id.parse().ok()),
                }
            }
            div { class: "row",
                Select {
                    id: "event-show-as",
                    label: t!("show-as"),
                    value: format!("{:?}", form.show_as),
                    options: SHOWS.iter().map(|show| (format!("{show:?}"), text::show_as(*show).to_owned())).collect::<Vec<_>>(),
                    onchange: move |name: String| {
                        if let Some(show) = SHOWS.into_iter().find(|show| format!("{show:?}") == name) {
                            ui.with_form(|form| form.show_as = show);
                        }
                    },
                }
                Select {
                    id: "event-defense",
                    label: t!("defend"),
                    value: format!("{:?}", form.defense),
                    options: LEVELS.iter().map(|each| (format!("{each:?}"), level(*each).to_owned())).collect::<Vec<_>>(),
                    onchange: move |name: String| {
                        if let Some(level) = LEVELS.into_iter().find(|level| format!("{level:?}") == name) {
                            ui.with_form(|form| form.defense = level);
                        }
                    },
                }
            }
            fieldset { class: "reminders",
                legend { class: "label", {t!("reminders")} }
                label { class: "check",
                    input {
                        r#type: "checkbox",
                        checked: form.reminders.is_none(),
                        onchange: move |event| ui.with_form(|form| form.reminders = if event.checked() { None } else { Some(Vec::new()) }),
                    }
                    {t!("reminders-calendar")}
                }
                if let Some(chosen) = form.reminders.clone() {
                    for minutes in REMINDERS.into_iter().chain(chosen.iter().copied().filter(|m| !REMINDERS.contains(m))) {
                        label { key: "{minutes}", class: "check",
                            input {
                                r#type: "checkbox",
                                checked: chosen.contains(&minutes),
                                onchange: move |event| ui.with_form(|form| form.remind(minutes, event.checked())),
                            }
                            if minutes == 0 {
                                {t!("reminder-start")}
                            } else {
                                {t!("reminder-before", length = &crate::time::length(minutes))}
                            }
                        }
                    }
                }
            }
            Switch {
                label: t!("ai-managed"),
                checked: form.ai_managed,
                onchange: move |managed| ui.with_form(|form| form.ai_managed = managed),
            }
            if form.ai_managed {
                Select {
                    id: "event-persona",
                    label: t!("persona"),
                    value: form.persona.map(|id| id.to_string()).unwrap_or_default(),
                    options: personas,
                    onchange: move |id: String| ui.with_form(|form| form.persona = id.parse().ok()),
                }
                TextField {
                    id: "event-instructions",
                    label: t!("ai-instructions"),
                    rows: 3,
                    value: form.instructions.clone(),
                    error: instructions_error,
                    oninput: move |text| ui.with_form(|form| form.instructions = text),
                }
            }
        }
    }
}
