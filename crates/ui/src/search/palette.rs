//! The line behind Ctrl+K and `/`: events found as one types, commands, and an event in words with what was understood
//! of it.

use super::quick;
use crate::{
    color,
    i18n::t,
    primitives::{ComboOption, Combobox, DialogBox},
    settings::{FetchAll, Section},
    state::{Anchor, Dialog, Form, Place, View, use_ui},
    text::or_untitled,
    time::Clock,
};
use almanac_core::Uuid;
use almanac_data::{ALL_TIME, NewEvent, use_calendars, use_categories, use_clock, use_mutations, use_search};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use dioxus::prelude::*;

/// What a line of the list does.
#[derive(Clone, Debug, PartialEq)]
enum Does {
    Add(Box<NewEvent>),
    Today,
    View(View),
    Create,
    Settings(Section),
    Sync,
    Undo,
    Redo,
    Keys,
    Event(Uuid, DateTime<Utc>, bool),
}

fn commands() -> Vec<(Does, String)> {
    let views = View::ALL.into_iter().map(|view| (Does::View(view), view.label().to_string()));
    let first = [(Does::Create, t!("new-event")), (Does::Today, t!("today"))];
    let rest = [
        (Does::Sync, t!("sync-now")),
        (Does::Undo, t!("undo")),
        (Does::Redo, t!("redo")),
        (Does::Settings(Section::Profile), t!("settings-profile")),
        (Does::Settings(Section::Clock), t!("settings-clock")),
        (Does::Settings(Section::Hours), t!("settings-hours")),
        (Does::Settings(Section::Calendars), t!("calendars")),
        (Does::Settings(Section::Categories), t!("categories")),
        (Does::Settings(Section::Personas), t!("personas")),
        (Does::Settings(Section::Sync), t!("sync-page")),
        (Does::Settings(Section::Data), t!("settings-data")),
        (Does::Keys, t!("keys")),
    ];
    let own = |(does, words): (Does, &str)| (does, words.to_owned());
    first.into_iter().map(own).chain(views).chain(rest.into_iter().map(own)).collect()
}

/// See the module.
#[component]
pub(crate) fn Palette(oncreate: EventHandler<()>) -> Element {
    let ui = use_ui();
    let mutations = use_mutations();
    let clock_now = use_clock();
    let calendars = use_calendars();
    let categories = use_categories();
    let mut text = use_signal(String::new);
    let found = use_search(text.into());
    let found = found();
    let clock = *ui.clock.read();
    let now = clock_now();
    let asked = text().trim().to_lowercase();
    let mut lines = Vec::new();
    let default = calendars.read().iter().find(|item| item.is_default).map(|item| item.calendar.id);
    if let Some(mut new) = in_words(&text.read(), now, default, clock) {
        let category = categories.read().iter().find(|item| item.is_default).map(|item| item.category.id);
        new.more.category = category.map(Some);
        let more = clock.when(new.start, new.start + TimeDelta::minutes(new.duration_minutes), new.all_day);
        let words = t!("quick-add", title = &new.title);
        lines.push((Does::Add(Box::new(new)), ComboOption { words, more, color: None }));
    }
    let matching = commands().into_iter().filter(|(_, words)| words.to_lowercase().contains(&asked));
    let shown = if asked.is_empty() { usize::MAX } else { 4 };
    let option = |words| ComboOption { words, more: String::new(), color: None };
    let matching: Vec<_> = matching.take(shown).map(|(does, words)| (does, option(words))).collect();
    let events = found.items.iter().filter(|_| !asked.is_empty() && found.text.to_lowercase() == asked).map(|item| {
        let event = &item.event;
        let calendar =
            calendars.read().iter().find(|c| Some(c.calendar.id) == item.calendar).map(|c| c.calendar.color.clone());
        let option = ComboOption {
            words: or_untitled(&event.title).to_owned(),
            more: clock.when(event.start_time, event.end_time(), event.all_day),
            color: Some(color::css(calendar.as_deref().unwrap_or("gray")).to_owned()),
        };
        (Does::Event(event.id, event.start_time, event.all_day), option)
    });
    let before = lines.len();
    lines.extend(events);
    let nothing = lines.len() == before && found.text.to_lowercase() == asked;
    lines.extend(matching);
    let (all, options): (Vec<Does>, Vec<ComboOption>) = lines.into_iter().unzip();
    let run = move |does: Does| {
        let mut dialog = ui.dialog;
        dialog.set(None);
        let place = *ui.place.peek();
        match does {
            Does::Add(new) => {
                let date = date_of(new.start, new.all_day, clock);
                mutations.create_event(*new);
                ui.go(Place { date, ..place });
                ui.give_focus_back();
            }
            Does::Today => {
                ui.go(Place { date: clock.zone.date(now), ..place });
                ui.give_focus_back();
            }
            Does::View(view) => {
                ui.go(Place { view, ..place });
                ui.give_focus_back();
            }
            Does::Create => oncreate.call(()),
            Does::Settings(section) => dialog.set(Some(Dialog::Settings(section))),
            Does::Sync => {
                mutations.sync_now();
                ui.give_focus_back();
            }
            Does::Undo => {
                mutations.undo();
                ui.give_focus_back();
            }
            Does::Redo => {
                mutations.redo();
                ui.give_focus_back();
            }
            Does::Keys => dialog.set(Some(Dialog::Keys)),
            Does::Event(id, start, all_day) => {
                let date = date_of(start, all_day, clock);
                ui.go(Place { date, ..place });
                let (width, height) = *ui.window.peek();
                ui.peek(id, Anchor { x: width / 2.0 - 160.0, y: height / 4.0, width: 0.0, height: 0.0 }, None);
            }
        }
    };
    rsx! {
        DialogBox { title: t!("palette"), fleeting: true, onclose: move |()| ui.close_dialog(),
            div { class: "palette", "data-testid": "palette",
                Combobox {
                    id: "palette",
                    label: t!("palette"),
                    placeholder: t!("palette-hint"),
                    focus: true,
                    options,
                    oninput: move |typed| text.set(typed),
                    onpick: move |index: usize| {
                        if let Some(does) = all.get(index) {
                            run(does.clone());
                        }
                    },
                }
                if !asked.is_empty() {
                    div { class: "palette-foot", role: "status",
                        span { class: "grow",
                            if nothing {
                                {t!("search-none")}
                                " "
                            }
                            if found.more {
                                {t!("search-more")}
                                " "
                            }
                            match &found.searched {
                                None => t!("searched-all").to_owned(),
                                Some(spans) if spans.iter().any(|(from, to)| *from <= ALL_TIME.start && *to >= ALL_TIME.end) => t!("searched-all").to_owned(),
                                Some(spans) => {
                                    let spans: Vec<_> = spans.iter().map(|span| clock.held(*span)).collect();
                                    t!("searched", spans = &spans.join(", "))
                                }
                            }
                        }
                        if found.searched.as_ref().is_some_and(|spans| spans.iter().all(|(from, to)| *from > ALL_TIME.start || *to < ALL_TIME.end)) {
                            FetchAll {}
                        }
                    }
                }
            }
        }
    }
}

/// The first date of what begins then.
fn date_of(start: DateTime<Utc>, all_day: bool, clock: Clock) -> NaiveDate {
    if all_day { start.date_naive() } else { clock.zone.date(start) }
}

/// The event a line means, if the editor would take it too.
fn in_words(line: &str, now: DateTime<Utc>, calendar: Option<Uuid>, clock: Clock) -> Option<NewEvent> {
    let quick = quick::parse(line, (clock.zone.date(now), clock.zone.minute(now)))?;
    let start = match quick.start {
        Some(minute) => clock.zone.at(quick.date, minute),
        None => quick.date.and_time(NaiveTime::MIN).and_utc(),
    };
    let mut form = Form::new(start, quick.minutes, quick.start.is_none(), calendar, clock);
    form.title = quick.title;
    // The form's end is a time on the wall, and those of one hour come twice a year.
    Some(NewEvent { duration_minutes: quick.minutes, ..form.to_new(clock)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;
    use almanac_core::domain::TimeFormat;

    /// Thursday 19 November 2026, 10:00 in Berlin.
    fn said(line: &str) -> Option<NewEvent> {
        let clock = Clock { zone: Zone::choose(None, "Europe/Berlin"), hours: TimeFormat::TwentyFourHour, year: 2026 };
        in_words(line, "2026-11-19T09:00:00Z".parse().unwrap(), Some(Uuid::from_u128(7)), clock)
    }

    #[test]
    fn an_event_in_words_is_one_of_the_default_calendar() {
        let new = NewEvent {
            title: "Lunch".into(),
            start: "2026-11-20T12:00:00Z".parse().unwrap(),
            duration_minutes: 45,
            time_zone: Some("Europe/Berlin".into()),
            calendar: Some(Uuid::from_u128(7)),
            ..NewEvent::default()
        };
        assert_eq!(said("Lunch fri 1pm 45m"), Some(new));
        let holiday = said("Holiday monday 3 days").unwrap();
        assert_eq!((holiday.all_day, holiday.duration_minutes, holiday.time_zone), (true, 4320, None));
        assert_eq!(holiday.start, "2026-11-23T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        let fair = said("Fair monday to friday").unwrap();
        assert_eq!((fair.all_day, fair.duration_minutes, fair.start), (true, 7200, holiday.start));
    }

    #[test]
    fn what_the_editor_would_refuse_is_not_offered() {
        let titled = |characters| said(&format!("{} fri", "ä".repeat(characters))).map(|new| new.title.chars().count());
        assert_eq!(titled(2000), Some(2000));
        assert_eq!(titled(2001), None);
        assert_eq!(titled(10_000), None);
        assert!(said("x 9989-12-31").is_some());
        for line in ["x 9989-12-31 2 days", "x +262142-12-31", "x 9999-12-31"] {
            assert_eq!(said(line), None, "{line}");
        }
    }

    #[test]
    fn a_length_counts_also_where_an_hour_comes_twice() {
        let new = said("Gig 2026-10-24 22:00 5h").unwrap();
        assert_eq!((new.start.to_string(), new.duration_minutes), ("2026-10-24 20:00:00 UTC".to_owned(), 300));
    }
}
