//! Stamps: hybrid logical clock readings that order every edit of a group.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// A device: 64 random bits made at first start, kept in the store. Zero is the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(pub u64);

/// When and where a group was last written. Ordered by time, then device: the greater wins.
///
/// The text form (`16 decimal digits of µs` `-` `16 hex digits`) has the same order bytewise, so SQL compares text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// Microseconds since 1970 UTC, adjusted to the server's clock.
    pub micros: u64,
    /// Who wrote.
    pub device: DeviceId,
}

impl Stamp {
    /// The greatest time a stamp can carry (16 digits, year 2286).
    pub const MAX_MICROS: u64 = 9_999_999_999_999_999;
    /// The stamp of defaults that nobody touched: less than any edit.
    pub const ZERO: Self = Self { micros: 0, device: DeviceId(0) };

    /// A stamp; the time is capped at [`Self::MAX_MICROS`].
    #[must_use]
    pub fn new(micros: u64, device: DeviceId) -> Self {
        Self { micros: micros.min(Self::MAX_MICROS), device }
    }

    /// The bytes of the text form. (By hand: every row that is written prints a dozen.)
    pub(crate) fn bytes(self) -> [u8; 33] {
        let mut text = [b'-'; 33];
        let mut left = self.micros.min(Self::MAX_MICROS);
        for digit in text[..16].iter_mut().rev() {
            *digit = b"0123456789"[(left % 10) as usize];
            left /= 10;
        }
        let mut left = self.device.0;
        for digit in text[17..].iter_mut().rev() {
            *digit = b"0123456789abcdef"[(left & 15) as usize];
            left >>= 4;
        }
        text
    }

    /// The text form.
    pub(crate) fn text(self) -> String {
        std::str::from_utf8(&self.bytes()).unwrap_or_default().to_owned()
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.bytes()).unwrap_or_default())
    }
}

/// Text that is not a stamp.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a stamp: {0:?}")]
pub struct BadStamp(pub String);

impl FromStr for Stamp {
    type Err = BadStamp;

    fn from_str(text: &str) -> Result<Self, BadStamp> {
        // By hand, as they are written: a row has a dozen.
        let read = || {
            let bytes: &[u8; 33] = text.as_bytes().try_into().ok()?;
            let (mut micros, mut device) = (0_u64, 0_u64);
            for byte in &bytes[..16] {
                micros = micros * 10 + u64::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
            }
            for byte in &bytes[17..] {
                let digit = match byte {
                    b'0'..=b'9' => byte - b'0',
                    b'a'..=b'f' => byte - b'a' + 10,
                    _ => return None,
                };
                device = device << 4 | u64::from(digit);
            }
            (bytes[16] == b'-').then_some(Self { micros, device: DeviceId(device) })
        };
        read().ok_or_else(|| BadStamp(text.chars().take(40).collect()))
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for DeviceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DeviceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_text_is_that_of_the_wire() {
        let stamp = Stamp::new(1_763_823_723_123_456, DeviceId(0x00c0_ffee_00c0_ffee));
        assert_eq!(stamp.to_string(), "1763823723123456-00c0ffee00c0ffee");
        assert_eq!("1763823723123456-00c0ffee00c0ffee".parse(), Ok(stamp));
    }

    #[test]
    fn what_is_not_a_stamp_is_refused() {
        for text in
            ["", "1", "1763823723123456-", "+763823723123456-00c0ffee00c0ffee", "1763823723123456-00C0FFEE00C0FFEE"]
        {
            assert!(text.parse::<Stamp>().is_err(), "{text:?} was taken for a stamp");
        }
    }

    proptest! {
        #[test]
        fn text_order_is_stamp_order(a in 0..=Stamp::MAX_MICROS, b in 0..=Stamp::MAX_MICROS, x: u64, y: u64) {
            let (a, b) = (Stamp::new(a, DeviceId(x)), Stamp::new(b, DeviceId(y)));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(a.to_string().parse::<Stamp>().unwrap(), a);
        }
    }
}
