//! The all-day lane: bars over days, in as few rows as possible.

use chrono::NaiveDate;

/// A bar in the lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// Index of the first day shown, from 0.
    pub(crate) first: usize,
    /// Days shown, 1 at least.
    pub(crate) days: usize,
    /// From 0.
    pub(crate) row: usize,
    /// It began before the first day shown.
    pub(crate) from_before: bool,
    /// It goes on after the last day shown.
    pub(crate) to_after: bool,
}

/// Places events, given as dates `(first, last)` both included, in the days `shown` (consecutive). The answer is in
/// their order; none for those outside.
#[must_use]
pub(crate) fn lane(events: &[(NaiveDate, NaiveDate)], shown: &[NaiveDate]) -> Vec<Option<Bar>> {
    let mut bars = vec![None; events.len()];
    let (Some(&begin), Some(&end)) = (shown.first(), shown.last()) else { return bars };
    let mut order: Vec<usize> = (0..events.len()).filter(|&i| events[i].0 <= end && events[i].1 >= begin).collect();
    almanac_core::order::sort_by_key(&mut order, |&i| (events[i].0.max(begin), std::cmp::Reverse(events[i].1), i));

    // For each row the index of its first free day.
    let mut rows: Vec<usize> = Vec::new();
    let index = |date: NaiveDate| usize::try_from((date - begin).num_days()).unwrap_or(0);
    for i in order {
        let (first, last) = (index(events[i].0.max(begin)), index(events[i].1.min(end)));
        let row = rows.iter().position(|&free| free <= first).unwrap_or(rows.len());
        if row == rows.len() {
            rows.push(0);
        }
        rows[row] = last + 1;
        bars[i] = Some(Bar {
            first,
            days: last + 1 - first,
            row,
            from_before: events[i].0 < begin,
            to_after: events[i].1 > end,
        });
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn week() -> Vec<NaiveDate> {
        (16..=22).map(date).collect()
    }

    fn rows(events: &[(u32, u32)]) -> Vec<Option<(usize, usize, usize)>> {
        let events: Vec<_> = events.iter().map(|(a, b)| (date(*a), date(*b))).collect();
        lane(&events, &week()).into_iter().map(|bar| bar.map(|bar| (bar.first, bar.days, bar.row))).collect()
    }

    #[test]
    fn bars_share_a_row_when_they_do_not_meet() {
        assert_eq!(rows(&[(16, 17), (18, 20), (17, 18)]), [Some((0, 2, 0)), Some((2, 3, 0)), Some((1, 2, 1))]);
    }

    #[test]
    fn the_longer_one_stands_above() {
        assert_eq!(rows(&[(16, 16), (16, 19)]), [Some((0, 1, 1)), Some((0, 4, 0))]);
    }

    #[test]
    fn bars_are_cut_at_the_days_shown_and_say_so() {
        let bars = lane(&[(date(10), date(28)), (date(1), date(2))], &week());
        let bar = Bar { first: 0, days: 7, row: 0, from_before: true, to_after: true };
        assert_eq!(bars, [Some(bar), None]);
    }
}
