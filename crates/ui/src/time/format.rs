//! Times and dates in words, with 12 or 24 hours.

use super::{
    date_input::date_typed,
    names::{month_name, month_short, weekday, weekday_short},
};
use crate::{
    i18n::{self, t},
    time::Zone,
};
use almanac_core::domain::TimeFormat;
use chrono::{DateTime, Datelike, NaiveDate, Utc};

/// How a person reads the clock: their zone, 12 or 24 hours, and the year that goes without saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// Where they are.
    pub(crate) zone: Zone,
    /// 12 or 24 hours.
    pub(crate) hours: TimeFormat,
    /// The year it is there now.
    pub(crate) year: i32,
}

impl Clock {
    /// A minute of the day: `14:30`, `2:30 pm`, `2 pm`. Minutes from 1440 on read as those of the next day.
    #[must_use]
    pub(crate) fn minute(self, minute: i64) -> String {
        let (hour, minute) = (minute.div_euclid(60).rem_euclid(24), minute.rem_euclid(60));
        match self.hours {
            TimeFormat::TwentyFourHour => format!("{hour:02}:{minute:02}"),
            TimeFormat::TwelveHour => format!("{} {}", twelve(hour, minute), half(hour)),
        }
    }

    /// From one minute to another: `14:30 – 15:00`, `2:30 – 3 pm`, `11 am – 1 pm`.
    #[must_use]
    pub(crate) fn range(self, from: i64, to: i64) -> String {
        let hour = |minute: i64| minute.div_euclid(60).rem_euclid(24);
        if self.hours == TimeFormat::TwelveHour && half(hour(from)) == half(hour(to)) && from <= to {
            return format!("{} – {}", twelve(hour(from), from.rem_euclid(60)), self.minute(to));
        }
        format!("{} – {}", self.minute(from), self.minute(to))
    }

    /// The label of a full hour at the grid's edge.
    #[must_use]
    pub(crate) fn hour(self, hour: i64) -> String {
        match self.hours {
            TimeFormat::TwentyFourHour => format!("{hour:02}:00"),
            TimeFormat::TwelveHour => self.minute(hour * 60),
        }
    }

    /// When an event is, in one line.
    #[must_use]
    pub(crate) fn when(self, start: DateTime<Utc>, end: DateTime<Utc>, all_day: bool) -> String {
        if all_day {
            let first = start.date_naive();
            let last = end.date_naive().pred_opt().unwrap_or(first).max(first);
            return if first == last { self.day(first) } else { format!("{} – {}", self.day(first), self.day(last)) };
        }
        let (first, last) = (self.zone.date(start), self.zone.date(end));
        let (from, to) = (self.zone.minute(start), self.zone.minute(end));
        if start == end {
            format!("{}, {}", self.day(first), self.minute(from))
        } else if first == last || (to == 0 && first.succ_opt() == Some(last)) {
            format!("{}, {}", self.day(first), self.range(from, to))
        } else {
            format!("{}, {} – {}, {}", self.day(first), self.minute(from), self.day(last), self.minute(to))
        }
    }

    /// A span of time `[from, to)` that is on this device, ms, by its first and its last date.
    #[must_use]
    pub(crate) fn held(self, (from, to): (i64, i64)) -> String {
        let day = |ms| DateTime::from_timestamp_millis(ms).map(|at| date_only(self.zone.date(at))).unwrap_or_default();
        t!("held-span", from = &day(from), to = &day(to - 1))
    }

    /// `Mon, 23 Nov`; a date of another year with it: `Wed, 3 Nov 2027`.
    fn day(self, date: NaiveDate) -> String {
        if date.year() != self.year {
            return date_typed(date);
        }
        t!(
            "date-short",
            style = i18n::current().style(),
            weekday = weekday_short(date.weekday()),
            day = date.day(),
            month = month_short(date)
        )
    }

    /// An instant as a stamp of data: the time, with the date unless it is today, and the year unless it is this one.
    #[must_use]
    pub(crate) fn stamp(self, instant: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let (date, today) = (self.zone.date(instant), self.zone.date(now));
        let time = self.minute(self.zone.minute(instant));
        match date {
            _ if date == today => time,
            _ if date.year() == self.year => format!("{}, {time}", day_month(date)),
            _ => format!("{}, {time}", date_only(date)),
        }
    }
}

/// `23 Nov`.
#[must_use]
pub(crate) fn day_month(date: NaiveDate) -> String {
    t!("date-day-month", style = i18n::current().style(), day = date.day(), month = month_short(date))
}

/// `23 November 2026`.
#[must_use]
pub(crate) fn date_only(date: NaiveDate) -> String {
    t!("date-long", style = i18n::current().style(), day = date.day(), month = month_name(date), year = date.year())
}

/// `Monday, 23 November 2026`, for screen readers and headings.
#[must_use]
pub(crate) fn full_date(date: NaiveDate) -> String {
    t!(
        "date-full",
        style = i18n::current().style(),
        weekday = weekday(date.weekday()),
        day = date.day(),
        month = month_name(date),
        year = date.year()
    )
}

/// `November 2026`.
#[must_use]
pub(crate) fn month(date: NaiveDate) -> String {
    t!("date-month", month = month_name(date), year = date.year())
}

/// The months of a range of dates: `November 2026`, `Nov – Dec 2026`, `Dec 2026 – Jan 2027`.
#[must_use]
pub(crate) fn months(first: NaiveDate, last: NaiveDate) -> String {
    if (first.year(), first.month()) == (last.year(), last.month()) {
        month(first)
    } else if first.year() == last.year() {
        format!("{} – {} {}", month_short(first), month_short(last), last.year())
    } else {
        format!("{} {} – {} {}", month_short(first), first.year(), month_short(last), last.year())
    }
}

/// `45 min`, `1 h`, `1 h 30 min`, `2 days`.
#[must_use]
pub(crate) fn length(minutes: i64) -> String {
    match (minutes / 1440, minutes % 1440 / 60, minutes % 60) {
        (0, 0, m) => t!("length-minutes", minutes = m),
        (0, h, 0) => t!("length-hours", hours = h),
        (0, h, m) => t!("length-both", hours = h, minutes = m),
        (d, 0, 0) => t!("length-days", days = d),
        (d, h, 0) => t!("length-hours", hours = d * 24 + h),
        (d, h, m) => t!("length-both", hours = d * 24 + h, minutes = m),
    }
}

fn twelve(hour: i64, minute: i64) -> String {
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    if minute == 0 { hour.to_string() } else { format!("{hour}:{minute:02}") }
}

const fn half(hour: i64) -> &'static str {
    if hour < 12 { "am" } else { "pm" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Language, Locale, speak};

    const fn clock(hours: TimeFormat, zone: Zone) -> Clock {
        Clock { zone, hours, year: 2026 }
    }

    fn day24() -> Clock {
        clock(TimeFormat::TwentyFourHour, Zone::choose(None, "Europe/Berlin"))
    }

    fn day12() -> Clock {
        clock(TimeFormat::TwelveHour, Zone::choose(None, "Europe/Berlin"))
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn minutes_read_in_24_and_12_hours() {
        let said = |minute| (day24().minute(minute), day12().minute(minute));
        assert_eq!(said(0), ("00:00".into(), "12 am".into()));
        assert_eq!(said(545), ("09:05".into(), "9:05 am".into()));
        assert_eq!(said(720), ("12:00".into(), "12 pm".into()));
        assert_eq!(said(1439), ("23:59".into(), "11:59 pm".into()));
        assert_eq!(said(1440), ("00:00".into(), "12 am".into()));
    }

    #[test]
    fn a_span_that_is_held_ends_with_its_last_day() {
        let ms = |text| utc(text).timestamp_millis();
        let november = (ms("2026-10-31T23:00:00Z"), ms("2026-11-30T23:00:00Z"));
        assert_eq!(day24().held(november), "1 November 2026 to 30 November 2026");
    }

    #[test]
    fn a_range_names_the_half_of_the_day_once() {
        assert_eq!(day12().range(540, 630), "9 – 10:30 am");
        assert_eq!(day12().range(660, 780), "11 am – 1 pm");
        assert_eq!(day24().range(540, 630), "09:00 – 10:30");
    }

    #[test]
    fn when_names_the_second_day_only_if_there_is_one() {
        let when = |from, to| day24().when(utc(from), utc(to), false);
        assert_eq!(when("2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z"), "Mon, 23 Nov, 09:00 – 10:00");
        assert_eq!(when("2026-11-23T21:00:00Z", "2026-11-23T23:00:00Z"), "Mon, 23 Nov, 22:00 – 00:00");
        assert_eq!(when("2026-11-23T21:00:00Z", "2026-11-24T01:00:00Z"), "Mon, 23 Nov, 22:00 – Tue, 24 Nov, 02:00");
        assert_eq!(when("2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z"), "Mon, 23 Nov, 09:00");
    }

    #[test]
    fn all_day_is_a_date_in_every_zone() {
        let samoa = clock(TimeFormat::TwentyFourHour, Zone::choose(None, "Pacific/Pago_Pago"));
        assert_eq!(samoa.when(utc("2026-11-23T00:00:00Z"), utc("2026-11-24T00:00:00Z"), true), "Mon, 23 Nov");
        assert_eq!(
            samoa.when(utc("2026-11-23T00:00:00Z"), utc("2026-11-25T00:00:00Z"), true),
            "Mon, 23 Nov – Tue, 24 Nov"
        );
    }

    #[test]
    fn when_names_a_year_that_is_not_this_one() {
        let when = |from, to| day24().when(utc(from), utc(to), false);
        assert_eq!(when("2027-11-03T08:00:00Z", "2027-11-03T09:00:00Z"), "Wed, 3 Nov 2027, 09:00 – 10:00");
        assert_eq!(when("2019-11-03T08:00:00Z", "2019-11-03T08:00:00Z"), "Sun, 3 Nov 2019, 09:00");
        assert_eq!(when("2026-12-31T21:00:00Z", "2027-01-01T01:00:00Z"), "Thu, 31 Dec, 22:00 – Fri, 1 Jan 2027, 02:00");
        let day = |from, to| day24().when(utc(from), utc(to), true);
        assert_eq!(day("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"), "Fri, 1 Jan 2027");
        assert_eq!(day("2026-12-31T00:00:00Z", "2027-01-02T00:00:00Z"), "Thu, 31 Dec – Fri, 1 Jan 2027");
        // The year is that of one's zone: half past eleven in London is next year in Berlin.
        assert_eq!(when("2026-12-31T23:30:00Z", "2026-12-31T23:45:00Z"), "Fri, 1 Jan 2027, 00:30 – 00:45");
        speak(Locale { language: Language::German, us: false });
        assert_eq!(when("2027-11-03T08:00:00Z", "2027-11-03T09:00:00Z"), "Mi, 3. Nov. 2027, 09:00 – 10:00");
        assert_eq!(when("2026-11-03T08:00:00Z", "2026-11-03T09:00:00Z"), "Di, 3. Nov., 09:00 – 10:00");
        speak(Locale { language: Language::English, us: true });
        assert_eq!(when("2027-11-03T08:00:00Z", "2027-11-03T09:00:00Z"), "Wed, Nov 3, 2027, 09:00 – 10:00");
        speak(Locale::DEFAULT);
    }

    #[test]
    fn headings_name_the_months_shown() {
        let months = |a: &str, b: &str| super::months(a.parse().unwrap(), b.parse().unwrap());
        assert_eq!(months("2026-11-16", "2026-11-22"), "November 2026");
        assert_eq!(months("2026-11-30", "2026-12-06"), "Nov – Dec 2026");
        assert_eq!(months("2026-12-28", "2027-01-03"), "Dec 2026 – Jan 2027");
    }

    #[test]
    fn a_stamp_of_another_day_has_its_date() {
        let now = utc("2026-11-22T15:00:00Z");
        assert_eq!(day24().stamp(utc("2026-11-22T13:02:00Z"), now), "14:02");
        assert_eq!(day24().stamp(utc("2026-11-20T13:02:00Z"), now), "20 Nov, 14:02");
        assert_eq!(day24().stamp(utc("2025-11-20T13:02:00Z"), now), "20 November 2025, 14:02");
    }

    #[test]
    fn lengths_are_short_words() {
        let said: Vec<_> = [15, 60, 90, 1440, 2880, 1530].into_iter().map(length).collect();
        assert_eq!(said, ["15 min", "1 h", "1 h 30 min", "1 day", "2 days", "25 h 30 min"]);
    }
}
