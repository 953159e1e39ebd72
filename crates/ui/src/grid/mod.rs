//! Days beside each other with the hours of the day down the side.

mod bar_event;
mod bar_ghost;
mod column;
mod day_head;
mod drag_layer;
mod dragging;
mod edge;
mod event_block;
mod lane;
mod now_line;
mod placed;
mod time_grid;
mod use_drag;

pub(crate) use bar_event::BarEvent;
pub(crate) use bar_ghost::BarGhost;
pub(crate) use dragging::Dragging;
pub(crate) use edge::use_edge;
pub(crate) use placed::{full_name, is_past, marks, may_delete, may_edit, signs, spoken, why_fixed};
pub(crate) use time_grid::{Asked, TimeGrid};
pub(crate) use use_drag::{Measure, Press, use_drags};
