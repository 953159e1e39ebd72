//! One day's column.

use super::{event_block::EventBlock, placed::Day};
use crate::{
    i18n::t,
    layout::{DragKind, Elements},
    state::{Anchor, Open, Shown, use_ui},
    time::full_date,
};
use chrono::{DateTime, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// A day's column: shading, events, and room to press.
#[component]
pub(crate) fn Column(
    date: NaiveDate,
    day: Rc<Day>,
    off: Vec<(i64, i64)>,
    now: DateTime<Utc>,
    skeleton: bool,
    onpress: EventHandler<(DragKind, Option<Shown>, PointerEvent)>,
    onclick: EventHandler<MouseEvent>,
) -> Element {
    let ui = use_ui();
    let count = day.placed.len() + day.crowds.iter().map(|crowd| crowd.events.len()).sum::<usize>();
    let name = t!("column", count = count, date = &full_date(date));
    let mut elements = use_hook(|| CopyValue::new(Elements::default()));
    let ids: Vec<_> = day.placed.iter().map(|placed| placed.shown.id()).collect();
    let elements = elements.write().give(&ids);
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
                for (element , placed) in elements.into_iter().zip(day.placed.iter().cloned()) {
                    EventBlock {
                        key: "{element}",
                        placed,
                        now,
                        onpress: move |(kind, shown, event)| onpress.call((kind, Some(shown), event)),
                    }
                }
                for (i , crowd) in day.crowds.iter().enumerate() {
                    button {
                        key: "crowd-{i}",
                        r#type: "button",
                        class: "crowd",
                        style: "top:{percent(crowd.span.0)}%;height:max(20px,calc({percent(crowd.span.1 - crowd.span.0)}% - 1px));left:{crowd.slot.left * 100.0}%;width:{crowd.slot.width * 100.0}%;z-index:{crowd.slot.depth + 1}",
                        "aria-haspopup": "dialog",
                        onpointerdown: move |event| event.stop_propagation(),
                        onclick: move |event: MouseEvent| {
                            event.stop_propagation();
                            let at = event.client_coordinates();
                            ui.open_at(Open::Date(date, Anchor { x: at.x - 16.0, y: at.y - 16.0, width: 32.0, height: 32.0 }));
                        },
                        {t!("more-count", count = crowd.events.len())}
                        span { class: "sr", {t!("more-on", date = &full_date(date))} }
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
