//! One's own profile.

use super::{live::use_live, use_calendars::AnyOf};
use almanac_core::{
    domain::Profile,
    store::{Query, StoreError},
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
            let own: Option<Profile> = own.map(|record| record.decode()).transpose().map_err(StoreError::from)?;
            Ok((own, AnyOf(Table::Profiles)))
        },
        move |found| {
            let mut profile = profile;
            profile.set(found);
        },
    );
    profile.into()
}
