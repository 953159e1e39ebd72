//! The day in an event's words: a date, a weekday, or one beside the other.

use super::{
    quick::{Understood, word},
    quick_time::length,
};
use crate::time::{is_possible, iso_date};
use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Reads a day from the beginning of the words; how many it took.
pub(super) fn day(words: &[String], lead: &str, today: NaiveDate, said: &mut Understood) -> Option<usize> {
    let first = word(words, 0);
    // "Montag morgen" is no other day than Monday.
    if let Some(date) = near(first, today).filter(|_| !said.has_day()) {
        said.date = Some(date);
        return Some(1);
    }
    let next = is_next(first);
    let this = matches!(first, "this" | "diesen" | "dieser" | "kommenden" | "kommender");
    let at = usize::from(next || this);
    let name = word(words, at);
    let in_german = next && first != "next" || this && first != "this";
    if let Some(weekday) = weekday(name) {
        // Two letters are a day where it is certain: "Mo.", "am Mo", "Di 9:30" or beside its date, but not "so" or "do" in a
        // sentence.
        let numbered = !matches!(name, "so" | "do") && word(words, at + 1).starts_with(|c: char| c.is_ascii_digit());
        let certain = name.len() > 2 || in_german || numbered || matches!(lead, "am" | "on" | "ab" | "von");
        let after = at + 1;
        let date_at = after + usize::from(matches!(word(words, after), "den" | "dem" | "the"));
        if said.date.is_none()
            && let Some((date, used)) = date(&words[date_at..], Some(weekday), false, today)
            && (certain || date.weekday() == weekday)
        {
            said.date = Some(date);
            return Some(date_at + used);
        }
        let fits = said.weekday.is_none() && said.date.is_none_or(|date| date.weekday() == weekday);
        return (certain && fits).then(|| {
            said.weekday = Some((weekday, next));
            after
        });
    }
    if said.date.is_some() {
        return None;
    }
    let (date, used) = date(words, weekday(word(words, 1)), lead == "am", today)?;
    said.date = Some(date);
    Some(used + usize::from(weekday(word(words, used)) == Some(date.weekday())))
}

/// `today`, `morgen`.
pub(super) fn near(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let days = match word {
        "today" | "heute" => 0,
        "tomorrow" | "morgen" => 1,
        "übermorgen" => 2,
        _ => return None,
    };
    today.checked_add_days(Days::new(days))
}

/// Whether the weekday after it is that of the week after this one.
pub(super) fn is_next(word: &str) -> bool {
    matches!(word, "next" | "nächsten" | "nächster" | "nächste" | "nächstes")
}

/// A date from the beginning of the words, and how many it took; `beside` is the weekday next to it, `led` says that only a
/// date can stand here.
pub(super) fn date(
    words: &[String],
    beside: Option<Weekday>,
    led: bool,
    today: NaiveDate,
) -> Option<(NaiveDate, usize)> {
    let (first, second, third) = (word(words, 0), word(words, 1), word(words, 2));
    // "Sat 1.5 days" is no first of May.
    let beside = beside.filter(|_| length(first, second).is_none());
    let alone = iso_date(first).filter(is_possible).or_else(|| dotted(first, beside, led, today));
    if let Some(date) = alone {
        return Some((date, 1));
    }
    let (day, month) = match (month(first), month(second)) {
        (Some(month), None) => (day_number(second)?, month),
        (None, Some(month)) => (day_number(first)?, month),
        _ => return None,
    };
    let year = third.parse().ok().filter(|year: &i32| third.len() == 4 && year.abs_diff(today.year()) < 100);
    match year {
        Some(year) => Some((NaiveDate::from_ymd_opt(year, month, day)?, 3)),
        None => Some((coming(day, month, today)?, 2)),
    }
}

/// `21`, `21.`, `21st`.
pub(super) fn day_number(word: &str) -> Option<u32> {
    word.trim_end_matches(['.', 't', 'h', 's', 'n', 'd', 'r']).parse().ok()
}

/// `23.11.`, `23.11.26`, `23.11.2026`.
fn dotted(word: &str, beside: Option<Weekday>, led: bool, today: NaiveDate) -> Option<NaiveDate> {
    let mut parts = word.split('.');
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    match parts.next() {
        // `9.11` may be a time: it is a date beside the weekday of that date.
        None => coming(day, month, today).filter(|date| led || beside == Some(date.weekday())),
        Some("") => coming(day, month, today),
        Some(year) => {
            let year = i32::from(year.parse::<u16>().ok()?);
            NaiveDate::from_ymd_opt(if year < 100 { 2000 + year } else { year }, month, day).filter(is_possible)
        }
    }
}

/// The next such day of a year.
fn coming(day: u32, month: u32, today: NaiveDate) -> Option<NaiveDate> {
    let in_year = |year| NaiveDate::from_ymd_opt(year, month, day);
    // 29 February may be years away.
    (0..8).find_map(|years| in_year(today.year() + years).filter(|date| *date >= today))
}

/// The next such weekday; with `next` in the week after this one.
pub(super) fn ahead(today: NaiveDate, weekday: Weekday, next: bool, passed: bool) -> NaiveDate {
    let mut days = u64::from(weekday.days_since(today.weekday()));
    if next {
        let monday = 7 - u64::from(today.weekday().num_days_from_monday());
        days = monday + u64::from(weekday.num_days_from_monday());
    } else if days == 0 && passed {
        days = 7;
    }
    today.checked_add_days(Days::new(days)).unwrap_or(today)
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    Some(match word.trim_end_matches('.') {
        "monday" | "mon" | "montag" | "mo" => Weekday::Mon,
        "tuesday" | "tue" | "tues" | "dienstag" | "di" => Weekday::Tue,
        "wednesday" | "wed" | "mittwoch" | "mi" => Weekday::Wed,
        "thursday" | "thu" | "thur" | "thurs" | "donnerstag" | "do" => Weekday::Thu,
        "friday" | "fri" | "freitag" | "fr" => Weekday::Fri,
        "saturday" | "sat" | "samstag" | "sonnabend" | "sa" => Weekday::Sat,
        "sunday" | "sun" | "sonntag" | "so" => Weekday::Sun,
        _ => return None,
    })
}

fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.');
    Some(match word {
        "january" | "jan" | "januar" | "jänner" => 1,
        "february" | "feb" | "februar" => 2,
        "march" | "mar" | "märz" | "mär" => 3,
        "april" | "apr" => 4,
        "may" | "mai" => 5,
        "june" | "jun" | "juni" => 6,
        "july" | "jul" | "juli" => 7,
        "august" | "aug" => 8,
        "september" | "sep" | "sept" => 9,
        "october" | "oct" | "oktober" | "okt" => 10,
        "november" | "nov" => 11,
        "december" | "dec" | "dezember" | "dez" => 12,
        _ => return None,
    })
}
