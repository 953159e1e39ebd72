//! Weekdays and months by name.

use crate::i18n::t;
use chrono::{Datelike, NaiveDate, Weekday};

/// `Monday`.
#[must_use]
pub(crate) fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => t!("monday"),
        Weekday::Tue => t!("tuesday"),
        Weekday::Wed => t!("wednesday"),
        Weekday::Thu => t!("thursday"),
        Weekday::Fri => t!("friday"),
        Weekday::Sat => t!("saturday"),
        Weekday::Sun => t!("sunday"),
    }
}

/// `Mon`.
#[must_use]
pub(crate) fn weekday_short(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => t!("mon"),
        Weekday::Tue => t!("tue"),
        Weekday::Wed => t!("wed"),
        Weekday::Thu => t!("thu"),
        Weekday::Fri => t!("fri"),
        Weekday::Sat => t!("sat"),
        Weekday::Sun => t!("sun"),
    }
}

/// `Mo`, where there is very little room.
#[must_use]
pub(crate) fn weekday_tiny(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => t!("mon-2"),
        Weekday::Tue => t!("tue-2"),
        Weekday::Wed => t!("wed-2"),
        Weekday::Thu => t!("thu-2"),
        Weekday::Fri => t!("fri-2"),
        Weekday::Sat => t!("sat-2"),
        Weekday::Sun => t!("sun-2"),
    }
}

/// `January`.
#[must_use]
pub(crate) fn month_name(date: NaiveDate) -> &'static str {
    match date.month() {
        1 => t!("january"),
        2 => t!("february"),
        3 => t!("march"),
        4 => t!("april"),
        5 => t!("may"),
        6 => t!("june"),
        7 => t!("july"),
        8 => t!("august"),
        9 => t!("september"),
        10 => t!("october"),
        11 => t!("november"),
        _ => t!("december"),
    }
}

/// `Jan`.
#[must_use]
pub(crate) fn month_short(date: NaiveDate) -> &'static str {
    match date.month() {
        1 => t!("jan"),
        2 => t!("feb"),
        3 => t!("mar"),
        4 => t!("apr"),
        5 => t!("may-short"),
        6 => t!("jun"),
        7 => t!("jul"),
        8 => t!("aug"),
        9 => t!("sep"),
        10 => t!("oct"),
        11 => t!("nov"),
        _ => t!("dec"),
    }
}
