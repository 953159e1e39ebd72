//! The month: weeks of days with their events as bars and chips.

mod chip;
mod date_popover;
mod month_grid;
mod week_row;

pub(crate) use date_popover::DatePopover;
pub(crate) use month_grid::MonthGrid;
