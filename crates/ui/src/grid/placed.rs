//! Events with their place in a column.

use crate::{
    i18n::t,
    layout::{Crowd, Segment, Slot, overlap, segments, stands_in_lane},
    primitives::Shape,
    state::Shown,
    text::show_as,
    time::Clock,
};
use almanac_core::{
    domain::{Role, ShowTimeAs, TimeDefenseLevel},
    outbox::RowState,
};
use almanac_data::Said;
use chrono::{DateTime, NaiveDate, Utc};
use std::rc::Rc;

/// A part of an event in a day's column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Placed {
    pub(crate) shown: Shown,
    pub(crate) segment: Segment,
    pub(crate) slot: Slot,
}

/// A day's events with their places, and what there was no room for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Day {
    /// In the order of time: also the order of the Tab key.
    pub(crate) placed: Vec<Placed>,
    pub(crate) crowds: Vec<Crowd>,
}

/// The timed events of each day, in columns with room for `most` beside each other.
pub(crate) fn place(events: &[Shown], days: &[NaiveDate], clock: Clock, most: usize) -> Vec<Rc<Day>> {
    let mut columns: Vec<Vec<(&Shown, Segment)>> = vec![Vec::new(); days.len()];
    for shown in events.iter().filter(|shown| !stands_in_lane(&shown.item.event)) {
        let event = &shown.item.event;
        for (day, segment) in segments(event.start_time, event.duration, days, clock.zone) {
            columns[day].push((shown, segment));
        }
    }
    let placed = |column: Vec<(&Shown, Segment)>| {
        let spans: Vec<_> = column.iter().map(|(_, segment)| (segment.from, segment.to)).collect();
        let (slots, crowds) = overlap(&spans, most);
        let crowded = |i: usize| crowds.iter().any(|crowd: &Crowd| crowd.events.contains(&i));
        let placed = column
            .into_iter()
            .zip(slots)
            .enumerate()
            .filter(|(i, _)| !crowded(*i))
            .map(|(_, ((shown, segment), slot))| Placed { shown: shown.clone(), segment, slot })
            .collect();
        Day { placed, crowds }
    };
    columns.into_iter().map(|column| Rc::new(placed(column))).collect()
}

/// The name of an event's button: what the eye sees in it, and what is said after that. Said here and not in a text that only
/// screen readers get: such a text takes as long to lay out as one that is seen, and there are a hundred of them in a week.
pub(crate) fn full_name(seen: [&str; 2], shown: &Shown, clock: Clock) -> String {
    let [first, second] = seen;
    format!("{first}{}{second} {}", if second.is_empty() { "" } else { " " }, spoken(shown, clock))
}

/// What a screen reader says of an event after its title.
pub(crate) fn spoken(shown: &Shown, clock: Clock) -> String {
    let event = &shown.item.event;
    let mut words = vec![clock.when(event.start_time, event.end_time(), event.all_day)];
    words.extend(event.location.clone());
    words.extend((!shown.calendar.is_empty()).then(|| shown.calendar.to_string()));
    words.extend(shown.category.as_deref().map(str::to_owned));
    if shown.show_as() != ShowTimeAs::Busy {
        words.push(show_as(shown.show_as()).to_owned());
    }
    words.extend(signs(shown).into_iter().map(|(_, words)| words.to_owned()));
    match shown.row_state() {
        None | Some(RowState::Synced) => {}
        Some(RowState::Pending) => words.push(t!("not-sent").to_owned()),
        Some(RowState::Stuck) => words.push(t!("refused").to_owned()),
    }
    words.join(", ")
}

/// What there is to an event beside its content and the sending: a sign and its words each, what counts most first.
pub(crate) fn signs(shown: &Shown) -> Vec<(Shape, &'static str)> {
    let event = &shown.item.event;
    let own = shown.item.overlay.as_ref();
    let hard = own.is_some_and(|own| own.time_defense_level == TimeDefenseLevel::HardBlock);
    let all = [
        (hard, Shape::Lock, t!("defend-hard")),
        (event.private, Shape::Hidden, t!("private")),
        (event.recurrence.is_some() || event.series_id.is_some(), Shape::Repeat, t!("repeats")),
        (own.is_some_and(|own| own.ai_managed), Shape::Spark, t!("ai-managed")),
    ];
    all.into_iter().filter_map(|(is, shape, words)| is.then_some((shape, words))).collect()
}

/// The little signs in an event's corner; [`spoken`] has their words.
pub(crate) fn marks(shown: &Shown) -> Vec<Shape> {
    let stuck = (shown.item.state == RowState::Stuck).then_some(Shape::Warning);
    stuck.into_iter().chain(signs(shown).into_iter().map(|(shape, _)| shape)).collect()
}

/// Whether an event is over.
pub(crate) fn is_past(shown: &Shown, now: DateTime<Utc>, clock: Clock) -> bool {
    let event = &shown.item.event;
    if event.all_day { event.end_time().date_naive() <= clock.zone.date(now) } else { event.end_time() <= now }
}

/// Whether the user may move it here.
pub(crate) fn is_movable(shown: &Shown) -> bool {
    why_fixed(shown).is_none()
}

/// Why the user may not move it here. Series wait until one can say "this one" or "all".
pub(crate) fn why_fixed(shown: &Shown) -> Option<Said> {
    if !may_edit(shown) {
        return Some(Said::NotYours);
    }
    shown.item.event.recurrence.is_some().then_some(Said::Repeats)
}

/// Whether the user may change its content.
pub(crate) fn may_edit(shown: &Shown) -> bool {
    shown.item.right() != Role::Viewer
}

/// Whether the user may delete it, and say who sees it.
pub(crate) fn may_delete(shown: &Shown) -> bool {
    matches!(shown.item.right(), Role::Owner | Role::DelegateFull)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample, state::shown, time::Zone};
    use almanac_core::domain::TimeFormat;
    use almanac_data::EventItem;

    fn clock() -> Clock {
        Clock { zone: Zone::choose(None, "Europe/Berlin"), hours: TimeFormat::TwentyFourHour, year: 2026 }
    }

    #[test]
    fn a_week_is_placed_without_its_all_day_events() {
        let events = shown(&sample::week(), &sample::calendars());
        let days: Vec<NaiveDate> = "2026-11-16".parse::<NaiveDate>().unwrap().iter_days().take(7).collect();
        let counts: Vec<usize> = place(&events, &days, clock(), 40).iter().map(|day| day.placed.len()).collect();
        // The concert of Friday ends on Saturday at one.
        assert_eq!(counts, [2, 4, 5, 4, 3, 2, 13]);
        let narrow = place(&events, &days, clock(), 4);
        let all = |day: &Rc<Day>| day.placed.len() + day.crowds.iter().map(|crowd| crowd.events.len()).sum::<usize>();
        assert_eq!(narrow.iter().map(all).collect::<Vec<_>>(), counts, "nothing is lost in a crowd");
        assert!(!narrow[6].crowds.is_empty());
    }

    #[test]
    fn a_screen_reader_hears_what_the_eye_sees() {
        let mut item = sample::item(1, "", "2026-11-17T12:00:00Z", 60, 2);
        item.state = RowState::Pending;
        let shown = &shown(&[item.into()], &sample::calendars())[0];
        assert_eq!(spoken(shown, clock()), "Tue, 17 Nov, 13:00 – 14:00, Personal, Not sent yet");
        let said = "Tue, 17 Nov, 13:00 – 14:00, Personal, Not sent yet";
        assert_eq!(full_name(["Lunch", ""], shown, clock()), format!("Lunch {said}"));
        assert_eq!(full_name(["13:00", "Lunch"], shown, clock()), format!("13:00 Lunch {said}"));
    }

    #[test]
    fn marks_are_seen_and_said() {
        let mut item = sample::item(1, "", "2026-11-17T12:00:00Z", 60, 2);
        let of = |item: &EventItem| shown(&[item.clone().into()], &sample::calendars())[0].clone();
        assert_eq!(marks(&of(&item)), []);
        item.event.private = true;
        item.event.recurrence = Some("FREQ=DAILY".into());
        item.state = RowState::Stuck;
        item.overlay = Some(sample::overlay(&item));
        let told = "Tue, 17 Nov, 13:00 – 14:00, Personal, Private, Repeats, Refused by the server";
        assert_eq!(spoken(&of(&item), clock()), told);
        let own = item.overlay.as_mut().unwrap();
        own.time_defense_level = TimeDefenseLevel::HardBlock;
        own.ai_managed = true;
        use Shape::{Hidden, Lock, Repeat, Spark, Warning};
        assert_eq!(marks(&of(&item)), [Warning, Lock, Hidden, Repeat, Spark]);
        let told = "Tue, 17 Nov, 13:00 – 14:00, Personal, Hard block, Private, Repeats, Looked after by a persona, \
                    Refused by the server";
        assert_eq!(spoken(&of(&item), clock()), told);
        for level in [TimeDefenseLevel::Flexible, TimeDefenseLevel::Normal, TimeDefenseLevel::High] {
            item.overlay.as_mut().unwrap().time_defense_level = level;
            assert!(!marks(&of(&item)).contains(&Lock), "{level:?} is no lock");
        }
    }

    #[test]
    fn an_all_day_event_is_past_once_its_date_is_in_the_readers_zone() {
        let mut item = sample::item(1, "x", "2026-11-17T00:00:00Z", 1440, 1);
        item.event.all_day = true;
        let shown = &shown(&[item.into()], &[])[0];
        assert!(!is_past(shown, "2026-11-17T22:30:00Z".parse().unwrap(), clock()));
        assert!(is_past(shown, "2026-11-17T23:30:00Z".parse().unwrap(), clock()));
    }
}
