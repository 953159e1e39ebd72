//! Dates as people type them, whatever the browser's locale is: a date field is a text field of ours.

use super::names::{month_name, month_short, weekday_short};
use crate::i18n::{self, t};
use chrono::{Datelike, NaiveDate};

/// How a date stands in a field: `Mon, 23 Nov 2026`.
#[must_use]
pub(crate) fn date_typed(date: NaiveDate) -> String {
    t!(
        "date-field",
        style = i18n::current().style(),
        weekday = weekday_short(date.weekday()),
        day = date.day(),
        month = month_short(date),
        year = date.year()
    )
}

/// Reads `2026-11-23`, as addresses and forms keep dates.
#[must_use]
pub(crate) fn iso_date(text: &str) -> Option<NaiveDate> {
    let mut parts = text.trim().rsplitn(3, '-');
    let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    NaiveDate::from_ymd_opt(parts.next()?.parse().ok()?, month, day)
}

/// Reads `2026-11-23`, `23.11.2026`, `23/11/26` (in the United States `11/23/2026`), `23 Nov 2026`, `Nov 23`,
/// `Mon, 23 November`. Without a year it is that of `near`. None when it is no date.
#[must_use]
pub(crate) fn parse_date(text: &str, near: NaiveDate) -> Option<NaiveDate> {
    let text = text.trim();
    if let Some(date) = text.split_once('-').and_then(|(year, _)| (year.len() == 4).then(|| iso_date(text))?) {
        return Some(date);
    }
    let words: Vec<&str> = text.split([' ', ',', '.', '/', '-']).filter(|word| !word.is_empty()).collect();
    let mut numbers = Vec::new();
    let mut month = None;
    for word in words {
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            numbers.push(word);
        } else if let Some(found) = month_named(word) {
            month = Some(found);
        } else if !is_weekday(word) {
            return None;
        }
    }
    let number = |text: &&str| text.parse::<u32>().ok();
    let year = |text: Option<&&str>| match text {
        None => Some(near.year()),
        Some(text) if text.len() == 2 => Some(2000 + text.parse::<i32>().ok()?),
        Some(text) if text.len() <= 4 => text.parse().ok(),
        Some(_) => None,
    };
    let (day, month, year) = match (month, numbers.as_slice()) {
        (Some(month), [day, rest @ ..]) if rest.len() < 2 => (number(day)?, month, year(rest.first())?),
        (None, [first, second, rest @ ..]) if rest.len() < 2 => {
            let (first, second) = (number(first)?, number(second)?);
            let us = i18n::current().us && text.contains('/');
            let (day, month) = if us { (second, first) } else { (first, second) };
            (day, month, year(rest.first())?)
        }
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month, day)
}

/// Beyond these years no event can be.
pub(crate) fn is_possible(date: &NaiveDate) -> bool {
    (1..=9989).contains(&date.year())
}

fn month_named(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    (1..=12).find(|month| {
        let Some(date) = NaiveDate::from_ymd_opt(2026, *month, 1) else { return false };
        // Three letters are enough, more must go on as the name does.
        let starts = |name: &str| name.trim_end_matches('.').to_lowercase().starts_with(&word);
        word.chars().count() >= 3 && starts(month_name(date)) || starts(month_short(date)) && word.chars().count() >= 3
    })
}

fn is_weekday(word: &str) -> bool {
    let word = word.to_lowercase();
    let monday = NaiveDate::from_ymd_opt(2026, 11, 16).unwrap_or_default();
    monday.iter_days().take(7).any(|date| {
        let day = date.weekday();
        word == weekday_short(day).to_lowercase() || word == super::weekday(day).to_lowercase()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Language, Locale, speak};

    fn read(text: &str) -> Option<String> {
        parse_date(text, "2026-11-22".parse().unwrap()).map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, date) in [
            ("2026-11-23", "2026-11-23"),
            ("23.11.2026", "2026-11-23"),
            ("23. 11. 26", "2026-11-23"),
            ("1.2.", "2026-02-01"),
            ("23/11/2026", "2026-11-23"),
            ("23 Nov 2026", "2026-11-23"),
            ("Nov 23", "2026-11-23"),
            ("Mon, 23 November 2026", "2026-11-23"),
            ("1900-01-01", "1900-01-01"),
            ("9999-12-31", "9999-12-31"),
        ] {
            assert_eq!(read(text).as_deref(), Some(date), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "x", "31.2.2026", "23", "2026", "1.2.3.4", "32.1.", "tomorrow-ish", "🗓", "23.11.20266"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_locale_reads_what_it_writes() {
        for (language, us) in [(Language::English, false), (Language::English, true), (Language::German, false)] {
            speak(Locale { language, us });
            let first: NaiveDate = "2026-01-01".parse().unwrap();
            for date in first.iter_days().take(365) {
                let typed = date_typed(date);
                assert_eq!(parse_date(&typed, first), Some(date), "{typed}");
            }
        }
        speak(Locale { language: Language::English, us: true });
        assert_eq!(read("11/23/2026").as_deref(), Some("2026-11-23"));
        speak(Locale::DEFAULT);
    }
}
