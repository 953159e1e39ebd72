//! Where a popover stands: beside what it is about, inside the window.

use dioxus::{html::geometry::PixelsRect, prelude::*};

/// A rectangle in the window, px.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Anchor {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Anchor {
    /// Where an element is; the corner if it is gone.
    pub(crate) async fn of(element: Option<&MountedData>) -> Self {
        let Some(element) = element else { return Self::default() };
        element.get_client_rect().await.map(Self::from).unwrap_or_default()
    }
}

impl From<PixelsRect> for Anchor {
    fn from(rect: PixelsRect) -> Self {
        Self { x: rect.min_x(), y: rect.min_y(), width: rect.width(), height: rect.height() }
    }
}

/// Space between popover and anchor, and between popover and window.
const GAP: f64 = 8.0;

/// Left and top of a box `width` × `height` beside the anchor in a window: at its right, else at its left, else below
/// or above it.
pub(crate) fn beside(anchor: Anchor, (width, height): (f64, f64), (window, window_height): (f64, f64)) -> (f64, f64) {
    let within = |x: f64, size: f64, room: f64| x.min(room - size - GAP).max(GAP);
    let right = anchor.x + anchor.width + GAP;
    let left = anchor.x - GAP - width;
    if right + width + GAP <= window || left >= GAP {
        let x = if right + width + GAP <= window { right } else { left };
        return (x, within(anchor.y, height, window_height));
    }
    let below = anchor.y + anchor.height + GAP;
    let y = if below + height + GAP <= window_height { below } else { anchor.y - GAP - height };
    (within(anchor.x, width, window), within(y, height, window_height))
}

/// Left and top of a box under the anchor, their right edges in line; for panels of the top bar.
pub(crate) fn under(anchor: Anchor, (width, height): (f64, f64), (window, window_height): (f64, f64)) -> (f64, f64) {
    let x = (anchor.x + anchor.width - width).min(window - width - GAP).max(GAP);
    (x, (anchor.y + anchor.height + GAP).min(window_height - height - GAP).max(GAP))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: (f64, f64) = (1440.0, 900.0);
    const SIZE: (f64, f64) = (320.0, 280.0);

    fn at(x: f64, y: f64) -> (f64, f64) {
        beside(Anchor { x, y, width: 160.0, height: 48.0 }, SIZE, WINDOW)
    }

    #[test]
    fn it_stands_at_the_right_if_there_is_room_else_at_the_left() {
        assert_eq!(at(400.0, 200.0), (568.0, 200.0));
        assert_eq!(at(1200.0, 200.0), (872.0, 200.0));
    }

    #[test]
    fn it_stays_in_the_window() {
        assert_eq!(at(400.0, 850.0), (568.0, 612.0));
        assert_eq!(at(400.0, -90.0), (568.0, 8.0));
    }

    #[test]
    fn a_panel_hangs_under_its_button() {
        assert_eq!(under(Anchor { x: 1000.0, y: 12.0, width: 100.0, height: 28.0 }, SIZE, WINDOW), (780.0, 48.0));
        assert_eq!(under(Anchor { x: 10.0, y: 12.0, width: 100.0, height: 28.0 }, SIZE, WINDOW), (8.0, 48.0));
    }

    #[test]
    fn under_a_wide_anchor_it_stands_below_or_above() {
        let wide = |y| beside(Anchor { x: 10.0, y, width: 1400.0, height: 22.0 }, SIZE, WINDOW);
        assert_eq!(wide(100.0), (10.0, 130.0));
        assert_eq!(wide(800.0), (10.0, 512.0));
    }
}
