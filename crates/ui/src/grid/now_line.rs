//! The line of the present time.

use chrono::NaiveDate;
use dioxus::prelude::*;

/// A line over all days, strong on today's column. `minute` is the minute of the day.
#[component]
pub(crate) fn NowLine(days: Vec<NaiveDate>, today: NaiveDate, minute: i64) -> Element {
    let Some(index) = days.iter().position(|day| *day == today) else { return rsx! {} };
    #[allow(clippy::cast_precision_loss, reason = "minutes and days")]
    let (top, left, width) =
        (minute as f64 / 14.4, index as f64 * 100.0 / days.len() as f64, 100.0 / days.len() as f64);
    rsx! {
        div { class: "now", style: "top:{top}%", "aria-hidden": "true",
            div { class: "now-rest" }
            div { class: "now-today", style: "left:{left}%;width:{width}%" }
        }
    }
}
