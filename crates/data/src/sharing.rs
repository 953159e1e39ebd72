//! Sharing an event: invitations, roles, one's own answer. Pure patches; who may do what is decided by the server and
//! shown by [`crate::EventItem::right`].

use crate::drafts::{columns, word};
use almanac_core::{
    domain::{Role, Rsvp},
    key::RowRef,
    patch::Patch,
    row::Columns,
};
use serde_json::json;
use uuid::Uuid;

/// What a person does about who shares an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// Invites an address, or changes what its invitation offers.
    Invite(String, Role),
    /// Takes an invitation back, or (the invitee) turns it down.
    Withdraw(String),
    /// Gives somebody who shares it another role.
    SetRole(Uuid, Role),
    /// Takes somebody's role away.
    Remove(Uuid),
    /// One's own answer. The owner answers too.
    Answer(Option<Rsvp>),
    /// Whether one follows changes.
    Follow(bool),
    /// Leaves the event of another.
    Leave,
    /// Takes an invitation up, with the role it offers.
    Accept(Role, Option<Rsvp>),
}

/// The patch, for user `me`; `owner` says whether the event is theirs.
pub(crate) fn patch(event: Uuid, me: Uuid, owner: bool, sharing: Sharing) -> Patch {
    let own = |changed: Columns| {
        let role = if owner { Role::Owner } else { Role::Viewer };
        let mut initial = columns(json!({ "role": role, "rsvp": null, "following": true }));
        initial.extend(changed.clone());
        let at = RowRef::role(event, me);
        // Nobody but the owner makes a role of their own out of an answer.
        if owner { Patch::upsert(at, initial, changed) } else { Patch::update(at, changed) }
    };
    match sharing {
        Sharing::Invite(email, role) => {
            let initial = columns(json!({ "role": role, "invited_by": me }));
            Patch::upsert(RowRef::invite(event, &email), initial, columns(json!({ "role": role })))
        }
        Sharing::Withdraw(email) => Patch::delete(RowRef::invite(event, &email)),
        Sharing::SetRole(user, role) => Patch::update(RowRef::role(event, user), columns(json!({ "role": role }))),
        Sharing::Remove(user) => Patch::delete(RowRef::role(event, user)),
        Sharing::Answer(rsvp) => own(columns(json!({ "rsvp": word(rsvp) }))),
        Sharing::Follow(following) => own(columns(json!({ "following": following }))),
        Sharing::Leave => Patch::delete(RowRef::role(event, me)),
        Sharing::Accept(role, rsvp) => {
            Patch::create(RowRef::role(event, me), columns(json!({ "role": role, "rsvp": rsvp, "following": true })))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn every_patch_is_well_formed() {
        let all = [
            Sharing::Invite(" Ana@Example.org".into(), Role::Contributor),
            Sharing::Withdraw("ana@example.org".into()),
            Sharing::SetRole(id(3), Role::DelegateFull),
            Sharing::Remove(id(3)),
            Sharing::Answer(Some(Rsvp::Tentative)),
            Sharing::Follow(false),
            Sharing::Leave,
            Sharing::Accept(Role::Viewer, Some(Rsvp::Accepted)),
        ];
        for sharing in all {
            for owner in [true, false] {
                let patch = patch(id(1), id(2), owner, sharing.clone());
                assert_eq!(patch.check(), Ok(()), "{sharing:?}");
            }
        }
    }

    #[test]
    fn an_invitation_is_keyed_by_the_address_in_lower_case() {
        let patch = patch(id(1), id(2), true, Sharing::Invite(" Ana@Example.org".into(), Role::Viewer));
        assert!(patch.at.key.ends_with(":ana@example.org"));
        assert_eq!(patch.columns["role"], "viewer");
    }

    #[test]
    fn an_answer_of_a_guest_gives_nobody_a_role() {
        let guest = patch(id(1), id(2), false, Sharing::Answer(Some(Rsvp::Declined)));
        assert_eq!(guest.initial, None);
        let owner = patch(id(1), id(2), true, Sharing::Answer(Some(Rsvp::Declined)));
        assert_eq!(owner.initial.unwrap()["role"], "owner");
    }
}
