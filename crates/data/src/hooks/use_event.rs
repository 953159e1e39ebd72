//! One event with everyone who shares it, and the invitations to events one does not see yet.

use super::{
    live::{Interest, use_live},
    use_calendars::AnyOf,
    use_events::{Homes, join},
};
use crate::{
    account::OpenAccount,
    items::{EventDetail, Invitation, Invited, People},
};
use almanac_core::{
    changes::Changes,
    domain::{EventRole, Invite},
    store::{Query, StoreError},
    table::Table,
};
use dioxus::prelude::*;
use uuid::Uuid;

struct OneEvent(Option<Uuid>);

impl Interest for OneEvent {
    fn is_hit(&self, changes: &Changes) -> bool {
        changes.rows.iter().any(|change| {
            let hangs_on = change.at.table == Table::Events || change.at.table.is_event_child();
            change.at.table == Table::Calendars || hangs_on && self.0.is_some() && change.at.uuid() == self.0
        })
    }
}

/// An event with its roles and invitations, live; none while there is no such event here.
#[must_use]
pub fn use_event(id: ReadSignal<Option<Uuid>>) -> ReadSignal<Option<EventDetail>> {
    let detail = use_signal(|| None);
    use_live(
        move |open| {
            let wanted = id();
            async move {
                let Some(event) = wanted else { return Ok((None, OneEvent(None))) };
                let user = open.session.user_id;
                let mut stored = Vec::new();
                for record in open.database.query(Query::Event(event)).await? {
                    if record.row()?.is_live() {
                        stored.push(record);
                    }
                }
                let calendars = open.database.query(Query::Table(Table::Calendars)).await?;
                let mut roles: Vec<(EventRole, _)> = Vec::new();
                let mut invites: Vec<(Invite, _)> = Vec::new();
                for record in &stored {
                    match record.at.table {
                        Table::Roles => roles.push((record.decode()?, record.state)),
                        Table::Invites => invites.push((record.decode()?, record.state)),
                        _ => {}
                    }
                }
                // What is others' is no part of how the user sees it.
                let own = |at: &almanac_core::key::RowRef| at.parts().nth(1).is_none_or(|(_, u)| u == user.to_string());
                stored.retain(|record| record.at.table == Table::Events || own(&record.at));
                let item = join(&stored, &Homes::among(&calendars)?, user)?.pop();
                Ok::<_, StoreError>((item.map(|item| EventDetail { item, roles, invites }), OneEvent(wanted)))
            }
        },
        move |found| {
            let mut detail = detail;
            if *detail.peek() != found {
                detail.set(found);
            }
        },
    );
    detail.into()
}

/// The invitations to the user that wait for an answer, live.
#[must_use]
pub fn use_invitations() -> ReadSignal<Vec<Invitation>> {
    let found = use_signal(Vec::new);
    use_live(
        move |open| async move { Ok((invitations(&open).await?, AnyOf(Table::Invites))) },
        move |now| {
            let mut found = found;
            found.set(now);
        },
    );
    found.into()
}

/// The invitations to the user of the account.
pub(crate) async fn invitations(open: &OpenAccount) -> Result<Vec<Invitation>, StoreError> {
    let own = open.session.email.trim().to_lowercase();
    let mut found = Vec::new();
    if !own.is_empty() {
        for record in open.database.query(Query::Table(Table::Invites)).await? {
            let invite: Invite = record.decode()?;
            if invite.email == own {
                found.push(Invitation { invite, state: record.state });
            }
        }
    }
    Ok(found)
}

/// What the invitations are to, as far as the server has told.
#[must_use]
pub fn use_invited() -> ReadSignal<Invited> {
    use_context::<crate::provider::Context>().invited.into()
}

/// Names and pictures of those one shares events with.
#[must_use]
pub fn use_people() -> ReadSignal<People> {
    use_context::<crate::provider::Context>().people.into()
}
