//! The primitives, each in both themes side by side, and the way to the other screens.

use crate::{
    primitives::{
        ComboOption, Combobox, DateField, DateGrid, DialogBox, Face, IconButton, Look, Menu, MenuItem, Popover, Select,
        Shape, Switch, Tabs, TextField, Toast, button, panel_id, tab_id,
    },
    sample,
    state::Anchor,
};
use chrono::Weekday;
use dioxus::prelude::*;

/// Both themes; below 1000 px one below the other.
#[component]
pub(crate) fn Primitives() -> Element {
    rsx! {
        nav { class: "app", style: "position:static;height:auto;flex-flow:wrap;gap:12px;padding:12px 24px", "aria-label": "Screens",
            for (name , _) in super::Screen::ALL {
                a { key: "{name}", class: "link", href: "/gallery/{name}", "{name}" }
            }
        }
        main { style: "display:grid;grid-template-columns:repeat(auto-fit,minmax(500px,1fr));min-height:100dvh",
            h1 { class: "sr", "Primitives" }
            for theme in ["light", "dark"] {
                div { key: "{theme}", class: "app", "data-theme": theme, style: "position:static;height:auto;overflow:visible",
                    section { "aria-label": theme, style: "display:grid;gap:24px;padding:24px;align-content:start",
                        Buttons {}
                        Fields { theme }
                        Choices { theme }
                        Overlays {}
                    }
                }
            }
        }
    }
}

/// What is laid over the page stands in a frame of its own here.
const STAGE: &str =
    "position:relative;transform:translate(0,0);height:340px;border:1px dashed var(--line);overflow:hidden";

#[component]
fn Buttons() -> Element {
    rsx! {
        h2 { "Buttons" }
        div { style: "display:flex;gap:8px;flex-wrap:wrap",
            for (look , words) in [(Look::Main, "Save"), (Look::Line, "Today"), (Look::Plain, "Cancel"), (Look::Danger, "Delete")] {
                span { key: "{words}", {button(Face::new(look, words), |_| {})} }
            }
            {button(Face::main("Cannot").unless(Some("The end lies before the start.".to_owned())), |_| {})}
            {button(Face::main("Signing in…").busy(true), |_| {})}
            {button(Face::line("With icon").shape(Shape::Sync), |_| {})}
            IconButton { shape: Shape::Close, name: "Close", onclick: |_| {} }
            button { r#type: "button", class: "link", "A link" }
        }
    }
}

#[component]
fn Fields(theme: &'static str) -> Element {
    let mut typed = use_signal(|| "Lunch".to_owned());
    let mut date = use_signal(|| "2026-11-18".to_owned());
    let mut on = use_signal(|| true);
    // Ids are static: each theme has its own.
    let [text, wrong, area, day] = match theme {
        "light" => ["light-text", "light-wrong", "light-area", "light-day"],
        _ => ["dark-text", "dark-wrong", "dark-area", "dark-day"],
    };
    rsx! {
        h2 { "Fields" }
        TextField { id: text, label: "Title", value: typed(), oninput: move |words| typed.set(words) }
        TextField { id: wrong, label: "End time", value: "quarter past", error: "Give a time like 9:30 or 2pm.".to_owned(), oninput: |_| {} }
        TextField { id: area, label: "Notes", value: "", placeholder: "Anything", rows: 2, oninput: |_| {} }
        DateField { id: day, label: "Starts", value: date(), oninput: move |words| date.set(words) }
        Switch { label: "All day", checked: on(), onchange: move |now| on.set(now) }
    }
}

#[component]
fn Choices(theme: &'static str) -> Element {
    let mut tab = use_signal(|| 1_usize);
    let mut value = use_signal(|| "busy".to_owned());
    let mut picked = use_signal(|| sample::now().date_naive());
    let [select, tabs, combo] = match theme {
        "light" => ["light-select", "light-tabs", "light-combo"],
        _ => ["dark-select", "dark-tabs", "dark-combo"],
    };
    let names = ["Profile", "Sync", "Data"];
    let options = [("Lunch with Ana", "Tue, 13:00"), ("פגישה", "Wed, 9:00"), ("New event", "")];
    let options = options.map(|(words, more)| ComboOption {
        words: words.to_owned(),
        more: more.to_owned(),
        color: (!more.is_empty()).then(|| crate::color::css("teal").to_owned()),
    });
    rsx! {
        h2 { "Choices" }
        Select {
            id: select,
            label: "Show as",
            value: value(),
            options: vec![("busy".to_owned(), "Busy".to_owned()), ("free".to_owned(), "Free".to_owned())],
            onchange: move |now| value.set(now),
        }
        Tabs { id: tabs, label: "Sections", class: "settings-nav", tabs: names.to_vec(), chosen: tab(), onpick: move |at| tab.set(at) }
        p { role: "tabpanel", id: panel_id(tabs), "aria-labelledby": tab_id(tabs, tab()), "{names[tab()]}" }
        Combobox { id: combo, label: "Search", options: options.to_vec(), oninput: |_| {}, onpick: |_| {} }
        div { style: "width:232px",
            DateGrid {
                date: picked(),
                today: sample::now().date_naive(),
                first: Weekday::Mon,
                onpick: move |date| picked.set(date),
            }
        }
    }
}

#[component]
fn Overlays() -> Element {
    let anchor = Anchor { x: 16.0, y: 16.0, width: 0.0, height: 0.0 };
    let item = |value: &str, checked, shape| MenuItem {
        value: value.to_owned(),
        label: value.to_owned(),
        key: None,
        checked,
        shape,
    };
    rsx! {
        h2 { "Over the page" }
        div { style: STAGE,
            DialogBox { title: "Delete “Work”?", alert: true, onclose: |()| {},
                p { "Its events are kept. You can undo this." }
                div { class: "dialog-foot",
                    {button(Face::plain("Cancel"), |_| {})}
                    {button(Face::danger("Delete"), |_| {})}
                }
            }
        }
        div { style: STAGE,
            Popover { anchor, height: 120.0, name: "Popover", below: true,
                div { class: "popover-head",
                    strong { class: "grow", "Popover" }
                    IconButton { shape: Shape::Close, name: "Close", onclick: |_| {} }
                }
                div { class: "popover-body",
                    p { class: "muted", "Beside what it is about; on phones a sheet." }
                }
            }
        }
        div { style: "{STAGE};height:96px",
            Toast { words: "Event deleted".to_owned(), action: "Undo", onaction: |_| {}, onclose: |()| {} }
        }
        div { style: STAGE,
            Menu {
                anchor,
                name: "Menu",
                items: vec![
                    item("Day", Some(false), None),
                    item("Week", Some(true), None),
                    item("Settings", None, Some(Shape::Gear)),
                ],
                onpick: |_| {},
            }
        }
    }
}
