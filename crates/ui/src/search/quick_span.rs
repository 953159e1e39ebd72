//! Spans of days in an event's words: `Dec 21 to Jan 3`, `21. bis 25. Dezember`, `Monday to Friday`.

use super::{
    quick::word,
    quick_day::{ahead, date, day_number, is_next, near, weekday},
};
use chrono::{Datelike, NaiveDate};
use std::ops::Range;

/// No span has so many days: one that ends before it begins is none that ends a year later.
const MOST: i64 = 200;

/// From this length on the name of a weekday is no short form of it.
const FULL: usize = 6;

/// The first span of days in the words: its first and last date, and the words that say it.
pub(super) fn days(words: &[String], today: NaiveDate) -> Option<(NaiveDate, NaiveDate, Range<usize>)> {
    let parts = apart(words);
    let said: Vec<String> = parts.iter().map(|(said, _)| (*said).to_owned()).collect();
    (0..parts.len()).find_map(|at| {
        let led = matches!(word(&said, at), "from" | "von" | "vom" | "on" | "am" | "ab");
        let from = at + usize::from(led);
        let (first, last, used) = span(&said[from..], led, today)?;
        let days = last.signed_duration_since(first).num_days();
        // One that begins within a word was not meant.
        let whole = at == 0 || parts[at - 1].1 != parts[at].1;
        (whole && (1..MOST).contains(&days)).then(|| (first, last, parts[at].1..parts[from + used - 1].1 + 1))
    })
}

/// The words, with such as `21-25`, `21.-25.12.` and `mo-fr` taken apart; each with the number of the word it comes from.
fn apart(words: &[String]) -> Vec<(&str, usize)> {
    let mut parts = Vec::new();
    for (at, word) in words.iter().enumerate() {
        match word.split_once(['-', '–']) {
            Some((first, last)) if is_end(first) && is_end(last) => {
                parts.extend([(first, at), ("-", at), (last, at)]);
            }
            _ => parts.push((word.as_str(), at)),
        }
    }
    parts
}

/// Whether a span may begin or end so.
fn is_end(word: &str) -> bool {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit()) && !word.contains(['-', '–', ':']);
    is_number || weekday(word).is_some()
}

/// Whether it stands between a first and a last day, or a start and an end.
pub(super) fn is_stroke(word: &str) -> bool {
    matches!(word, "to" | "bis" | "-" | "–" | "until" | "till" | "through")
}

/// A span at the beginning of the words; how many it took.
fn span(words: &[String], led: bool, today: NaiveDate) -> Option<(NaiveDate, NaiveDate, usize)> {
    if let Some((first, used)) = first_day(words, led, today).filter(|(_, used)| is_stroke(word(words, *used))) {
        let rest = &words[used + 1..];
        let (last, more) = last_day(rest, first).or_else(|| {
            // "Dec 21 - 25", and nothing after it: not "Dec 21 - 25 guests".
            let is_date = date(words, None, false, today).is_some() && rest.len() == 1;
            Some((first.with_day(day_number(word(rest, 0))?).filter(|_| is_date)?, 1))
        })?;
        return Some((first, last, used + 1 + more));
    }
    // "21. bis 25. Dezember". With numbers alone the first has its dot: "9-11.30" are hours.
    let number = day_number(word(words, 0)).filter(|_| is_stroke(word(words, 1)))?;
    let rest = &words[2..];
    let (last, more) = date(rest, None, false, today)?;
    let dotted = more == 1 && !word(words, 0).ends_with('.');
    // "3 to 5 Dec 20" says something else.
    let is_cut = day_number(word(rest, more)).is_some();
    (!dotted && !is_cut).then_some((last.with_day(number)?, last, 2 + more))
}

/// The first day of a span.
fn first_day(words: &[String], led: bool, today: NaiveDate) -> Option<(NaiveDate, usize)> {
    if let Some(date) = near(word(words, 0), today) {
        return Some((date, 1));
    }
    // "So" and "do" are words of many sentences.
    let certain = led || !matches!(word(words, 0), "so" | "do") || word(words, 1) == "-" && word(words, 2).len() < 3;
    on_weekday(words, today, false).filter(|_| certain).or_else(|| date(words, None, false, today))
}

/// The last day of a span that begins on `first`.
fn last_day(words: &[String], first: NaiveDate) -> Option<(NaiveDate, usize)> {
    on_weekday(words, first, true)
        // A short name may be another word: "Saturday to Sun Valley", "Friday to do list".
        .filter(|(_, used)| *used > 1 || word(words, 0).len() >= FULL || words.len() == 1)
        .or_else(|| date(words, None, false, first))
}

/// `Monday`, `nächsten Freitag`, `Mon 21 Dec`.
fn on_weekday(words: &[String], today: NaiveDate, passed: bool) -> Option<(NaiveDate, usize)> {
    let next = is_next(word(words, 0));
    let after = usize::from(next) + 1;
    let day = weekday(word(words, after - 1))?;
    let dated = date(words.get(after..)?, Some(day), false, today).filter(|(date, _)| date.weekday() == day);
    Some(dated.map_or_else(|| (ahead(today, day, next, passed), after), |(date, used)| (date, after + used)))
}
