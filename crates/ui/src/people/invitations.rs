//! Invitations to events one does not see yet.

use super::role;
use crate::{
    i18n::t,
    primitives::{Face, button},
    state::use_ui,
    text::or_untitled,
};
use almanac_core::{domain::Rsvp, wire::InvitedTo};
use almanac_data::{Sharing, use_invitations, use_invited, use_mutations};
use chrono::{DateTime, TimeDelta};
use dioxus::prelude::*;

/// In the rail, while there are any.
#[component]
pub(crate) fn Invitations() -> Element {
    // What is answered goes, with the focus in it.
    let mut ui = use_ui();
    let clock = *ui.clock.read();
    let mutations = use_mutations();
    let invitations = use_invitations();
    let invited = use_invited();
    let invitations = invitations();
    if invitations.is_empty() {
        return rsx! {};
    }
    let when = |to: &InvitedTo| {
        let start = DateTime::from_timestamp_millis(to.start_ms)?;
        Some(clock.when(start, start.checked_add_signed(TimeDelta::try_minutes(to.duration)?)?, to.all_day))
    };
    rsx! {
        section { class: "invitations", "aria-label": t!("invitations"), "data-testid": "invitations",
            h2 { class: "rail-title", {t!("invitations")} }
            ul {
                for item in invitations {
                    li { key: "{item.invite.event_id}",
                        // Before the server has told what it is to, or where it may not, there is the role at least.
                        if let Some(to) = invited.read().get(&item.invite.event_id) {
                            strong { dir: "auto", "{or_untitled(&to.title)}" }
                            p { {when(to)} }
                            p { class: "muted", dir: "auto",
                                match &to.inviter {
                                    Some(name) => t!("invited-by", name = name, role = role(item.invite.role)),
                                    None => t!("invited-role", role = role(item.invite.role)),
                                }
                            }
                        } else {
                            p { {t!("invited-as", role = role(item.invite.role))} }
                        }
                        div { class: "row",
                            {button(Face::main(t!("accept")), {
                                    let invite = item.invite.clone();
                                    move |_| {
                                        mutations.share(invite.event_id, Sharing::Accept(invite.role, Some(Rsvp::Accepted)));
                                        ui.refocus += 1;
                                    }
                                })}
                            {button(Face::line(t!("decline")), {
                                    let invite = item.invite.clone();
                                    move |_| {
                                        mutations.share(invite.event_id, Sharing::Withdraw(invite.email.clone()));
                                        ui.refocus += 1;
                                    }
                                })}
                        }
                    }
                }
            }
        }
    }
}
