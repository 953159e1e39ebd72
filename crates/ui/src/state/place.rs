//! Which dates are shown, and how: one small value, so that a shell can keep it in the address.

use crate::{
    i18n::t,
    state::use_ui,
    time::{date_only, full_date, month, month_days, months, week_days, week_number},
};
use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use dioxus::prelude::*;

/// How many dates are shown, in which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// One date.
    Day,
    /// Three dates from the one chosen; the default on phones.
    ThreeDays,
    /// A week.
    #[default]
    Week,
    /// A month.
    Month,
}

impl View {
    /// All, in the order of the switch.
    pub const ALL: [Self; 4] = [Self::Day, Self::ThreeDays, Self::Week, Self::Month];

    /// Its name in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::ThreeDays => "3days",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Its label in the switch.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Day => t!("view-day"),
            Self::ThreeDays => t!("view-3days"),
            Self::Week => t!("view-week"),
            Self::Month => t!("view-month"),
        }
    }

    /// Names the button that goes on by a period.
    pub(crate) fn next(self) -> &'static str {
        match self {
            Self::Day => t!("next-day"),
            Self::ThreeDays => t!("next-3days"),
            Self::Week => t!("next-week"),
            Self::Month => t!("next-month"),
        }
    }

    /// Names the button that goes back by a period.
    pub(crate) fn previous(self) -> &'static str {
        match self {
            Self::Day => t!("previous-day"),
            Self::ThreeDays => t!("previous-3days"),
            Self::Week => t!("previous-week"),
            Self::Month => t!("previous-month"),
        }
    }

    /// The view of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.name() == name)
    }
}

/// View and date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The form.
    pub view: View,
    /// A date among those shown; views count from it.
    pub date: NaiveDate,
}

impl Place {
    /// The dates shown.
    #[must_use]
    pub fn days(self, first: Weekday) -> Vec<NaiveDate> {
        match self.view {
            View::Day => vec![self.date],
            View::ThreeDays => self.date.iter_days().take(3).collect(),
            View::Week => week_days(self.date, first),
            View::Month => month_days(self.date, first),
        }
    }

    /// The next period, or with `-1` the one before. Stays at the ends of the calendar.
    #[must_use]
    pub fn step(self, by: i32) -> Self {
        let days = |n: u64| {
            let days = Days::new(n);
            if by < 0 { self.date.checked_sub_days(days) } else { self.date.checked_add_days(days) }
        };
        let date = match self.view {
            View::Day => days(1),
            View::ThreeDays => days(3),
            View::Week => days(7),
            View::Month if by < 0 => self.date.checked_sub_months(Months::new(1)),
            View::Month => self.date.checked_add_months(Months::new(1)),
        };
        // Beyond these no event can be.
        let date = date.filter(|date| (1..=9989).contains(&date.year())).unwrap_or(self.date);
        Self { date, ..self }
    }

    /// The heading.
    #[must_use]
    pub fn title(self, first: Weekday) -> String {
        match self.view {
            View::Day => date_only(self.date),
            View::Month => month(self.date),
            View::ThreeDays | View::Week => {
                let days = self.days(first);
                months(days[0], days[days.len() - 1])
            }
        }
    }

    /// What a screen reader hears when it changes.
    #[must_use]
    pub fn spoken(self, first: Weekday) -> String {
        let days = self.days(first);
        match self.view {
            View::Day => full_date(self.date),
            View::Month => t!("spoken-month", what = &month(self.date)),
            View::Week => t!("spoken-week", from = &full_date(days[0]), to = &full_date(days[days.len() - 1])),
            View::ThreeDays => t!("spoken-days", from = &full_date(days[0]), to = &full_date(days[days.len() - 1])),
        }
    }

    /// The week's number, where one week is shown.
    #[must_use]
    pub fn week(self, first: Weekday) -> Option<u32> {
        (self.view != View::Month).then(|| week_number(week_days(self.date, first)[0]))
    }
}

/// The place shown. A shell may read and set it to keep it in the address.
#[must_use]
pub fn use_place() -> Signal<Place> {
    use_ui().place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(view: View, date: &str) -> Place {
        Place { view, date: date.parse().unwrap() }
    }

    #[test]
    fn each_view_steps_by_its_own_length() {
        let next = |view| place(view, "2026-01-31").step(1).date.to_string();
        assert_eq!(next(View::Day), "2026-02-01");
        assert_eq!(next(View::ThreeDays), "2026-02-03");
        assert_eq!(next(View::Week), "2026-02-07");
        assert_eq!(next(View::Month), "2026-02-28");
    }

    #[test]
    fn the_calendar_ends_without_a_crash() {
        for view in View::ALL {
            for date in ["0001-01-01", "9989-12-31"] {
                let place = place(view, date).step(1).step(-1).step(-1);
                assert!(!place.days(Weekday::Mon).is_empty());
                assert!(!place.title(Weekday::Mon).is_empty());
            }
        }
    }

    #[test]
    fn titles_name_what_is_shown() {
        assert_eq!(place(View::Day, "2026-11-22").title(Weekday::Mon), "22 November 2026");
        assert_eq!(place(View::Week, "2026-12-01").title(Weekday::Mon), "Nov – Dec 2026");
        assert_eq!(place(View::Month, "2026-12-01").title(Weekday::Mon), "December 2026");
        assert_eq!(place(View::Week, "2026-12-01").week(Weekday::Mon), Some(49));
    }

    #[test]
    fn names_lead_back_to_views() {
        for view in View::ALL {
            assert_eq!(View::named(view.name()), Some(view));
        }
        assert_eq!(View::named("year"), None);
    }
}
