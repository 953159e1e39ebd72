//! Mutations: what components call. Each returns at once; the account's writer carries it out and live queries show it.

use crate::{
    drafts::{self, CalendarEdit, EventEdit, NewEvent, ProfileEdit},
    hooks::made,
    items::{EventItem, Notice, Said},
    lists::{CategoryEdit, Fate, PersonaEdit},
    provider::Context,
    sharing::Sharing,
    writer::Command,
};
use almanac_core::{key::RowRef, table::Table};
use dioxus::prelude::{ReadableExt as _, WritableExt as _};
use uuid::Uuid;

/// Copy it into event handlers.
#[derive(Clone, Copy, PartialEq)]
pub struct Mutations {
    pub(crate) context: Context,
}

impl Mutations {
    /// Makes an event; returns what [`use_events`](crate::use_events) will show of it, so that it can stand there before it is
    /// written. Its calendar is the one asked for: none where that is the default one. None: no account is open.
    pub fn create_event(&self, new: NewEvent) -> Option<EventItem> {
        let open = self.context.opened()?;
        let patches = drafts::create_event(Uuid::now_v7(), open.session.user_id, new);
        let made = made(&patches, &open);
        self.send(Command::CreateEvent(patches));
        made
    }

    /// Changes an event.
    pub fn edit_event(&self, id: Uuid, edit: EventEdit) {
        self.send(Command::EditEvent(id, Box::new(edit)));
    }

    /// Deletes an event; the notice offers undo.
    pub fn delete_event(&self, id: Uuid) {
        self.send(Command::DeleteEvent(id));
    }

    /// Makes a calendar with a name and a colour; returns its id. The first one is the default.
    pub fn create_calendar(&self, new: CalendarEdit) -> Uuid {
        let id = Uuid::now_v7();
        self.send(Command::CreateCalendar(id, new));
        id
    }

    /// Changes a calendar.
    pub fn edit_calendar(&self, id: Uuid, edit: CalendarEdit) {
        self.send(Command::EditCalendar(id, edit));
    }

    /// Deletes a calendar and says what becomes of its events.
    pub fn delete_calendar(&self, id: Uuid, fate: Fate) {
        self.send(Command::DeleteFrom(Table::Calendars, id, fate));
    }

    /// Makes a category; returns its id.
    pub fn create_category(&self, new: CategoryEdit) -> Uuid {
        let id = Uuid::now_v7();
        self.send(Command::CreateCategory(id, new));
        id
    }

    /// Changes a category.
    pub fn edit_category(&self, id: Uuid, edit: CategoryEdit) {
        self.send(Command::EditCategory(id, edit));
    }

    /// Deletes a category and says what becomes of its events.
    pub fn delete_category(&self, id: Uuid, fate: Fate) {
        self.send(Command::DeleteFrom(Table::Categories, id, fate));
    }

    /// Makes a persona; returns its id.
    pub fn create_persona(&self, persona: PersonaEdit) -> Uuid {
        let id = Uuid::now_v7();
        self.send(Command::CreatePersona(id, persona));
        id
    }

    /// Changes a persona.
    pub fn edit_persona(&self, id: Uuid, edit: PersonaEdit) {
        self.send(Command::EditPersona(id, edit));
    }

    /// Deletes a persona and says what becomes of the events it looked after.
    pub fn delete_persona(&self, id: Uuid, fate: Fate) {
        self.send(Command::DeleteFrom(Table::Personas, id, fate));
    }

    /// Puts a calendar, category or persona at an index of its list.
    pub fn reorder(&self, table: Table, id: Uuid, index: usize) {
        self.send(Command::Reorder(table, id, index));
    }

    /// Changes who shares an event, or one's own answer.
    pub fn share(&self, event: Uuid, what: Sharing) {
        self.send(Command::Share(event, what));
    }

    /// Fetches all events there are, for search and export.
    pub fn fetch_all(&self) {
        if let Some(open) = self.context.opened() {
            open.want(crate::ALL_TIME.start, crate::ALL_TIME.end);
        }
    }

    /// Changes the profile.
    pub fn edit_profile(&self, edit: ProfileEdit) {
        self.send(Command::EditProfile(edit));
    }

    /// Takes back the last edit. A notice that offers to do so goes: it may have spoken of this one.
    pub fn undo(&self) {
        self.dismiss_notice();
        self.send(Command::Undo(None));
    }

    /// Takes back what the notice of this number speaks of, whatever was done since.
    pub fn undo_noticed(&self, number: u32) {
        self.dismiss_notice();
        self.send(Command::Undo(Some(number)));
    }

    /// Makes the edit taken back again.
    pub fn redo(&self) {
        self.send(Command::Redo);
    }

    /// Sends a stuck edit again.
    pub fn retry(&self, at: RowRef) {
        self.send(Command::Retry(at));
    }

    /// Drops a stuck edit.
    pub fn discard(&self, at: RowRef) {
        self.send(Command::Discard(at));
    }

    /// Looks at the server now.
    pub fn sync_now(&self) {
        if let Some(open) = self.context.opened() {
            open.look();
        }
    }

    /// Compares the data with the server's now. The answer is a line of [`use_sync_log`](crate::use_sync_log), and
    /// [`Holdings::checks`](crate::Holdings::checks) says when it was and what differs.
    pub fn compare_data(&self) {
        if let Some(open) = self.context.opened() {
            open.check();
        }
    }

    /// Says something that no mutation said.
    pub fn say(&self, what: Said) {
        let mut notice = self.context.notice;
        notice.set(Some(Notice::new(what, false)));
    }

    /// Takes the notice away.
    pub fn dismiss_notice(&self) {
        self.context.dismiss_notice();
    }

    /// The number of the last mutation: a notice about it has it, too.
    #[must_use]
    pub fn last_sent(&self) -> u32 {
        *self.context.sent.peek()
    }

    fn send(&self, command: Command) {
        let number = self.last_sent().wrapping_add(1);
        let mut sent = self.context.sent;
        sent.set(number);
        match self.context.opened() {
            Some(open) if open.commands.unbounded_send((number, command)).is_ok() => {}
            // No account is open: no component that could ask for this is shown.
            _ => tracing::error!("a mutation without an open account"),
        }
    }
}
