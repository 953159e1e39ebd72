//! One time zone's view of instants: which date it is there, and when a wall time happens.
//!
//! Days are not 24 hours long everywhere: all conversions go through here, so that no other code adds 86 400 seconds.

use super::tz::Tz;
use almanac_core::row::Span;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

/// The zone a person reads their calendar in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zone(Tz);

impl Zone {
    /// The profile's zone if it is set and known, else the device's, else UTC.
    #[must_use]
    pub(crate) fn choose(profile: Option<&str>, device: &str) -> Self {
        let named = |name: &str| Tz::named(name.trim());
        Self(profile.and_then(named).or_else(|| named(device)).unwrap_or_else(Tz::utc))
    }

    /// All IANA names, sorted.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Tz::names()
    }

    /// Its IANA name.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        self.0.name()
    }

    /// The wall time of an instant.
    #[must_use]
    pub(crate) fn wall(self, instant: DateTime<Utc>) -> NaiveDateTime {
        // Near chrono's last year adding an offset would overflow.
        let offset = self.0.offset(instant.timestamp());
        instant.naive_utc().checked_add_signed(TimeDelta::seconds(offset.into())).unwrap_or(instant.naive_utc())
    }

    /// The date of an instant.
    #[must_use]
    pub(crate) fn date(self, instant: DateTime<Utc>) -> NaiveDate {
        self.wall(instant).date()
    }

    /// The minute of the day (0–1439) of an instant, by the wall clock.
    #[must_use]
    pub(crate) fn minute(self, instant: DateTime<Utc>) -> i64 {
        let time = self.wall(instant).time();
        i64::from(time.hour() * 60 + time.minute())
    }

    /// When a wall time happens. Of two, the first; one skipped by a clock change counts with the offset before it
    /// (RFC 5545 §3.3.5), so 02:30 becomes 03:30.
    #[must_use]
    pub(crate) fn instant(self, wall: NaiveDateTime) -> DateTime<Utc> {
        let seconds = wall.and_utc().timestamp();
        let moved = TimeDelta::try_seconds(self.0.instant(seconds) - seconds).unwrap_or_default();
        wall.checked_add_signed(moved).unwrap_or(wall).and_utc()
    }

    /// When the minute of a date happens; minutes may lie outside `0..1440` and then reach into other days.
    #[must_use]
    pub(crate) fn at(self, date: NaiveDate, minute: i64) -> DateTime<Utc> {
        let midnight = date.and_time(NaiveTime::MIN);
        self.instant(midnight.checked_add_signed(TimeDelta::minutes(minute)).unwrap_or(midnight))
    }

    /// The first instant of a date.
    #[must_use]
    pub(crate) fn day_start(self, date: NaiveDate) -> DateTime<Utc> {
        self.at(date, 0)
    }

    /// The instants of the dates `first..=last`.
    #[must_use]
    pub(crate) fn span(self, first: NaiveDate, last: NaiveDate) -> Span {
        let next = last.succ_opt().unwrap_or(last);
        Span { start: self.day_start(first).timestamp_millis(), end: self.day_start(next).timestamp_millis() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::choose(None, name)
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_profile_decides_then_the_device_then_utc() {
        assert_eq!(Zone::choose(Some("Asia/Tokyo"), "Europe/Berlin").name(), "Asia/Tokyo");
        assert_eq!(Zone::choose(Some("Nowhere/Land"), "Europe/Berlin").name(), "Europe/Berlin");
        assert_eq!(Zone::choose(None, "").name(), "UTC");
    }

    #[test]
    fn a_date_begins_at_its_own_midnight() {
        assert_eq!(zone("Europe/Berlin").day_start(date("2026-11-23")), utc("2026-11-22T23:00:00Z"));
        assert_eq!(zone("America/New_York").day_start(date("2026-11-23")), utc("2026-11-23T05:00:00Z"));
    }

    #[test]
    fn days_of_a_clock_change_have_23_or_25_hours() {
        let berlin = zone("Europe/Berlin");
        let hours = |day| {
            let span = berlin.span(date(day), date(day));
            (span.end - span.start) / 3_600_000
        };
        assert_eq!(hours("2026-03-28"), 24);
        assert_eq!(hours("2026-03-29"), 23);
        assert_eq!(hours("2026-10-25"), 25);
    }

    #[test]
    fn a_skipped_wall_time_moves_past_the_gap_and_a_doubled_one_is_the_first() {
        let berlin = zone("Europe/Berlin");
        assert_eq!(berlin.at(date("2026-03-29"), 150), utc("2026-03-29T01:30:00Z"));
        assert_eq!(berlin.at(date("2026-10-25"), 150), utc("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn a_midnight_that_does_not_exist_begins_an_hour_later() {
        // Sao Paulo skipped 00:00–01:00.
        assert_eq!(zone("America/Sao_Paulo").day_start(date("2018-11-04")), utc("2018-11-04T03:00:00Z"));
    }

    #[test]
    fn a_date_that_never_was_is_empty() {
        // Samoa jumped over 30 December 2011.
        let span = zone("Pacific/Apia").span(date("2011-12-30"), date("2011-12-30"));
        assert_eq!(span.start, span.end);
    }

    #[test]
    fn wall_minutes_and_dates_are_the_zones() {
        let berlin = zone("Europe/Berlin");
        assert_eq!(berlin.date(utc("2026-11-22T23:30:00Z")), date("2026-11-23"));
        assert_eq!(berlin.minute(utc("2026-11-22T23:30:00Z")), 30);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        for name in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let _ = zone(name).date(DateTime::<Utc>::MAX_UTC);
            let _ = zone(name).date(DateTime::<Utc>::MIN_UTC);
            let _ = zone(name).at(date("9999-12-31"), 1440);
        }
    }
}
