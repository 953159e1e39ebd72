//! An event in words: `lunch with Ana tue 1pm 45m`, `Zahnarzt morgen 9:30 1h`. English and German words are understood
//! side by side, whatever the language of the app. Pure.

use crate::time::parse_time;
use chrono::{Datelike, Days, NaiveDate, Weekday};

/// What was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quick {
    /// The words that mean nothing else.
    pub(crate) title: String,
    pub(crate) date: NaiveDate,
    /// Minute of the day; none: all day.
    pub(crate) start: Option<i64>,
    /// Minutes; whole days for an all-day event.
    pub(crate) minutes: i64,
}

/// Minutes of an event whose length nobody said.
const USUAL: i64 = 60;
const DAY: i64 = 1440;

#[derive(Default)]
struct Understood {
    date: Option<NaiveDate>,
    weekday: Option<(Weekday, bool)>,
    start: Option<i64>,
    end: Option<i64>,
    minutes: Option<i64>,
    all_day: bool,
}

/// Reads a line; none unless it says a day, a time or a length, and a title. `now` is today and the minute of the day.
#[must_use]
pub(crate) fn parse(line: &str, now: (NaiveDate, i64)) -> Option<Quick> {
    let (today, minute) = now;
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut said = Understood::default();
    let mut title: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        // A word such as "at" belongs to what follows it, if that is understood.
        let lead = usize::from(is_lead(words[at]) && at + 1 < words.len());
        let used = read(&words[at + lead..], lead == 1, today, &mut said);
        if used > 0 {
            at += lead + used;
        } else {
            title.push(words[at]);
            at += 1;
        }
    }
    let nothing = said.date.is_none() && said.weekday.is_none() && said.start.is_none() && said.minutes.is_none();
    if title.is_empty() || nothing && !said.all_day {
        return None;
    }
    let title = title.join(" ");
    let start = said.start.filter(|_| !said.all_day);
    let date = said.date.unwrap_or_else(|| match said.weekday {
        Some((weekday, next)) => ahead(today, weekday, next, start.is_some_and(|start| start <= minute)),
        // A time that has passed today means tomorrow.
        None if start.is_some_and(|start| start <= minute) => today.succ_opt().unwrap_or(today),
        None => today,
    });
    let minutes = match (start, said.end, said.minutes) {
        (Some(start), Some(end), _) => (end - start).rem_euclid(DAY),
        (Some(_), None, Some(minutes)) => minutes,
        (Some(_), None, None) => USUAL,
        (None, _, Some(minutes)) if !said.all_day => {
            // A length without a time: from the next half hour on.
            let start = (minute / 30 + 1) * 30;
            return Some(Quick { title, date, start: Some(start), minutes });
        }
        (None, _, minutes) => minutes.map_or(DAY, |minutes| (minutes + DAY - 1) / DAY * DAY),
    };
    Some(Quick { title, date, start, minutes })
}

fn is_lead(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "at" | "um" | "on" | "am" | "for" | "für" | "from" | "von" | "ab" | "@")
}

/// Reads something from the beginning of the words; how many it took.
fn read(words: &[&str], led: bool, today: NaiveDate, said: &mut Understood) -> usize {
    let lower: Vec<String> = words.iter().take(4).map(|word| clean(word)).collect();
    let Some(first) = lower.first() else { return 0 };
    let second = lower.get(1).map_or("", String::as_str);
    if matches!((first.as_str(), second), ("all", "day") | ("ganzen", "tag")) {
        said.all_day = true;
        return 2;
    }
    if matches!(first.as_str(), "all-day" | "ganztägig" | "ganztags") {
        said.all_day = true;
        return 1;
    }
    if said.date.is_none()
        && said.weekday.is_none()
        && let Some(used) = day(&lower, led, words, today, said)
    {
        return used;
    }
    if said.start.is_none()
        && let Some(used) = times(&lower, led, said)
    {
        return used;
    }
    if said.minutes.is_none()
        && said.end.is_none()
        && let Some((minutes, used)) = length(first, second)
    {
        said.minutes = Some(minutes);
        return used;
    }
    0
}

fn clean(word: &str) -> String {
    word.trim_end_matches([',', ';']).to_lowercase()
}

fn day(lower: &[String], led: bool, words: &[&str], today: NaiveDate, said: &mut Understood) -> Option<usize> {
    let first = lower[0].as_str();
    let in_days = |days| today.checked_add_days(Days::new(days));
    let near = match first {
        "today" | "heute" => in_days(0),
        "tomorrow" | "morgen" => in_days(1),
        "übermorgen" => in_days(2),
        _ => None,
    };
    if near.is_some() {
        said.date = near;
        return Some(1);
    }
    let next = matches!(first, "next" | "nächsten" | "nächster" | "nächste" | "nächstes" | "kommenden");
    if next {
        let weekday = weekday(lower.get(1)?, true)?;
        said.weekday = Some((weekday, first != "kommenden"));
        return Some(2);
    }
    // Two letters are a day where it is certain: "Mo." or "am Mo", but not "so" or "do" in a sentence.
    if let Some(found) = weekday(first, led || words[0].ends_with('.')) {
        said.weekday = Some((found, false));
        return Some(1);
    }
    if let Ok(date) = first.parse::<NaiveDate>() {
        said.date = Some(date);
        return Some(1);
    }
    if let Some(date) = dotted(first, today) {
        said.date = Some(date);
        return Some(1);
    }
    let second = lower.get(1)?;
    let number = |word: &str| word.trim_end_matches(['.', 't', 'h', 's', 'n', 'd', 'r']).parse::<u32>().ok();
    let (day, month) = match (month(first), month(second)) {
        (Some(month), None) => (number(second)?, month),
        (None, Some(month)) => (number(first)?, month),
        _ => return None,
    };
    said.date = Some(coming(day, month, today)?);
    Some(2)
}

/// `23.11.`, `23.11.26`, `23.11.2026`.
fn dotted(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let mut parts = word.split('.');
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    // `9.30` is a time; a date in two parts ends with a dot.
    match parts.next()? {
        "" => coming(day, month, today),
        year => {
            let year: i32 = year.parse().ok()?;
            NaiveDate::from_ymd_opt(if year < 100 { 2000 + year } else { year }, month, day)
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
fn ahead(today: NaiveDate, weekday: Weekday, next: bool, passed: bool) -> NaiveDate {
    let mut days = u64::from(weekday.days_since(today.weekday()));
    if next {
        let monday = 7 - u64::from(today.weekday().num_days_from_monday());
        days = monday + u64::from(weekday.num_days_from_monday());
    } else if days == 0 && passed {
        days = 7;
    }
    today.checked_add_days(Days::new(days)).unwrap_or(today)
}

fn weekday(word: &str, short: bool) -> Option<Weekday> {
    Some(match word.trim_end_matches('.') {
        "monday" | "mon" | "montag" => Weekday::Mon,
        "tuesday" | "tue" | "tues" | "dienstag" => Weekday::Tue,
        "wednesday" | "wed" | "mittwoch" => Weekday::Wed,
        "thursday" | "thu" | "thur" | "thurs" | "donnerstag" => Weekday::Thu,
        "friday" | "fri" | "freitag" => Weekday::Fri,
        "saturday" | "sat" | "samstag" | "sonnabend" => Weekday::Sat,
        "sunday" | "sun" | "sonntag" => Weekday::Sun,
        "mo" if short => Weekday::Mon,
        "di" if short => Weekday::Tue,
        "mi" if short => Weekday::Wed,
        "do" if short => Weekday::Thu,
        "fr" if short => Weekday::Fri,
        "sa" if short => Weekday::Sat,
        "so" if short => Weekday::Sun,
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

/// A time, or two with a stroke or "to" between them.
fn times(lower: &[String], led: bool, said: &mut Understood) -> Option<usize> {
    let first = lower[0].as_str();
    let second = lower.get(1).map_or("", String::as_str);
    if let Some((from, to)) = first.split_once(['-', '–'])
        && let Some((start, end)) = span(from, to, led || second == "uhr")
    {
        (said.start, said.end) = (Some(start), Some(end));
        return Some(1 + usize::from(second == "uhr"));
    }
    // "9 to 10", "9 - 10", "von 9 bis 10".
    if matches!(second, "to" | "bis" | "-" | "–" | "until" | "till")
        && let Some(third) = lower.get(2)
        && let Some((start, end)) = span(first, third, led)
    {
        (said.start, said.end) = (Some(start), Some(end));
        return Some(3 + usize::from(lower.get(3).is_some_and(|word| word == "uhr")));
    }
    let half = matches!(second, "am" | "pm" | "a.m." | "p.m.");
    let clock = second == "uhr";
    if half && let Some(start) = parse_time(&format!("{first}{second}")) {
        said.start = Some(start);
        return Some(2);
    }
    if (led || clock || is_clear(first))
        && let Some(start) = parse_time(first)
    {
        said.start = Some(start);
        return Some(1 + usize::from(clock));
    }
    None
}

/// `1-2pm`: the half of the day is said once.
fn span(from: &str, to: &str, led: bool) -> Option<(i64, i64)> {
    let clear = led || is_clear(from) || is_clear(to);
    let half = ["am", "pm"].into_iter().find(|half| to.ends_with(half));
    let end = parse_time(to)?;
    let start = match half {
        Some(half) if parse_time(from).is_some() && !from.ends_with("am") && !from.ends_with("pm") => {
            let same = parse_time(&format!("{from}{half}"))?;
            // 11-1pm begins before noon.
            if same < end { same } else { parse_time(from)? }
        }
        _ => parse_time(from)?,
    };
    (clear && start != end).then_some((start, end))
}

/// Whether a word can only be a time: `9:30`, `1pm`, `14h30`; not `9`, `45m` or `1.5h`.
fn is_clear(word: &str) -> bool {
    let digits = word.starts_with(|c: char| c.is_ascii_digit());
    let colon = word.split_once(':').is_some_and(|(_, minutes)| minutes.len() >= 2);
    digits && (colon || word.ends_with("am") || word.ends_with("pm"))
}

/// `45m`, `1h`, `1.5h`, `1h30`, `90 minutes`, `2 Stunden`, `3 days`. Minutes, and the words taken.
fn length(first: &str, second: &str) -> Option<(i64, usize)> {
    let split = first.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(first.len());
    let (number, unit) = first.split_at(split);
    let number: f64 = number.replace(',', ".").parse().ok()?;
    let (unit, used) = if unit.is_empty() { (second, 2) } else { (unit, 1) };
    let whole = |minutes: f64| {
        let minutes = minutes.round();
        #[allow(clippy::cast_possible_truncation, reason = "checked to be small")]
        (1.0..=5_256_000.0).contains(&minutes).then_some(minutes as i64)
    };
    if let Some((hours, rest)) =
        unit.split_once('h').filter(|(before, _)| before.is_empty() && used == 1).map(|(_, rest)| (number, rest))
        && let Ok(minutes) = rest.trim_end_matches(['m', 'i', 'n']).parse::<u32>()
    {
        return Some((whole(hours.mul_add(60.0, f64::from(minutes)))?, 1));
    }
    let minutes = match unit {
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" => 1.0,
        "h" | "hr" | "hrs" | "std" | "hour" | "hours" | "stunde" | "stunden" => 60.0,
        "d" | "day" | "days" | "tag" | "tage" => 1440.0,
        _ => return None,
    };
    Some((whole(number * minutes)?, used))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thursday 19 November 2026, 10:00.
    fn said(line: &str) -> Option<(String, String, Option<i64>, i64)> {
        let now = ("2026-11-19".parse().unwrap(), 600);
        parse(line, now).map(|quick| (quick.title, quick.date.to_string(), quick.start, quick.minutes))
    }

    #[track_caller]
    fn reads(line: &str, title: &str, date: &str, start: impl Into<Option<i64>>, minutes: i64) {
        assert_eq!(said(line), Some((title.into(), date.into(), start.into(), minutes)), "{line}");
    }

    #[test]
    fn day_time_and_length_in_any_order() {
        reads("lunch with Ana tue 1pm 45m", "lunch with Ana", "2026-11-24", 780, 45);
        reads("tue 1pm lunch with Ana for 45 min", "lunch with Ana", "2026-11-24", 780, 45);
        reads("Call 14:30", "Call", "2026-11-19", 870, 60);
        reads("Call at 9", "Call", "2026-11-20", 540, 60);
        reads("Dinner tomorrow 7 pm 1.5h", "Dinner", "2026-11-20", 1140, 90);
        reads("Gym 1h30 today at 18", "Gym", "2026-11-19", 1080, 90);
    }

    #[test]
    fn german_words_are_understood_as_well() {
        reads("Zahnarzt morgen 9:30 1h", "Zahnarzt", "2026-11-20", 570, 60);
        reads("Mittag mit Ana am Di um 13 Uhr 45 Minuten", "Mittag mit Ana", "2026-11-24", 780, 45);
        reads("Urlaub ganztägig Montag", "Urlaub", "2026-11-23", None, 1440);
        reads("Abgabe 1. Dezember", "Abgabe", "2026-12-01", None, 1440);
        reads("Sitzung Fr. von 9 bis 10:30 Uhr", "Sitzung", "2026-11-20", 540, 90);
        reads("Besuch übermorgen 2 Stunden um 15", "Besuch", "2026-11-21", 900, 120);
        reads("Feier 24.12. 18:00", "Feier", "2026-12-24", 1080, 60);
    }

    #[test]
    fn spans_say_their_end() {
        reads("Review fri 9:00-10:30", "Review", "2026-11-20", 540, 90);
        reads("Review fri 1-2pm", "Review", "2026-11-20", 780, 60);
        reads("Review fri 11-1pm", "Review", "2026-11-20", 660, 120);
        reads("Review fri from 9 to 11", "Review", "2026-11-20", 540, 120);
        reads("Party sat 22:00-02:00", "Party", "2026-11-21", 1320, 240);
    }

    #[test]
    fn days_are_the_coming_ones() {
        reads("A thu", "A", "2026-11-19", None, 1440);
        reads("A thu 9:00", "A", "2026-11-26", 540, 60);
        reads("A next thu 9:00", "A", "2026-11-26", 540, 60);
        reads("A next mon", "A", "2026-11-23", None, 1440);
        reads("A nov 3", "A", "2027-11-03", None, 1440);
        reads("A 3 nov 2pm", "A", "2027-11-03", 840, 60);
        reads("A 2026-12-24", "A", "2026-12-24", None, 1440);
        reads("A feb 29", "A", "2028-02-29", None, 1440);
        reads("Trip 5.12.26 3 days all day", "Trip", "2026-12-05", None, 4320);
    }

    #[test]
    fn what_is_part_of_a_title_stays_there() {
        reads("Meet so and so in room 9 at 3pm", "Meet so and so in room 9", "2026-11-19", 900, 60);
        reads("What to do 11:00", "What to do", "2026-11-19", 660, 60);
        reads("Plan 2027 budget fri", "Plan 2027 budget", "2026-11-20", None, 1440);
        reads("Look at me tomorrow", "Look at me", "2026-11-20", None, 1440);
    }

    #[test]
    fn a_length_alone_begins_with_the_next_half_hour() {
        reads("Focus 90m", "Focus", "2026-11-19", 630, 90);
    }

    #[test]
    fn what_says_no_time_is_no_event() {
        for line in ["", "lunch", "tue", "1pm", "tue 1pm 45m", "   ", "room 9"] {
            assert_eq!(said(line), None, "{line}");
        }
    }

    #[test]
    fn nonsense_does_no_harm() {
        for line in ["🗓 🗓 99999999h", "x 0m", "x 32.13. 25:99", "x next", "x at", "x 1-", "- – :", "x 9 to"] {
            let _ = said(line);
        }
    }
}
