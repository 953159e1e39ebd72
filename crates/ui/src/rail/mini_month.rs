//! A small month to jump with.

use crate::{
    primitives::DateGrid,
    state::{Place, View, use_ui},
};
use chrono::NaiveDate;
use dioxus::prelude::*;

/// A month; follows the place shown until one turns its pages.
#[component]
pub(crate) fn MiniMonth(today: NaiveDate, #[props(default)] focus: bool) -> Element {
    let mut ui = use_ui();
    let first = *ui.first.read();
    let place = *ui.place.read();
    let marks = matches!(place.view, View::Day | View::ThreeDays | View::Week | View::Weeks(_));
    let days = if marks { place.days(first) } else { Vec::new() };
    rsx! {
        DateGrid {
            date: place.date,
            today,
            first,
            focus,
            marked: days.first().copied().zip(days.last().copied()),
            onpick: move |date| {
                // On phones the rail lies over what one has chosen.
                if ui.is_phone() {
                    ui.rail_turned.set(false);
                }
                ui.go(Place { date, ..place });
                ui.leave_jump();
            },
        }
    }
}
