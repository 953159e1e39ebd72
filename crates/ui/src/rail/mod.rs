//! The rail at the left: mini month, calendars, account.

mod calendar_list;
mod mini_month;

pub(crate) use calendar_list::CalendarList;
pub(crate) use mini_month::MiniMonth;
