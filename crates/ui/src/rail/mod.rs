//! The rail at the left: mini month, calendars, account.

mod calendar_dialog;
mod calendar_list;
mod delete_calendar;
mod mini_month;

pub(crate) use calendar_dialog::{CalendarDialog, CalendarForm};
pub(crate) use calendar_list::CalendarList;
pub(crate) use delete_calendar::DeleteCalendar;
pub(crate) use mini_month::MiniMonth;
