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
    changes::Changes,
    coverage,
    domain::{Calendar, Event, EventRole, Overlay, Role},
    outbox::RowState,
    row::{Row, Span},
    store::{Query, StoreError, Stored},
    table::Table,
};
use dioxus::prelude::*;
use futures::try_join;
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    time::Duration,
};
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
            let (known, since) = of(ahead, &open, |ahead| ahead.answer(span));
            known.map(show);
            async move {
                let (found, about) = read(&open, span).await?;
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
    ids: Rc<HashSet<Uuid>>,
    covered: bool,
}

impl Interest for InSpan {
    fn is_hit(&self, changes: &Changes) -> bool {
        // Coverage is part of the sync state.
        (changes.state && !self.covered)
            || changes.rows.iter().any(|change| match change.at.table {
                Table::Calendars => true,
                Table::Events => {
                    let inside = |span: Option<Span>| span.is_some_and(|s| s.overlaps(self.span));
                    inside(change.before)
                        || inside(change.after)
                        || change.at.uuid().is_some_and(|id| self.ids.contains(&id))
                }
                Table::Overlays | Table::Roles => change.at.parent_event().is_some_and(|id| self.ids.contains(&id)),
                _ => false,
            })
    }
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
    let mut items = join(&stored, &calendars, user)?;
    if open.is_local() {
        // There is nowhere to send it: it is as kept as can be.
        items.iter_mut().for_each(|item| item.state = RowState::Synced);
    }
    let covered = missing.is_empty();
    let ids = Rc::new(items.iter().map(|item| item.event.id).collect());
    Ok((Events { items: Rc::new(items), covered, ready: true, span: Some(span) }, InSpan { span, ids, covered }))
}

/// Joins events with overlays and roles, and finds each one's calendar. Another's event in which the user has no role
/// (any more) is not theirs to see.
pub(super) fn join(stored: &[Stored], calendars: &[Stored], user: Uuid) -> Result<Vec<EventItem>, StoreError> {
    let calendar_rows: Vec<Row> = calendars.iter().map(Stored::row).collect::<Result<_, _>>()?;
    let default = Calendar::default_of(&calendar_rows);
    let live: HashSet<Uuid> = calendar_rows.iter().filter_map(|row| row.at().uuid()).collect();
    let mut overlays: HashMap<Uuid, (Overlay, RowState)> = HashMap::new();
    let mut roles: HashMap<Uuid, (EventRole, RowState)> = HashMap::new();
    for record in stored {
        let Some(event) = record.at.parent_event() else { continue };
        match record.at.table {
            Table::Overlays => drop(overlays.insert(event, (record.decode()?, record.state))),
            Table::Roles => drop(roles.insert(event, (record.decode()?, record.state))),
            _ => {}
        }
    }
    let mut items = Vec::new();
    for record in stored.iter().filter(|record| record.at.table == Table::Events) {
        let event: Event = record.decode()?;
        let (overlay, overlay_state) = overlays.remove(&event.id).unzip();
        // A series' roles cover its exceptions.
        let found = roles.get(&event.id).or_else(|| roles.get(&event.series_id?)).cloned();
        let (role, role_state) = match found {
            Some(found) => (Some(found.0), Some(found.1)),
            None if event.owner_id == user => (None, None),
            // Left, or not come in yet.
            None if event.series_id.is_none() => continue,
            // The series is outside of what was asked for: what may be done with it is not known here.
            None => (
                Some(EventRole { event_id: event.id, user_id: user, role: Role::Viewer, rsvp: None, following: true }),
                None,
            ),
        };
        let calendar =
            overlay.as_ref().and_then(|o: &Overlay| o.calendar_id).filter(|id| live.contains(id)).or(default);
        let state = [Some(record.state), overlay_state, role_state].into_iter().flatten().max().unwrap_or_default();
        items.push(EventItem { event, overlay, role, calendar, state });
    }
    almanac_core::order::sort_by_key(&mut items, |item| {
        (item.event.start_timestamp_ms, std::cmp::Reverse(item.event.end_timestamp_ms), item.event.id)
    });
    Ok(items)
}
