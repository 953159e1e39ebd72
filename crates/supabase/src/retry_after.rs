//! `Retry-After`: seconds, or a date.

use chrono::{DateTime, Utc};
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

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim()).ok().map(|date| date.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_date_gone_by_means_now_and_nonsense_means_nothing() {
        let here = at("Sun, 22 Nov 2026 16:00:00 GMT");
        assert_eq!(parse("Sun, 22 Nov 2026 15:00:00 GMT", None, here), Some(Duration::ZERO));
        assert_eq!(parse("soon", None, here), None);
        assert_eq!(parse("-3", None, here), None);
    }
}
