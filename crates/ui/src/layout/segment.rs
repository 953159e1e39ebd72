//! Events cut into days: what part of an event stands in which column or lane.

use crate::time::Zone;
use almanac_core::domain::Event;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// The part of a timed event on one date, in minutes of the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// From, 0–1439.
    pub(crate) from: i64,
    /// To, up to 1440.
    pub(crate) to: i64,
    /// The event begins in it.
    pub(crate) begins: bool,
    /// The event ends in it.
    pub(crate) ends: bool,
}

/// The dates of an event in the lane, both included.
type AllDay = (NaiveDate, NaiveDate);

/// Whether an event stands in the all-day lane: all-day ones, and timed ones of 24 hours or more.
#[must_use]
pub(crate) const fn stands_in_lane(event: &Event) -> bool {
    event.all_day || event.duration >= 1440
}

/// The dates an event touches, both included. All-day events are dates in every zone.
#[must_use]
pub(crate) fn all_day_dates(event: &Event, zone: Zone) -> (NaiveDate, NaiveDate) {
    if event.all_day {
        let (first, end) = (event.start_time.date_naive(), event.end_time().date_naive());
        return (first, end.pred_opt().unwrap_or(end).max(first));
    }
    dates(event.start_time, event.end_time(), zone)
}

fn dates(start: DateTime<Utc>, end: DateTime<Utc>, zone: Zone) -> AllDay {
    let (first, wall) = (zone.date(start), zone.wall(end));
    // An event that ends at midnight does not touch the date that begins there.
    let last = if wall.time() == NaiveTime::MIN { wall.date().pred_opt() } else { None };
    (first, last.unwrap_or(wall.date()).max(first))
}

/// The parts of a timed event on the days shown, as `(index of the day, part)`.
#[must_use]
pub(crate) fn segments(start: DateTime<Utc>, minutes: i64, shown: &[NaiveDate], zone: Zone) -> Vec<(usize, Segment)> {
    let end = start.checked_add_signed(TimeDelta::try_minutes(minutes).unwrap_or_default()).unwrap_or(start);
    let (first, last) = dates(start, end, zone);
    let (from, to) = (zone.minute(start), zone.minute(end));
    let part = |date: NaiveDate| {
        let from = if date == first { from } else { 0 };
        let to = if date < last || to == 0 && minutes > 0 { 1440 } else { to };
        // Where the clock went back, an event may end "before" it began.
        let to = if to <= from && date == first && date == last { (from + minutes).min(1440) } else { to };
        Segment { from, to: to.max(from), begins: date == first, ends: date == last }
    };
    shown
        .iter()
        .enumerate()
        .filter(|(_, date)| (first..=last).contains(*date))
        .map(|(i, date)| (i, part(*date)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn berlin() -> Zone {
        Zone::choose(None, "Europe/Berlin")
    }

    fn days(from: &str, count: usize) -> Vec<NaiveDate> {
        from.parse::<NaiveDate>().unwrap().iter_days().take(count).collect()
    }

    fn parts(start: &str, minutes: i64, from: &str) -> Vec<(usize, i64, i64)> {
        segments(start.parse().unwrap(), minutes, &days(from, 3), berlin())
            .iter()
            .map(|(i, part)| (*i, part.from, part.to))
            .collect()
    }

    #[test]
    fn an_event_stands_on_its_date_by_the_wall_clock() {
        assert_eq!(parts("2026-11-16T08:00:00Z", 90, "2026-11-16"), [(0, 540, 630)]);
    }

    #[test]
    fn over_midnight_it_has_two_parts_and_up_to_midnight_one() {
        assert_eq!(parts("2026-11-16T21:00:00Z", 240, "2026-11-16"), [(0, 1320, 1440), (1, 0, 120)]);
        assert_eq!(parts("2026-11-16T21:00:00Z", 120, "2026-11-16"), [(0, 1320, 1440)]);
    }

    #[test]
    fn what_began_before_the_days_shown_is_cut() {
        assert_eq!(parts("2026-11-15T21:00:00Z", 240, "2026-11-16"), [(0, 0, 120)]);
    }

    #[test]
    fn when_the_clock_goes_back_an_event_keeps_its_length() {
        // 02:30 (summer time) to 02:15 (winter time) on the wall.
        assert_eq!(parts("2026-10-25T00:30:00Z", 45, "2026-10-25"), [(0, 150, 195)]);
    }

    #[test]
    fn a_moment_has_no_length_and_midnight_belongs_to_the_new_day() {
        assert_eq!(parts("2026-11-16T08:00:00Z", 0, "2026-11-16"), [(0, 540, 540)]);
        assert_eq!(parts("2026-11-15T23:00:00Z", 0, "2026-11-16"), [(0, 0, 0)]);
    }

    #[test]
    fn all_day_events_are_dates_in_every_zone() {
        let mut event = sample::event(1, "x", "2026-11-16T00:00:00Z", 2880);
        event.all_day = true;
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"] {
            let dates = all_day_dates(&event, Zone::choose(None, zone));
            assert_eq!(dates, (date("2026-11-16"), date("2026-11-17")), "{zone}");
        }
    }

    #[test]
    fn a_day_or_more_stands_in_the_lane() {
        assert!(!stands_in_lane(&sample::event(1, "x", "2026-11-16T08:00:00Z", 1439)));
        assert!(stands_in_lane(&sample::event(1, "x", "2026-11-16T08:00:00Z", 1440)));
    }
}
