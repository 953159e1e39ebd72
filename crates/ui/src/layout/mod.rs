//! Where events stand in the grids. Pure: events in, fractions and rows out.

mod drag;
mod elements;
mod lane;
mod overlap;
mod segment;
mod work;

pub(crate) use drag::{Drag, DragKind, Moved, Spot};
pub(crate) use elements::Elements;
pub(crate) use lane::{Bar, lane};
pub(crate) use overlap::{Crowd, Slot, overlap};
pub(crate) use segment::{Segment, all_day_dates, segments, stands_in_lane};
pub(crate) use work::{off_hours, schedule_key};
