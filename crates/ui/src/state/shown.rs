//! Events as the grids show them: with their colour, without those of hidden calendars.

use crate::color;
use almanac_core::{
    Uuid,
    domain::{Rsvp, ShowTimeAs},
    outbox::RowState,
};
use almanac_data::{CalendarItem, EventItem};
use std::rc::Rc;

/// An event and its colour. A copy is cheap: each grid, column and element has one.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) item: Rc<EventItem>,
    /// CSS colour.
    pub(crate) color: Rc<str>,
    /// The calendar's name, for the popover and screen readers.
    pub(crate) calendar: Rc<str>,
    /// Whether the device has it. A new event is shown before; nothing is said of it then that a crash could make untrue.
    pub(crate) written: bool,
}

/// What is one and the same item is not looked through.
impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        let same = Rc::ptr_eq(&self.item, &other.item) || self.item == other.item;
        same && self.color == other.color && self.calendar == other.calendar && self.written == other.written
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

/// The items of visible calendars with their colours. An event without a calendar is always shown.
pub(crate) fn shown(items: &[Rc<EventItem>], calendars: &[CalendarItem]) -> Rc<Vec<Shown>> {
    shown_with(items, calendars, None)
}

/// [`shown`], one of them not written yet.
pub(crate) fn shown_with(items: &[Rc<EventItem>], calendars: &[CalendarItem], new: Option<Uuid>) -> Rc<Vec<Shown>> {
    let none: (Rc<str>, Rc<str>) = (color::css("gray").into(), "".into());
    let look = |c: &CalendarItem| (color::css(&c.calendar.color).into(), c.calendar.name.as_str().into());
    let looks: Vec<(Rc<str>, Rc<str>)> = calendars.iter().map(look).collect();
    // There are a handful: looked through, not hashed.
    let place = |id: Uuid| calendars.iter().position(|item| item.calendar.id == id);
    let look = |item: &EventItem| match item.calendar.and_then(place) {
        Some(at) => calendars[at].calendar.visible.then(|| looks[at].clone()),
        None => Some(none.clone()),
    };
    let shown = |item: &Rc<EventItem>| {
        let written = Some(item.event.id) != new;
        look(item).map(|(color, calendar)| Shown { item: item.clone(), color, calendar, written })
    };
    Rc::new(items.iter().filter_map(shown).collect())
}

/// An event of a calendar that is hidden, for who asks for it by name: a search finds it all the same.
pub(crate) fn hidden(items: &[Rc<EventItem>], calendars: &[CalendarItem], id: Uuid) -> Option<Shown> {
    let item = items.iter().find(|item| item.event.id == id)?;
    let home = calendars.iter().find(|home| Some(home.calendar.id) == item.calendar)?;
    Some(Shown {
        item: item.clone(),
        color: color::css(&home.calendar.color).into(),
        calendar: home.calendar.name.as_str().into(),
        written: true,
    })
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
        let found = hidden(&items, &calendars, items[0].event.id).unwrap();
        assert_eq!((found.item.event.title.as_str(), &*found.calendar), ("Work", "Work"));
    }
}
