//! The writer: one task that carries out the commands of the mutations, in order. It belongs to the account and not to
//! a component, so that leaving a page never cuts a write short. It keeps the undo stack.

use crate::{
    drafts::{self, CalendarEdit, EventEdit, NewEvent, ProfileEdit},
    items::{Notice, Said},
    lists::{self, CategoryEdit, Fate, PersonaEdit},
    sharing::{self, Sharing},
    undo::{self, Step},
};
use almanac_core::{
    database::Database,
    domain::{Event, Overlay},
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
    CreateCategory(Uuid, String, String),
    EditCategory(Uuid, CategoryEdit),
    CreatePersona(Uuid, PersonaEdit),
    EditPersona(Uuid, PersonaEdit),
    /// A calendar, category or persona goes; what becomes of its events.
    DeleteFrom(Table, Uuid, Fate),
    /// A calendar, category or persona goes to an index of its list.
    Reorder(Table, Uuid, usize),
    Share(Uuid, Sharing),
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
                let list = self.list(Table::Calendars).await?;
                let new = drafts::create_calendar(id, user, &name, &color, last(&list) + 1.0, list.is_empty());
                self.commit(vec![new]).await
            }
            Command::CreateCategory(id, name, color) => {
                let position = last(&self.list(Table::Categories).await?) + 1.0;
                self.commit(vec![lists::create_category(id, user, &name, &color, position)]).await
            }
            Command::EditCategory(id, edit) => self.commit(vec![lists::edit_category(id, edit)]).await,
            Command::CreatePersona(id, persona) => {
                let position = last(&self.list(Table::Personas).await?) + 1.0;
                self.commit(vec![lists::create_persona(id, user, persona, position)]).await
            }
            Command::EditPersona(id, edit) => self.commit(vec![lists::edit_persona(id, edit)]).await,
            Command::DeleteFrom(table, id, fate) => self.delete_from(table, id, fate).await,
            Command::Reorder(table, id, index) => {
                let list = self.list(table).await?;
                self.commit(lists::reorder(table, &list, id, index)).await
            }
            Command::Share(id, what) => {
                let owner = self.event(id).await?.is_some_and(|event| event.owner_id == user);
                self.commit(vec![sharing::patch(id, user, owner, what)]).await
            }
            Command::EditCalendar(id, edit) => self.commit(vec![drafts::edit_calendar(id, edit)]).await,
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

    /// Deletes a calendar, category or persona; its events stay, move or (one's own, of a calendar) go as well.
    async fn delete_from(&mut self, table: Table, id: Uuid, fate: Fate) -> Result<(), StoreError> {
        let user = self.session.user_id;
        let mut patches = vec![Patch::delete(RowRef::id(table, id))];
        for stored in self.database.query(Query::Table(Table::Overlays)).await? {
            let overlay: Overlay = stored.decode()?;
            if overlay.user_id != user || lists::pointed(&overlay, table) != Some(id) {
                continue;
            }
            let event = overlay.event_id;
            match fate {
                Fate::Move(to) => patches.extend(lists::point(event, user, table, Some(to))),
                // A calendar that is gone reads as the default one; the pointer stays, for undo.
                Fate::Stay if table == Table::Calendars => {}
                Fate::Stay => patches.extend(lists::point(event, user, table, None)),
                Fate::Delete => {
                    if self.event(event).await?.is_some_and(|event| event.owner_id == user) {
                        patches.push(Patch::delete(RowRef::event(event)));
                    }
                }
            }
        }
        self.commit(patches).await?;
        self.say(
            match table {
                Table::Calendars => Said::CalendarDeleted,
                Table::Categories => Said::CategoryDeleted,
                _ => Said::PersonaDeleted,
            },
            true,
        );
        Ok(())
    }

    async fn row(&self, at: RowRef) -> Result<Option<Row>, StoreError> {
        Ok(self.database.get(at).await?.map(|stored| stored.row()).transpose()?)
    }

    async fn event(&self, id: Uuid) -> Result<Option<Event>, StoreError> {
        Ok(self.database.get(RowRef::event(id)).await?.map(|stored| stored.decode()).transpose()?)
    }

    /// Ids and positions of a list, in the order that is shown.
    async fn list(&self, table: Table) -> Result<Vec<(Uuid, f64)>, StoreError> {
        let rows = self.database.query(Query::Table(table)).await?;
        let mut list = Vec::with_capacity(rows.len());
        for stored in &rows {
            let row = stored.row()?;
            let position = row.columns.get("position").and_then(serde_json::Value::as_f64).unwrap_or(0.0);
            let name = row.columns.get("name").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            list.extend(row.at().uuid().map(|id| (id, position, name)));
        }
        almanac_core::order::sort_by(&mut list, |a, b| order((a.1, &a.2, a.0), (b.1, &b.2, b.0)));
        Ok(list.into_iter().map(|(id, position, _)| (id, position)).collect())
    }

    fn say(&self, what: Said, undo: bool) {
        // Without a listener the app is closing: nobody is left to tell.
        let _ = self.notices.unbounded_send(Notice::new(what, undo));
    }
}

/// How lists are ordered: by position, then name, then id.
pub(crate) fn order(a: (f64, &str, Uuid), b: (f64, &str, Uuid)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)).then_with(|| a.2.cmp(&b.2))
}

/// The last position of a list.
fn last(list: &[(Uuid, f64)]) -> f64 {
    list.iter().map(|(_, position)| *position).fold(0.0, f64::max)
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
