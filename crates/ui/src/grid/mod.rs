//! Days beside each other with the hours of the day down the side.

mod bar_event;
mod column;
mod day_head;
mod drag_layer;
mod dragging;
mod event_block;
mod lane;
mod now_line;
mod placed;
mod time_grid;

pub(crate) use bar_event::BarEvent;
pub(crate) use dragging::Dragging;
pub(crate) use placed::may_edit;
pub(crate) use placed::spoken;
pub(crate) use time_grid::{Asked, TimeGrid};
