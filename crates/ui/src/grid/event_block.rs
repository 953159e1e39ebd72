//! An event in a day's column.

use super::placed::{Placed, is_movable, is_past, marks, spoken};
use crate::{
    layout::DragKind,
    primitives::Icon,
    state::{Shown, use_opener, use_ui},
    text::or_untitled,
};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// Up to so many minutes an event has one line.
const ONE_LINE: i64 = 34;

/// An event's block: a button that opens its popover, with edges to pull.
#[component]
pub(crate) fn EventBlock(
    placed: Placed,
    now: DateTime<Utc>,
    onpress: EventHandler<(DragKind, Shown, PointerEvent)>,
) -> Element {
    let ui = use_ui();
    let clock = ui.clock;
    let clock = *clock.read();
    let Placed { shown, segment, slot } = placed;
    let event = &shown.item.event;
    let id = event.id;
    let opener = use_opener(id);

    let (top, height) = (percent(segment.from, 1440), percent(segment.to - segment.from, 1440));
    let (left, width) = (slot.left * 100.0, slot.width * 100.0);
    let line = segment.to - segment.from <= ONE_LINE;
    // A title line is 15 px, the line of the time 13.
    let lines = ((segment.to - segment.from) * ui.density.read().hour() / 60 - 17).max(15) / 15;
    let narrow = slot.width < 0.5;
    let time = if line || narrow {
        clock.minute(clock.zone.minute(event.start_time))
    } else {
        clock.range(clock.zone.minute(event.start_time), clock.zone.minute(event.end_time()))
    };
    // The end goes where it has no room.
    let (from, to) = time.split_once(" – ").map_or((&*time, None), |(from, to)| (from, Some(to)));
    let marks = marks(&shown);
    let has_marks = !marks.is_empty();
    let movable = is_movable(&shown);
    let dragged = *ui.dragged.read() == Some(id);
    let press = use_callback({
        let shown = shown.clone();
        move |(kind, event): (DragKind, PointerEvent)| onpress.call((kind, shown.clone(), event))
    });

    rsx! {
        button {
            r#type: "button",
            class: "event",
            style: "--c:{shown.color};--lines:{lines};top:{top}%;height:max(20px,calc({height}% - 1px));left:{left}%;width:{width}%;z-index:{slot.depth + 1}",
            "data-event-id": "{id}",
            "data-state": shown.state(),
            "data-show": shown.show(),
            "data-size": line.then_some("line"),
            "data-narrow": narrow.then_some(""),
            "data-past": is_past(&shown, now, clock).then_some(""),
            "data-rsvp": shown.is_declined().then_some("declined"),
            "data-marks": has_marks.then_some(""),
            "data-dragged": dragged.then_some(""),
            "aria-haspopup": "dialog",
            "aria-expanded": opener.is_open().then_some("true"),
            onmounted: move |event| opener.mounted(event.data()),
            onfocus: move |_| opener.focused(true),
            onblur: move |_| opener.focused(false),
            onpointerdown: move |event| press.call((DragKind::Move, event)),
            onclick: move |event| opener.clicked(&event, true),
            if movable && segment.begins && !line {
                span {
                    class: "event-handle",
                    "data-edge": "start",
                    onpointerdown: move |event| press.call((DragKind::Start, event)),
                }
            }
            span { class: "event-title", dir: "auto", "{or_untitled(&event.title)}" }
            if segment.begins {
                span { class: "event-time",
                    "{from} "
                    if let Some(to) = to {
                        span { "– {to}" }
                    }
                }
            }
            span { class: "sr", {spoken(&shown, clock)} }
            if has_marks {
                span { class: "event-marks",
                    for shape in marks {
                        Icon { shape }
                    }
                }
            }
            if movable && segment.ends {
                span {
                    class: "event-handle",
                    "data-edge": "end",
                    onpointerdown: move |event| press.call((DragKind::End, event)),
                }
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "minutes of a day")]
fn percent(part: i64, whole: i64) -> f64 {
    part as f64 * 100.0 / whole as f64
}
