//! Dates and times as a person reads them: zones, weeks, words. Pure, so that every rule is a unit test.

mod date_input;
mod format;
mod input;
mod names;
mod tz;
mod week;
mod zone;

pub(crate) use date_input::{date_typed, is_possible, iso_date, parse_date};
pub(crate) use format::{Clock, date_only, day_month, full_date, length, month, months};
pub(crate) use input::parse_time;
pub(crate) use names::{month_short, weekday, weekday_short, weekday_tiny};
pub(crate) use week::{month_days, week_days, week_number, week_start, weekdays};
pub(crate) use zone::Zone;
