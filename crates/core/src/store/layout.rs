//! What the stores on disk share: numbers for tables and states, and the classes of the overlap index.
//!
//! All are part of the file format of every store: a change here needs a migration in each.

use crate::{outbox::RowState, row::Span, table::Table};

const DAY_MS: i64 = 86_400_000;

/// The greatest length of each class but the last, ms.
const LONGEST: [i64; 4] = [2 * DAY_MS, 16 * DAY_MS, 128 * DAY_MS, 1024 * DAY_MS];

/// How many classes of length there are.
pub const CLASSES: u8 = 5;

/// The number that stands for a table on disk, in push order. The gaps leave room for tables between.
#[must_use]
pub const fn table_number(table: Table) -> u8 {
    match table {
        Table::Profiles => 10,
        Table::Personas => 20,
        Table::Calendars => 30,
        Table::Categories => 40,
        Table::Events => 50,
        Table::Overlays => 60,
        Table::Roles => 70,
        Table::Invites => 80,
    }
}

/// The table of that number, if this version knows it.
#[must_use]
pub fn table_of(number: u8) -> Option<Table> {
    Table::ALL.into_iter().find(|table| table_number(*table) == number)
}

/// The number that stands for a state on disk.
#[must_use]
pub const fn state_number(state: RowState) -> u8 {
    match state {
        RowState::Synced => 0,
        RowState::Pending => 1,
        RowState::Stuck => 2,
    }
}

/// The state of that number, if this version knows it.
#[must_use]
pub const fn state_of(number: u8) -> Option<RowState> {
    match number {
        0 => Some(RowState::Synced),
        1 => Some(RowState::Pending),
        2 => Some(RowState::Stuck),
        _ => None,
    }
}

/// The class of a span: 0 for spans of up to two days, each next one eight times longer, the last one for what is longer
/// than about three years and for series without end.
///
/// An index on (class, start) answers an overlap with one range for each class ([`overlapping`]), and reads little that
/// does not overlap: within a class no span is much longer than the range has to be widened. An index on the start alone
/// would have to be read from the very beginning, because of one series that began there.
#[must_use]
pub fn class(span: Span) -> u8 {
    let length = span.end.saturating_sub(span.start);
    let class = LONGEST.iter().position(|longest| length <= *longest).unwrap_or(LONGEST.len());
    u8::try_from(class).unwrap_or(CLASSES - 1)
}

/// Where the spans that overlap `wanted` begin: `(class, first start, first start after)`. What is found there must still be
/// checked with [`Span::overlaps`].
pub fn overlapping(wanted: Span) -> impl Iterator<Item = (u8, i64, i64)> {
    let end = wanted.end.max(wanted.start.saturating_add(1));
    (0..CLASSES).map(move |class| {
        let longest = LONGEST.get(usize::from(class));
        (class, longest.map_or(i64::MIN, |length| wanted.start.saturating_sub(*length)), end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn table_numbers_lead_back_and_keep_the_push_order() {
        let numbers: Vec<u8> = Table::ALL.into_iter().map(table_number).collect();
        assert!(numbers.is_sorted());
        for table in Table::ALL {
            assert_eq!(table_of(table_number(table)), Some(table));
        }
        assert_eq!(table_of(55), None);
    }

    proptest! {
        #[test]
        fn every_overlapping_span_begins_in_the_range_of_its_class(
            start in -200_000i64..200_000, length in prop_oneof![-10i64..3000, 0i64..2_000_000, Just(253_402_300_799)],
            from in -200_000i64..200_000, wanted in 0i64..100_000,
        ) {
            // In minutes, so that all classes come up.
            let span = Span { start: start * 60_000, end: (start + length) * 60_000 };
            let wanted = Span { start: from * 60_000, end: (from + wanted) * 60_000 };
            if span.overlaps(wanted) {
                let (_, first, after) = overlapping(wanted).find(|(c, ..)| *c == class(span)).unwrap();
                prop_assert!(first <= span.start && span.start < after, "{span:?} {wanted:?}");
            }
        }
    }
}
