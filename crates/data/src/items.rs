//! What the hooks give: rows joined with what the user keeps about them, and how they stand to the server.

use almanac_core::{
    domain::{Calendar, Event, EventRole, Overlay},
    key::RowRef,
    outbox::RowState,
};
use std::rc::Rc;
use uuid::Uuid;

/// An event as its user sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventItem {
    /// The event.
    pub event: Event,
    /// What the user keeps about it.
    pub overlay: Option<Overlay>,
    /// The user's role in it, if it is another's.
    pub role: Option<EventRole>,
    /// The calendar it shows in: the overlay's if that lives, else the default one.
    pub calendar: Option<Uuid>,
    /// How it (with overlay and role) stands to the server.
    pub state: RowState,
}

/// The events of a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// Sorted by start, then longer first, then id. Events of hidden calendars are among them.
    pub items: Rc<Vec<EventItem>>,
    /// Whether the span is all here; if not it is being fetched, or the device is offline.
    pub covered: bool,
    /// Whether the local database was read at all.
    pub ready: bool,
}

/// A calendar.
#[derive(Clone, Debug, PartialEq)]
pub struct CalendarItem {
    /// The calendar.
    pub calendar: Calendar,
    /// Whether new events go there.
    pub is_default: bool,
    /// How it stands to the server.
    pub state: RowState,
}

/// A refused edit, for review.
#[derive(Clone, Debug, PartialEq)]
pub struct StuckItem {
    /// The row.
    pub at: RowRef,
    /// What a person would call it.
    pub title: String,
    /// The server's code (`docs/wire.md`).
    pub code: String,
    /// The server's words.
    pub message: String,
    /// What was written here, column and value.
    pub mine: Vec<(String, String)>,
    /// The same columns as the server has them; none if it never had the row, or no longer shows it.
    pub theirs: Option<Vec<(String, String)>>,
}

/// What there is to say about a mutation; the UI has the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The local write failed, for this reason.
    NotSaved(String),
    /// The event that was to be changed is no longer here.
    Gone,
    /// An event was deleted.
    EventDeleted,
    /// A calendar was deleted.
    CalendarDeleted,
    /// Nothing is left to undo.
    NothingToUndo,
    /// Nothing is left to redo.
    NothingToRedo,
    /// Undo left out what someone else changed in between.
    TheirsKept,
}

/// A word for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What to say.
    pub what: Said,
    /// Whether undo is offered.
    pub undo: bool,
}
