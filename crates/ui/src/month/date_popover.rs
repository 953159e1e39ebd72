//! All events of a date: behind the "+n" of a cell that has room for some only.

use crate::{
    agenda::AgendaEvent,
    i18n::t,
    layout::{all_day_dates, stands_in_lane},
    primitives::{IconButton, Popover, Shape},
    state::{Anchor, Place, Shown, View, use_ui},
    time::{full_date, weekday_short},
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// See the module.
#[component]
pub(crate) fn DatePopover(anchor: Anchor, date: NaiveDate, events: Rc<Vec<Shown>>, now: DateTime<Utc>) -> Element {
    let ui = use_ui();
    let zone = ui.clock.read().zone;
    let mut on: Vec<Shown> = events
        .iter()
        .filter(|shown| {
            let (from, to) = all_day_dates(&shown.item.event, zone);
            (from..=to).contains(&date)
        })
        .cloned()
        .collect();
    almanac_core::order::sort_by_key(&mut on, |shown| {
        (!stands_in_lane(&shown.item.event), shown.item.event.start_time)
    });
    #[allow(clippy::cast_precision_loss, reason = "a few events")]
    let height = (70.0 + 30.0 * on.len() as f64).min(420.0);
    rsx! {
        Popover { anchor, height, width: 300.0, name: full_date(date), focus: true, testid: "date-popover",
            div { class: "popover-head",
                button {
                    r#type: "button",
                    class: "date-head grow",
                    onclick: move |_| {
                        ui.close();
                        ui.go(Place { view: View::Day, date });
                    },
                    span { class: "day-number", "{date.day()}" }
                    span { class: "day-name", {weekday_short(date.weekday())} }
                    span { class: "sr", {full_date(date)} }
                }
                IconButton { shape: Shape::Close, name: t!("close"), onclick: move |_| ui.close() }
            }
            ul { class: "date-list",
                for shown in on {
                    li { key: "{shown.id()}",
                        AgendaEvent { shown, date, now, passing: true }
                    }
                }
            }
        }
    }
}
