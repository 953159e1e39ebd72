//! What a drag means: from where the pointer is to new times, in steps of 15 minutes or of days.

use crate::time::Zone;
use almanac_core::domain::Event;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Minutes of a step.
const STEP: i64 = 15;
/// Minutes of a date.
const DAY: i64 = 1440;

/// A spot on the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The date of the column.
    pub(crate) date: NaiveDate,
    /// The minute of the day, 0–1440, not snapped; none where there are dates only: in the lane and the month.
    pub(crate) minute: Option<i64>,
}

impl Spot {
    /// The spot at `x`, `y` (px from the grid's corner) in columns of `days` over `width` px, `hour` px an hour.
    /// Outside counts as the nearest edge.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "pixels")]
    pub(crate) fn at(x: f64, y: f64, width: f64, hour: f64, days: &[NaiveDate]) -> Option<Self> {
        let last = days.len().checked_sub(1)?;
        let column = (x / (width.max(1.0) / days.len() as f64)).floor().clamp(0.0, last as f64) as usize;
        let minute = (y / hour.max(1.0) * 60.0).clamp(0.0, 1440.0) as i64;
        Some(Self { date: days[column], minute: Some(minute) })
    }

    fn minutes_since(self, other: Self) -> i64 {
        self.days_since(other) * 1440 + self.minute.unwrap_or(0) - other.minute.unwrap_or(0)
    }

    fn days_since(self, other: Self) -> i64 {
        (self.date - other.date).num_days()
    }
}

/// What is dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DragKind {
    /// Free grid: a new event.
    Create,
    /// An event's body.
    Move,
    /// Its lower edge.
    End,
    /// Its upper edge.
    Start,
}

/// The times a drag leads to, by the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    /// First instant.
    pub(crate) start: DateTime<Utc>,
    /// Length in minutes.
    pub(crate) minutes: i64,
}

impl Moved {
    /// Those that the event has.
    pub(crate) fn of(event: &Event) -> Self {
        Self { start: event.start_time, minutes: event.duration }
    }
}

/// A drag under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drag {
    /// What is dragged.
    pub(crate) kind: DragKind,
    /// Where it began.
    pub(crate) from: Spot,
    /// Where it is.
    pub(crate) to: Spot,
    /// The times before.
    pub(crate) before: Moved,
    /// Whether the event is all-day.
    pub(crate) all_day: bool,
}

impl Drag {
    /// Where it would end if one let go now, and whether it would be all-day.
    #[must_use]
    pub(crate) fn result(&self, zone: Zone) -> (Moved, bool) {
        match (self.kind, self.from.minute, self.to.minute) {
            (DragKind::Create, None, _) => {
                let (first, last) = (self.from.date.min(self.to.date), self.from.date.max(self.to.date));
                (Moved { start: midnight(first), minutes: ((last - first).num_days() + 1) * DAY }, true)
            }
            // From the hours into the lane, and back.
            (DragKind::Move, Some(_), None) => (Moved { start: midnight(self.to.date), minutes: DAY }, true),
            (DragKind::Move, None, Some(minute)) if self.all_day => {
                (Moved { start: zone.at(self.to.date, floor(minute).min(1380)), minutes: 60 }, false)
            }
            (_, None, _) => (self.by_days(zone), self.all_day),
            _ => (self.by_minutes(zone), false),
        }
    }

    /// Whole dates.
    fn by_days(&self, zone: Zone) -> Moved {
        let by = self.to.days_since(self.from);
        let (start, end) = (self.before.start, self.before.start + TimeDelta::minutes(self.before.minutes));
        let shift = |at: DateTime<Utc>| if self.all_day { at + TimeDelta::days(by) } else { shift(zone, at, by * DAY) };
        let least = TimeDelta::minutes(if self.all_day { DAY } else { STEP });
        let (start, end) = match self.kind {
            DragKind::Move | DragKind::Create => return Moved { start: shift(start), ..self.before },
            DragKind::End => (start, shift(end).max(start + least)),
            DragKind::Start => (shift(start).min(end - least), end),
        };
        Moved { start, minutes: (end - start).num_minutes() }
    }

    fn by_minutes(&self, zone: Zone) -> Moved {
        let by = snap(self.to.minutes_since(self.from));
        let (start, end) = (self.before.start, self.before.start + TimeDelta::minutes(self.before.minutes));
        match self.kind {
            DragKind::Create => {
                let (a, b) =
                    if self.to.minutes_since(self.from) < 0 { (self.to, self.from) } else { (self.from, self.to) };
                let (a_minute, b_minute) = (a.minute.unwrap_or(0), b.minute.unwrap_or(0));
                let (from, to) = (floor(a_minute), ceil(b_minute).max(floor(b_minute) + STEP));
                let from = zone.at(a.date, from);
                Moved { start: from, minutes: (zone.at(b.date, to.min(1440)) - from).num_minutes().max(STEP) }
            }
            // The wall time moves, the length stays: a meeting dragged over a clock change keeps its hour.
            DragKind::Move => Moved { start: shift(zone, start, by), minutes: self.before.minutes },
            DragKind::End => {
                let end = shift(zone, end, snap_to(zone, end, by));
                Moved { start, minutes: (end - start).num_minutes().max(STEP) }
            }
            DragKind::Start => {
                let begin = shift(zone, start, snap_to(zone, start, by)).min(end - TimeDelta::minutes(STEP));
                Moved { start: begin, minutes: (end - begin).num_minutes() }
            }
        }
    }
}

/// An all-day event begins at midnight UTC of its date, in every zone.
fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// Moves an instant by wall minutes.
fn shift(zone: Zone, instant: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
    if minutes == 0 { instant } else { zone.instant(zone.wall(instant) + TimeDelta::minutes(minutes)) }
}

/// So many minutes that the moved edge lands on a step: a meeting to 10:50 is pulled to 11:00, not 11:05.
fn snap_to(zone: Zone, edge: DateTime<Utc>, by: i64) -> i64 {
    if by == 0 {
        return 0;
    }
    let minute = zone.minute(edge);
    snap(minute + by) - minute
}

const fn snap(minutes: i64) -> i64 {
    (minutes + STEP / 2).div_euclid(STEP) * STEP
}

const fn floor(minute: i64) -> i64 {
    minute.div_euclid(STEP) * STEP
}

const fn ceil(minute: i64) -> i64 {
    (minute + STEP - 1).div_euclid(STEP) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Zone {
        Zone::choose(None, "Europe/Berlin")
    }

    fn spot(day: &str, minute: i64) -> Spot {
        Spot { date: day.parse().unwrap(), minute: Some(minute) }
    }

    fn drag(kind: DragKind, from: Spot, to: Spot, start: &str, minutes: i64) -> (String, i64) {
        let before = Moved { start: start.parse().unwrap(), minutes };
        let (moved, _) = Drag { kind, from, to, before, all_day: false }.result(berlin());
        (moved.start.format("%dT%H:%M").to_string(), moved.minutes)
    }

    #[test]
    fn the_pointer_names_a_column_and_a_minute() {
        let days: Vec<NaiveDate> = "2026-11-16".parse::<NaiveDate>().unwrap().iter_days().take(7).collect();
        let at = |x, y| Spot::at(x, y, 700.0, 48.0, &days).unwrap();
        assert_eq!(at(250.0, 48.0 * 9.5), spot("2026-11-18", 570));
        assert_eq!(at(-5.0, -5.0), spot("2026-11-16", 0));
        assert_eq!(at(9999.0, 9999.0), spot("2026-11-22", 1440));
        assert_eq!(Spot::at(0.0, 0.0, 700.0, 48.0, &[]), None);
    }

    const NOON: &str = "2026-11-16T11:00:00Z";

    #[test]
    fn creating_fills_the_steps_touched_in_both_directions() {
        let day = "2026-11-16";
        assert_eq!(drag(DragKind::Create, spot(day, 545), spot(day, 595), NOON, 0), ("16T08:00".into(), 60));
        assert_eq!(drag(DragKind::Create, spot(day, 595), spot(day, 545), NOON, 0), ("16T08:00".into(), 60));
        assert_eq!(drag(DragKind::Create, spot(day, 545), spot(day, 546), NOON, 0), ("16T08:00".into(), 15));
        assert_eq!(drag(DragKind::Create, spot(day, 1430), spot(day, 1440), NOON, 0), ("16T22:45".into(), 15));
    }

    #[test]
    fn creating_over_two_columns_makes_one_event_over_midnight() {
        let made = drag(DragKind::Create, spot("2026-11-16", 1320), spot("2026-11-17", 115), NOON, 0);
        assert_eq!(made, ("16T21:00".into(), 240));
    }

    #[test]
    fn moving_keeps_the_length_and_goes_in_steps() {
        let moved = drag(DragKind::Move, spot("2026-11-16", 730), spot("2026-11-18", 769), NOON, 50);
        assert_eq!(moved, ("18T11:45".into(), 50));
    }

    #[test]
    fn moving_over_a_clock_change_keeps_the_wall_time() {
        let moved = drag(DragKind::Move, spot("2026-10-23", 600), spot("2026-10-26", 600), "2026-10-23T08:00:00Z", 60);
        assert_eq!(moved, ("26T09:00".into(), 60));
    }

    #[test]
    fn an_edge_lands_on_a_step_and_leaves_a_quarter_hour_at_least() {
        let day = "2026-11-16";
        // 12:00–12:50, the lower edge pulled by 12 minutes.
        assert_eq!(drag(DragKind::End, spot(day, 770), spot(day, 782), NOON, 50), ("16T11:00".into(), 60));
        assert_eq!(drag(DragKind::End, spot(day, 770), spot(day, 300), NOON, 50), ("16T11:00".into(), 15));
        assert_eq!(drag(DragKind::Start, spot(day, 720), spot(day, 690), NOON, 60), ("16T10:30".into(), 90));
        assert_eq!(drag(DragKind::Start, spot(day, 720), spot(day, 1200), NOON, 60), ("16T11:45".into(), 15));
    }

    fn whole(kind: DragKind, from: &str, to: &str, (start, days): (&str, i64)) -> (String, i64, bool) {
        let spot = |day: &str| Spot { date: day.parse().unwrap(), minute: None };
        let before = Moved { start: start.parse().unwrap(), minutes: days * 1440 };
        let (moved, all_day) = Drag { kind, from: spot(from), to: spot(to), before, all_day: true }.result(berlin());
        (moved.start.format("%d").to_string(), moved.minutes / 1440, all_day)
    }

    #[test]
    fn in_the_lane_bars_are_made_moved_and_pulled_by_days() {
        let two = ("2026-11-16T00:00:00Z", 2);
        assert_eq!(whole(DragKind::Create, "2026-11-18", "2026-11-16", two), ("16".into(), 3, true));
        assert_eq!(whole(DragKind::Move, "2026-11-17", "2026-11-20", two), ("19".into(), 2, true));
        assert_eq!(whole(DragKind::End, "2026-11-17", "2026-11-20", two), ("16".into(), 5, true));
        assert_eq!(whole(DragKind::End, "2026-11-17", "2026-11-10", two), ("16".into(), 1, true));
        assert_eq!(whole(DragKind::Start, "2026-11-16", "2026-11-15", two), ("15".into(), 3, true));
        assert_eq!(whole(DragKind::Start, "2026-11-16", "2026-11-25", two), ("17".into(), 1, true));
    }

    #[test]
    fn between_lane_and_hours_an_event_becomes_the_other_kind() {
        let lane = |day: &str| Spot { date: day.parse().unwrap(), minute: None };
        let before = Moved { start: NOON.parse().unwrap(), minutes: 90 };
        let (from, to) = (spot("2026-11-16", 730), lane("2026-11-18"));
        let up = Drag { kind: DragKind::Move, from, to, before, all_day: false }.result(berlin());
        assert_eq!(up, (Moved { start: "2026-11-18T00:00:00Z".parse().unwrap(), minutes: 1440 }, true));

        let before = Moved { start: "2026-11-16T00:00:00Z".parse().unwrap(), minutes: 2880 };
        let (from, to) = (lane("2026-11-16"), spot("2026-11-18", 607));
        let down = Drag { kind: DragKind::Move, from, to, before, all_day: true }.result(berlin());
        assert_eq!(down, (Moved { start: "2026-11-18T09:00:00Z".parse().unwrap(), minutes: 60 }, false));
    }

    #[test]
    fn in_the_month_a_timed_event_keeps_its_wall_time() {
        let lane = |day: &str| Spot { date: day.parse().unwrap(), minute: None };
        let before = Moved { start: "2026-10-23T08:00:00Z".parse().unwrap(), minutes: 60 };
        let (from, to) = (lane("2026-10-23"), lane("2026-10-26"));
        let moved = Drag { kind: DragKind::Move, from, to, before, all_day: false }.result(berlin());
        assert_eq!(moved, (Moved { start: "2026-10-26T09:00:00Z".parse().unwrap(), minutes: 60 }, false));
    }

    #[test]
    fn a_drag_that_went_nowhere_changes_nothing() {
        let spot = spot("2026-11-16", 727);
        for kind in [DragKind::Move, DragKind::End, DragKind::Start] {
            assert_eq!(drag(kind, spot, spot, "2026-11-16T11:07:00Z", 50), ("16T11:07".into(), 50));
        }
    }
}
