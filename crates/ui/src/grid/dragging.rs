//! A drag as the pointer has it.

use crate::{
    layout::{Drag, DragKind, Moved, Spot},
    state::Shown,
};
use chrono::NaiveDate;
use dioxus::html::geometry::PixelsRect;

/// Px the pointer must travel before a press becomes a drag.
const SLACK: f64 = 4.0;

/// A press that is or may become a drag.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dragging {
    pub(crate) kind: DragKind,
    /// The event; none when one is made.
    pub(crate) shown: Option<Shown>,
    pub(crate) before: Moved,
    /// Where it was pressed and where the pointer is, px in the window.
    pub(crate) origin: (f64, f64),
    pub(crate) at: (f64, f64),
    /// The columns in the window at the press and now: scrolling moves them apart.
    pub(crate) rects: Option<(PixelsRect, PixelsRect)>,
    /// The pointer has travelled.
    pub(crate) active: bool,
}

impl Dragging {
    /// Follows the pointer.
    pub(crate) fn follow(&mut self, at: (f64, f64)) {
        self.at = at;
        self.active |= (at.0 - self.origin.0).hypot(at.1 - self.origin.1) >= SLACK;
    }

    /// The drag on the grid, once the columns were measured.
    pub(crate) fn on_grid(&self, days: &[NaiveDate]) -> Option<Drag> {
        let (first, now) = self.rects?;
        Some(Drag {
            kind: self.kind,
            from: spot(self.origin, first, days)?,
            to: spot(self.at, now, days)?,
            before: self.before,
        })
    }
}

/// The spot under a point of the window.
pub(crate) fn spot(at: (f64, f64), rect: PixelsRect, days: &[NaiveDate]) -> Option<Spot> {
    Spot::at(at.0 - rect.min_x(), at.1 - rect.min_y(), rect.width(), rect.height() / 24.0, days)
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
            origin: (150.0, 600.0),
            at: (150.0, 600.0),
            rects: None,
            active: false,
        }
    }

    fn rect(y: f64) -> PixelsRect {
        PixelsRect::new(Point2D::new(100.0, y), Size2D::new(700.0, 1152.0))
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
    fn scrolling_under_a_still_pointer_moves_the_event() {
        let days: Vec<NaiveDate> = "2026-11-16".parse::<NaiveDate>().unwrap().iter_days().take(7).collect();
        let mut press = press();
        assert_eq!(press.on_grid(&days), None);
        press.rects = Some((rect(0.0), rect(-48.0)));
        let drag = press.on_grid(&days).unwrap();
        assert_eq!(drag.to.minute - drag.from.minute, 60);
    }
}
