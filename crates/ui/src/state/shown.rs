//! Events as the grids show them: with their colour, without those of hidden calendars and categories.

use crate::color;
use almanac_core::{
    Uuid,
    domain::{Rsvp, ShowTimeAs},
    outbox::RowState,
};
use almanac_data::{CalendarItem, CategoryItem, EventItem};
use std::rc::Rc;

/// An event and its colour. A copy is cheap: each grid, column and element has one.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) item: Rc<EventItem>,
    /// CSS colour.
    pub(crate) color: Rc<str>,
    /// The calendar's name, for the popover and screen readers.
    pub(crate) calendar: Rc<str>,
    /// The name of the category, if it has one.
    pub(crate) category: Option<Rc<str>>,
    /// Whether the device has it. A new event is shown before; nothing is said of it then that a crash could make untrue.
    pub(crate) written: bool,
}

/// What is one and the same item is not looked through.
impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        let same = Rc::ptr_eq(&self.item, &other.item) || self.item == other.item;
        let same_look = self.color == other.color && self.calendar == other.calendar && self.category == other.category;
        same && same_look && self.written == other.written
    }
}

impl Shown {
    pub(crate) fn id(&self) -> Uuid {
        self.item.event.id
    }

    /// How it stands to the server; none until it is written.
    pub(crate) fn row_state(&self) -> Option<RowState> {
        self.written.then_some(self.item.state)
    }

    /// The value of `data-state`.
    pub(crate) fn state(&self) -> &'static str {
        match self.row_state() {
            None => "writing",
            Some(RowState::Synced) => "synced",
            Some(RowState::Pending) => "pending",
            Some(RowState::Stuck) => "stuck",
        }
    }

    pub(crate) fn show_as(&self) -> ShowTimeAs {
        self.item.overlay.as_ref().map(|overlay| overlay.show_time_as).unwrap_or_default()
    }

    /// The value of `data-show`.
    pub(crate) fn show(&self) -> &'static str {
        match self.show_as() {
            ShowTimeAs::Free => "free",
            ShowTimeAs::Tentative => "tentative",
            ShowTimeAs::Busy => "busy",
            ShowTimeAs::Oof => "oof",
            ShowTimeAs::WorkingElsewhere => "working_elsewhere",
        }
    }

    pub(crate) fn is_declined(&self) -> bool {
        self.item.role.as_ref().and_then(|role| role.rsvp) == Some(Rsvp::Declined)
    }
}

/// What decides whether an event is shown, and how it looks.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sorted<'a> {
    pub(crate) calendars: &'a [CalendarItem],
    pub(crate) categories: &'a [CategoryItem],
    /// An event that is not written yet.
    pub(crate) new: Option<Uuid>,
}

impl Sorted<'_> {
    /// The items of visible calendars and categories with their colours. An event without them is always shown.
    pub(crate) fn shown(self, items: &[Rc<EventItem>]) -> Rc<Vec<Shown>> {
        let look = self.looks();
        Rc::new(items.iter().filter(|item| !self.is_hidden(item)).map(look).collect())
    }

    /// An event that may be hidden, for who asks for it by name: a search finds it all the same.
    pub(crate) fn found(self, items: &[Rc<EventItem>], id: Uuid) -> Option<Shown> {
        items.iter().find(|item| item.event.id == id).map(self.looks())
    }

    // There are a handful of either: looked through, not hashed.
    fn is_hidden(self, item: &EventItem) -> bool {
        let is_off = |item: Option<&CalendarItem>| item.is_some_and(|item| !item.calendar.visible);
        is_off(self.calendars.iter().find(|home| Some(home.calendar.id) == item.calendar))
            || self.category(item).is_some_and(|at| !self.categories[at].category.visible)
    }

    /// The place of the event's category in the list.
    fn category(self, item: &EventItem) -> Option<usize> {
        let id = item.overlay.as_ref()?.category_id?;
        self.categories.iter().position(|item| item.category.id == id)
    }

    /// How an event looks. What many have in common is made once.
    fn looks(self) -> impl Fn(&Rc<EventItem>) -> Shown {
        let look = |c: &CalendarItem| (color::css(&c.calendar.color).into(), c.calendar.name.as_str().into());
        let looks: Vec<(Rc<str>, Rc<str>)> = self.calendars.iter().map(look).collect();
        let names: Vec<Rc<str>> = self.categories.iter().map(|item| item.category.name.as_str().into()).collect();
        let none: (Rc<str>, Rc<str>) = (color::css("gray").into(), "".into());
        move |item| {
            let at = item.calendar.and_then(|id| self.calendars.iter().position(|home| home.calendar.id == id));
            let (color, calendar) = at.map_or(&none, |at| &looks[at]).clone();
            let category = self.category(item).map(|at| names[at].clone());
            Shown { item: item.clone(), color, calendar, category, written: Some(item.event.id) != self.new }
        }
    }
}

/// The items of visible calendars, as far as there are no categories.
#[cfg(any(test, debug_assertions))]
pub(crate) fn shown(items: &[Rc<EventItem>], calendars: &[CalendarItem]) -> Rc<Vec<Shown>> {
    Sorted { calendars, ..Sorted::default() }.shown(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn events_of_hidden_calendars_are_left_out() {
        let mut calendars = sample::calendars();
        calendars[0].calendar.visible = false;
        let items = [
            sample::item(1, "Work", "2026-11-16T08:00:00Z", 60, 1),
            sample::item(2, "Home", "2026-11-16T08:00:00Z", 60, 2),
            sample::item(3, "Lost", "2026-11-16T08:00:00Z", 60, 99),
        ]
        .map(Rc::new);
        let shown = shown(&items, &calendars);
        let seen: Vec<_> = shown.iter().map(|s| (s.item.event.title.as_str(), &*s.calendar)).collect();
        assert_eq!(seen, [("Home", "Personal"), ("Lost", "")]);
        let found = Sorted { calendars: &calendars, ..Sorted::default() }.found(&items, items[0].event.id).unwrap();
        assert_eq!((found.item.event.title.as_str(), &*found.calendar), ("Work", "Work"));
    }

    #[test]
    fn events_of_hidden_categories_are_left_out() {
        let in_category = |number, title: &str| {
            let mut item = sample::item(number, title, "2026-11-16T08:00:00Z", 60, 1);
            let own = item.overlay.insert(sample::overlay(&item));
            own.category_id = Some(Uuid::from_u128(number));
            Rc::new(item)
        };
        let items = [in_category(1, "Focus"), in_category(2, "Family"), in_category(3, "Deleted")];
        let calendars = sample::calendars();
        let mut categories = [sample::category(1, "Deep work"), sample::category(2, "Family")];
        categories[0].category.visible = false;
        let sorted = Sorted { calendars: &calendars, categories: &categories, new: None };
        let shown = sorted.shown(&items);
        let seen: Vec<_> = shown.iter().map(|s| (s.item.event.title.as_str(), s.category.as_deref())).collect();
        assert_eq!(seen, [("Family", Some("Family")), ("Deleted", None)]);
        assert_eq!(sorted.found(&items, items[0].event.id).unwrap().category.as_deref(), Some("Deep work"));
    }
}
