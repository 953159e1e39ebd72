//! What the hooks give: rows joined with what the user keeps about them, and how they stand to the server.

use crate::trouble::Trouble;
use almanac_core::{
    domain::{Calendar, Category, Event, EventRole, Invite, Overlay, Persona, Role},
    key::RowRef,
    outbox::RowState,
    row::Span,
    store::Checks,
    wire::{InvitedTo, Person},
};
use chrono::{DateTime, Utc};
use std::{
    cmp::Reverse,
    collections::HashMap,
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering},
};
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

impl EventItem {
    /// How events are ordered: the earlier start first, then the longer one, then by id.
    #[must_use]
    pub fn order(&self) -> (i64, Reverse<i64>, Uuid) {
        (self.event.start_timestamp_ms, Reverse(self.event.end_timestamp_ms), self.event.id)
    }

    /// What the user may do with it: their role, or owner. Without a role of theirs it is their own.
    #[must_use]
    pub fn right(&self) -> Role {
        match &self.role {
            None => Role::Owner,
            Some(role) if role.user_id == self.event.owner_id => Role::Owner,
            Some(role) => role.role,
        }
    }
}

/// One event with everyone who shares it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDetail {
    /// The event as the user sees it.
    pub item: EventItem,
    /// The live roles, the user's own among them.
    pub roles: Vec<(EventRole, RowState)>,
    /// The invitations that wait.
    pub invites: Vec<(Invite, RowState)>,
}

/// An invitation to the user, whose event they do not see yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Invitation {
    /// The invitation.
    pub invite: Invite,
    /// How it stands to the server.
    pub state: RowState,
}

/// What one sees of somebody one shares an event with.
pub type People = Rc<HashMap<Uuid, Person>>;

/// What one is invited to, by event.
pub type Invited = Rc<HashMap<Uuid, InvitedTo>>;

/// A category.
#[derive(Clone, Debug, PartialEq)]
pub struct CategoryItem {
    /// The category.
    pub category: Category,
    /// Whether new events get it.
    pub is_default: bool,
    /// How it stands to the server.
    pub state: RowState,
}

/// A persona.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonaItem {
    /// The persona.
    pub persona: Persona,
    /// How it stands to the server.
    pub state: RowState,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The text that was looked for.
    pub text: String,
    /// Events, the latest start first.
    pub items: Rc<Vec<EventItem>>,
    /// Whether there are more than these.
    pub more: bool,
    /// The spans of time that are all on this device, and so were searched, ms. None: all there is.
    pub searched: Option<Vec<(i64, i64)>>,
}

/// An edit that waits to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingItem {
    /// The row.
    pub at: RowRef,
    /// What a person would call it.
    pub title: String,
    /// The groups that changed.
    pub groups: Vec<String>,
    /// Local ms of the first unsent edit.
    pub since_ms: i64,
    /// Whether a request may have carried it.
    pub attempted: bool,
}

/// What is on this device and what of it the server knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holdings {
    /// The edits that wait, the oldest first. Stuck ones are not among them.
    pub pending: Vec<PendingItem>,
    /// The spans of time whose events are all here, ms.
    pub coverage: Vec<(i64, i64)>,
    /// Local ms of the last time the feed was read to its end.
    pub caught_up_ms: Option<i64>,
    /// When the data were last compared with the server's, what differed, what was repaired.
    pub checks: Checks,
}

/// The events of a span.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Events {
    /// Sorted by start, then longer first, then id. Events of hidden calendars are among them.
    pub items: Rc<Vec<Rc<EventItem>>>,
    /// Whether the span is all here; if not it is being fetched, or the device is offline.
    pub covered: bool,
    /// Whether the local database was read at all.
    pub ready: bool,
    /// Whose they are: until the next span is read, those of the one before.
    pub span: Option<Span>,
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
    /// What was written here, beside what the server has.
    pub fields: Vec<StuckField>,
    /// Whether the server has the row at all, as far as is known: it never had it, or no longer shows it.
    pub is_there: bool,
    /// The event it is about, as it stands here, if it does: what an editor is filled with.
    pub event: Option<EventItem>,
}

/// One column in both versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StuckField {
    /// The column's name.
    pub column: String,
    /// As it was written here.
    pub mine: FieldValue,
    /// As the server has it.
    pub theirs: FieldValue,
}

/// A column's value, as far as it takes to show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldValue {
    /// There is none.
    Nothing,
    /// Words, or the name of what it points to.
    Text(String),
    /// A point in time.
    At(DateTime<Utc>),
    /// A length.
    Minutes(i64),
    /// Yes or no.
    Flag(bool),
}

/// What there is to say about a mutation; the UI has the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The local write failed: what a person can do about it, and the store's own words.
    NotSaved(Trouble, String),
    /// The event that was to be changed is no longer here.
    Gone,
    /// The event is another's, and the role in it does not go so far.
    NotYours,
    /// A repeating event is not moved: which of its occurrences is meant cannot be said yet.
    Repeats,
    /// A new event is not to be seen: this calendar, which it went to, is hidden.
    Hidden(String),
    /// An event was deleted.
    EventDeleted,
    /// A calendar was deleted.
    CalendarDeleted,
    /// A category was deleted.
    CategoryDeleted,
    /// A persona was deleted.
    PersonaDeleted,
    /// Signing out (or leaving the account) failed, for this reason.
    NotSignedOut(String),
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
    /// Another one each time: the same words said again are news.
    pub number: u32,
    /// The number of the mutation it speaks of ([`Mutations::last_sent`](crate::Mutations::last_sent)); none where none did.
    pub command: Option<u32>,
}

impl Notice {
    /// The next one.
    #[must_use]
    pub fn new(what: Said, undo: bool) -> Self {
        static SAID: AtomicU32 = AtomicU32::new(0);
        Self { what, undo, number: SAID.fetch_add(1, Ordering::Relaxed), command: None }
    }
}
