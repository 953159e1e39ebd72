//! A date: typed in words or numbers, or picked from a month.

use super::{DateGrid, IconButton, Shape, TextField};
use crate::{
    i18n::t,
    state::use_ui,
    time::{date_typed, iso_date, parse_date},
};
use almanac_data::use_clock;
use chrono::{DateTime, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// `value` and what `oninput` gets are `YYYY-MM-DD`, or as typed when that is no date.
#[component]
pub(crate) fn DateField(
    id: &'static str,
    label: &'static str,
    value: String,
    oninput: EventHandler<String>,
    #[props(default)] error: Option<String>,
) -> Element {
    let ui = use_ui();
    // None in the gallery, where nothing ticks.
    let now: DateTime<Utc> = if ui.shell.peek().is_some() { use_clock()() } else { DateTime::UNIX_EPOCH };
    let today = ui.clock.read().zone.date(now);
    let date = iso_date(&value);
    let mut open = use_signal(|| false);
    // What is being typed stays as it is typed, until the value comes from elsewhere.
    let mut typed = use_signal(|| None::<(String, String)>);
    let shown = match typed.read().as_ref() {
        Some((words, meant)) if *meant == value => words.clone(),
        _ => date.map_or(value.clone(), date_typed),
    };
    // What is typed without a year is in that of the date before, not in one half typed.
    let mut near = use_hook(|| CopyValue::new(date.unwrap_or(today)));
    let first = *ui.first.read();
    let mut opener = use_hook(|| CopyValue::new(None::<Rc<MountedData>>));
    // The focus was in the month, which goes.
    let mut close = move || {
        open.set(false);
        let opener = opener.peek().clone();
        spawn(async move {
            if let Some(opener) = opener {
                let _ = opener.set_focus(true).await;
            }
        });
    };
    rsx! {
        div {
            class: "date-field",
            onfocusin: move |_| {
                if let Some(date) = date {
                    near.set(date);
                }
            },
            onkeydown: move |event| {
                if event.key() == Key::Escape && open() {
                    event.stop_propagation();
                    close();
                } else if event.key() == Key::ArrowDown && event.modifiers().alt() {
                    event.prevent_default();
                    open.set(true);
                }
            },
            TextField {
                id,
                label,
                class: "tabular",
                value: shown,
                error,
                oninput: move |words: String| {
                    let meant = parse_date(&words, *near.peek()).map_or(words.clone(), |date| date.to_string());
                    typed.set(Some((words, meant.clone())));
                    oninput.call(meant);
                },
            }
            IconButton {
                shape: Shape::Calendar,
                name: t!("pick-date", field = label),
                expanded: open(),
                onmounted: move |event: MountedEvent| opener.set(Some(event.data())),
                onclick: move |_| open.toggle(),
            }
            if open() {
                div { class: "date-sheet",
                    DateGrid {
                        date: date.unwrap_or(today),
                        today,
                        first,
                        focus: true,
                        onpick: move |date: NaiveDate| {
                            typed.set(None);
                            close();
                            oninput.call(date.to_string());
                        },
                    }
                }
            }
        }
    }
}
