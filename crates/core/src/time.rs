//! Instants on the wire: UTC text of one form, so that equal instants are equal text.

use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Timelike as _, Utc};
use serde::de::{Deserialize, Deserializer, Unexpected, Visitor};

/// Milliseconds that stand for "without end": the last instant of year 9999.
pub const FAR_FUTURE_MS: i64 = 253_402_300_799_999;

/// The wire text of an instant, `2026-11-22T14:02:03.123456Z`.
#[must_use]
pub fn text(instant: DateTime<Utc>) -> String {
    let (date, time) = (instant.date_naive(), instant.time());
    let Some(year) = u32::try_from(date.year()).ok().filter(|year| *year < 10_000 && time.nanosecond() < 1_000_000_000)
    else {
        return instant.to_rfc3339_opts(SecondsFormat::Micros, true);
    };
    // By hand: every row that is written prints one.
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    let mut write = |end: usize, mut number: u32| {
        for digit in text[..end].iter_mut().rev().take_while(|byte| byte.is_ascii_digit()) {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
    };
    let numbers = [year, date.month(), date.day(), time.hour(), time.minute(), time.second(), time.nanosecond() / 1000];
    for (end, number) in [4, 7, 10, 13, 16, 19, 26].into_iter().zip(numbers) {
        write(end, number);
    }
    std::str::from_utf8(&text).unwrap_or_default().to_owned()
}

/// The instant of a text: the wire's, or any other of RFC 3339. None when it is none.
#[must_use]
pub fn read(text: &str) -> Option<DateTime<Utc>> {
    // By hand: every event that is shown has one, nearly always in the wire's form.
    written(text.as_bytes()).or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc()))
}

/// The instant of a text as [`text`] writes it; the seconds may have no fraction.
fn written(text: &[u8]) -> Option<DateTime<Utc>> {
    let micros = match text.len() {
        27 if text[19] == b'.' => 20..26,
        20 => 19..19,
        _ => return None,
    };
    let number = |part: &[u8]| {
        part.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    if [4, 7, 10, 13, 16, text.len() - 1].map(|at| text[at]) != *b"--T::Z" {
        return None;
    }
    let year = i32::try_from(number(&text[..4])?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(&text[5..7])?, number(&text[8..10])?)?;
    let [hour, minute, second] = [11, 14, 17].map(|at| number(&text[at..at + 2]));
    Some(date.and_hms_micro_opt(hour?, minute?, second?, number(&text[micros])?)?.and_utc())
}

/// An instant read from a text.
struct Read(DateTime<Utc>);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Instant).map(Self)
    }
}

/// Reads the text of an instant.
struct Instant;

impl Visitor<'_> for Instant {
    type Value = DateTime<Utc>;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a time of RFC 3339")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        read(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

/// The wire text of µs since 1970 UTC; times that chrono cannot hold read as its last one.
#[must_use]
pub fn text_of_micros(micros: u64) -> String {
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    text(DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC))
}

/// `#[serde(with = "time::canonical")]`: writes the wire text, reads any RFC 3339.
pub mod canonical {
    use super::{DateTime, Deserialize as _, Read, Utc};
    use serde::{Deserializer, Serializer};

    /// Writes the wire text.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::text(*instant))
    }

    /// Reads any RFC 3339 text.
    ///
    /// # Errors
    /// When the text is none.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        Read::deserialize(deserializer).map(|read| read.0)
    }
}

/// The same for an instant that may be absent.
pub mod canonical_option {
    use super::{DateTime, Deserialize as _, Read, Utc};
    use serde::{Deserializer, Serializer};

    /// Writes the wire text or null.
    ///
    /// # Errors
    /// Those of the serializer.
    #[allow(clippy::ref_option, reason = "serde's `with` hands the field by reference")]
    pub fn serialize<S: Serializer>(instant: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        match instant {
            Some(instant) => serializer.serialize_str(&super::text(*instant)),
            None => serializer.serialize_none(),
        }
    }

    /// Reads any RFC 3339 text, or null.
    ///
    /// # Errors
    /// When the text is none.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
        Option::<Read>::deserialize(deserializer).map(|read| read.map(|read| read.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_instant_reads_as_rfc_3339_has_it(micros in -62_200_000_000_000_000_i64..=300_000_000_000_000_000) {
            let instant = DateTime::from_timestamp_micros(micros).unwrap_or_default();
            prop_assert_eq!(text(instant), instant.to_rfc3339_opts(SecondsFormat::Micros, true));
            // Later years have a sign in front and are none of RFC 3339's; the server has none of them.
            prop_assert_eq!(read(&text(instant)), (instant.year() < 10_000).then_some(instant));
            let local = instant.with_timezone(&chrono::FixedOffset::east_opt(-19_800).unwrap());
            for form in [instant.to_rfc3339_opts(SecondsFormat::Secs, true), local.to_rfc3339()] {
                let theirs = DateTime::parse_from_rfc3339(&form).ok().map(|instant| instant.to_utc());
                prop_assert_eq!(read(&form), theirs, "{}", form);
            }
        }

        #[test]
        fn what_is_read_by_hand_chrono_reads_alike(form in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{6})?Z") {
            if let Some(instant) = written(form.as_bytes()) {
                prop_assert_eq!(Ok(instant), DateTime::parse_from_rfc3339(&form).map(|instant| instant.to_utc()));
            }
        }
    }
}
