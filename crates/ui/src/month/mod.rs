//! The month: weeks of days with their events as bars and chips.

mod chip;
mod month_grid;
mod week_row;

pub(crate) use month_grid::MonthGrid;
