//! Invitations to events one does not see yet.

use super::role;
use crate::{
    i18n::t,
    primitives::{Face, button},
};
use almanac_core::domain::Rsvp;
use almanac_data::{Sharing, use_invitations, use_mutations};
use dioxus::prelude::*;

/// In the rail, while there are any.
#[component]
pub(crate) fn Invitations() -> Element {
    let mutations = use_mutations();
    let invitations = use_invitations();
    let invitations = invitations();
    if invitations.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "invitations", "aria-label": t!("invitations"), "data-testid": "invitations",
            h2 { class: "rail-title", {t!("invitations")} }
            ul {
                for item in invitations {
                    li { key: "{item.invite.event_id}",
                        p { {t!("invited-as", role = role(item.invite.role))} }
                        div { class: "row",
                            {button(Face::main(t!("accept")), {
                                    let invite = item.invite.clone();
                                    move |_| mutations.share(invite.event_id, Sharing::Accept(invite.role, Some(Rsvp::Accepted)))
                                })}
                            {button(Face::line(t!("decline")), {
                                    let invite = item.invite.clone();
                                    move |_| mutations.share(invite.event_id, Sharing::Withdraw(invite.email.clone()))
                                })}
                        }
                    }
                }
            }
        }
    }
}
