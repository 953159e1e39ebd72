//! The fields of time: all-day, start, end.

use crate::{
    i18n::t,
    primitives::{DateField, Switch, TextField},
    state::{Field, Form, Problem, use_ui},
};
use dioxus::prelude::*;

/// Edits the four fields of time of [`crate::state::Ui::form`].
#[component]
pub(crate) fn WhenFields(form: Form, problems: Vec<Problem>) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let error = |field: Field| problems.iter().find(|p| p.field == field).map(|p| p.words.clone());
    let (date, time) = (form.start_date.clone(), form.start_time.clone());
    rsx! {
        Switch {
            label: t!("all-day-switch"),
            checked: form.all_day,
            onchange: move |all_day| ui.with_form(|form| form.set_all_day(all_day, clock)),
        }
        div {
            class: "row",
            style: "align-items:start",
            onfocusin: move |_| ui.with_form(|form| form.settle(clock)),
            DateField {
                id: "start-date",
                label: t!("starts"),
                value: form.start_date.clone(),
                error: error(Field::StartDate),
                oninput: move |date: String| {
                    let time = time.clone();
                    ui.with_form(|form| form.set_start(date, time, clock));
                },
            }
            if !form.all_day {
                TextField {
                    id: "start-time",
                    label: t!("start-time"),
                    class: "tabular",
                    value: form.start_time.clone(),
                    error: error(Field::StartTime),
                    oninput: move |time: String| {
                        let date = date.clone();
                        ui.with_form(|form| form.set_start(date, time, clock));
                    },
                }
            }
        }
        div {
            class: "row",
            style: "align-items:start",
            onfocusin: move |_| ui.with_form(|form| form.settle(clock)),
            onfocusout: move |_| ui.with_form(|form| form.settle_end(clock)),
            DateField {
                id: "end-date",
                label: t!("ends"),
                value: form.end_date.clone(),
                error: error(Field::EndDate),
                oninput: move |date| ui.with_form(|form| form.end_date = date),
            }
            if !form.all_day {
                TextField {
                    id: "end-time",
                    label: t!("end-time"),
                    class: "tabular",
                    value: form.end_time.clone(),
                    error: error(Field::EndTime),
                    oninput: move |time| ui.with_form(|form| form.set_end_time(time, clock)),
                }
            }
        }
    }
}
