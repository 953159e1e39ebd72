//! Those one shares events with: their pictures, who may do what, invitations, answers.

mod answer;
mod avatar;
mod guests;
mod invitations;

pub(crate) use answer::Answer;
pub(crate) use avatar::Avatar;
pub(crate) use guests::Guests;
pub(crate) use invitations::Invitations;

use crate::i18n::t;
use almanac_core::{
    Uuid,
    domain::{Role, Rsvp},
};
use almanac_data::People;

/// What a role is called.
pub(crate) fn role(role: Role) -> &'static str {
    match role {
        Role::Viewer => t!("role-viewer"),
        Role::Contributor => t!("role-contributor"),
        Role::DelegateFull => t!("role-delegate"),
        Role::Owner => t!("role-owner"),
    }
}

/// What an answer is called.
pub(crate) fn answer(rsvp: Option<Rsvp>) -> &'static str {
    match rsvp {
        None => t!("rsvp-none"),
        Some(Rsvp::Tentative) => t!("rsvp-maybe"),
        Some(Rsvp::Accepted) => t!("rsvp-yes"),
        Some(Rsvp::Declined) => t!("rsvp-no"),
    }
}

/// What somebody is called.
pub(crate) fn name(people: &People, user: Uuid) -> String {
    let known = people.get(&user).and_then(|person| person.display_name.clone());
    known.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| t!("somebody").to_owned())
}
