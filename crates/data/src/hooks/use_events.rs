//! The events of a span.

use super::{
    ahead::Ahead,
    live::{Interest, use_live},
};
use crate::{
    account::OpenAccount,
    items::{EventItem, Events},
};
use almanac_core::{
    changes::{Change, Changes},
    coverage,
    database::Announcement,
    domain::{Calendar, Event, EventRole, Overlay, Role},
    key::RowRef,
    outbox::RowState,
    patch::Patch,
    row::{Row, Span},
    store::{Query, StoreError, Stored},
    table::Table,
};
use dioxus::prelude::*;
use futures::try_join;
use std::{rc::Rc, time::Duration};
use uuid::Uuid;

/// How long a page stands before those beside it are read: who turns pages fast is not held up by them.
const STANDS: Duration = Duration::from_millis(100);

/// The events overlapping the span, live. What was shown stays until the next span is read; what is not on this device
/// is fetched. The spans `beside` it are read ahead, from this device alone: asked for next, they are there at once.
#[must_use]
pub fn use_events(span: ReadSignal<Span>, beside: ReadSignal<Vec<Span>>) -> ReadSignal<Events> {
    let events = use_signal(Events::default);
    let ahead = use_hook(|| CopyValue::new(None::<Ahead>));
    let show = move |found: Events| {
        // The same answer again (another row of the same commit) redraws nothing.
        let mut events = events;
        if *events.peek() != found {
            events.set(found);
        }
    };
    use_live(
        move |open| {
            let span = span();
            if let (Some((events, _)), _) = of(ahead, &open, |ahead| ahead.answer(span)) {
                show(events);
            }
            async move {
                // Asked once more: by now commits are listened to, so whatever was committed since has been heard of.
                let (known, since) = of(ahead, &open, |ahead| ahead.answer(span));
                if let Some(known) = known {
                    return Ok(known);
                }
                let (found, about) = read(&open, span).await?;
                open.first_page.is_read();
                if !about.covered {
                    open.want(span.start, span.end);
                }
                of(ahead, &open, |ahead| ahead.keep(since, found.clone(), about.clone()));
                Ok((found, about))
            }
        },
        show,
    );
    use_live(
        move |open| {
            let spans = beside();
            async move {
                open.database.platform().sleep(STANDS).await;
                for span in spans {
                    let (known, since) = of(ahead, &open, |ahead| ahead.answer(span));
                    if known.is_none() {
                        let (found, about) = read(&open, span).await?;
                        of(ahead, &open, |ahead| ahead.keep(since, found, about));
                    }
                }
                Ok(((), Heard(ahead, open)))
            }
        },
        |()| (),
    );
    events.into()
}

/// Nothing is read ahead again; but the commits are heard, so that they do not pile up while a page stands for long.
struct Heard(CopyValue<Option<Ahead>>, Rc<OpenAccount>);

impl Interest for Heard {
    fn is_hit(&self, _: &Changes) -> bool {
        of(self.0, &self.1, Ahead::hear);
        false
    }
}

/// What is known ahead of this account.
fn of<T>(mut ahead: CopyValue<Option<Ahead>>, open: &Rc<OpenAccount>, ask: impl FnOnce(&mut Ahead) -> T) -> T {
    let mut ahead = ahead.write();
    ask(match &mut *ahead {
        Some(ahead) if ahead.is_of(open) => ahead,
        other => other.insert(Ahead::of(open)),
    })
}

/// What can change the answer: events in the span, what hangs on the events found, calendars, coverage.
#[derive(Clone)]
pub(super) struct InSpan {
    pub(super) span: Span,
    /// In their order.
    ids: Rc<Vec<Uuid>>,
    homes: Rc<Homes>,
    covered: bool,
}

impl InSpan {
    fn of(span: Span, items: &[Rc<EventItem>], homes: Rc<Homes>, covered: bool) -> Self {
        let mut ids: Vec<Uuid> = items.iter().map(|item| item.event.id).collect();
        almanac_core::order::sort_by(&mut ids, Uuid::cmp);
        Self { span, ids: Rc::new(ids), homes, covered }
    }

    fn knows(&self, id: Option<Uuid>) -> bool {
        id.is_some_and(|id| self.ids.binary_search(&id).is_ok())
    }

    fn is_touched(&self, change: &Change) -> bool {
        let inside = |span: Option<Span>| span.is_some_and(|s| s.overlaps(self.span));
        match change.at.table {
            Table::Calendars => true,
            Table::Events => inside(change.before) || inside(change.after) || self.knows(change.at.uuid()),
            Table::Overlays | Table::Roles => self.knows(change.at.parent_event()),
            _ => false,
        }
    }

    /// The answer after a commit that hit it, worked out from what a person has just written here instead of being read
    /// again; none where that does not say all there is to know.
    pub(super) fn follow(&self, events: &Events, told: &Announcement, by: &Writes) -> Option<(Events, Self)> {
        let Writes { user: own, state, .. } = *by;
        let mut items = (*events.items).clone();
        let mut touched: Vec<Uuid> = Vec::new();
        for change in told.changes.rows.iter().filter(|change| self.is_touched(change)) {
            touched.push(match change.at.table {
                Table::Events => change.at.uuid()?,
                Table::Overlays => change.at.parent_event()?,
                _ => return None,
            });
        }
        almanac_core::order::sort(&mut touched);
        touched.dedup();
        for id in touched {
            let written = |at: &RowRef| told.edits.iter().find(|(_, row)| row.at() == *at);
            let read = |(_, row): &(Option<Row>, Row)| Stored { at: row.at(), body: row.to_text(), state, seen: 0 };
            let event_at = RowRef::event(id);
            let (event, overlay) = (written(&event_at), written(&RowRef::overlay(id, own)));
            let at = items.iter().position(|item| item.event.id == id);
            let change = told.changes.rows.iter().find(|change| change.at == event_at);
            if change.is_some_and(|change| !change.after.is_some_and(|span| span.overlaps(self.span))) {
                at.map(|at| items.remove(at));
                continue;
            }
            // A row that is told of and was not written here, as of another's event or role.
            if change.is_some() && event.is_none() || event.is_none() && overlay.is_none() {
                return None;
            }
            let mut item = match at {
                Some(at) => (*items.remove(at)).clone(),
                // What was there before, elsewhere or until it was deleted, may have more than was written now.
                None if event?.0.is_some() || by.deleted.contains(&id) => return None,
                None => join(&[read(event?)], &self.homes, own).ok()?.pop()?,
            };
            if item.role.is_some() || item.event.series_id.is_some() || item.state == RowState::Stuck {
                return None;
            }
            if let Some(event) = event {
                item.event = read(event).decode().ok()?;
            }
            if let Some(overlay) = overlay {
                item.overlay = if overlay.1.is_live() { Some(read(overlay).decode().ok()?) } else { None };
                item.calendar = self.homes.of(item.overlay.as_ref());
            }
            item.state = state;
            items.push(Rc::new(item));
        }
        almanac_core::order::sort_by_key(&mut items, |item| item.order());
        let about = Self::of(self.span, &items, self.homes.clone(), self.covered);
        Some((Events { items: Rc::new(items), ..events.clone() }, about))
    }
}

/// What a person writes here.
pub(super) struct Writes {
    pub(super) user: Uuid,
    /// Of what is written, until the server has it; without a server at once.
    pub(super) state: RowState,
    /// Events that were deleted: undo may bring them back.
    pub(super) deleted: Vec<Uuid>,
}

impl Writes {
    pub(super) fn of(open: &OpenAccount) -> Self {
        let state = if open.is_local() { RowState::Synced } else { RowState::Pending };
        Self { user: open.session.user_id, state, deleted: Vec::new() }
    }

    pub(super) fn hear(&mut self, told: &Announcement) {
        let gone = |change: &Change| change.after.is_none() && change.at.table == Table::Events;
        let rows = told.changes.rows.iter().filter(|change| !told.edits.is_empty() && gone(change));
        self.deleted.extend(rows.filter_map(|change| change.at.uuid()));
    }
}

impl Interest for InSpan {
    fn is_hit(&self, changes: &Changes) -> bool {
        // Coverage is part of the sync state.
        (changes.state && !self.covered) || changes.rows.iter().any(|change| self.is_touched(change))
    }
}

/// What will be shown of a new event when these patches are written. In a calendar only if they name one: the default one is not known
/// here.
pub(crate) fn made(patches: &[Patch], open: &OpenAccount) -> Option<EventItem> {
    let state = Writes::of(open).state;
    let rows = patches.iter().map(|patch| {
        let mut row = Row::empty(&patch.at);
        row.columns.extend(
            patch
                .initial
                .iter()
                .chain([&patch.columns])
                .flatten()
                .map(|(column, value)| (column.clone(), value.clone())),
        );
        Stored { at: row.at(), body: row.to_text(), state, seen: 0 }
    });
    let mut item = join(&rows.collect::<Vec<_>>(), &Homes::default(), open.session.user_id).ok()?.pop()?;
    item.calendar = item.overlay.as_ref().and_then(|overlay| overlay.calendar_id);
    Some(item)
}

async fn read(open: &Rc<OpenAccount>, span: Span) -> Result<(Events, InSpan), StoreError> {
    let user = open.session.user_id;
    // Asked all at once: in the browser each question is a wait.
    let (stored, calendars, state) = try_join!(
        open.database.query(Query::Events { span, user }),
        open.database.query(Query::Table(Table::Calendars)),
        open.database.state(),
    )?;
    // Without a server everything there is is here.
    let missing = if open.is_local() { Vec::new() } else { coverage::missing(&state.coverage, (span.start, span.end)) };
    let homes = Homes::among(&calendars)?;
    let mut items = join(&stored, &homes, user)?;
    if open.is_local() {
        // There is nowhere to send it: it is as kept as can be.
        items.iter_mut().for_each(|item| item.state = RowState::Synced);
    }
    let covered = missing.is_empty();
    let items: Vec<_> = items.into_iter().map(Rc::new).collect();
    let about = InSpan::of(span, &items, Rc::new(homes), covered);
    Ok((Events { items: Rc::new(items), covered, ready: true, span: Some(span) }, about))
}

/// Where events can be shown: the calendars that live.
#[derive(Default)]
pub(crate) struct Homes {
    default: Option<Uuid>,
    live: Vec<Uuid>,
}

impl Homes {
    pub(crate) fn among(calendars: &[Stored]) -> Result<Self, StoreError> {
        let rows: Vec<Row> = calendars.iter().map(Stored::row).collect::<Result<_, _>>()?;
        let live = rows.iter().filter_map(|row| row.at().uuid()).collect();
        Ok(Self { default: Calendar::default_of(&rows), live })
    }

    /// The calendar of an event that the user keeps this about.
    pub(crate) fn of(&self, overlay: Option<&Overlay>) -> Option<Uuid> {
        overlay.and_then(|overlay| overlay.calendar_id).filter(|id| self.live.contains(id)).or(self.default)
    }
}

/// Joins events with overlays and roles, and finds each one's calendar. Another's event in which the user has no role
/// (any more) is not theirs to see.
pub(crate) fn join(stored: &[Stored], homes: &Homes, user: Uuid) -> Result<Vec<EventItem>, StoreError> {
    // Lists in the order of their events, not maps: a map of each kind is 4 KB of the web app's program.
    let mut overlays: Vec<(Uuid, Overlay, RowState)> = Vec::new();
    let mut roles: Vec<(Uuid, EventRole, RowState)> = Vec::new();
    for record in stored {
        let Some(event) = record.at.parent_event() else { continue };
        match record.at.table {
            Table::Overlays => overlays.push((event, record.decode()?, record.state)),
            Table::Roles => roles.push((event, record.decode()?, record.state)),
            _ => {}
        }
    }
    almanac_core::order::sort_by_key(&mut overlays, |(event, ..)| *event);
    almanac_core::order::sort_by_key(&mut roles, |(event, ..)| *event);
    let overlay_of = |id: Uuid| overlays.binary_search_by_key(&id, |(event, ..)| *event).ok().map(|at| &overlays[at]);
    let role_of = |id: Uuid| roles.binary_search_by_key(&id, |(event, ..)| *event).ok().map(|at| &roles[at]);
    let mut items = Vec::new();
    for record in stored.iter().filter(|record| record.at.table == Table::Events) {
        let event: Event = record.decode()?;
        let (overlay, overlay_state) =
            overlay_of(event.id).map(|(_, overlay, state)| (overlay.clone(), *state)).unzip();
        // A series' roles cover its exceptions.
        let found = role_of(event.id).or_else(|| role_of(event.series_id?));
        let (role, role_state) = match found {
            Some((_, role, state)) => (Some(role.clone()), Some(*state)),
            None if event.owner_id == user => (None, None),
            // Left, or not come in yet.
            None if event.series_id.is_none() => continue,
            // The series is outside of what was asked for: what may be done with it is not known here.
            None => (
                Some(EventRole { event_id: event.id, user_id: user, role: Role::Viewer, rsvp: None, following: true }),
                None,
            ),
        };
        let calendar = homes.of(overlay.as_ref());
        let state = [Some(record.state), overlay_state, role_state].into_iter().flatten().max().unwrap_or_default();
        items.push(EventItem { event, overlay, role, calendar, state });
    }
    almanac_core::order::sort_by_key(&mut items, EventItem::order);
    Ok(items)
}
