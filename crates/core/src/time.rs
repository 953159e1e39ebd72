//! Instants on the wire: UTC text of one form, so that equal instants are equal text.

use chrono::{DateTime, Datelike as _, SecondsFormat, Timelike as _, Utc};

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

/// The wire text of µs since 1970 UTC; times that chrono cannot hold read as its last one.
#[must_use]
pub fn text_of_micros(micros: u64) -> String {
    let micros = i64::try_from(micros).unwrap_or(i64::MAX);
    text(DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC))
}

/// `#[serde(with = "time::canonical")]`: writes the wire text, reads any RFC 3339.
pub mod canonical {
    use super::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

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
        DateTime::<Utc>::deserialize(deserializer)
    }
}

/// The same for an instant that may be absent.
pub mod canonical_option {
    use super::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer};

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
        Option::<DateTime<Utc>>::deserialize(deserializer)
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
        }
    }
}
