//! The head of a day's column.

use crate::{
    state::{Place, View, use_ui},
    time::{full_date, weekday_short},
};
use chrono::{Datelike, NaiveDate};
use dioxus::prelude::*;

/// Weekday and date; leads to the day.
#[component]
pub(crate) fn DayHead(date: NaiveDate, today: bool) -> Element {
    let ui = use_ui();
    rsx! {
        button {
            r#type: "button",
            class: "day-head",
            "aria-current": today.then_some("date"),
            onclick: move |_| ui.go(Place { view: View::Day, date }),
            span { class: "day-name", {weekday_short(date.weekday())} }
            span { class: "day-number", "{date.day()}" }
            span { class: "sr", {full_date(date)} }
        }
    }
}
