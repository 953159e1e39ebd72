//! One day's column.

use super::{event_block::EventBlock, placed::Placed};
use crate::{i18n::t, layout::DragKind, state::Shown, time::full_date};
use chrono::{DateTime, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// A day's column: shading, events, and room to press.
#[component]
pub(crate) fn Column(
    date: NaiveDate,
    placed: Rc<Vec<Placed>>,
    off: Vec<(i64, i64)>,
    now: DateTime<Utc>,
    skeleton: bool,
    onpress: EventHandler<(DragKind, Option<Shown>, PointerEvent)>,
    onclick: EventHandler<MouseEvent>,
) -> Element {
    let name = t!("column", count = placed.len(), date = &full_date(date));
    rsx! {
        div {
            class: "column",
            role: "group",
            "aria-label": name,
            "data-date": "{date}",
            onpointerdown: move |event| onpress.call((DragKind::Create, None, event)),
            onclick: move |event| onclick.call(event),
            for (from , to) in off {
                div { class: "off", style: "top:{percent(from)}%;height:{percent(to - from)}%" }
            }
            if skeleton {
                // Where meetings mostly are: the shape of a day, not of anyone's.
                div { class: "skeleton", style: "top:{percent(545)}%;height:{percent(55)}%" }
                div { class: "skeleton", style: "top:{percent(660)}%;height:{percent(85)}%" }
                div { class: "skeleton", style: "top:{percent(870)}%;height:{percent(40)}%" }
            }
            div { class: "column-events",
                for placed in placed.iter().cloned() {
                    EventBlock {
                        key: "{placed.shown.id()}",
                        placed,
                        now,
                        onpress: move |(kind, shown, event)| onpress.call((kind, Some(shown), event)),
                    }
                }
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "minutes of a day")]
fn percent(minute: i64) -> f64 {
    minute as f64 / 14.4
}
