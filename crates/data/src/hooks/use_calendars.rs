//! The user's calendars.

use super::live::{Interest, use_live};
use crate::{items::CalendarItem, writer::order};
use almanac_core::{
    changes::Changes,
    domain::Calendar,
    outbox::RowState,
    row::Row,
    store::{Query, Stored},
    table::Table,
};
use dioxus::prelude::*;

/// Any row of a table.
pub(super) struct AnyOf(pub(super) Table);

impl Interest for AnyOf {
    fn is_hit(&self, changes: &Changes) -> bool {
        changes.rows.iter().any(|change| change.at.table == self.0)
    }
}

/// The calendars, by position then name, live.
#[must_use]
pub fn use_calendars() -> ReadSignal<Vec<CalendarItem>> {
    let calendars = use_signal(Vec::new);
    use_live(
        move |open| async move {
            let stored = open.database.query(Query::Table(Table::Calendars)).await?;
            let rows: Vec<Row> = stored.iter().map(Stored::row).collect::<Result<_, _>>()?;
            let default = Calendar::default_of(&rows);
            let mut items = Vec::with_capacity(stored.len());
            for record in &stored {
                let calendar: Calendar = record.decode()?;
                let state = if open.is_local() { RowState::Synced } else { record.state };
                items.push(CalendarItem { is_default: Some(calendar.id) == default, calendar, state });
            }
            almanac_core::order::sort_by(&mut items, |a, b| {
                let (a, b) = (&a.calendar, &b.calendar);
                order((a.position, &a.name, a.id), (b.position, &b.name, b.id))
            });
            Ok((items, AnyOf(Table::Calendars)))
        },
        move |found| {
            let mut calendars = calendars;
            calendars.set(found);
        },
    );
    calendars.into()
}
