//! Which dates are shown, and how: one small value, so that a shell can keep it in the address.

use crate::{
    i18n::t,
    state::use_ui,
    time::{
        date_only, full_date, is_possible, iso_date, month, month_days, months, week_days, week_number, week_start,
    },
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
    /// So many weeks below each other, from the one with the date: [`View::FEWEST`] to [`View::MOST`].
    Weeks(u8),
    /// A month.
    Month,
    /// Four weeks as a list.
    Agenda,
    /// A year of small months.
    Year,
}

impl View {
    /// Fewer weeks below each other are a week.
    pub const FEWEST: u8 = 2;
    /// More are a month and more.
    pub const MOST: u8 = 6;

    /// All, in the order of the menu.
    pub const ALL: [Self; 9] = [
        Self::Day,
        Self::ThreeDays,
        Self::Week,
        Self::Weeks(2),
        Self::Weeks(4),
        Self::Weeks(6),
        Self::Month,
        Self::Agenda,
        Self::Year,
    ];

    /// Its name in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::ThreeDays => "3days",
            Self::Week => "week",
            Self::Weeks(..=2) => "2weeks",
            Self::Weeks(3) => "3weeks",
            Self::Weeks(4) => "4weeks",
            Self::Weeks(5) => "5weeks",
            Self::Weeks(_) => "6weeks",
            Self::Month => "month",
            Self::Agenda => "agenda",
            Self::Year => "year",
        }
    }

    /// Its label in the menu.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Day => t!("view-day").to_owned(),
            Self::ThreeDays => t!("view-3days").to_owned(),
            Self::Week => t!("view-week").to_owned(),
            Self::Weeks(weeks) => t!("view-weeks", count = i64::from(weeks)),
            Self::Month => t!("view-month").to_owned(),
            Self::Agenda => t!("view-agenda").to_owned(),
            Self::Year => t!("view-year").to_owned(),
        }
    }

    /// The key that leads to it.
    #[must_use]
    pub(crate) const fn key(self) -> Option<&'static str> {
        match self {
            Self::Day => Some("1"),
            Self::ThreeDays => Some("2"),
            Self::Week => Some("3"),
            Self::Month => Some("4"),
            Self::Agenda => Some("5"),
            Self::Year => Some("6"),
            Self::Weeks(2) => Some("7"),
            Self::Weeks(_) => None,
        }
    }

    /// Names the button that goes on by a period.
    pub(crate) fn next(self) -> &'static str {
        match self {
            Self::Day => t!("next-day"),
            Self::ThreeDays => t!("next-3days"),
            Self::Week => t!("next-week"),
            Self::Weeks(_) | Self::Agenda => t!("next-weeks"),
            Self::Month => t!("next-month"),
            Self::Year => t!("next-year"),
        }
    }

    /// Names the button that goes back by a period.
    pub(crate) fn previous(self) -> &'static str {
        match self {
            Self::Day => t!("previous-day"),
            Self::ThreeDays => t!("previous-3days"),
            Self::Week => t!("previous-week"),
            Self::Weeks(_) | Self::Agenda => t!("previous-weeks"),
            Self::Month => t!("previous-month"),
            Self::Year => t!("previous-year"),
        }
    }

    /// The view of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let weeks = (Self::FEWEST..=Self::MOST).map(Self::Weeks);
        Self::ALL.into_iter().chain(weeks).find(|view| view.name() == name)
    }

    /// The next number of weeks: after the last the first again.
    #[must_use]
    pub(crate) const fn more_weeks(self) -> Self {
        match self {
            Self::Weeks(weeks) if weeks < Self::MOST => Self::Weeks(weeks + 1),
            _ => Self::Weeks(Self::FEWEST),
        }
    }

    /// Whether its days are rows of weeks.
    #[must_use]
    pub(crate) const fn is_rows(self) -> bool {
        matches!(self, Self::Weeks(_) | Self::Month)
    }
}

/// Weeks in a list.
const AGENDA: u64 = 4;

/// View and date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The form.
    pub view: View,
    /// A date among those shown; views count from it.
    pub date: NaiveDate,
}

impl Place {
    /// Its address: `/week/2026-11-23`.
    #[must_use]
    pub fn address(self) -> String {
        format!("/{}/{}", self.view.name(), self.date)
    }

    /// The place of an address; none if it is that of something else.
    #[must_use]
    pub fn of_address(address: &str) -> Option<Self> {
        let (view, date) = address.trim_matches('/').split_once('/')?;
        let date = iso_date(date).filter(is_possible)?;
        Some(Self { view: View::named(view)?, date })
    }

    /// The dates shown.
    #[must_use]
    pub fn days(self, first: Weekday) -> Vec<NaiveDate> {
        match self.view {
            View::Day => vec![self.date],
            View::ThreeDays => self.date.iter_days().take(3).collect(),
            View::Week => week_days(self.date, first),
            View::Weeks(weeks) => week_start(self.date, first).iter_days().take(7 * usize::from(weeks)).collect(),
            View::Month => month_days(self.date, first),
            View::Agenda => self.date.iter_days().take(7 * AGENDA as usize).collect(),
            View::Year => {
                let first = self.date.with_ordinal(1).unwrap_or(self.date);
                first.iter_days().take_while(|date| date.year() == first.year()).collect()
            }
        }
    }

    /// The next period, or with `-1` the one before. Stays at the ends of the calendar.
    #[must_use]
    pub fn step(self, by: i32) -> Self {
        let days = |n: u64| {
            let days = Days::new(n);
            if by < 0 { self.date.checked_sub_days(days) } else { self.date.checked_add_days(days) }
        };
        let months = |n: u32| {
            let months = Months::new(n);
            if by < 0 { self.date.checked_sub_months(months) } else { self.date.checked_add_months(months) }
        };
        let date = match self.view {
            View::Day => days(1),
            View::ThreeDays => days(3),
            View::Week => days(7),
            View::Weeks(weeks) => days(7 * u64::from(weeks)),
            View::Agenda => days(7 * AGENDA),
            View::Month => months(1),
            View::Year => months(12),
        };
        Self { date: date.filter(is_possible).unwrap_or(self.date), ..self }
    }

    /// The heading.
    #[must_use]
    pub fn title(self, first: Weekday) -> String {
        match self.view {
            View::Day => date_only(self.date),
            View::Month => month(self.date),
            View::Year => self.date.year().to_string(),
            View::ThreeDays | View::Week | View::Weeks(_) | View::Agenda => {
                let days = self.days(first);
                months(days[0], days[days.len() - 1])
            }
        }
    }

    /// What a screen reader hears when it changes.
    #[must_use]
    pub fn spoken(self, first: Weekday) -> String {
        let days = self.days(first);
        let (from, to) = (full_date(days[0]), full_date(days[days.len() - 1]));
        match self.view {
            View::Day => from,
            View::Month => t!("spoken-month", what = &month(self.date)),
            View::Year => t!("spoken-year", what = self.date.year()),
            View::Week => t!("spoken-week", from = &from, to = &to),
            View::ThreeDays | View::Weeks(_) | View::Agenda => t!("spoken-days", from = &from, to = &to),
        }
    }

    /// The week's number, where one week is shown.
    #[must_use]
    pub fn week(self, first: Weekday) -> Option<u32> {
        let one = matches!(self.view, View::Day | View::ThreeDays | View::Week);
        one.then(|| week_number(week_days(self.date, first)[0]))
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
        assert_eq!(next(View::Weeks(2)), "2026-02-14");
        assert_eq!(next(View::Month), "2026-02-28");
        assert_eq!(next(View::Agenda), "2026-02-28");
        assert_eq!(next(View::Year), "2027-01-31");
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
        assert_eq!(View::named("5weeks"), Some(View::Weeks(5)));
        assert_eq!(View::named("decade"), None);
    }

    #[test]
    fn an_address_leads_back_to_its_place() {
        for view in View::ALL {
            let place = place(view, "2026-11-22");
            assert_eq!(Place::of_address(&place.address()), Some(place));
        }
        assert_eq!(place(View::Weeks(3), "2026-11-22").address(), "/3weeks/2026-11-22");
        for other in ["/", "", "/week", "/week/", "/week/2026-13-01", "/settings/2026-11-22", "/day/99999-01-01"] {
            assert_eq!(Place::of_address(other), None, "{other}");
        }
    }

    #[test]
    fn weeks_grow_to_the_most_and_begin_again() {
        assert_eq!(View::Week.more_weeks(), View::Weeks(2));
        assert_eq!(View::Weeks(2).more_weeks(), View::Weeks(3));
        assert_eq!(View::Weeks(6).more_weeks(), View::Weeks(2));
    }

    #[test]
    fn a_year_has_all_its_days_and_weeks_begin_where_weeks_do() {
        assert_eq!(place(View::Year, "2028-06-01").days(Weekday::Mon).len(), 366);
        let weeks = place(View::Weeks(4), "2026-11-22").days(Weekday::Mon);
        assert_eq!((weeks.len(), weeks[0].to_string().as_str()), (28, "2026-11-16"));
    }
}
