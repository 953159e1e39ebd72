//! What stands over a calendar in which nothing is to be seen: why that is, and what to do about it.

use crate::{
    i18n::t,
    primitives::{IconButton, Shape},
    state::{View, use_ui},
    sync::coming,
};
use almanac_core::engine::{Phase, Status};
use almanac_data::{CalendarEdit, CategoryEdit, Events, use_calendars, use_categories, use_mutations, use_shell_info};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// Kept on the device from the first event on, or since the hint was closed.
const STARTED: &str = "started";

/// Why there is nothing, or not everything, to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Empty {
    /// The days are not all on this device.
    NotHere,
    /// Their events are in calendars or categories that are not shown.
    Hidden,
    /// Nobody has made an event on this device yet.
    Start,
}

fn why(events: &Events, shown: usize, view: View, fresh: bool) -> Option<Empty> {
    let draws = !matches!(view, View::Agenda | View::Year);
    match shown {
        _ if !events.ready => None,
        _ if !events.covered => Some(Empty::NotHere),
        0 if !events.items.is_empty() => Some(Empty::Hidden),
        0 if draws && fresh => Some(Empty::Start),
        _ => None,
    }
}

/// See the module.
#[component]
pub(crate) fn EmptyHint(
    events: ReadSignal<Events>,
    /// How many of them are seen.
    shown: usize,
    view: View,
    status: Status,
    now: DateTime<Utc>,
    /// Whether the server was asked once, if there is one: before that an account only seems to be new.
    known: bool,
) -> Element {
    let ui = use_ui();
    let mutations = use_mutations();
    let calendars = use_calendars();
    let categories = use_categories();
    let info = use_shell_info();
    let mut started = use_signal({
        let info = info.clone();
        move || info.kept(STARTED).is_some()
    });
    let start = use_callback(move |()| {
        if !*started.peek() {
            info.keep(STARTED, Some("yes"));
            started.set(true);
        }
    });
    use_effect(move || {
        if !events.read().items.is_empty() {
            start.call(());
        }
    });
    match why(&events.read(), shown, view, known && !started()) {
        None => rsx! {},
        Some(Empty::NotHere) => rsx! {
            div { class: "hint hint-more", role: "status", "data-testid": "not-here",
                span {
                    if shown == 0 {
                        {t!("not-here")}
                    } else {
                        {t!("not-all-here")}
                    }
                    " "
                    {coming(&status, *ui.clock.read(), now)}
                }
                if matches!(status.phase, Phase::Offline | Phase::UpdateNeeded | Phase::StoreTrouble) {
                    button { r#type: "button", class: "link", onclick: move |_| {
                        mutations.sync_now();
                        ui.give_focus_back();
                    }, {t!("try-again")} }
                }
            }
        },
        Some(Empty::Hidden) => rsx! {
            div { class: "hint hint-more", role: "status", "data-testid": "hidden",
                span { {t!("hidden-here")} }
                button {
                    r#type: "button",
                    class: "link",
                    onclick: move |_| {
                        for item in calendars.peek().iter().filter(|item| !item.calendar.visible) {
                            mutations.edit_calendar(item.calendar.id, CalendarEdit { visible: Some(true), ..CalendarEdit::default() });
                        }
                        for item in categories.peek().iter().filter(|item| !item.category.visible) {
                            mutations.edit_category(item.category.id, CategoryEdit { visible: Some(true), ..CategoryEdit::default() });
                        }
                        ui.give_focus_back();
                    },
                    {t!("hidden-show")}
                }
            }
        },
        Some(Empty::Start) => rsx! {
            div { class: "hint hint-more", role: "status", "data-testid": "start",
                span { class: "not-phone", {t!("start-here")} }
                span { class: "only-phone", {t!("start-here-touch")} }
                IconButton {
                    shape: Shape::Close,
                    name: t!("close"),
                    onclick: move |_| {
                        start.call(());
                        ui.give_focus_back();
                    },
                }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use std::rc::Rc;

    #[test]
    fn what_is_not_known_is_never_called_empty() {
        let events = Events { ready: true, covered: true, ..Events::default() };
        let away = Events { covered: false, ..events.clone() };
        for view in View::ALL {
            assert_eq!(why(&Events::default(), 0, view, true), None, "nothing was read yet");
            assert_eq!(why(&away, 0, view, true), Some(Empty::NotHere));
            assert_eq!(why(&away, 3, view, false), Some(Empty::NotHere), "some of the days are here");
        }
        assert_eq!(why(&events, 0, View::Week, true), Some(Empty::Start));
        assert_eq!(why(&events, 0, View::Week, false), None, "a free week needs no words");
        assert_eq!(why(&events, 0, View::Agenda, true), None, "the list says so itself");
    }

    #[test]
    fn hidden_events_are_told_of_when_nothing_else_is_seen() {
        let items = Rc::new(sample::week());
        let events = Events { items, ready: true, covered: true, ..Events::default() };
        assert_eq!(why(&events, 0, View::Month, true), Some(Empty::Hidden));
        assert_eq!(why(&events, 1, View::Month, true), None);
    }
}
