//! The rail at the left: mini month, calendars, categories, account.

mod calendar_list;
mod category_list;
mod mini_month;
mod ticked;

pub(crate) use calendar_list::CalendarList;
pub(crate) use category_list::CategoryList;
pub(crate) use mini_month::MiniMonth;
