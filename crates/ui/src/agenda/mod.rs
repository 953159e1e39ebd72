//! The agenda: what comes, day by day, as a list.

use crate::{
    grid::{is_past, marks, spoken},
    i18n::t,
    layout::all_day_dates,
    primitives::{Face, Icon, Shape, button},
    state::{Place, Shown, View, use_opener, use_scroll, use_ui},
    text::or_untitled,
    time::{full_date, month_short, weekday_short},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// Days with something in them, and today.
#[component]
pub(crate) fn Agenda(
    days: Vec<NaiveDate>,
    events: Rc<Vec<Shown>>,
    now: DateTime<Utc>,
    /// Whether all events of these days are on this device: only then it can be said that there are none.
    here: bool,
    /// Whether the events are those of these days.
    read: bool,
    oncreate: EventHandler<()>,
) -> Element {
    let ui = use_ui();
    let scroll = use_scroll(Place { view: View::Agenda, date: days[0] }, read);
    let clock = *ui.clock.read();
    let today = clock.zone.date(now);
    let spans: Vec<_> = events.iter().map(|shown| all_day_dates(&shown.item.event, clock.zone)).collect();
    let mut listed: Vec<(NaiveDate, Vec<Shown>)> = Vec::new();
    for date in days {
        let mut on: Vec<Shown> = events
            .iter()
            .zip(&spans)
            .filter(|(_, (from, to))| (*from..=*to).contains(&date))
            .map(|(shown, _)| shown.clone())
            .collect();
        almanac_core::order::sort_by_key(&mut on, |shown| (!shown.item.event.all_day, shown.item.event.start_time));
        if !on.is_empty() || date == today && here {
            listed.push((date, on));
        }
    }
    let nothing = listed.iter().all(|(_, on)| on.is_empty());
    rsx! {
        div {
            class: "agenda",
            tabindex: "-1",
            onmounted: move |event| scroll.mounted(&event),
            onscroll: move |event| scroll.scrolled(&event),
            for (date , on) in listed {
                section {
                    key: "{date}",
                    class: "agenda-day",
                    "aria-label": full_date(date),
                    "data-date": "{date}",
                    button {
                        r#type: "button",
                        class: "agenda-date",
                        "aria-current": (date == today).then_some("date"),
                        onclick: move |_| ui.go(Place { view: View::Day, date }),
                        span { class: "day-number", "{date.day()}" }
                        span { class: "day-name", "{month_short(date)}, {weekday_short(date.weekday())}" }
                    }
                    ul {
                        if on.is_empty() {
                            li { class: "agenda-none", {t!("agenda-today-free")} }
                        }
                        for shown in on {
                            li { key: "{shown.id()}",
                                AgendaEvent { shown, date, now }
                            }
                        }
                    }
                }
            }
            if nothing && here {
                div { class: "empty",
                    p { {t!("agenda-empty")} }
                    {button(Face::line(t!("new-event")).shape(Shape::Plus), move |_| oncreate.call(()))}
                }
            }
        }
    }
}

/// One event of a date, on a line.
#[component]
pub(crate) fn AgendaEvent(
    shown: Shown,
    date: NaiveDate,
    now: DateTime<Utc>,
    /// In a popover that closes when the event opens: then the focus cannot come back here.
    #[props(default)]
    passing: bool,
) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let event = &shown.item.event;
    let id = event.id;
    let opener = use_opener(event);
    let (first, last) = all_day_dates(event, clock.zone);
    let (starts, ends) = (clock.zone.minute(event.start_time), clock.zone.minute(event.end_time()));
    let time = match (event.all_day, first == date, last == date) {
        (true, ..) | (false, false, false) => t!("all-day").to_owned(),
        (false, true, true) => clock.range(starts, ends),
        (false, true, false) => t!("from-time", time = &clock.minute(starts)),
        (false, false, true) => t!("until-time", time = &clock.minute(ends)),
    };
    rsx! {
        button {
            r#type: "button",
            class: "line",
            style: "--c:{shown.color}",
            "data-event-id": "{id}",
            "data-state": shown.state(),
            "data-show": shown.show(),
            "data-past": is_past(&shown, now, clock).then_some(""),
            "data-rsvp": shown.is_declined().then_some("declined"),
            "aria-haspopup": "dialog",
            "aria-expanded": opener.is_open().then_some("true"),
            onmounted: move |event| opener.mounted(event.data()),
            onfocus: move |_| opener.focused(true),
            onblur: move |_| opener.focused(false),
            onclick: move |event| opener.clicked(&event, !passing),
            span { class: "chip-dot" }
            span { class: "line-time", "{time}" }
            span { class: "event-title", dir: "auto", "{or_untitled(&event.title)}" }
            for shape in marks(&shown) {
                Icon { shape }
            }
            if let Some(location) = event.location.clone() {
                span { class: "line-place", dir: "auto", "{location}" }
            }
            span { class: "sr", {spoken(&shown, clock)} }
        }
    }
}
