//! What is dragged or drafted where there are dates but no hours: over the lane, over a week of the month.

use crate::{
    i18n::t,
    layout::{Bar, lane},
    state::{Open, use_ui},
    text::or_untitled,
    time::day_month,
};
use chrono::{NaiveDate, TimeDelta};
use dioxus::prelude::*;

/// The ghost over the days, if it touches them. `rows` are weeks of a month, where timed events are dates as well.
#[component]
pub(crate) fn BarGhost(days: Vec<NaiveDate>, all: Vec<NaiveDate>, color: String, rows: bool) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let drag = ui.drag.read();
    let dragging = drag.as_ref().filter(|dragging| dragging.active);
    let (moved, all_day, title, color) = if let Some(dragging) = dragging {
        let Some(drag) = dragging.on_grid(&all) else { return rsx! {} };
        let (moved, all_day) = drag.result(clock.zone);
        let shown = dragging.shown.as_ref();
        let title = shown.map_or(t!("new-event"), |shown| or_untitled(&shown.item.event.title)).to_owned();
        (moved, all_day, title, shown.map_or(color, |shown| shown.color.to_string()))
    } else {
        let form = ui.form.read();
        let new = matches!(*ui.open.read(), Open::Draft(_) | Open::Editor);
        let Some((form, _)) = form.as_ref().filter(|(form, _)| new && form.id.is_none()) else { return rsx! {} };
        let Ok((start, minutes, all_day)) = form.when(clock) else { return rsx! {} };
        let title = if form.title.trim().is_empty() { t!("new-event") } else { form.title.trim() };
        (crate::layout::Moved { start, minutes }, all_day, title.to_owned(), color)
    };
    let end = moved.start + TimeDelta::minutes(moved.minutes);
    let (first, last) = if all_day {
        (moved.start.date_naive(), (end - TimeDelta::minutes(1)).date_naive())
    } else if rows || moved.minutes >= 1440 {
        (clock.zone.date(moved.start), clock.zone.date(end))
    } else {
        return rsx! {};
    };
    let last = if rows && !all_day && moved.minutes < 1440 { first } else { last.max(first) };
    let Some(Some(Bar { first: from, days: count, .. })) = lane(&[(first, last)], &days).first().copied() else {
        return rsx! {};
    };
    #[allow(clippy::cast_precision_loss, reason = "a few days")]
    let (left, width) = (from as f64 * 100.0 / days.len() as f64, count as f64 * 100.0 / days.len() as f64);
    let label = match (all_day, first == last) {
        (false, _) => clock.minute(clock.zone.minute(moved.start)),
        (true, true) => day_month(first),
        (true, false) => format!("{} – {}", day_month(first), day_month(last)),
    };
    let live = dragging.is_some();
    rsx! {
        div {
            class: "event bar-event bar-ghost ghost",
            style: "--c:{color};left:calc({left}% + 2px);width:calc({width}% - 5px)",
            "data-testid": if live { "drag-ghost" } else { "draft-ghost" },
            span { class: "event-title", "{title}" }
            span { class: "event-time", "{label}" }
        }
        if live && rows {
            div { class: "drag-shield", "data-copy": dragging.is_some_and(|dragging| dragging.copy).then_some("") }
        }
    }
}
