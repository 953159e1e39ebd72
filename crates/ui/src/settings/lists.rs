//! Calendars, categories and personas: one list each, to add to, change, put in order and delete from.

use super::{
    Drafts,
    profile::{picture_problem, some},
};
use crate::{
    color::{self, PALETTE},
    i18n::t,
    people::Avatar,
    primitives::{Face, Icon, IconButton, Select, Shape, Switch, TextField, button},
    state::use_ui,
};
use almanac_core::{Uuid, table::Table};
use almanac_data::{
    CalendarEdit, CalendarItem, CategoryEdit, Fate, Mutations, PersonaEdit, use_calendars, use_categories,
    use_mutations, use_personas,
};
use dioxus::prelude::*;
use std::rc::Rc;

/// The longest name the server takes, in characters.
const NAME: usize = 500;
/// The longest prompt.
const PROMPT: usize = 200_000;

/// A calendar, category or persona, as far as they are alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Listed {
    pub(super) id: Uuid,
    pub(super) name: String,
    /// Calendars and categories.
    color: Option<String>,
    is_default: bool,
    /// Personas.
    avatar: String,
    prompt: String,
}

/// What is shown in place of the list.
#[derive(Clone, Debug, PartialEq)]
enum Doing {
    /// A new one (nil id) or this one is edited.
    Edit(Listed),
    /// What becomes of its events?
    Delete(Listed),
}

/// The calendars.
#[component]
pub(super) fn CalendarsSection() -> Element {
    let mutations = use_mutations();
    let items = use_calendars();
    let items = calendars(&items.read());
    rsx! {
        Manage {
            table: Table::Calendars,
            items,
            hint: t!("calendars-hint"),
            onsave: move |(before, now): (Listed, Listed)| save_calendar(mutations, before, now),
            ondelete: move |(id, fate)| mutations.delete_calendar(id, fate),
        }
    }
}

/// Calendars as items of a list.
pub(super) fn calendars(items: &[CalendarItem]) -> Vec<Listed> {
    let item = |item: &CalendarItem| Listed {
        id: item.calendar.id,
        name: item.calendar.name.clone(),
        color: Some(item.calendar.color.clone()),
        is_default: item.is_default,
        ..Listed::default()
    };
    items.iter().map(item).collect()
}

/// Writes what was entered about a calendar: a new one, or what differs.
pub(super) fn save_calendar(mutations: Mutations, before: Listed, now: Listed) {
    let color = now.color.clone().unwrap_or_default();
    if before.id.is_nil() {
        let new = CalendarEdit::new(now.name, color);
        mutations.create_calendar(CalendarEdit { is_default: now.is_default.then_some(true), ..new });
    } else {
        let edit = CalendarEdit {
            name: (now.name != before.name).then_some(now.name),
            color: (now.color != before.color).then_some(color),
            is_default: (now.is_default && !before.is_default).then_some(true),
            ..CalendarEdit::default()
        };
        if edit != CalendarEdit::default() {
            mutations.edit_calendar(before.id, edit);
        }
    }
}

/// The categories.
#[component]
pub(super) fn CategoriesSection() -> Element {
    let mutations = use_mutations();
    let items = use_categories();
    let items = items();
    let items = items.iter().map(|item| Listed {
        id: item.category.id,
        name: item.category.name.clone(),
        color: Some(item.category.color.clone()),
        is_default: item.is_default,
        ..Listed::default()
    });
    let items: Vec<_> = items.collect();
    rsx! {
        Manage {
            table: Table::Categories,
            items,
            hint: t!("categories-hint"),
            onsave: move |(before, now): (Listed, Listed)| {
                let edit = CategoryEdit {
                    name: (now.name != before.name).then_some(now.name),
                    color: (now.color != before.color || before.id.is_nil()).then_some(now.color).flatten(),
                    visible: None,
                    is_default: (now.is_default != before.is_default).then_some(now.is_default),
                };
                if before.id.is_nil() {
                    mutations.create_category(edit);
                } else {
                    mutations.edit_category(before.id, edit);
                }
            },
            ondelete: move |(id, fate)| mutations.delete_category(id, fate),
        }
    }
}

/// The personas.
#[component]
pub(super) fn PersonasSection() -> Element {
    let mutations = use_mutations();
    let items = use_personas();
    let items = items();
    let items = items.iter().map(|item| Listed {
        id: item.persona.id,
        name: item.persona.name.clone(),
        avatar: item.persona.avatar_url.clone().unwrap_or_default(),
        prompt: item.persona.system_prompt.clone().unwrap_or_default(),
        ..Listed::default()
    });
    let items: Vec<_> = items.collect();
    rsx! {
        Manage {
            table: Table::Personas,
            items,
            hint: t!("personas-hint"),
            onsave: move |(before, now): (Listed, Listed)| {
                let edit = PersonaEdit {
                    name: (now.name != before.name).then_some(now.name),
                    avatar_url: (now.avatar != before.avatar).then(|| some(&now.avatar)),
                    system_prompt: (now.prompt != before.prompt).then(|| some(&now.prompt)),
                };
                if before.id.is_nil() {
                    mutations.create_persona(edit);
                } else {
                    mutations.edit_persona(before.id, edit);
                }
            },
            ondelete: move |(id, fate)| mutations.delete_persona(id, fate),
        }
    }
}

/// Keeps what stands in the form of a list, if it differs from what stood in it before.
fn keep(mut drafts: Signal<Drafts>, table: Table, form: Option<(Listed, Listed)>) {
    let form = form.filter(|(before, now)| before != now);
    let mut drafts = drafts.write();
    drafts.lists.retain(|(each, ..)| *each != table);
    drafts.lists.extend(form.map(|(before, now)| (table, before, now)));
}

/// Nothing of what was typed into a form of the list is kept.
pub(super) fn forget(drafts: Signal<Drafts>, table: Table) {
    keep(drafts, table, None);
}

/// A new one, in a colour that no other has.
pub(super) fn new(table: Table, items: &[Listed]) -> Listed {
    let is_unused = |key: &&str| items.iter().all(|item| item.color.as_deref() != Some(*key));
    let unused = PALETTE.iter().map(|(key, _)| *key).find(is_unused).unwrap_or("blue");
    Listed { color: (table != Table::Personas).then(|| unused.to_owned()), ..Listed::default() }
}

/// What is said of an empty list.
fn none(table: Table) -> &'static str {
    match table {
        Table::Calendars => t!("calendars-none"),
        Table::Categories => t!("categories-none"),
        _ => t!("personas-none"),
    }
}

/// The heading of the form of each list, for a new one or not.
pub(super) fn words(table: Table, new: bool) -> &'static str {
    match (table, new) {
        (Table::Calendars, true) => t!("calendar-new"),
        (Table::Calendars, false) => t!("calendar-edit"),
        (Table::Categories, true) => t!("category-new"),
        (Table::Categories, false) => t!("category-edit"),
        (_, true) => t!("persona-new"),
        (_, false) => t!("persona-edit"),
    }
}

/// A list and what is done with it.
#[component]
fn Manage(
    table: Table,
    items: Vec<Listed>,
    hint: &'static str,
    onsave: EventHandler<(Listed, Listed)>,
    ondelete: EventHandler<(Uuid, Fate)>,
) -> Element {
    let mut ui = use_ui();
    let mutations = use_mutations();
    let drafts = ui.drafts;
    let mut doing = use_signal(|| {
        let drafts = drafts.peek();
        let kept = drafts.lists.iter().find(|(each, ..)| *each == table);
        kept.map(|(_, before, _)| Doing::Edit(before.clone()))
    });
    // What had the focus goes away with the form.
    let mut done = move || {
        doing.set(None);
        forget(drafts, table);
        ui.refocus += 1;
    };
    let last = items.len().saturating_sub(1);
    let fresh = new(table, &items);
    match doing() {
        Some(Doing::Edit(item)) => rsx! {
            EditOne {
                key: "{item.id}",
                table,
                item: item.clone(),
                onsave: move |now| {
                    onsave.call((item.clone(), now));
                    done();
                },
                onclose: move |()| done(),
            }
        },
        Some(Doing::Delete(item)) => rsx! {
            DeleteOne {
                table,
                others: items.iter().filter(|other| other.id != item.id).cloned().collect::<Vec<_>>(),
                item: item.clone(),
                ondelete: move |fate| {
                    ondelete.call((item.id, fate));
                    done();
                },
                onclose: move |()| done(),
            }
        },
        None => rsx! {
            div { class: "settings-form",
                p { class: "muted", "{hint}" }
                if items.is_empty() {
                    p { class: "empty", {none(table)} }
                }
                ul { class: "managed",
                    for (index , item) in items.into_iter().enumerate() {
                        li { key: "{item.id}",
                            match &item.color {
                                Some(color) => rsx! {
                                    span { class: "managed-color", style: "--c:{color::css(color)}" }
                                },
                                None => rsx! {
                                    Avatar { name: item.name.clone(), url: some(&item.avatar) }
                                },
                            }
                            span { class: "grow managed-name", dir: "auto",
                                "{item.name}"
                                if item.is_default {
                                    span { class: "muted", " · {t!(\"calendar-default\")}" }
                                }
                            }
                            Step { name: t!("move-up", name = &item.name), up: true, at: index, cannot: index == 0, onclick: move |()| mutations.reorder(table, item.id, index.saturating_sub(1)) }
                            Step { name: t!("move-down", name = &item.name), up: false, at: index, cannot: index == last, onclick: move |()| mutations.reorder(table, item.id, index + 1) }
                            IconButton {
                                shape: Shape::Pen,
                                name: t!("calendar-edit-named", name = &item.name),
                                onclick: {
                                    let item = item.clone();
                                    move |_| doing.set(Some(Doing::Edit(item.clone())))
                                },
                            }
                            IconButton {
                                shape: Shape::Bin,
                                name: t!("delete-named", name = &item.name),
                                onclick: {
                                    let item = item.clone();
                                    move |_| doing.set(Some(Doing::Delete(item.clone())))
                                },
                            }
                        }
                    }
                }
                {button(Face::line(words(table, true)).shape(Shape::Plus), move |_| doing.set(Some(Doing::Edit(fresh.clone()))))}
            }
        },
    }
}

/// Up or down in the list.
#[component]
fn Step(name: String, up: bool, at: usize, cannot: bool, onclick: EventHandler<()>) -> Element {
    let class = if up { "btn btn-icon managed-up" } else { "btn btn-icon" };
    let mut element = use_hook(|| CopyValue::new(None::<Rc<MountedData>>));
    let mut pressed = use_hook(|| CopyValue::new(false));
    // A line that goes elsewhere in the page loses the focus on the way.
    use_effect(use_reactive(&at, move |_| {
        if let Some(element) = element.peek().clone().filter(|_| pressed.replace(false)) {
            spawn(async move {
                let _ = element.set_focus(true).await;
            });
        }
    }));
    rsx! {
        button {
            r#type: "button",
            class,
            "aria-label": "{name}",
            title: "{name}",
            "aria-disabled": cannot.then_some("true"),
            onmounted: move |event| element.set(Some(event.data())),
            onclick: move |_| {
                if !cannot {
                    pressed.set(true);
                    onclick.call(());
                }
            },
            Icon { shape: Shape::Down }
        }
    }
}

/// The fields of one.
#[component]
pub(super) fn EditOne(
    table: Table,
    item: Listed,
    onsave: EventHandler<Listed>,
    onclose: EventHandler<()>,
    /// Deletes it, where the list does not offer that.
    #[props(default)]
    ondelete: Option<EventHandler<()>>,
    /// Its heading stands above it already.
    #[props(default)]
    bare: bool,
) -> Element {
    let was_default = item.is_default;
    let is_new = item.id.is_nil();
    let drafts = use_ui().drafts;
    let mut form = use_signal(|| {
        let drafts = drafts.peek();
        let kept = drafts.lists.iter().find(|(each, before, _)| *each == table && *before == item);
        kept.map_or_else(|| item.clone(), |(_, _, now)| now.clone())
    });
    use_effect(move || keep(drafts, table, Some((item.clone(), form()))));
    let mut tried = use_signal(|| false);
    let now = form();
    let count = now.name.trim().chars().count();
    let name_error = if count > NAME {
        Some(t!("too-long", is = count, most = NAME))
    } else {
        (count == 0 && tried()).then(|| t!("name-needed").to_owned())
    };
    let prompt = now.prompt.chars().count();
    let prompt_error = (prompt > PROMPT).then(|| t!("too-long", is = prompt, most = PROMPT));
    let picture_error = picture_problem(&now.avatar);
    let wrong = count == 0 || count > NAME || prompt_error.is_some() || picture_error.is_some();
    rsx! {
        form {
            class: "settings-form",
            onsubmit: move |event| {
                event.prevent_default();
                tried.set(true);
                if !wrong {
                    let mut done = form();
                    done.name = done.name.trim().to_owned();
                    onsave.call(done);
                }
            },
            if !bare {
                h3 { {words(table, is_new)} }
            }
            TextField {
                id: "listed-name",
                label: t!("name"),
                value: now.name.clone(),
                error: name_error,
                focus: true,
                oninput: move |name| form.write().name = name,
            }
            if now.color.is_some() {
                fieldset {
                    legend { class: "label", style: "margin-bottom:8px", {t!("colour")} }
                    div { class: "swatches",
                        for (key , css) in PALETTE {
                            input {
                                key: "{key}",
                                class: "swatch",
                                style: "--c:{css}",
                                r#type: "radio",
                                name: "listed-color",
                                "aria-label": color::label(key),
                                title: color::label(key),
                                checked: now.color.as_deref() == Some(key),
                                onchange: move |_| form.write().color = Some(key.to_owned()),
                            }
                        }
                    }
                }
            }
            if table == Table::Calendars {
                Switch {
                    label: t!("calendar-make-default"),
                    checked: now.is_default,
                    disabled: was_default,
                    onchange: move |is_default| form.write().is_default = is_default,
                }
            }
            // There need not be one: what is on can be turned off.
            if table == Table::Categories {
                Switch {
                    label: t!("category-make-default"),
                    checked: now.is_default,
                    onchange: move |is_default| form.write().is_default = is_default,
                }
            }
            if table == Table::Personas {
                TextField {
                    id: "persona-picture",
                    label: t!("picture"),
                    placeholder: "https://",
                    value: now.avatar.clone(),
                    error: picture_error,
                    oninput: move |url| form.write().avatar = url,
                }
                TextField {
                    id: "persona-prompt",
                    label: t!("persona-prompt"),
                    rows: 6,
                    value: now.prompt.clone(),
                    error: prompt_error,
                    oninput: move |prompt| form.write().prompt = prompt,
                }
            }
            div { class: "dialog-foot",
                if let Some(ondelete) = ondelete {
                    {button(Face::plain(t!("delete")).shape(Shape::Bin), move |_| ondelete.call(()))}
                    span { class: "grow" }
                }
                {button(Face::plain(t!("cancel")), move |_| onclose.call(()))}
                {button(Face::main(t!("save")).submit(), |_| {})}
            }
        }
    }
}

/// What becomes of its events?
#[component]
pub(super) fn DeleteOne(
    table: Table,
    item: Listed,
    others: Vec<Listed>,
    ondelete: EventHandler<Fate>,
    onclose: EventHandler<()>,
    /// Its heading stands above it already.
    #[props(default)]
    bare: bool,
) -> Element {
    let first = others.iter().find(|other| other.is_default).or(others.first()).map(|other| other.id);
    let mut fate = use_signal(|| match (table, first) {
        (Table::Calendars, Some(id)) => Fate::Move(id),
        _ => Fate::Stay,
    });
    let target = match fate() {
        Fate::Move(id) => Some(id),
        _ => first,
    };
    let options: Vec<_> = others.iter().map(|other| (other.id.to_string(), other.name.clone())).collect();
    let stay = match table {
        Table::Calendars => t!("fate-stay-calendar"),
        Table::Categories => t!("fate-stay-category"),
        _ => t!("fate-stay-persona"),
    };
    rsx! {
        div {
            class: "settings-form",
            role: "group",
            "aria-label": t!("calendar-delete-title", name = &item.name),
            tabindex: "-1",
            // What was pressed is gone: the focus comes here.
            onmounted: move |event| async move {
                let _ = event.set_focus(true).await;
            },
            onkeydown: move |event| {
                if event.key() == Key::Escape {
                    event.stop_propagation();
                    onclose.call(());
                }
            },
            if !bare {
                h3 { {t!("calendar-delete-title", name = &item.name)} }
            }
            fieldset { class: "fates",
                legend { class: "label", {t!("fate")} }
                if let Some(id) = target {
                    label {
                        input {
                            r#type: "radio",
                            name: "fate",
                            checked: matches!(fate(), Fate::Move(_)),
                            onchange: move |_| fate.set(Fate::Move(id)),
                        }
                        {t!("fate-move")}
                    }
                    Select {
                        id: "fate-target",
                        label: t!("fate-move"),
                        hide_label: true,
                        disabled: !matches!(fate(), Fate::Move(_)),
                        value: id.to_string(),
                        options,
                        onchange: move |id: String| {
                            if let Ok(id) = id.parse() {
                                fate.set(Fate::Move(id));
                            }
                        },
                    }
                }
                label {
                    input {
                        r#type: "radio",
                        name: "fate",
                        checked: fate() == Fate::Stay,
                        onchange: move |_| fate.set(Fate::Stay),
                    }
                    "{stay}"
                }
                if table == Table::Calendars {
                    label {
                        input {
                            r#type: "radio",
                            name: "fate",
                            checked: fate() == Fate::Delete,
                            onchange: move |_| fate.set(Fate::Delete),
                        }
                        {t!("fate-delete")}
                    }
                }
            }
            p { class: "muted", {t!("fate-hint")} }
            div { class: "dialog-foot",
                {button(Face::plain(t!("cancel")), move |_| onclose.call(()))}
                {button(Face::danger(t!("delete")), move |_| ondelete.call(fate()))}
            }
        }
    }
}
