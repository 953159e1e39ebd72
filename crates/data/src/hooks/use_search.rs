//! Search over what is on this device.

use super::{
    live::{Interest, use_live},
    use_events::{Homes, join},
};
use crate::items::Found;
use almanac_core::{
    changes::Changes,
    key::RowRef,
    store::{Query, StoreError},
    table::Table,
};
use dioxus::prelude::*;
use std::rc::Rc;

/// As many as one reads.
const MOST: usize = 100;

struct AnyEvent;

impl Interest for AnyEvent {
    fn is_hit(&self, changes: &Changes) -> bool {
        changes.state || changes.rows.iter().any(|change| matches!(change.at.table, Table::Events | Table::Calendars))
    }
}

/// The events whose title, notes or location contain the text, live. For no text nothing.
#[must_use]
pub fn use_search(text: ReadSignal<String>) -> ReadSignal<Found> {
    let found = use_signal(Found::default);
    use_live(
        move |open| {
            let text = text().trim().to_owned();
            async move {
                let state = open.database.state().await?;
                let searched = (!open.is_local()).then_some(state.coverage);
                if text.is_empty() {
                    return Ok((Found { searched, ..Found::default() }, AnyEvent));
                }
                let user = open.session.user_id;
                let query = Query::Search { text: text.clone(), limit: MOST + 1 };
                let mut stored = open.database.query(query).await?;
                let more = stored.len() > MOST;
                stored.truncate(MOST);
                for at in stored.iter().map(|record| record.at.clone()).collect::<Vec<_>>() {
                    let Some(event) = at.uuid() else { continue };
                    for own in [RowRef::overlay(event, user), RowRef::role(event, user)] {
                        if let Some(record) = open.database.get(own).await?
                            && record.row()?.is_live()
                        {
                            stored.push(record);
                        }
                    }
                }
                let calendars = open.database.query(Query::Table(Table::Calendars)).await?;
                let mut items = join(&stored, &Homes::among(&calendars)?, user)?;
                items.reverse();
                Ok::<_, StoreError>((Found { text, items: Rc::new(items), more, searched }, AnyEvent))
            }
        },
        move |now| {
            let mut found = found;
            if *found.peek() != now {
                found.set(now);
            }
        },
    );
    found.into()
}
