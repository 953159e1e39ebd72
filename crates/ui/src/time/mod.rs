//! Dates and times as a person reads them: zones, weeks, words. Pure, so that every rule is a unit test.

mod format;
mod input;
mod week;
mod zone;

pub(crate) use format::{Clock, full_date, length, month, months};
pub(crate) use input::parse_time;
pub(crate) use week::{month_days, week_days, week_number, weekdays};
pub(crate) use zone::Zone;
