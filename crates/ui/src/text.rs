//! Every string a person reads, in one place: Fluent takes over from here.

use crate::state::View;
use almanac_core::domain::ShowTimeAs;

pub(crate) const APP: &str = "Almanac";
pub(crate) const TODAY: &str = "Today";
pub(crate) const NEW_EVENT: &str = "New event";
pub(crate) const EDIT_EVENT: &str = "Edit event";
pub(crate) const UNTITLED: &str = "(no title)";
pub(crate) const NOT_SENT: &str = "Not sent yet";
pub(crate) const REFUSED: &str = "Refused by the server";
pub(crate) const BAD_DATE: &str = "Give a date like 2026-11-23.";
pub(crate) const FAR_DATE: &str = "The year must lie between 1 and 9989.";
pub(crate) const BAD_TIME: &str = "Give a time like 9:30 or 2pm.";
pub(crate) const END_BEFORE_START: &str = "The end lies before the start.";
pub(crate) const TOO_LONG_EVENT: &str = "An event can last ten years at most.";
pub(crate) const NOT_HERE: &str = "These days are not on this device yet.";

/// The label of a view in the switch.
pub(crate) const fn view(view: View) -> &'static str {
    match view {
        View::Day => "Day",
        View::ThreeDays => "3 days",
        View::Week => "Week",
        View::Month => "Month",
    }
}

/// Names the button that goes on by a period.
pub(crate) const fn next(view: View) -> &'static str {
    match view {
        View::Day => "Next day",
        View::ThreeDays => "Next three days",
        View::Week => "Next week",
        View::Month => "Next month",
    }
}

/// Names the button that goes back by a period.
pub(crate) const fn previous(view: View) -> &'static str {
    match view {
        View::Day => "Previous day",
        View::ThreeDays => "Previous three days",
        View::Week => "Previous week",
        View::Month => "Previous month",
    }
}

/// How the time counts.
pub(crate) const fn show_as(show: ShowTimeAs) -> &'static str {
    match show {
        ShowTimeAs::Free => "Free",
        ShowTimeAs::Tentative => "Tentative",
        ShowTimeAs::Busy => "Busy",
        ShowTimeAs::Oof => "Out of office",
        ShowTimeAs::WorkingElsewhere => "Working elsewhere",
    }
}

pub(crate) fn from_to(from: &str, to: &str) -> String {
    format!("{from} to {to}")
}

pub(crate) fn too_long(is: usize, most: usize) -> String {
    format!("{is} characters; {most} is the most.")
}

pub(crate) fn title_or_none(title: &str) -> &str {
    if title.trim().is_empty() { UNTITLED } else { title }
}

pub(crate) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}
