//! An event in words: `lunch with Ana tue 1pm 45m`, `Zahnarzt morgen 9:30 1h`. English and German words are understood
//! side by side, whatever the language of the app. Pure.

use super::{
    quick_day::{ahead, day},
    quick_span::days,
    quick_time::{DAY, length, times},
};
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

#[derive(Default)]
pub(super) struct Understood {
    pub(super) date: Option<NaiveDate>,
    /// With it whether it is that of the week after this one.
    pub(super) weekday: Option<(Weekday, bool)>,
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    minutes: Option<i64>,
    all_day: bool,
}

impl Understood {
    pub(super) fn has_day(&self) -> bool {
        self.date.is_some() || self.weekday.is_some()
    }
}

/// Reads a line; none unless it says a day, a time or a length, and a title. `now` is today and the minute of the day.
#[must_use]
pub(crate) fn parse(line: &str, now: (NaiveDate, i64)) -> Option<Quick> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let one = one_day(&words, now);
    // Who says a time or a length means one day, and so does who says a day beside the span.
    if one.as_ref().is_some_and(|one| one.start.is_some() || one.minutes != DAY) {
        return one;
    }
    span_of_days(&words, now).or(one)
}

/// Several whole days: `Urlaub 21. bis 25. Dezember`.
fn span_of_days(words: &[&str], now: (NaiveDate, i64)) -> Option<Quick> {
    let (first, last, at) = days(&lowered(words), now.0)?;
    let title = [&words[..at.start], &words[at.end..]].concat();
    if title.is_empty() || one_day(&title, now).is_some() {
        return None;
    }
    let days = last.signed_duration_since(first).num_days() + 1;
    Some(Quick { title: title.join(" "), date: first, start: None, minutes: days * DAY })
}

/// The words as they are compared.
fn lowered(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| word.trim_end_matches([',', ';']).to_lowercase()).collect()
}

fn one_day(words: &[&str], now: (NaiveDate, i64)) -> Option<Quick> {
    let (today, minute) = now;
    let lower = lowered(words);
    let mut said = Understood::default();
    let mut taken = vec![false; words.len()];
    let mut weekday_at = 0..0;
    let mut at = 0;
    while at < words.len() {
        // A word such as "at" belongs to what follows it, if that is understood.
        let lead = if is_lead(&lower[at]) { lower[at].as_str() } else { "" };
        let from = at + usize::from(!lead.is_empty());
        let before = said.weekday;
        let used = read(&lower[from..], lead, now, &mut said);
        if used == 0 {
            at += 1;
            continue;
        }
        if said.weekday != before {
            weekday_at = at..from + used;
        }
        taken[at..from + used].fill(true);
        at = from + used;
    }
    // The date counts. A day it does not fall on was meant as a word: "Casual Friday meeting 3 Dec".
    if let (Some(date), Some((weekday, _))) = (said.date, said.weekday)
        && date.weekday() != weekday
    {
        taken[weekday_at].fill(false);
    }
    let title: Vec<&str> = words.iter().zip(&taken).filter(|(_, taken)| !**taken).map(|(word, _)| *word).collect();
    let nothing = !said.has_day() && said.start.is_none() && said.minutes.is_none();
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
        (None, _, Some(minutes)) if !said.all_day && minutes < DAY => {
            // A length without a time: from the next half hour on.
            let start = (minute / 30 + 1) * 30;
            return Some(Quick { title, date, start: Some(start), minutes });
        }
        (None, _, minutes) => minutes.map_or(DAY, |minutes| (minutes + DAY - 1) / DAY * DAY),
    };
    Some(Quick { title, date, start, minutes })
}

fn is_lead(word: &str) -> bool {
    matches!(word, "at" | "um" | "on" | "am" | "for" | "für" | "from" | "von" | "ab" | "@")
}

/// One of the words; nothing beyond the last.
pub(super) fn word(words: &[String], at: usize) -> &str {
    words.get(at).map_or("", String::as_str)
}

/// Reads something from the beginning of the words; how many it took.
fn read(words: &[String], lead: &str, now: (NaiveDate, i64), said: &mut Understood) -> usize {
    let (first, second) = (word(words, 0), word(words, 1));
    if matches!((first, second), ("all", "day") | ("ganzen", "tag")) {
        said.all_day = true;
        return 2;
    }
    if matches!(first, "all-day" | "ganztägig" | "ganztags") {
        said.all_day = true;
        return 1;
    }
    if first == "in"
        && let Some((minutes, used)) = length(second, word(words, 2))
        && from_now(minutes, now, said)
    {
        return 1 + used;
    }
    if let Some(used) = day(words, lead, now.0, said) {
        return used;
    }
    if said.start.is_none()
        && let Some(used) = times(words, lead, said)
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

/// `in 2 weeks`, `in 45 min`. Whether nothing else was said of it before.
fn from_now(minutes: i64, (today, minute): (NaiveDate, i64), said: &mut Understood) -> bool {
    let whole = minutes % DAY == 0;
    if said.has_day() || said.start.is_some() && !whole {
        return false;
    }
    let at = if whole { minutes } else { minute + minutes };
    said.date = today.checked_add_days(Days::new(at.unsigned_abs() / DAY.unsigned_abs()));
    if !whole {
        said.start = Some(at % DAY);
    }
    true
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
        reads("Nap 14:00 .5h", "Nap", "2026-11-19", 840, 30);
        reads("Wandern 14:00 2,25 Stunden", "Wandern", "2026-11-19", 840, 135);
        reads("Bake 14:00 1.33333333333333333h", "Bake", "2026-11-19", 840, 80);
        reads("Paint 14:00 1.2.3h .h", "Paint 1.2.3h .h", "2026-11-19", 840, 60);
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
    fn spans_of_days_are_whole_days_from_the_first_to_the_last() {
        reads("Holiday Dec 21 to Dec 25", "Holiday", "2026-12-21", None, 5 * 1440);
        reads("Holiday from 21 Dec - 3 Jan", "Holiday", "2026-12-21", None, 14 * 1440);
        reads("Holiday Dec 21 - 25", "Holiday", "2026-12-21", None, 5 * 1440);
        reads("Holiday Dec 21st to 25th", "Holiday", "2026-12-21", None, 5 * 1440);
        reads("Holiday 21-25 Dec in Rome", "Holiday in Rome", "2026-12-21", None, 5 * 1440);
        reads("Holiday Mon 21 Dec to Fri 25 Dec", "Holiday", "2026-12-21", None, 5 * 1440);
        reads("Fair Dec 21 2027 to Jan 3", "Fair", "2027-12-21", None, 14 * 1440);
        reads("Fair 2026-12-21 to 2026-12-23", "Fair", "2026-12-21", None, 3 * 1440);
        reads("Fair Monday to Friday", "Fair", "2026-11-23", None, 5 * 1440);
        reads("Fair Mon-Fri", "Fair", "2026-11-23", None, 5 * 1440);
        reads("Fair from tomorrow until Sunday", "Fair", "2026-11-20", None, 3 * 1440);
        reads("Urlaub vom 21. bis 25. Dezember", "Urlaub", "2026-12-21", None, 5 * 1440);
        reads("Urlaub vom 3. bis 5. Dezember", "Urlaub", "2026-12-03", None, 3 * 1440);
        reads("Urlaub vom 21. bis 25.12.", "Urlaub", "2026-12-21", None, 5 * 1440);
        reads("Urlaub 21.-25.12.", "Urlaub", "2026-12-21", None, 5 * 1440);
        reads("Urlaub 21.12.–3.1.", "Urlaub", "2026-12-21", None, 14 * 1440);
        reads("Urlaub heute bis nächsten Freitag", "Urlaub", "2026-11-19", None, 9 * 1440);
        reads("Kurs Mo bis Mi", "Kurs", "2026-11-23", None, 3 * 1440);
        reads("Messe Montag bis Mittwoch in Köln", "Messe in Köln", "2026-11-23", None, 3 * 1440);
    }

    #[test]
    fn what_says_a_time_a_length_or_another_day_is_no_span_of_days() {
        reads("Standup Friday - 30 min", "Standup -", "2026-11-20", 630, 30);
        reads("Standup Friday - 30 min at 9:00", "Standup -", "2026-11-20", 540, 30);
        reads("Schicht 1.12. - 9 bis 17 Uhr", "Schicht -", "2026-12-01", 540, 480);
        reads("Meeting from 9 to 11 Dec 3", "Meeting", "2026-12-03", 540, 120);
        reads("Concert Hall 3 - 5 Dec 20:00", "Concert Hall 3 -", "2026-12-05", 1200, 60);
        reads("Review Monday to Friday 9:00", "Review to Friday", "2026-11-23", 540, 60);
        reads("Party Dec 21 - 5 pm", "Party -", "2026-12-21", 1020, 60);
        reads("Plan the Monday to Friday menu 20 Nov", "Plan the Monday to Friday menu", "2026-11-20", None, 1440);
        // Nor what is a span only at first sight.
        reads("Dinner tomorrow - 22 guests", "Dinner - 22 guests", "2026-11-20", None, 1440);
        reads("Saturday - do laundry", "- do laundry", "2026-11-21", None, 1440);
        reads("Friday to do list", "to do list", "2026-11-20", None, 1440);
        reads("To do - Friday", "To do -", "2026-11-20", None, 1440);
        reads("Fly Saturday to Sun Valley", "Fly to Sun Valley", "2026-11-21", None, 1440);
        reads("Chapters 3 to 5 Dec 20", "Chapters 3 to 20", "2026-12-05", None, 1440);
        reads("Plan Dec 21 to Dec 3", "Plan to Dec 3", "2026-12-21", None, 1440);
    }

    #[test]
    fn halves_and_quarters_of_an_hour_are_times() {
        reads("Yoga morgen um halb 10", "Yoga", "2026-11-20", 570, 60);
        reads("Yoga morgen halb 10 Uhr 90 min", "Yoga", "2026-11-20", 570, 90);
        reads("Zug Freitag viertel nach 9 bis halb 11", "Zug", "2026-11-20", 555, 75);
        reads("Zug Freitag um viertel vor 1", "Zug", "2026-11-20", 45, 60);
        // Without an hour they are words.
        reads("halb so wild morgen 9:00", "halb so wild", "2026-11-20", 540, 60);
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
    fn a_date_beside_its_weekday_is_the_one_meant() {
        reads("Concert Fri 4 Dec 20:00", "Concert", "2026-12-04", 1200, 60);
        reads("Concert 4 Dec Fri 20:00", "Concert", "2026-12-04", 1200, 60);
        reads("Fri concert 4 Dec 20:00", "concert", "2026-12-04", 1200, 60);
        reads("4 Dec concert Friday 20:00", "concert", "2026-12-04", 1200, 60);
        reads("Concert Friday, December 4, 2026 8 pm", "Concert", "2026-12-04", 1200, 60);
        reads("Concert next Fri 4 Dec 20:00", "Concert", "2026-12-04", 1200, 60);
        reads("Concert Fri 5 Dec 20:00", "Concert", "2026-12-05", 1200, 60);
        reads("Concert 2026-12-04 fri 20:00", "Concert", "2026-12-04", 1200, 60);
        reads("Zahnarzt am Montag, 30.11. 9:30", "Zahnarzt", "2026-11-30", 570, 60);
        reads("Zahnarzt am Montag, den 30.11. um 9:30", "Zahnarzt", "2026-11-30", 570, 60);
        reads("Zahnarzt Di 24.11. 9:30", "Zahnarzt", "2026-11-24", 570, 60);
        reads("Zahnarzt Di, 24.11.26 9:30", "Zahnarzt", "2026-11-24", 570, 60);
        reads("Zahnarzt Di 9:30", "Zahnarzt", "2026-11-24", 570, 60);
        reads("Zahnarzt 24.11. di 9:30", "Zahnarzt", "2026-11-24", 570, 60);
        reads("Zahnarzt fr 4. Dezember 9:30", "Zahnarzt", "2026-12-04", 570, 60);
        reads("Concert 4 Dec 2027 20:00", "Concert", "2027-12-04", 1200, 60);
    }

    #[test]
    fn a_weekday_that_is_not_the_dates_is_part_of_the_title() {
        reads("Casual Friday meeting 3 Dec 10:30", "Casual Friday meeting", "2026-12-03", 630, 60);
        reads("What to do 4 Dec 11:00", "What to do", "2026-12-04", 660, 60);
        reads("Essen 24.11. so wie immer", "Essen so wie immer", "2026-11-24", None, 1440);
        reads("Call today about the Friday plan", "Call about the Friday plan", "2026-11-19", None, 1440);
        reads("Kaffee Montag morgen 9:00", "Kaffee morgen", "2026-11-23", 540, 60);
        reads("Kaffee morgen Freitag 9:00", "Kaffee", "2026-11-20", 540, 60);
    }

    #[test]
    fn a_date_without_its_last_dot_is_one_beside_its_day() {
        reads("Zahnarzt Di 24.11 9:30", "Zahnarzt", "2026-11-24", 570, 60);
        reads("Zahnarzt 24.11 Di 9:30", "Zahnarzt", "2026-11-24", 570, 60);
        reads("Feier Fr 4.12 20:00", "Feier", "2026-12-04", 1200, 60);
        reads("Feier am 24.12 18:00", "Feier", "2026-12-24", 1080, 60);
    }

    #[test]
    fn halves_of_the_day_and_oclock_stand_apart_in_spans_too() {
        reads("Review from 1 to 2 pm", "Review", "2026-11-19", 780, 60);
        reads("Review fri 9 am to 11 am", "Review", "2026-11-20", 540, 120);
        reads("Review fri 9 a.m. - 1 p.m.", "Review", "2026-11-20", 540, 240);
        reads("Review fri 1-2 pm", "Review", "2026-11-20", 780, 60);
        reads("Review fri 10am until noon", "Review", "2026-11-20", 600, 120);
        reads("Sitzung Fr. von 9 Uhr bis 11 Uhr", "Sitzung", "2026-11-20", 540, 120);
        reads("Sitzung von 9 Uhr bis 11 Uhr", "Sitzung", "2026-11-20", 540, 120);
        reads("Sitzung von 13 bis 14 Uhr", "Sitzung", "2026-11-19", 780, 60);
        reads("Sitzung Freitag 9-11 Uhr", "Sitzung", "2026-11-20", 540, 120);
        reads("Sitzung Freitag 9 Uhr 30 bis 11 Uhr", "Sitzung", "2026-11-20", 570, 90);
    }

    #[test]
    fn a_span_ends_at_the_next_such_hour() {
        reads("Work fri from 9 to 5", "Work", "2026-11-20", 540, 480);
        reads("Lunch fri 11am-1", "Lunch", "2026-11-20", 660, 120);
        reads("Party sat 10pm to 2", "Party", "2026-11-21", 1320, 240);
        reads("Schicht Sa. von 18 bis 8", "Schicht", "2026-11-21", 1080, 840);
        reads("Schicht sa 08:00-02:00", "Schicht", "2026-11-21", 480, 1080);
    }

    #[test]
    fn days_and_weeks_without_a_time_are_whole_days() {
        reads("Urlaub Montag 3 Tage", "Urlaub", "2026-11-23", None, 4320);
        reads("Holiday monday 3 days", "Holiday", "2026-11-23", None, 4320);
        reads("Holiday monday 2 weeks", "Holiday", "2026-11-23", None, 20_160);
        reads("Urlaub ab Montag für 2 Wochen", "Urlaub", "2026-11-23", None, 20_160);
        reads("Hike sat 1.5 days", "Hike", "2026-11-21", None, 2880);
        reads("Hike sat 9:00 2 days", "Hike", "2026-11-21", 540, 2880);
        reads("Holiday 3 days", "Holiday", "2026-11-19", None, 4320);
    }

    #[test]
    fn in_so_long_is_from_now() {
        reads("Zahnarzt in 2 Wochen 9:30", "Zahnarzt", "2026-12-03", 570, 60);
        reads("Call in 3 days at 10", "Call", "2026-11-22", 600, 60);
        reads("Call in 2 hours", "Call", "2026-11-19", 720, 60);
        reads("Anruf in 15 Stunden 30m", "Anruf", "2026-11-20", 60, 30);
        reads("Meet in room 9 tomorrow", "Meet in room 9", "2026-11-20", None, 1440);
    }

    #[test]
    fn hours_and_minutes_with_a_dot_are_a_time_where_they_are_no_date() {
        reads("Zahnarzt morgen 9.30", "Zahnarzt", "2026-11-20", 570, 60);
        reads("Zahnarzt 14.30", "Zahnarzt", "2026-11-19", 870, 60);
        reads("Zahnarzt morgen 9.30-10.15", "Zahnarzt", "2026-11-20", 570, 45);
        reads("Zug morgen 9.11", "Zug", "2026-11-20", 551, 60);
        reads("Zug Di 24.11. 9.11", "Zug", "2026-11-24", 551, 60);
        reads("Zug Mo. 9.11", "Zug", "2026-11-23", 551, 60);
        reads("Python 3.12 course fri", "Python 3.12 course", "2026-11-20", None, 1440);
        reads("Python 3.14 course fri", "Python 3.14 course", "2026-11-20", None, 1440);
        reads("Pay 12.50 € tomorrow", "Pay 12.50 €", "2026-11-20", None, 1440);
        reads("Gym tomorrow 18:00 1.25 h", "Gym", "2026-11-20", 1080, 75);
    }

    #[test]
    fn this_day_and_noon() {
        reads("A this fri", "A", "2026-11-20", None, 1440);
        reads("A diesen Freitag 9:00", "A", "2026-11-20", 540, 60);
        reads("Lunch tomorrow noon", "Lunch", "2026-11-20", 720, 60);
        reads("Lunch at noon", "Lunch", "2026-11-19", 720, 60);
        reads("Essen Freitag mittags", "Essen", "2026-11-20", 720, 60);
        reads("Launch at midnight", "Launch", "2026-11-20", 0, 60);
        reads("Noon walk 12:30", "Noon walk", "2026-11-19", 750, 60);
    }

    #[test]
    fn a_number_after_for_is_no_time() {
        reads("Table for 2 tomorrow 19:00", "Table for 2", "2026-11-20", 1140, 60);
        reads("Wait for so long 11:00", "Wait for so long", "2026-11-19", 660, 60);
    }

    #[test]
    fn dates_no_event_can_have_are_words() {
        assert_eq!(said("x +262142-12-31"), None);
        assert_eq!(said("x 9999-12-31"), None);
        assert_eq!(said("x 1.1.9990"), None);
        reads("x 9999-12-31 fri", "x 9999-12-31", "2026-11-20", None, 1440);
        reads("x 9989-12-31", "x", "9989-12-31", None, 1440);
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
        for line in
            ["🗓 🗓 99999999h", "x 0m", "x 32.13. 25:99", "x next", "x at", "x 1-", "- – :", "x 9 to", "x fri den"]
        {
            let _ = said(line);
        }
        for line in ["x in 99999999w", "x 9 uhr", "x 9am–🗓 fri", "x 1.1.65535", "9-9 -", "x 5256000m in 3650 days"]
        {
            let _ = said(line);
        }
    }
}
