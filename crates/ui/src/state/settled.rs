//! What a person has just done to an event, shown until the database says the same.

use crate::layout::Moved;
use almanac_core::{Uuid, domain::Event};
use almanac_data::{EventItem, Events};
use std::rc::Rc;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Settled {
    /// Times an event was dropped at.
    Moved {
        id: Uuid,
        moved: Moved,
        all_day: bool,
        /// The start and length before, to know when the database has spoken.
        before: Moved,
    },
    /// A new event.
    Made(Rc<EventItem>),
}

impl Settled {
    /// The events with what was done, in their order: the elements of a column change places once, and not again when the database
    /// says the same.
    pub(crate) fn within(&self, events: &Events) -> Rc<Vec<Rc<EventItem>>> {
        let mut items = events.items.clone();
        let at = |id: Uuid| events.items.iter().position(|item| item.event.id == id);
        match self {
            Self::Moved { id, moved, all_day, .. } => {
                let Some(at) = at(*id) else { return items };
                let event = &mut Rc::make_mut(&mut Rc::make_mut(&mut items)[at]).event;
                event.start_time = moved.start;
                event.duration = moved.minutes;
                event.all_day = *all_day;
                let span = Event::bounds(event.start_time, event.duration, event.recurrence.is_some());
                (event.start_timestamp_ms, event.end_timestamp_ms) = (span.start, span.end);
            }
            Self::Made(item) => {
                let is_within = events.span.is_some_and(|span| span.overlaps(item.event.span()));
                if !is_within || at(item.event.id).is_some() {
                    return items;
                }
                Rc::make_mut(&mut items).push(item.clone());
            }
        }
        almanac_core::order::sort_by_key(Rc::make_mut(&mut items).as_mut_slice(), |item| item.order());
        items
    }

    /// The new event, until the database has it.
    pub(crate) fn unwritten(&self, events: &Events) -> Option<Uuid> {
        match self {
            Self::Made(item) if events.items.iter().all(|other| other.event.id != item.event.id) => Some(item.event.id),
            _ => None,
        }
    }

    /// Whether these events, which the database has just given, say what became of it. About a new event any answer does: were
    /// one waited for that has it, an event that is gone at once would stay.
    pub(crate) fn is_spoken_of(&self, events: &Events) -> bool {
        match self {
            Self::Moved { id, before, .. } => {
                let item = events.items.iter().find(|item| item.event.id == *id);
                item.is_none_or(|item| (item.event.start_time, item.event.duration) != (before.start, before.minutes))
            }
            Self::Made(_) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::item;

    fn events(items: &[&Rc<EventItem>]) -> Events {
        let of_day =
            |day: &str| format!("{day}T00:00:00Z").parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis();
        let span = almanac_core::row::Span { start: of_day("2026-11-16"), end: of_day("2026-11-23") };
        Events {
            items: Rc::new(items.iter().copied().cloned().collect()),
            covered: true,
            ready: true,
            span: Some(span),
        }
    }

    fn titles(items: &[Rc<EventItem>]) -> Vec<&str> {
        items.iter().map(|item| item.event.title.as_str()).collect()
    }

    fn moved(start: &str) -> Moved {
        Moved { start: start.parse().unwrap(), minutes: 60 }
    }

    #[test]
    fn what_is_dropped_before_another_event_comes_before_it_at_once() {
        let [first, second] =
            [item(1, "First", "2026-11-18T09:00:00Z", 60, 1), item(2, "Second", "2026-11-18T09:30:00Z", 60, 1)]
                .map(Rc::new);
        let before = events(&[&first, &second]);
        let settled = Settled::Moved {
            id: second.event.id,
            moved: moved("2026-11-18T08:45:00Z"),
            all_day: false,
            before: moved("2026-11-18T09:30:00Z"),
        };
        assert_eq!(titles(&settled.within(&before)), ["Second", "First"]);
        assert!(!settled.is_spoken_of(&before));
        assert!(settled.is_spoken_of(&events(&[&first])), "deleted elsewhere");
    }

    #[test]
    fn a_new_event_stands_in_its_place_once() {
        let [first, new, last] = [
            item(1, "First", "2026-11-18T09:00:00Z", 60, 1),
            item(2, "New", "2026-11-18T10:00:00Z", 60, 1),
            item(3, "Last", "2026-11-18T11:00:00Z", 60, 1),
        ]
        .map(Rc::new);
        let settled = Settled::Made(new.clone());
        assert_eq!(titles(&settled.within(&events(&[&first, &last]))), ["First", "New", "Last"]);
        assert_eq!(titles(&settled.within(&events(&[&first, &new, &last]))), ["First", "New", "Last"], "it is written");
        assert_eq!(settled.unwritten(&events(&[&first, &last])), Some(new.event.id));
        assert_eq!(settled.unwritten(&events(&[&first, &new, &last])), None);
    }

    #[test]
    fn a_new_event_of_other_days_is_not_shown() {
        let first = Rc::new(item(1, "First", "2026-11-18T09:00:00Z", 60, 1));
        let settled = Settled::Made(Rc::new(item(2, "New", "2026-11-25T10:00:00Z", 60, 1)));
        assert_eq!(titles(&settled.within(&events(&[&first]))), ["First"]);
    }
}
