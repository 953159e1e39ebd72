//! The writer: one task that carries out the commands of the mutations, in order. It belongs to the account and not to
//! a component, so that leaving a page never cuts a write short. It keeps the undo stack.

use crate::{
    ALL_TIME,
    drafts::{self, CalendarEdit, EventEdit, ProfileEdit},
    hooks::{Homes, join},
    items::{Notice, Said},
    lists::{self, CategoryEdit, Fate, PersonaEdit},
    sharing::{self, Sharing},
    trouble::Trouble,
    undo::{self, Edit, Step, Steps},
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

/// What a person asked for.
#[derive(Debug)]
pub(crate) enum Command {
    CreateEvent(Vec<Patch>),
    EditEvent(Uuid, Box<EventEdit>),
    DeleteEvent(Uuid),
    CreateCalendar(Uuid, CalendarEdit),
    EditCalendar(Uuid, CalendarEdit),
    CreateCategory(Uuid, CategoryEdit),
    EditCategory(Uuid, CategoryEdit),
    CreatePersona(Uuid, PersonaEdit),
    EditPersona(Uuid, PersonaEdit),
    /// A calendar, category or persona goes; what becomes of its events.
    DeleteFrom(Table, Uuid, Fate),
    /// A calendar, category or persona goes to an index of its list.
    Reorder(Table, Uuid, usize),
    Share(Uuid, Sharing),
    EditProfile(ProfileEdit),
    /// The last step; with a number that which this notice speaks of.
    Undo(Option<u32>),
    Redo,
    Retry(RowRef),
    Discard(RowRef),
}

struct Writer {
    database: Arc<Database>,
    engine: Arc<Engine>,
    session: Session,
    notices: UnboundedSender<Notice>,
    /// Of the command that is carried out.
    number: u32,
    undo: Steps,
    redo: Steps,
}

/// Starts the task, which takes commands with their numbers; it ends when the sender is dropped.
pub(crate) fn start(
    database: Arc<Database>,
    engine: Arc<Engine>,
    session: Session,
    notices: UnboundedSender<Notice>,
) -> UnboundedSender<(u32, Command)> {
    let (sender, receiver) = unbounded();
    let platform = database.platform().clone();
    let writer =
        Writer { database, engine, session, notices, number: 0, undo: Steps::default(), redo: Steps::default() };
    platform.spawn(Box::pin(writer.run(receiver)));
    sender
}

impl Writer {
    async fn run(mut self, mut commands: UnboundedReceiver<(u32, Command)>) {
        while let Some((number, command)) = commands.next().await {
            self.number = number;
            if let Err(error) = self.carry_out(command).await {
                tracing::error!(%error, "a local write failed");
                self.say(Said::NotSaved(Trouble::from(&error), error.to_string()), false);
            }
        }
    }

    async fn carry_out(&mut self, command: Command) -> Result<(), StoreError> {
        let user = self.session.user_id;
        match command {
            Command::CreateEvent(patches) => self.commit(patches).await,
            Command::EditEvent(id, edit) => match self.event(id).await? {
                Some(event) => self.commit(drafts::edit_event(&event, user, *edit)).await,
                None => {
                    self.say(Said::Gone, false);
                    Ok(())
                }
            },
            Command::DeleteEvent(id) => self.delete(vec![Patch::delete(RowRef::event(id))], Said::EventDeleted).await,
            Command::CreateCalendar(id, mut new) => {
                let list = self.list(Table::Calendars).await?;
                // There is always a default one.
                new.is_default = Some(list.is_empty() || new.is_default == Some(true));
                self.commit(vec![drafts::create_calendar(id, user, new, last(&list) + 1.0)]).await
            }
            Command::CreateCategory(id, new) => {
                let position = last(&self.list(Table::Categories).await?) + 1.0;
                self.commit(vec![lists::create_category(id, user, new, position)]).await
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
            Command::Undo(notice) => self.undo(notice).await,
            Command::Redo => self.redo().await,
            Command::Retry(at) => self.database.execute(Batch::Retry(at)).await.map(|_| self.engine.nudge(Nudge::Now)),
            Command::Discard(at) => self.database.execute(Batch::Discard(at)).await.map(|_| ()),
        }
    }

    async fn commit(&mut self, patches: Vec<Patch>) -> Result<(), StoreError> {
        let edits = self.database.commit(patches).await?.edits;
        self.done(edits, None);
        Ok(())
    }

    /// Says what was deleted, and offers to undo it, whatever is done meanwhile.
    async fn delete(&mut self, patches: Vec<Patch>, what: Said) -> Result<(), StoreError> {
        let edits = self.database.commit(patches).await?.edits;
        let number = self.say(what, !edits.is_empty());
        self.done(edits, Some(number));
        Ok(())
    }

    /// A step was done: what was undone before it is not done again.
    fn done(&mut self, edits: Vec<Edit>, notice: Option<u32>) {
        if !edits.is_empty() {
            self.redo.clear();
            self.undo.push(edits, notice);
        }
    }

    async fn undo(&mut self, notice: Option<u32>) -> Result<(), StoreError> {
        let Some(step) = self.undo.take(notice) else {
            self.say(Said::NothingToUndo, false);
            return Ok(());
        };
        let done = self.take_back(&step).await;
        turn(step, done, &mut self.undo, &mut self.redo)
    }

    async fn redo(&mut self) -> Result<(), StoreError> {
        let Some(step) = self.redo.take(None) else {
            self.say(Said::NothingToRedo, false);
            return Ok(());
        };
        let done = self.take_back(&step).await;
        turn(step, done, &mut self.redo, &mut self.undo)
    }

    /// Writes the inverse of a step and returns what that changed: the step that takes it back in turn.
    async fn take_back(&mut self, step: &Step) -> Result<Vec<Edit>, StoreError> {
        let mut patches = Vec::new();
        let mut newer = false;
        for (before, after) in step.edits.iter().rev() {
            let now = self.row(after.at()).await?;
            let (patch, left) = undo::inverse(before.as_ref(), after, now.as_ref());
            patches.extend(patch);
            newer |= left;
        }
        if newer {
            self.say(Said::TheirsKept, false);
        }
        let written = self.database.commit(patches).await?.edits;
        self.undo.follow(step, &written);
        self.redo.follow(step, &written);
        Ok(written)
    }

    /// Deletes a calendar, category or persona; its events stay, move or (one's own, of a calendar) go as well. Of the default calendar
    /// are also those that are in none, or in one that is gone.
    async fn delete_from(&mut self, table: Table, id: Uuid, fate: Fate) -> Result<(), StoreError> {
        let user = self.session.user_id;
        let mut patches = vec![Patch::delete(RowRef::id(table, id))];
        let mut touched = Vec::new();
        for stored in self.database.query(Query::Table(Table::Overlays)).await? {
            let overlay: Overlay = stored.decode()?;
            if overlay.user_id == user && lists::pointed(&overlay, table) == Some(id) {
                touched.push(overlay.event_id);
            }
        }
        if table == Table::Calendars && fate != Fate::Stay {
            touched.extend(self.shown_in(id).await?);
            almanac_core::order::sort(&mut touched);
            touched.dedup();
        }
        for event in touched {
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
        let what = match table {
            Table::Calendars => Said::CalendarDeleted,
            Table::Categories => Said::CategoryDeleted,
            _ => Said::PersonaDeleted,
        };
        self.delete(patches, what).await
    }

    /// The events here that are shown in a calendar without naming it: none if it is not the default one.
    async fn shown_in(&self, calendar: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let user = self.session.user_id;
        let homes = Homes::among(&self.database.query(Query::Table(Table::Calendars)).await?)?;
        if homes.of(None) != Some(calendar) {
            return Ok(Vec::new());
        }
        let stored = self.database.query(Query::Events { span: ALL_TIME, user }).await?;
        let items = join(&stored, &homes, user)?;
        Ok(items.iter().filter(|item| item.calendar == Some(calendar)).map(|item| item.event.id).collect())
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

    fn say(&self, what: Said, undo: bool) -> u32 {
        let notice = Notice { command: Some(self.number), ..Notice::new(what, undo) };
        let number = notice.number;
        // Without a listener the app is closing: nobody is left to tell.
        let _ = self.notices.unbounded_send(notice);
        number
    }
}

/// What taking back a step has done can be taken back in turn; a step that could not be taken back stays where it was.
fn turn(step: Step, done: Result<Vec<Edit>, StoreError>, from: &mut Steps, to: &mut Steps) -> Result<(), StoreError> {
    match done {
        Ok(edits) => to.push(edits, None),
        Err(error) => {
            from.give_back(step);
            return Err(error);
        }
    }
    Ok(())
}

/// How lists are ordered: by position, then name, then id.
pub(crate) fn order(a: (f64, &str, Uuid), b: (f64, &str, Uuid)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)).then_with(|| a.2.cmp(&b.2))
}

/// The last position of a list.
fn last(list: &[(Uuid, f64)]) -> f64 {
    list.iter().map(|(_, position)| *position).fold(0.0, f64::max)
}
