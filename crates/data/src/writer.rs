//! The writer: one task that carries out the commands of the mutations, in order. It belongs to the account and not to
//! a component, so that leaving a page never cuts a write short. It keeps the undo stack.

use crate::{
    drafts::{self, CalendarEdit, EventEdit, NewEvent, ProfileEdit},
    items::{Notice, Said},
    undo::{self, Step},
};
use almanac_core::{
    database::Database,
    domain::{Calendar, Event, Overlay},
    engine::{Engine, Nudge},
    key::RowRef,
    patch::Patch,
    row::Row,
    session::Session,
    store::{Batch, Query, StoreError},
    table::Table,
};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};
use std::sync::Arc;
use uuid::Uuid;

/// Steps that can be undone.
const UNDO_DEPTH: usize = 100;

/// What a person asked for.
#[derive(Debug)]
pub(crate) enum Command {
    CreateEvent(Uuid, Box<NewEvent>),
    EditEvent(Uuid, Box<EventEdit>),
    DeleteEvent(Uuid),
    CreateCalendar(Uuid, String, String),
    EditCalendar(Uuid, CalendarEdit),
    DeleteCalendar(Uuid, Option<Uuid>),
    EditProfile(ProfileEdit),
    Undo,
    Redo,
    Retry(RowRef),
    Discard(RowRef),
}

struct Writer {
    database: Arc<Database>,
    engine: Arc<Engine>,
    session: Session,
    notices: UnboundedSender<Notice>,
    undo: Vec<Step>,
    redo: Vec<Step>,
}

/// Starts the task; it ends when the sender is dropped.
pub(crate) fn start(
    database: Arc<Database>,
    engine: Arc<Engine>,
    session: Session,
    notices: UnboundedSender<Notice>,
) -> UnboundedSender<Command> {
    let (sender, receiver) = unbounded();
    let platform = database.platform().clone();
    let writer = Writer { database, engine, session, notices, undo: Vec::new(), redo: Vec::new() };
    platform.spawn(Box::pin(writer.run(receiver)));
    sender
}

impl Writer {
    async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        while let Some(command) = commands.next().await {
            if let Err(error) = self.carry_out(command).await {
                tracing::error!(%error, "a local write failed");
                self.say(Said::NotSaved(error.to_string()), false);
            }
        }
    }

    async fn carry_out(&mut self, command: Command) -> Result<(), StoreError> {
        let user = self.session.user_id;
        match command {
            Command::CreateEvent(id, new) => self.commit(drafts::create_event(id, user, *new)).await,
            Command::EditEvent(id, edit) => match self.event(id).await? {
                Some(event) => self.commit(drafts::edit_event(&event, user, *edit)).await,
                None => {
                    self.say(Said::Gone, false);
                    Ok(())
                }
            },
            Command::DeleteEvent(id) => {
                self.commit(vec![Patch::delete(RowRef::event(id))]).await?;
                self.say(Said::EventDeleted, true);
                Ok(())
            }
            Command::CreateCalendar(id, name, color) => {
                let rows = self.calendars().await?;
                let position = rows.iter().map(|c| c.position).fold(0.0, f64::max) + 1.0;
                self.commit(vec![drafts::create_calendar(id, user, &name, &color, position, rows.is_empty())]).await
            }
            Command::EditCalendar(id, edit) => self.commit(vec![drafts::edit_calendar(id, edit)]).await,
            Command::DeleteCalendar(id, target) => self.delete_calendar(id, target).await,
            Command::EditProfile(edit) => {
                self.commit(vec![drafts::edit_profile(user, &self.session.email, edit)]).await
            }
            Command::Undo => self.undo().await,
            Command::Redo => self.redo().await,
            Command::Retry(at) => self.database.execute(Batch::Retry(at)).await.map(|_| self.engine.nudge(Nudge::Now)),
            Command::Discard(at) => self.database.execute(Batch::Discard(at)).await.map(|_| ()),
        }
    }

    async fn commit(&mut self, patches: Vec<Patch>) -> Result<(), StoreError> {
        let edits = self.database.commit(patches).await?.edits;
        if !edits.is_empty() {
            self.redo.clear();
            push(&mut self.undo, edits);
        }
        Ok(())
    }

    async fn undo(&mut self) -> Result<(), StoreError> {
        let Some(step) = self.undo.pop() else {
            self.say(Said::NothingToUndo, false);
            return Ok(());
        };
        let done = self.take_back(step).await?;
        push(&mut self.redo, done);
        Ok(())
    }

    async fn redo(&mut self) -> Result<(), StoreError> {
        let Some(step) = self.redo.pop() else {
            self.say(Said::NothingToRedo, false);
            return Ok(());
        };
        let done = self.take_back(step).await?;
        push(&mut self.undo, done);
        Ok(())
    }

    /// Writes the inverse of a step and returns what that changed: the step that takes it back in turn.
    async fn take_back(&self, step: Step) -> Result<Step, StoreError> {
        let mut patches = Vec::new();
        let mut newer = false;
        for (before, after) in step.iter().rev() {
            let now = self.row(after.at()).await?;
            let (patch, left) = undo::inverse(before.as_ref(), after, now.as_ref());
            patches.extend(patch);
            newer |= left;
        }
        if newer {
            self.say(Said::TheirsKept, false);
        }
        Ok(self.database.commit(patches).await?.edits)
    }

    /// Deletes a calendar. Its events read as in the default one unless another is named.
    async fn delete_calendar(&mut self, id: Uuid, target: Option<Uuid>) -> Result<(), StoreError> {
        let mut patches = vec![Patch::delete(RowRef::calendar(id))];
        if let Some(target) = target {
            for stored in self.database.query(Query::Table(Table::Overlays)).await? {
                let overlay: Overlay = stored.decode()?;
                if overlay.calendar_id == Some(id) && overlay.user_id == self.session.user_id {
                    patches.push(drafts::move_to_calendar(overlay.event_id, overlay.user_id, target));
                }
            }
        }
        self.commit(patches).await?;
        self.say(Said::CalendarDeleted, true);
        Ok(())
    }

    async fn row(&self, at: RowRef) -> Result<Option<Row>, StoreError> {
        Ok(self.database.get(at).await?.map(|stored| stored.row()).transpose()?)
    }

    async fn event(&self, id: Uuid) -> Result<Option<Event>, StoreError> {
        Ok(self.database.get(RowRef::event(id)).await?.map(|stored| stored.decode()).transpose()?)
    }

    async fn calendars(&self) -> Result<Vec<Calendar>, StoreError> {
        let rows = self.database.query(Query::Table(Table::Calendars)).await?;
        rows.iter().map(|stored| stored.decode().map_err(StoreError::from)).collect()
    }

    fn say(&self, what: Said, undo: bool) {
        // Without a listener the app is closing: nobody is left to tell.
        let _ = self.notices.unbounded_send(Notice { what, undo });
    }
}

fn push(stack: &mut Vec<Step>, step: Step) {
    if step.is_empty() {
        return;
    }
    if stack.len() == UNDO_DEPTH {
        stack.remove(0);
    }
    stack.push(step);
}
