//! A drag as the pointer has it.

use crate::{
    layout::{Drag, DragKind, Moved, Spot},
    state::{Anchor, Shown},
    time::Zone,
};
use chrono::NaiveDate;
use dioxus::html::geometry::PixelsRect;

/// Px the pointer must travel before a press becomes a drag.
const SLACK: f64 = 4.0;
/// Px a finger may tremble while it holds still.
const TREMBLE: f64 = 10.0;

/// Where days and hours are in the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ground {
    /// The columns at the press and now (scrolling moves them apart), and the lower end of the head with the lane.
    Days { first: PixelsRect, now: PixelsRect, head: f64 },
    /// Weeks below each other, at the press and now.
    Weeks { first: PixelsRect, now: PixelsRect },
}

impl Ground {
    /// The spot under a point of the window, as the grid is scrolled now.
    pub(crate) fn spot(self, at: (f64, f64), days: &[NaiveDate]) -> Option<Spot> {
        match self {
            Self::Days { now, head, .. } => {
                let spot = spot(at, now, days)?;
                Some(if at.1 < head { Spot { minute: None, ..spot } } else { spot })
            }
            Self::Weeks { now, .. } => week_spot(at, now, days),
        }
    }

    /// Where a new event is in the window.
    #[allow(clippy::cast_precision_loss, reason = "minutes and days")]
    pub(crate) fn anchor(self, moved: Moved, all_day: bool, at: (f64, f64), days: &[NaiveDate], zone: Zone) -> Anchor {
        match self {
            Self::Days { now: rect, .. } if !all_day => {
                let date = zone.date(moved.start);
                let index = days.iter().position(|day| *day == date).unwrap_or(0) as f64;
                let width = rect.width() / days.len().max(1) as f64;
                let minute = rect.height() / 1440.0;
                Anchor {
                    x: rect.min_x() + index * width,
                    y: rect.min_y() + zone.minute(moved.start) as f64 * minute,
                    width,
                    height: moved.minutes as f64 * minute,
                }
            }
            _ => Anchor { x: at.0, y: at.1, width: 0.0, height: 0.0 },
        }
    }
}

/// A press that is or may become a drag.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dragging {
    pub(crate) kind: DragKind,
    /// The event; none when one is made.
    pub(crate) shown: Option<Shown>,
    pub(crate) before: Moved,
    /// Whether the event is all-day, or a new one would be.
    pub(crate) all_day: bool,
    /// Pressed where there are dates but no hours.
    pub(crate) whole: bool,
    /// Where it was pressed and where the pointer is, px in the window.
    pub(crate) origin: (f64, f64),
    pub(crate) at: (f64, f64),
    /// Where the days are; none until they were measured.
    pub(crate) ground: Option<Ground>,
    /// The pointer has travelled, or a finger has held still.
    pub(crate) active: bool,
    /// A copy is dragged.
    pub(crate) copy: bool,
    /// A finger that has not held still long enough.
    pub(crate) waits: bool,
}

impl Dragging {
    /// Follows the pointer.
    pub(crate) fn follow(&mut self, at: (f64, f64)) {
        self.at = at;
        self.active |= !self.waits && self.distance(at) >= SLACK;
    }

    /// Whether a finger has left the spot where it was put down.
    pub(crate) fn travelled(&self, at: (f64, f64)) -> bool {
        self.distance(at) >= TREMBLE
    }

    fn distance(&self, at: (f64, f64)) -> f64 {
        (at.0 - self.origin.0).hypot(at.1 - self.origin.1)
    }

    /// Whether it is about dates and no hours: a body above the end of the head, or what was pressed in the lane.
    pub(crate) fn is_over_lane(&self, head: f64) -> bool {
        if self.kind == DragKind::Move { self.at.1 < head } else { self.whole }
    }

    /// The drag on the grid, once it was measured.
    pub(crate) fn on_grid(&self, days: &[NaiveDate]) -> Option<Drag> {
        let whole = |spot: Spot, whole: bool| if whole { Spot { minute: None, ..spot } } else { spot };
        let (from, to) = match self.ground? {
            Ground::Days { first, now, head } => {
                let to = whole(spot(self.at, now, days)?, self.is_over_lane(head));
                (whole(spot(self.origin, first, days)?, self.whole), to)
            }
            Ground::Weeks { first, now } => (week_spot(self.origin, first, days)?, week_spot(self.at, now, days)?),
        };
        Some(Drag { kind: self.kind, from, to, before: self.before, all_day: self.all_day })
    }
}

/// The spot under a point of the window, in columns.
fn spot(at: (f64, f64), rect: PixelsRect, days: &[NaiveDate]) -> Option<Spot> {
    Spot::at(at.0 - rect.min_x(), at.1 - rect.min_y(), rect.width(), rect.height() / 24.0, days)
}

/// The date under a point of the window, in rows of weeks.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "pixels")]
fn week_spot(at: (f64, f64), rect: PixelsRect, days: &[NaiveDate]) -> Option<Spot> {
    let weeks = days.len() / 7;
    let index = |part: f64, size: f64, count: usize| {
        (part / size.max(1.0) * count as f64).floor().clamp(0.0, count.saturating_sub(1) as f64) as usize
    };
    let row = index(at.1 - rect.min_y(), rect.height(), weeks);
    let column = index(at.0 - rect.min_x(), rect.width(), 7);
    Some(Spot { date: *days.get(row * 7 + column)?, minute: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use dioxus::html::geometry::euclid::{Point2D, Size2D};

    fn press() -> Dragging {
        let start = "2026-11-16T11:00:00Z".parse().unwrap();
        Dragging {
            kind: DragKind::Move,
            shown: None,
            before: Moved { start, minutes: 60 },
            all_day: false,
            whole: false,
            origin: (150.0, 600.0),
            at: (150.0, 600.0),
            ground: None,
            active: false,
            copy: false,
            waits: false,
        }
    }

    fn rect(y: f64) -> PixelsRect {
        PixelsRect::new(Point2D::new(100.0, y), Size2D::new(700.0, 1152.0))
    }

    fn days(count: usize) -> Vec<NaiveDate> {
        "2026-11-16".parse::<NaiveDate>().unwrap().iter_days().take(count).collect()
    }

    #[test]
    fn a_press_is_no_drag_until_the_pointer_travels() {
        let mut press = press();
        press.follow((152.0, 602.0));
        assert!(!press.active);
        press.follow((150.0, 605.0));
        assert!(press.active);
        press.follow((150.0, 600.0));
        assert!(press.active, "back at the start it still is one");
    }

    #[test]
    fn a_finger_drags_only_after_it_has_waited() {
        let mut press = Dragging { waits: true, ..press() };
        press.follow((150.0, 620.0));
        assert!(!press.active);
        assert!(press.travelled((150.0, 620.0)));
        assert!(!press.travelled((154.0, 604.0)), "fingers tremble");
    }

    #[test]
    fn scrolling_under_a_still_pointer_moves_the_event() {
        let days = days(7);
        let mut press = press();
        assert_eq!(press.on_grid(&days), None);
        press.ground = Some(Ground::Days { first: rect(0.0), now: rect(-48.0), head: 0.0 });
        let drag = press.on_grid(&days).unwrap();
        assert_eq!(drag.to.minute.unwrap() - drag.from.minute.unwrap(), 60);
    }

    #[test]
    fn weeks_that_scroll_under_a_still_pointer_move_the_event_too() {
        let days = days(35);
        let mut press = press();
        press.ground = Some(Ground::Weeks { first: rect(0.0), now: rect(-500.0) });
        let drag = press.on_grid(&days).unwrap();
        assert_eq!((drag.from.date, drag.to.date), (days[14], days[28]));
    }

    #[test]
    fn over_the_head_a_drag_is_over_the_lane() {
        let days = days(7);
        let mut press = press();
        press.ground = Some(Ground::Days { first: rect(0.0), now: rect(0.0), head: 120.0 });
        press.follow((450.0, 90.0));
        assert_eq!(press.on_grid(&days).unwrap().to, Spot { date: days[3], minute: None });
        press.kind = DragKind::End;
        assert!(press.on_grid(&days).unwrap().to.minute.is_some(), "an edge of the grid stays in it");
    }

    #[test]
    fn what_is_dragged_in_the_lane_scrolls_no_hours() {
        let mut press = press();
        assert!(!press.is_over_lane(120.0));
        press.follow((450.0, 90.0));
        assert!(press.is_over_lane(120.0));
        press.kind = DragKind::Create;
        assert!(!press.is_over_lane(120.0), "drawn from the hours up to their edge");
        press.whole = true;
        press.follow((450.0, 300.0));
        assert!(press.is_over_lane(120.0));
    }

    #[test]
    fn in_the_month_points_are_dates() {
        let days = days(35);
        let rect = PixelsRect::new(Point2D::new(0.0, 100.0), Size2D::new(700.0, 500.0));
        let at = |x, y| week_spot((x, y), rect, &days).unwrap().date;
        assert_eq!(at(10.0, 110.0), days[0]);
        assert_eq!(at(250.0, 350.0), days[16]);
        assert_eq!(at(9999.0, 9999.0), days[34]);
        assert_eq!(at(-5.0, -5.0), days[0]);
    }
}
