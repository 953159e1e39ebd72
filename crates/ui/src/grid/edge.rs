//! Hours and weeks scroll under what is dragged to their upper or lower edge, for as long as it rests there.

use super::use_drag::Drags;
use crate::state::{Ui, use_ui};
use dioxus::{html::geometry::PixelsVector2D, prelude::*};
use std::{rc::Rc, time::Duration};

/// What only passes the edge, on its way from the lane, scrolls nothing.
const BEFORE: Duration = Duration::from_millis(200);
/// From one step to the next.
const BETWEEN: Duration = Duration::from_millis(60);

type Mounted = Signal<Option<Rc<MountedData>>>;

/// Copy it into handlers.
#[derive(Clone, Copy)]
pub(crate) struct Edge {
    ui: Ui,
    drags: Drags,
    scroller: Mounted,
    /// It stands over them: their upper edge is its lower one.
    head: Mounted,
    scrolls: CopyValue<bool>,
}

/// The edges of a grid.
pub(crate) fn use_edge(drags: Drags, scroller: Mounted, head: Mounted) -> Edge {
    let (ui, scrolls) = (use_ui(), use_hook(|| CopyValue::new(false)));
    Edge { ui, drags, scroller, head, scrolls }
}

impl Edge {
    /// Something was dragged to where it is now.
    pub(crate) fn dragged(mut self) {
        let Some(info) = self.ui.shell.peek().clone().filter(|_| !self.scrolls.replace(true)) else { return };
        spawn(async move {
            let mut pause = BEFORE;
            while let Some((scroller, to)) = self.step().await {
                if pause == BETWEEN {
                    let _ = scroller.scroll(to, ScrollBehavior::Instant).await;
                }
                info.sleep(pause).await;
                pause = BETWEEN;
            }
            self.scrolls.set(false);
        });
    }

    /// Where to scroll to, if there is something at an edge and anything left to scroll.
    async fn step(self) -> Option<(Rc<MountedData>, PixelsVector2D)> {
        let (scroller, head) = (self.scroller.peek().clone()?, self.head.peek().clone()?);
        let (room, head) = (scroller.get_client_rect().await.ok()?, head.get_client_rect().await.ok()?.max_y());
        let (offset, size) = (scroller.get_scroll_offset().await.ok()?, scroller.get_scroll_size().await.ok()?);
        let y = self.drags.height_over_grid(head)?;
        let to = next_offset(y, (head, room.max_y()), offset.y, size.height - room.height())?;
        Some((scroller, PixelsVector2D::new(offset.x, to)))
    }
}

/// How far a grid visible between `top` and `bottom`, scrolled by `offset` of at most `most`, are scrolled next when the
/// pointer is at `y`, px; none in the middle, and when they are at their end.
fn next_offset(y: f64, (top, bottom): (f64, f64), offset: f64, most: f64) -> Option<f64> {
    const EDGE: f64 = 32.0;
    const STEP: f64 = 24.0;
    let by = if y < top + EDGE {
        -STEP
    } else if y > bottom - EDGE {
        STEP
    } else {
        return None;
    };
    let to = (offset + by).clamp(0.0, most.max(0.0));
    ((to - offset).abs() >= 1.0).then_some(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_edges_scroll() {
        let to = |y| next_offset(y, (140.0, 900.0), 300.0, 400.0);
        assert_eq!(to(150.0), Some(276.0));
        assert_eq!(to(500.0), None);
        assert_eq!(to(890.0), Some(324.0));
    }

    #[test]
    fn at_the_ends_nothing_is_left_to_scroll() {
        let to = |y, offset| next_offset(y, (140.0, 900.0), offset, 400.0);
        assert_eq!(to(890.0, 390.0), Some(400.0));
        assert_eq!(to(890.0, 400.0), None);
        assert_eq!(to(890.0, 399.6), None, "parts of a pixel are none");
        assert_eq!(to(150.0, 10.0), Some(0.0));
        assert_eq!(to(150.0, 0.0), None);
    }
}
