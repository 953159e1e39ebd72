//! An event in a day's column.

use super::placed::{Placed, full_name, is_movable, is_past, marks};
use crate::{
    color,
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
    let (id, title) = (event.id, or_untitled(&event.title));
    let opener = use_opener(event);

    let (top, height) = (percent(segment.from, 1440), percent(segment.to - segment.from, 1440));
    let (left, width) = (slot.left * 100.0, slot.width * 100.0);
    let line = segment.to - segment.from <= ONE_LINE;
    // A title line is 15 px, the line of the time 13.
    let lines = ((segment.to - segment.from) * ui.density.read().hour() / 60 - 17).max(15) / 15;
    let several = if line || lines == 1 { String::new() } else { format!("--lines:{lines};") };
    let narrow = slot.width < 0.5;
    let time = if line || narrow {
        clock.minute(clock.zone.minute(event.start_time))
    } else {
        clock.range(clock.zone.minute(event.start_time), clock.zone.minute(event.end_time()))
    };
    let marks = marks(&shown);
    let has_marks = !marks.is_empty();
    // The title leaves them room.
    let room = if has_marks { format!("--marks:{};", marks.len()) } else { String::new() };
    let edges = match (is_movable(&shown), segment.begins && !line, segment.ends) {
        (true, true, true) => Some("start end"),
        (true, true, false) => Some("start"),
        (true, false, true) => Some("end"),
        _ => None,
    };
    let dragged = *ui.dragged.read() == Some(id);
    let press = use_callback({
        let shown = shown.clone();
        move |(kind, event): (DragKind, PointerEvent)| onpress.call((kind, shown.clone(), event))
    });

    rsx! {
        button {
            r#type: "button",
            class: "event",
            style: "--c:{shown.color};{several}{room}top:{top}%;height:max(20px,calc({height}% - 1px));left:{left}%;width:{width}%;z-index:{slot.depth + 1}",
            "data-event-id": "{id}",
            "data-state": shown.state(),
            "data-show": shown.show(),
            "data-hue": color::hue(&shown.color),
            "data-lines": (!several.is_empty()).then_some(""),
            "data-edges": edges,
            "data-size": line.then_some("line"),
            "data-narrow": narrow.then_some(""),
            "data-past": is_past(&shown, now, clock).then_some(""),
            "data-rsvp": shown.is_declined().then_some("declined"),
            "data-marks": has_marks.then_some(""),
            "data-dragged": dragged.then_some(""),
            "aria-label": full_name([title, if segment.begins { &time } else { "" }], &shown, clock),
            "aria-haspopup": "dialog",
            "aria-expanded": opener.is_open().then_some("true"),
            onmounted: move |event| opener.mounted(event.data()),
            onfocus: move |_| opener.focused(true),
            onblur: move |_| opener.focused(false),
            onpointerdown: move |event| press.call((DragKind::Move, event)),
            onclick: move |event| opener.clicked(&event, true),
            // Always there, and shown where `data-edges` names them: what is the same in all events is made in one go.
            span {
                class: "event-handle",
                "data-edge": "start",
                onpointerdown: move |event| press.call((DragKind::Start, event)),
            }
            span { class: "event-title", dir: "auto", "{title}" }
            " "
            if segment.begins {
                span { class: "event-time", {unbroken(&time)} }
            }
            if has_marks {
                span { class: "event-marks",
                    for shape in marks {
                        Icon { shape }
                    }
                }
            }
            span {
                class: "event-handle",
                "data-edge": "end",
                onpointerdown: move |event| press.call((DragKind::End, event)),
            }
        }
    }
}

/// A time or a range that breaks before it and before its end, and nowhere else: what has no room goes to the next line, where
/// nobody sees it, and no figure is ever cut in two.
fn unbroken(time: &str) -> String {
    let parts = time.split(" – ").map(|part| part.replace(' ', "\u{a0}"));
    format!("\u{200b}{}", parts.collect::<Vec<_>>().join(" –\u{2060}\u{a0}"))
}

#[allow(clippy::cast_precision_loss, reason = "minutes of a day")]
fn percent(part: i64, whole: i64) -> f64 {
    part as f64 * 100.0 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_breaks_before_its_end_only() {
        assert_eq!(unbroken("09:00"), "\u{200b}09:00");
        assert_eq!(unbroken("11 am – 1 pm"), "\u{200b}11\u{a0}am –\u{2060}\u{a0}1\u{a0}pm");
    }
}
