//! `Retry-After`: seconds, or a date.

use chrono::{DateTime, NaiveDate, Utc};
use std::time::Duration;

/// The wait a server asks for. `date` is its own `Date` header: a date is measured against the clock that wrote it, so
/// that a wrong clock here does not make the wait wrong. None when neither reads.
pub(crate) fn parse(value: &str, date: Option<&str>, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = instant(value)?;
    let now = date.and_then(instant).unwrap_or(now);
    // A date in the past: now.
    Some((until - now).to_std().unwrap_or_default())
}

/// Reads a date as HTTP writes it (RFC 9110 § 5.6.7): `Sun, 22 Nov 2026 16:00:00 GMT`. (By hand: what reads any date that mail
/// may have is 3 KB of the web app.)
fn instant(text: &str) -> Option<DateTime<Utc>> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_ascii_whitespace().skip(1);
    let day = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = (1..).zip(MONTHS).find_map(|(number, name)| (name == month).then_some(number))?;
    let date = NaiveDate::from_ymd_opt(words.next()?.parse().ok()?, month, day)?;
    let mut numbers = words.next()?.splitn(3, ':').map(|number| number.parse().ok());
    // A leap second is none more.
    let (hour, minute, second): (u32, u32, u32) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let time = date.and_hms_opt(hour, minute, if second == 60 { 59 } else { second })?;
    (words.next()? == "GMT").then(|| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Datelike as _;

    fn at(text: &str) -> DateTime<Utc> {
        instant(text).expect("a date of the test")
    }

    #[test]
    fn seconds() {
        assert_eq!(parse(" 7 ", None, at("Sun, 22 Nov 2026 16:00:00 GMT")), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_date_counts_from_the_servers_clock_if_it_tells_it() {
        let (value, here) = ("Sun, 22 Nov 2026 16:00:30 GMT", at("Sun, 22 Nov 2026 15:00:00 GMT"));
        assert_eq!(parse(value, Some("Sun, 22 Nov 2026 16:00:10 GMT"), here), Some(Duration::from_secs(20)));
        assert_eq!(parse(value, None, here), Some(Duration::from_secs(3630)));
    }

    #[test]
    fn dates_are_those_of_http() {
        for month in 1..=12 {
            let instant = at("Sun, 22 Nov 2026 16:04:05 GMT").with_month(month).expect("a date of the test");
            let text = instant.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            assert_eq!(at(&text), instant, "{text}");
        }
        assert_eq!(at("Sat, 31 Dec 2016 23:59:60 GMT"), at("Sat, 31 Dec 2016 23:59:59 GMT"));
        for text in ["", "Sun", "Sun, 22 Nov 2026", "Sun, 31 Nov 2026 16:00:00 GMT", "Sun, 22 Nov 2026 24:00:00 GMT"] {
            assert_eq!(instant(text), None, "{text}");
        }
        for text in ["Sun, 22 Nov 2026 16:00 GMT", "Sun, 22 Nov 2026 16:00:00", "Sun, 22 Nov 2026 16:00:00 CET"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_gone_by_means_now_and_nonsense_means_nothing() {
        let here = at("Sun, 22 Nov 2026 16:00:00 GMT");
        assert_eq!(parse("Sun, 22 Nov 2026 15:00:00 GMT", None, here), Some(Duration::ZERO));
        assert_eq!(parse("soon", None, here), None);
        assert_eq!(parse("-3", None, here), None);
    }
}
