//! Who shares an event: roles, answers, invitations that wait, and one's own part in it.

use super::{Answer, Avatar, answer, name, role};
use crate::{
    i18n::t,
    primitives::{Face, Icon, IconButton, Select, Shape, Switch, TextField, button, use_haven},
    state::use_ui,
};
use almanac_core::{domain::Role, outbox::RowState};
use almanac_data::{EventDetail, Sharing, use_mutations, use_people};
use dioxus::prelude::*;

/// Roles that are given.
const GIVEN: [Role; 3] = [Role::Viewer, Role::Contributor, Role::DelegateFull];

fn word(role: Role) -> String {
    format!("{role:?}")
}

fn given() -> Vec<(String, String)> {
    GIVEN.into_iter().map(|each| (word(each), role(each).to_owned())).collect()
}

fn named(word_: &str) -> Role {
    GIVEN.into_iter().find(|each| word(*each) == word_).unwrap_or(Role::Viewer)
}

/// Whether the text can be an address.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 320
        && !text.chars().any(char::is_whitespace)
        && text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// See the module. Each change counts at once.
#[component]
pub(crate) fn Guests(detail: EventDetail) -> Element {
    let ui = use_ui();
    let mutations = use_mutations();
    let people = use_people();
    let haven = use_haven();
    let people = people();
    let mut email = use_signal(String::new);
    let mut offered = use_signal(|| Role::Viewer);
    let mut tried = use_signal(|| false);
    let event = detail.item.event.id;
    let owner = detail.item.event.owner_id;
    let right = detail.item.right();
    let manages = matches!(right, Role::Owner | Role::DelegateFull);
    let exception = detail.item.event.series_id.is_some();
    let me = detail.item.role.as_ref().map(|role| role.user_id);
    let own = detail.item.role.clone();
    let shared = !detail.roles.is_empty() || !detail.invites.is_empty();
    let mut invite = move || {
        tried.set(true);
        if is_address(&email.peek()) {
            mutations.share(event, Sharing::Invite(email.peek().trim().to_lowercase(), offered()));
            email.set(String::new());
            tried.set(false);
        }
    };
    rsx! {
        section { class: "guests", "aria-label": t!("people"), "data-testid": "people",
            h3 { {t!("people")} }
            if *ui.local.read() {
                p { class: "muted", {t!("people-need-account")} }
            } else if exception {
                p { class: "muted", {t!("people-of-series")} }
            } else {
                if own.is_some() || shared {
                    div { class: "guest-own",
                        span { class: "label", {t!("your-answer")} }
                        Answer { event, rsvp: own.as_ref().and_then(|own| own.rsvp) }
                        Switch {
                            label: t!("following"),
                            checked: own.as_ref().is_none_or(|own| own.following),
                            onchange: move |following| mutations.share(event, Sharing::Follow(following)),
                        }
                    }
                }
                ul { class: "guest-list", tabindex: "-1", onmounted: move |event| haven.mounted(&event),
                    if Some(owner) != me && right != Role::Owner {
                        li {
                            Avatar { name: name(&people, owner), url: people.get(&owner).and_then(|p| p.avatar_url.clone()) }
                            span { class: "grow", dir: "auto", {name(&people, owner)} }
                            span { class: "muted", {role(Role::Owner)} }
                        }
                    }
                    for (guest , state) in detail.roles.iter().filter(|(guest, _)| Some(guest.user_id) != me && guest.user_id != owner).cloned() {
                        li { key: "{guest.user_id}", "data-state": if state == RowState::Synced { "synced" } else { "pending" },
                            Avatar { name: name(&people, guest.user_id), url: people.get(&guest.user_id).and_then(|p| p.avatar_url.clone()) }
                            span { class: "grow guest-name",
                                span { dir: "auto", {name(&people, guest.user_id)} }
                                span { class: "muted",
                                    match state {
                                        RowState::Synced => answer(guest.rsvp),
                                        RowState::Pending => t!("not-sent"),
                                        RowState::Stuck => t!("refused"),
                                    }
                                }
                            }
                            if manages {
                                RoleSelect {
                                    label: t!("role-of", name = &name(&people, guest.user_id)),
                                    role: guest.role,
                                    onchange: move |next| mutations.share(event, Sharing::SetRole(guest.user_id, next)),
                                }
                                IconButton {
                                    shape: Shape::Close,
                                    name: t!("remove-named", name = &name(&people, guest.user_id)),
                                    onclick: move |_| {
                                        mutations.share(event, Sharing::Remove(guest.user_id));
                                        haven.focus();
                                    },
                                }
                            } else {
                                span { class: "muted", {role(guest.role)} }
                            }
                        }
                    }
                    for (waiting , state) in detail.invites.iter().cloned() {
                        li { key: "{waiting.email}", "data-state": if state == RowState::Synced { "synced" } else { "pending" },
                            Avatar { name: waiting.email.clone(), url: None }
                            span { class: "grow guest-name",
                                span { "{waiting.email}" }
                                span { class: "muted",
                                    match state {
                                        RowState::Synced => t!("invite-waiting"),
                                        RowState::Pending => t!("not-sent"),
                                        RowState::Stuck => t!("refused"),
                                    }
                                }
                            }
                            if manages {
                                RoleSelect {
                                    label: t!("role-of", name = &waiting.email),
                                    role: waiting.role,
                                    onchange: {
                                        let email = waiting.email.clone();
                                        move |next| mutations.share(event, Sharing::Invite(email.clone(), next))
                                    },
                                }
                                IconButton {
                                    shape: Shape::Close,
                                    name: t!("invite-withdraw", email = &waiting.email),
                                    onclick: {
                                        let email = waiting.email.clone();
                                        move |_| {
                                            mutations.share(event, Sharing::Withdraw(email.clone()));
                                            haven.focus();
                                        }
                                    },
                                }
                            } else {
                                span { class: "muted", {role(waiting.role)} }
                            }
                        }
                    }
                }
                if manages {
                    div {
                        class: "invite",
                        role: "group",
                        "aria-label": t!("invite"),
                        onkeydown: move |event| {
                            // Not the editor's Enter: that would save and close it.
                            if event.key() == Key::Enter && !event.modifiers().ctrl() && !event.modifiers().meta() {
                                event.prevent_default();
                                event.stop_propagation();
                                invite();
                            }
                        },
                        TextField {
                            id: "invite-email",
                            label: t!("invite-email"),
                            kind: "email",
                            placeholder: "name@example.org",
                            value: email(),
                            error: (tried() && !is_address(&email.read())).then(|| t!("email-needed").to_owned()),
                            oninput: move |text| email.set(text),
                        }
                        div { class: "row",
                            Select {
                                id: "invite-role",
                                label: t!("invite-role"),
                                hide_label: true,
                                value: word(offered()),
                                options: given(),
                                onchange: move |next: String| offered.set(named(&next)),
                            }
                            {button(Face::line(t!("invite")), move |_| invite())}
                        }
                        p { class: "muted", {t!("invite-hint")} }
                    }
                } else {
                    p { class: "note",
                        Icon { shape: Shape::Eye }
                        {t!("people-not-yours")}
                    }
                    div {
                        {button(Face::line(t!("leave-event")).shape(Shape::Leave), move |_| {
                                ui.close_for_good(event);
                                mutations.share(event, Sharing::Leave);
                            })}
                    }
                }
            }
        }
    }
}

/// A small choice of a role.
#[component]
fn RoleSelect(label: String, role: Role, onchange: EventHandler<Role>) -> Element {
    rsx! {
        div { class: "select select-small",
            select {
                class: "input",
                "aria-label": "{label}",
                onchange: move |event| onchange.call(named(&event.value())),
                for (key , words) in given() {
                    option { key: "{key}", value: "{key}", selected: key == word(role), "{words}" }
                }
            }
            Icon { shape: Shape::Down }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_an_address_is_taken() {
        for good in ["ana@example.org", " a@b ", "a+b@c.d"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "ana", "@b", "a@", "a b@c", "a@b@c"] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn every_role_is_found_again_by_its_word() {
        for role in GIVEN {
            assert_eq!(named(&word(role)), role);
        }
    }
}
