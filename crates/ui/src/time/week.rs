//! Weeks and months as rows of dates.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// The first date of the week that holds `date`.
#[must_use]
pub(crate) fn week_start(date: NaiveDate, first: Weekday) -> NaiveDate {
    let into = date.weekday().days_since(first);
    date.checked_sub_days(Days::new(into.into())).unwrap_or(date)
}

/// The seven dates of the week that holds `date`.
#[must_use]
pub(crate) fn week_days(date: NaiveDate, first: Weekday) -> Vec<NaiveDate> {
    week_start(date, first).iter_days().take(7).collect()
}

/// The dates a month's grid shows: whole weeks, from the one with the 1st to the one with the last.
#[must_use]
pub(crate) fn month_days(date: NaiveDate, first: Weekday) -> Vec<NaiveDate> {
    let opening = date.with_day(1).unwrap_or(date);
    let closing = opening + chrono::Months::new(1) - Days::new(1);
    let begin = week_start(opening, first);
    let end = week_start(closing, first) + Days::new(6);
    begin.iter_days().take_while(|day| *day <= end).collect()
}

/// The weekdays in the order of the week.
#[must_use]
pub(crate) fn weekdays(first: Weekday) -> [Weekday; 7] {
    let mut days = [first; 7];
    for i in 1..7 {
        days[i] = days[i - 1].succ();
    }
    days
}

/// The ISO number of a week shown from `start`: that of its Thursday.
#[must_use]
pub(crate) fn week_number(start: NaiveDate) -> u32 {
    let to_thursday = Weekday::Thu.days_since(start.weekday());
    start.checked_add_days(Days::new(to_thursday.into())).unwrap_or(start).iso_week().week()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_week_begins_on_the_weekday_one_chose() {
        assert_eq!(week_start(date("2026-11-22"), Weekday::Mon), date("2026-11-16"));
        assert_eq!(week_start(date("2026-11-22"), Weekday::Sun), date("2026-11-22"));
        assert_eq!(week_days(date("2026-11-25"), Weekday::Mon).last(), Some(&date("2026-11-29")));
    }

    #[test]
    fn a_month_is_shown_in_whole_weeks() {
        let days = month_days(date("2026-11-22"), Weekday::Mon);
        assert_eq!((days.first(), days.last()), (Some(&date("2026-10-26")), Some(&date("2026-12-06"))));
        assert_eq!(days.len() % 7, 0);
        // February 2027 begins on a Monday and fills exactly four weeks.
        assert_eq!(month_days(date("2027-02-10"), Weekday::Mon).len(), 28);
    }

    #[test]
    fn weekdays_follow_each_other() {
        assert_eq!(weekdays(Weekday::Sun)[..3], [Weekday::Sun, Weekday::Mon, Weekday::Tue]);
    }

    #[test]
    fn week_numbers_are_iso_also_for_weeks_from_sunday() {
        assert_eq!(week_number(date("2026-11-16")), 47);
        assert_eq!(week_number(date("2026-11-15")), 47);
        assert_eq!(week_number(date("2026-12-28")), 53);
    }
}
