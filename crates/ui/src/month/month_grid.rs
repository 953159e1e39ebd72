//! The month's weeks under the names of the days.

use super::week_row::WeekRow;
use crate::{
    grid::Asked,
    i18n::t,
    state::{Shown, use_ui},
    time::{weekday_short, weekdays},
};
use chrono::{DateTime, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// Whole weeks; as many events as fit.
#[component]
pub(crate) fn MonthGrid(
    days: Vec<NaiveDate>,
    month: u32,
    events: Rc<Vec<Shown>>,
    now: DateTime<Utc>,
    onask: EventHandler<Asked>,
) -> Element {
    let ui = use_ui();
    let first = *ui.first.read();
    let mut height = use_signal(|| 760.0_f64);
    let weeks = days.len() / 7;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "pixels")]
    let rows = ((height() / weeks.max(1) as f64 - 30.0) / 22.0).clamp(1.0, 30.0) as usize;
    rsx! {
        div { class: "month", role: "grid", "aria-label": t!("month"),
            div { class: "month-names", role: "row",
                for day in weekdays(first) {
                    span { key: "{day}", role: "columnheader", {weekday_short(day)} }
                }
            }
            div {
                class: "month-weeks",
                role: "rowgroup",
                onresize: move |event| {
                    if let Ok(size) = event.get_border_box_size() {
                        height.set(size.height);
                    }
                },
                for week in days.chunks(7) {
                    WeekRow {
                        key: "{week[0]}",
                        days: week.to_vec(),
                        month,
                        events: near(&events, week),
                        now,
                        rows,
                        onask,
                    }
                }
            }
        }
    }
}

/// The events that may touch a week, so that a week is drawn again only for its own.
fn near(events: &[Shown], week: &[NaiveDate]) -> Rc<Vec<Shown>> {
    let from = week[0].and_time(chrono::NaiveTime::MIN).and_utc() - chrono::TimeDelta::days(1);
    let to = from + chrono::TimeDelta::days(9);
    let touches = |shown: &&Shown| shown.item.event.start_time < to && shown.item.event.end_time() >= from;
    Rc::new(events.iter().filter(touches).cloned().collect())
}
