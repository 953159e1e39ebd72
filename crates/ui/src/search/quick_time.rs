//! Times and lengths in an event's words.

use super::{
    quick::{Understood, word},
    quick_span::is_stroke,
};
use crate::time::parse_time;
use chrono::NaiveDate;

/// Minutes.
pub(super) const DAY: i64 = 1440;

/// Reads a time, or two with a stroke or "to" between them, from the beginning of the words; how many it took.
pub(super) fn times(words: &[String], lead: &str, said: &mut Understood) -> Option<usize> {
    let (first, day) = (word(words, 0), said.has_day());
    let stroke = first.split_once(['-', '–']).and_then(|(from, to)| {
        let mut apart = vec![from.to_owned(), "-".to_owned(), to.to_owned()];
        apart.extend_from_slice(&words[1..words.len().min(4)]);
        span(&apart, lead, day).map(|(start, end, used)| (start, end, used - 2))
    });
    if let Some((start, end, used)) = stroke.or_else(|| span(words, lead, day)) {
        (said.start, said.end) = (Some(start), Some(end));
        return Some(used);
    }
    let (text, used, clear) = point(words, lead, day)?;
    if !clear && !is_led(lead) {
        return None;
    }
    said.start = parse_time(&text);
    Some(used)
}

/// Whether a time follows such a word, as in "at 9".
fn is_led(lead: &str) -> bool {
    matches!(lead, "at" | "um" | "from" | "von" | "ab" | "@")
}

/// `9 to 10:30`, `9 am - 1 pm`, `9 Uhr bis 11 Uhr`: start, end, and the words taken.
fn span(words: &[String], lead: &str, day: bool) -> Option<(i64, i64, usize)> {
    let (from, first, clear) = point(words, lead, day)?;
    if !is_stroke(word(words, first)) {
        return None;
    }
    let (to, second, also) = point(&words[first + 1..], lead, day)?;
    let halved = |text: &str| text.ends_with('m');
    let (mut start, mut end) = (parse_time(&from)?, parse_time(&to)?);
    if halved(&to) && !halved(&from) {
        // `1-2pm`: the half of the day is said once; 11-1pm begins before noon.
        let same = parse_time(&format!("{from}{}", &to[to.len() - 2..]));
        start = same.filter(|same| *same < end).unwrap_or(start);
    } else if !halved(&to) && end < start && (halved(&from) || start < 780) && to.len() < 3 && !to.starts_with('0') {
        // `9-5`, `10pm-2`: the next such hour. Who says 18 or 08:00 counts to 24.
        end = start + (end - start - 1).rem_euclid(DAY / 2) + 1;
    }
    ((clear || also || is_led(lead)) && start != end).then_some((start, end, first + 1 + second))
}

/// A time at the beginning of the words as [`parse_time`] reads it, the words taken, and whether it can only be a time.
fn point(words: &[String], lead: &str, day: bool) -> Option<(String, usize, bool)> {
    let (first, second) = (word(words, 0), word(words, 1));
    let named = match first {
        "noon" | "mittags" => "12:00",
        "midnight" | "mitternacht" => "0:00",
        _ => "",
    };
    if !named.is_empty() {
        return Some((named.to_owned(), 1, day || is_led(lead)));
    }
    if let Some((text, used)) = quarters(words) {
        return Some((text, used + usize::from(word(words, used) == "uhr"), true));
    }
    let half = match second {
        // "um 12 am Montag" is noon.
        "am" if matches!(lead, "um" | "von" | "ab") => "",
        "am" | "a.m." => "am",
        "pm" | "p.m." => "pm",
        _ => "",
    };
    let text = format!("{first}{half}");
    if !half.is_empty() && parse_time(&text).is_some() {
        return Some((text, 2, true));
    }
    parse_time(first)?;
    if second != "uhr" {
        return Some((first.to_owned(), 1, is_clear(first, second, day)));
    }
    // "9 Uhr 30", but not "9 Uhr 30 Minuten".
    let minutes = word(words, 2);
    let text = format!("{first}:{minutes}");
    if minutes.ends_with(['0', '5']) && length(minutes, word(words, 3)).is_none() && parse_time(&text).is_some() {
        return Some((text, 3, true));
    }
    Some((first.to_owned(), 2, true))
}

/// `halb 10`, `viertel nach 9`, `viertel vor 10`: the time, and the words taken.
fn quarters(words: &[String]) -> Option<(String, usize)> {
    let (used, before, minutes) = match (word(words, 0), word(words, 1)) {
        ("halb", _) => (2, 1, 30),
        ("viertel", "nach") => (3, 0, 15),
        ("viertel", "vor") => (3, 1, 45),
        _ => return None,
    };
    let hour = word(words, used - 1).parse::<u32>().ok().filter(|hour| (1..=24).contains(hour))?;
    Some((format!("{}:{minutes}", (hour - before) % 24), used))
}

/// Whether a time can be nothing else: `9:30`, `1pm`; not `9`, `45m`. `9.30` is one if it is no date, and `9.11` once the day
/// was said: else it may be the day, or a number of a version.
fn is_clear(time: &str, next: &str, day: bool) -> bool {
    let Some((hour, minutes)) = time.split_once('.') else {
        return time.contains(':') || time.ends_with('m');
    };
    let number = |text: &str| text.parse().unwrap_or(0);
    let is_date = NaiveDate::from_ymd_opt(2028, number(minutes), number(hour)).is_some();
    let is_amount = matches!(next, "€" | "euro" | "eur" | "$" | "%") || length(time, next).is_some();
    // `21.` is a day of a month.
    !minutes.is_empty() && (day || !is_date && number(minutes) % 5 == 0) && !is_amount
}

/// `45m`, `1h`, `1.5h`, `1h30`, `90 minutes`, `2 Stunden`, `3 days`, `2 weeks`. Minutes, and the words taken.
pub(super) fn length(first: &str, second: &str) -> Option<(i64, usize)> {
    let split = first.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(first.len());
    let (number, unit) = first.split_at(split);
    let number = millionths(number)?;
    let (unit, used) = if unit.is_empty() { (second, 2) } else { (unit, 1) };
    let whole = |millionths: i64| {
        Some((millionths + MILLION / 2) / MILLION).filter(|minutes| (1..=5_256_000).contains(minutes))
    };
    if let Some((hours, rest)) =
        unit.split_once('h').filter(|(before, _)| before.is_empty() && used == 1).map(|(_, rest)| (number, rest))
        && let Ok(minutes) = rest.trim_end_matches(['m', 'i', 'n']).parse::<u32>()
    {
        return Some((whole(hours * 60 + i64::from(minutes) * MILLION)?, 1));
    }
    let minutes = match unit {
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" => 1,
        "h" | "hr" | "hrs" | "std" | "hour" | "hours" | "stunde" | "stunden" => 60,
        "d" | "day" | "days" | "tag" | "tage" | "tagen" => DAY,
        "w" | "week" | "weeks" | "woche" | "wochen" => 7 * DAY,
        _ => return None,
    };
    Some((whole(number * minutes)?, used))
}

const MILLION: i64 = 1_000_000;

/// Reads `2`, `1.5` or `,5`. (Reading any f64 takes tables of 10 KB that no compression makes smaller.)
fn millionths(number: &str) -> Option<i64> {
    let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let is_number = number.len() > 1 || !whole.is_empty();
    let digits = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i64>().ok() };
    // No length has more digits; with more the number may become too great.
    let fraction: String = fraction.chars().chain("000000".chars()).take(6).collect();
    let whole = digits(whole).filter(|whole| is_number && *whole < 10 * MILLION)?;
    Some(whole * MILLION + digits(&fraction)?)
}
