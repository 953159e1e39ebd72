//! One's own profile.

use super::{live::use_live, use_calendars::AnyOf};
use almanac_core::{
    domain::Profile,
    stamp::Stamp,
    store::{Query, StoreError, Stored},
    table::Table,
};
use dioxus::prelude::*;

/// The profile, live; none until its row is here.
#[must_use]
pub fn use_profile() -> ReadSignal<Option<Profile>> {
    let profile = use_signal(|| None);
    use_live(
        move |open| async move {
            let stored = open.database.query(Query::Table(Table::Profiles)).await?;
            let own = stored.iter().find(|record| record.at.uuid() == Some(open.session.user_id));
            let own = own.map(read).transpose()?;
            Ok((own, AnyOf(Table::Profiles)))
        },
        move |found| {
            let mut profile = profile;
            profile.set(found);
        },
    );
    profile.into()
}

fn read(record: &Stored) -> Result<Profile, StoreError> {
    let clock_chosen = record.row()?.stamps.get("clock").is_some_and(|stamp| *stamp != Stamp::ZERO);
    Ok(Profile { clock_chosen, ..record.decode()? })
}
