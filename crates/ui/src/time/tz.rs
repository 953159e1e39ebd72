//! The table of time zones, made by `build_zones.rs`: offsets since 1970; what came before counts as in 1970.

use std::{cell::RefCell, collections::HashMap};

include!(concat!(env!("OUT_DIR"), "/zones.rs"));

/// From an instant (seconds since 1970) on, the offset, seconds east of UTC.
type Spans = &'static [(i64, i32)];

/// A zone of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tz {
    name: &'static str,
    spans: Spans,
}

impl PartialEq for Tz {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Tz {}

thread_local! {
    /// Read once for each zone looked at: a handful in the life of an app.
    static READ: RefCell<HashMap<usize, Spans>> = RefCell::default();
}

impl Tz {
    /// The zone of that IANA name.
    #[must_use]
    pub(crate) fn named(name: &str) -> Option<Self> {
        let at = NAMES.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
        let (name, set) = NAMES[at];
        Some(Self { name, spans: spans(usize::from(set)) })
    }

    /// Always there.
    #[must_use]
    pub(crate) fn utc() -> Self {
        Self::named("UTC").unwrap_or(Self { name: "UTC", spans: &[(i64::MIN, 0)] })
    }

    /// All names, sorted.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// Its IANA name.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// The offset at an instant (seconds since 1970), seconds east of UTC.
    #[must_use]
    pub(crate) fn offset(self, instant: i64) -> i32 {
        let after = self.spans.partition_point(|(from, _)| *from <= instant);
        self.spans.get(after.saturating_sub(1)).map_or(0, |(_, offset)| *offset)
    }

    /// When a wall time (as seconds since 1970, as if it were UTC) happens. Of two, the first; one skipped by a clock
    /// change counts with the offset before it (RFC 5545 §3.3.5).
    #[must_use]
    pub(crate) fn instant(self, wall: i64) -> i64 {
        const DAY: i64 = 86_400;
        let (before, after) = (self.offset(wall.saturating_sub(DAY)), self.offset(wall.saturating_add(DAY)));
        let at = |offset: i32| wall.saturating_sub(offset.into());
        if self.offset(at(before)) != before && self.offset(at(after)) == after { at(after) } else { at(before) }
    }
}

fn spans(set: usize) -> Spans {
    READ.with_borrow_mut(|read| {
        *read.entry(set).or_insert_with(|| {
            let (first, changes) = CHANGES[set];
            let mut from = 0_i64;
            let since = changes.iter().map(|(seconds, offset)| {
                from += i64::from(*seconds);
                (from, *offset)
            });
            Box::leak(std::iter::once((i64::MIN, first)).chain(since).collect())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Offset, TimeZone};

    #[test]
    fn the_table_says_what_the_tz_database_says() {
        assert_eq!(NAMES.len(), chrono_tz::TZ_VARIANTS.len());
        for theirs in chrono_tz::TZ_VARIANTS {
            let ours = Tz::named(theirs.name()).unwrap();
            // Some hours of all seasons, 1970 to 2099, odd enough to meet every change from both sides in some zone.
            for at in (0..4_100_000_000_i64).step_by(1_234_567) {
                let instant = DateTime::from_timestamp(at, 0).unwrap();
                let offset = theirs.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc();
                assert_eq!(ours.offset(at), offset, "{} at {instant}", ours.name());
                let wall = instant.naive_utc();
                if let Some(first) = theirs.from_local_datetime(&wall).earliest() {
                    assert_eq!(ours.instant(at), first.timestamp(), "{} wall {wall}", ours.name());
                }
            }
        }
    }

    #[test]
    fn what_is_no_zone_is_none() {
        assert_eq!(Tz::named("Nowhere/Land"), None);
        assert_eq!(Tz::utc().offset(1_700_000_000), 0);
    }
}
