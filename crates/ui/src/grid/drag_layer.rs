//! What is being dragged or drafted, over the columns. Only this is drawn again while the pointer moves.

use crate::{
    i18n::t,
    layout::{DragKind, Moved, segments},
    state::{Open, use_ui},
    text::or_untitled,
};
use chrono::NaiveDate;
use dioxus::prelude::*;

/// The ghost of a drag with its live label, or the block of a draft.
#[component]
pub(crate) fn DragLayer(days: Vec<NaiveDate>, color: String) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let drag = ui.drag.read();
    let dragging = drag.as_ref().filter(|dragging| dragging.active);
    let (moved, title, color) = if let Some(dragging) = dragging {
        let Some(drag) = dragging.on_grid(&days) else { return rsx! {} };
        let title = dragging.shown.as_ref().map_or(t!("new-event"), |shown| or_untitled(&shown.item.event.title));
        let color = dragging.shown.as_ref().map_or(color.as_str(), |shown| &shown.color);
        let (moved, all_day) = drag.result(clock.zone);
        if all_day {
            // The lane shows it.
            return rsx! {
                div { class: "drag-shield" }
            };
        }
        (moved, title.to_owned(), color.to_owned())
    } else {
        let form = ui.form.read();
        let new = matches!(*ui.open.read(), Open::Draft(_) | Open::Editor);
        let Some((form, _)) = form.as_ref().filter(|(form, _)| new && form.id.is_none()) else { return rsx! {} };
        let Ok((start, minutes, false)) = form.when(clock) else { return rsx! {} };
        let title = if form.title.trim().is_empty() { t!("new-event") } else { form.title.trim() };
        (Moved { start, minutes }, title.to_owned(), color)
    };
    let from = clock.zone.minute(moved.start);
    let label = clock.range(from, clock.zone.minute(moved.start + chrono::TimeDelta::minutes(moved.minutes)));
    let edge = dragging.and_then(|dragging| (dragging.kind != DragKind::Move).then_some(""));
    let live = dragging.is_some();
    #[allow(clippy::cast_precision_loss, reason = "minutes and days")]
    let parts: Vec<(usize, bool, String)> = segments(moved.start, moved.minutes, &days, clock.zone)
        .into_iter()
        .map(|(day, part)| {
            let column = 100.0 / days.len() as f64;
            let (top, height) = (part.from as f64 / 14.4, (part.to - part.from) as f64 / 14.4);
            let at = format!(
                "--c:{color};--lines:2;top:{top}%;height:max(20px,calc({height}% - 1px));left:calc({}% + 1px);width:calc({column}% - 9px)",
                day as f64 * column
            );
            (day, part.to - part.from <= 34, at)
        })
        .collect();
    rsx! {
        for (day , line , style) in parts {
            div {
                key: "{day}",
                class: "event ghost",
                style,
                "data-testid": if live { "drag-ghost" } else { "draft-ghost" },
                "data-size": line.then_some("line"),
                "data-lines": (!line).then_some(""),
                span { class: "event-title", "{title}" }
                span { class: "event-time", "{label}" }
            }
        }
        if live {
            // Over everything, so that the pointer is not lost to what lies beside the grid.
            div { class: "drag-shield", "data-edge": edge, "data-copy": dragging.is_some_and(|dragging| dragging.copy).then_some("") }
            div { class: "sr", role: "status", "{label}" }
        }
    }
}
