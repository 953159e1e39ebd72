//! A month to pick a date from: the mini month, the date picker, the months of a year.
//!
//! One date takes the Tab key; arrows move by days and weeks, Home and End within the week, Page Up and Down by months,
//! with Shift by years (APG date picker).

use super::{IconButton, Shape};
use crate::{
    i18n::t,
    time::{full_date, is_possible, month, month_days, week_start, weekday, weekday_tiny},
};
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use dioxus::prelude::*;
use std::{collections::HashMap, rc::Rc};

/// See the module.
#[component]
pub(crate) fn DateGrid(
    /// The date chosen: its month is shown, and it has the Tab key.
    date: NaiveDate,
    today: NaiveDate,
    first: Weekday,
    /// The first and last date marked as shown elsewhere.
    #[props(default)]
    marked: Option<(NaiveDate, NaiveDate)>,
    /// How full each date is, 0–3; none where that is not said.
    #[props(default)]
    fullness: Option<Rc<HashMap<NaiveDate, (u8, usize)>>>,
    /// Whether one may turn pages; else only its own month is shown, and its own dates.
    #[props(default = true)]
    turns: bool,
    #[props(default)] focus: bool,
    onpick: EventHandler<NaiveDate>,
) -> Element {
    // The date of the Tab key, with the chosen one it began at: another one chosen begins anew.
    let mut at = use_signal(|| (date, date));
    let here = if at().1 == date { at().0 } else { date };
    let mut elements = use_hook(|| CopyValue::new(HashMap::<NaiveDate, Rc<MountedData>>::new()));
    let mut wanted = use_hook(|| CopyValue::new(focus.then_some(date)));
    let mut go = move |to: NaiveDate, and_focus: bool| {
        at.set((to, date));
        if !and_focus {
            return;
        }
        match elements.peek().get(&to).cloned() {
            Some(element) => drop(spawn(async move {
                let _ = element.set_focus(true).await;
            })),
            // It comes up with its month.
            None => wanted.set(Some(to)),
        }
    };
    let days = month_days(here, first);
    // Those of weeks that are not drawn any more have gone: coming back, they come up anew.
    elements.write().retain(|date, _| days.contains(date));
    rsx! {
        div { class: "mini",
            div { class: "mini-head",
                h2 { "aria-live": if turns { "polite" }, {month(here)} }
                if turns {
                    IconButton {
                        shape: Shape::Left,
                        name: t!("month-before"),
                        onclick: move |_| go(here.checked_sub_months(Months::new(1)).unwrap_or(here), false),
                    }
                    IconButton {
                        shape: Shape::Right,
                        name: t!("month-after"),
                        onclick: move |_| go(here.checked_add_months(Months::new(1)).unwrap_or(here), false),
                    }
                }
            }
            table {
                class: "mini-grid",
                role: "grid",
                "aria-label": month(here),
                onkeydown: move |event| {
                    let Some(to) = moved(&event.key(), event.modifiers(), here, first) else { return };
                    event.prevent_default();
                    event.stop_propagation();
                    if turns || (to.year(), to.month()) == (here.year(), here.month()) {
                        go(to, true);
                    }
                },
                thead {
                    tr {
                        for day in days.iter().take(7).map(NaiveDate::weekday) {
                            th { key: "{day}", scope: "col", abbr: weekday(day), {weekday_tiny(day)} }
                        }
                    }
                }
                tbody {
                    for week in days.chunks(7) {
                        tr { key: "{week[0]}",
                            for date in week.iter().copied() {
                                td {
                                    key: "{date}",
                                    "data-shown": marked.is_some_and(|(from, to)| (from..=to).contains(&date)).then_some(""),
                                    "data-first": marked.is_some_and(|(from, _)| from == date).then_some(""),
                                    "data-last": marked.is_some_and(|(_, to)| to == date).then_some(""),
                                    if turns || date.month() == here.month() {
                                        button {
                                            r#type: "button",
                                            class: "mini-day",
                                            tabindex: if date == here { "0" } else { "-1" },
                                            "aria-label": name(date, fullness.as_deref()),
                                            "aria-current": (date == today).then_some("date"),
                                            "data-other": (date.month() != here.month()).then_some(""),
                                            "data-full": fullness.as_ref().and_then(|f| f.get(&date)).map(|(level, _)| level.to_string()),
                                            onmounted: move |event| async move {
                                                let data = event.data();
                                                elements.write().insert(date, data.clone());
                                                if *wanted.peek() == Some(date) {
                                                    wanted.set(None);
                                                    let _ = data.set_focus(true).await;
                                                }
                                            },
                                            onclick: move |_| onpick.call(date),
                                            "{date.day()}"
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn name(date: NaiveDate, fullness: Option<&HashMap<NaiveDate, (u8, usize)>>) -> String {
    match fullness {
        None => full_date(date),
        Some(fullness) => {
            let count = fullness.get(&date).map_or(0, |(_, count)| *count);
            t!("column", date = &full_date(date), count = count)
        }
    }
}

/// The date a key leads to; none if it is no key of date grids. Also the month's.
pub(crate) fn moved(key: &Key, modifiers: Modifiers, date: NaiveDate, first: Weekday) -> Option<NaiveDate> {
    if modifiers.alt() || modifiers.ctrl() || modifiers.meta() {
        return None;
    }
    let months = Months::new(if modifiers.shift() { 12 } else { 1 });
    match key {
        Key::ArrowLeft => date.checked_sub_days(Days::new(1)),
        Key::ArrowRight => date.checked_add_days(Days::new(1)),
        Key::ArrowUp => date.checked_sub_days(Days::new(7)),
        Key::ArrowDown => date.checked_add_days(Days::new(7)),
        Key::Home => Some(week_start(date, first)),
        Key::End => week_start(date, first).checked_add_days(Days::new(6)),
        Key::PageUp => date.checked_sub_months(months),
        Key::PageDown => date.checked_add_months(months),
        _ => None,
    }
    .filter(is_possible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_move_as_in_every_date_grid() {
        let to = |key, modifiers| {
            moved(&key, modifiers, "2026-11-18".parse().unwrap(), Weekday::Mon).map(|date| date.to_string())
        };
        let plain = |key| to(key, Modifiers::empty()).unwrap();
        assert_eq!(plain(Key::ArrowLeft), "2026-11-17");
        assert_eq!(plain(Key::ArrowDown), "2026-11-25");
        assert_eq!(plain(Key::Home), "2026-11-16");
        assert_eq!(plain(Key::End), "2026-11-22");
        assert_eq!(plain(Key::PageUp), "2026-10-18");
        assert_eq!(to(Key::PageDown, Modifiers::SHIFT).unwrap(), "2027-11-18");
        assert_eq!(to(Key::ArrowUp, Modifiers::ALT), None, "moves events");
        assert_eq!(moved(&Key::ArrowLeft, Modifiers::empty(), "0001-01-01".parse().unwrap(), Weekday::Mon), None);
    }
}
