//! Mutations: what components call. Each returns at once; the account's writer carries it out and live queries show it.

use crate::{
    drafts::{CalendarEdit, EventEdit, NewEvent, ProfileEdit},
    provider::Context,
    writer::Command,
};
use almanac_core::key::RowRef;
use uuid::Uuid;

/// Copy it into event handlers.
#[derive(Clone, Copy, PartialEq)]
pub struct Mutations {
    pub(crate) context: Context,
}

impl Mutations {
    /// Makes an event; returns its id.
    pub fn create_event(&self, new: NewEvent) -> Uuid {
        let id = Uuid::now_v7();
        self.send(Command::CreateEvent(id, Box::new(new)));
        id
    }

    /// Changes an event.
    pub fn edit_event(&self, id: Uuid, edit: EventEdit) {
        self.send(Command::EditEvent(id, Box::new(edit)));
    }

    /// Deletes an event; the notice offers undo.
    pub fn delete_event(&self, id: Uuid) {
        self.send(Command::DeleteEvent(id));
    }

    /// Makes a calendar; returns its id.
    pub fn create_calendar(&self, name: String, color: String) -> Uuid {
        let id = Uuid::now_v7();
        self.send(Command::CreateCalendar(id, name, color));
        id
    }

    /// Changes a calendar.
    pub fn edit_calendar(&self, id: Uuid, edit: CalendarEdit) {
        self.send(Command::EditCalendar(id, edit));
    }

    /// Deletes a calendar. Its events go to the named one, or read as in the default one.
    pub fn delete_calendar(&self, id: Uuid, move_events_to: Option<Uuid>) {
        self.send(Command::DeleteCalendar(id, move_events_to));
    }

    /// Changes the profile.
    pub fn edit_profile(&self, edit: ProfileEdit) {
        self.send(Command::EditProfile(edit));
    }

    /// Takes back the last edit.
    pub fn undo(&self) {
        self.send(Command::Undo);
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

    /// Takes the notice away.
    pub fn dismiss_notice(&self) {
        self.context.dismiss_notice();
    }

    fn send(&self, command: Command) {
        match self.context.opened() {
            Some(open) if open.commands.unbounded_send(command).is_ok() => {}
            // No account is open: no component that could ask for this is shown.
            _ => tracing::error!("a mutation without an open account"),
        }
    }
}
