//! The account itself: another password, and its end.

use super::credentials::{PasswordField, explain, set_if_there};
use crate::{
    i18n::t,
    primitives::{DialogBox, Face, button},
    state::use_ui,
};
use almanac_core::session::AuthError;
use almanac_data::use_sessions;
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn AccountDialog(email: String) -> Element {
    let ui = use_ui();
    let mut ends = use_signal(|| false);
    rsx! {
        DialogBox { title: t!("account-and-password"), focus: true, cross: true, onclose: move |()| ui.close_dialog(),
            p { class: "muted", "{email}" }
            if ends() {
                DeleteAccount { email, onclose: move |()| ends.set(false) }
            } else {
                ChangePassword { email }
                div { class: "settings-form",
                    h3 { {t!("account-delete")} }
                    p { class: "muted", {t!("account-delete-hint")} }
                    div {
                        {button(Face::line(t!("account-delete-ask")), move |_| ends.set(true))}
                    }
                }
            }
        }
    }
}

/// The current password and, twice, the new one.
#[component]
fn ChangePassword(email: String) -> Element {
    let sessions = use_sessions();
    let current = use_signal(String::new);
    let new = use_signal(String::new);
    let again = use_signal(String::new);
    let mut tried = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let mut error = use_signal(|| None::<String>);
    let mut done = use_signal(|| false);
    let differs = *new.read() != *again.read();
    let wrong = current.read().is_empty() || new.read().is_empty() || differs;
    rsx! {
        form {
            class: "settings-form",
            // Our own words, at the field, instead of the browser's.
            novalidate: true,
            onsubmit: move |event| {
                event.prevent_default();
                tried.set(true);
                if wrong || busy() {
                    return;
                }
                busy.set(true);
                done.set(false);
                error.set(None);
                // Not a task of this dialog: closed meanwhile, the password would be changed or not, and nobody would know.
                dioxus::core::spawn_forever(async move {
                    let answer = sessions.change_password(current(), new()).await;
                    set_if_there(busy, false);
                    if answer.is_ok() {
                        for field in [current, new, again] {
                            set_if_there(field, String::new());
                        }
                        set_if_there(tried, false);
                    }
                    set_if_there(done, answer.is_ok());
                    set_if_there(error, answer.err().map(|error| why(&error)));
                });
            },
            h3 { {t!("password-change")} }
            // For who keeps passwords: whose this is.
            input { r#type: "email", autocomplete: "username", value: email, hidden: true, readonly: true }
            PasswordField { id: "password-current", label: t!("password-current"), value: current, tried: tried() }
            PasswordField { id: "password-new", label: t!("password-new"), value: new, new: true, tried: tried() }
            PasswordField {
                id: "password-again",
                label: t!("password-again"),
                value: again,
                new: true,
                tried: false,
                error: (tried() && differs).then(|| t!("password-differs").to_owned()),
            }
            if let Some(error) = error() {
                p { class: "error", role: "alert", "data-testid": "account-error", "{error}" }
            }
            if done() {
                p { role: "status", "data-testid": "password-changed", {t!("password-changed")} }
            }
            div {
                {button(Face::main(t!("password-change")).submit().busy(busy()), |_| {})}
            }
        }
    }
}

/// Asks for the password, and deletes the account.
#[component]
fn DeleteAccount(email: String, onclose: EventHandler<()>) -> Element {
    let ui = use_ui();
    let sessions = use_sessions();
    let password = use_signal(String::new);
    let mut tried = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let mut error = use_signal(|| None::<String>);
    let empty = password.read().is_empty();
    rsx! {
        form {
            class: "settings-form",
            novalidate: true,
            onsubmit: move |event| {
                event.prevent_default();
                tried.set(true);
                if empty || busy() {
                    return;
                }
                busy.set(true);
                error.set(None);
                // Not a task of this dialog: it goes away with the account.
                dioxus::core::spawn_forever(async move {
                    match sessions.delete_account(password()).await {
                        Ok(()) => {
                            let mut dialog = ui.dialog;
                            dialog.set(None);
                        }
                        Err(failed) => {
                            set_if_there(busy, false);
                            set_if_there(error, Some(why(&failed)));
                        }
                    }
                });
            },
            h3 { {t!("account-delete")} }
            p { {t!("account-delete-sure")} }
            input { r#type: "email", autocomplete: "username", value: email, hidden: true, readonly: true }
            PasswordField { id: "password-current", label: t!("password"), value: password, focus: true, tried: tried() }
            if let Some(error) = error() {
                p { class: "error", role: "alert", "data-testid": "account-error", "{error}" }
            }
            div { class: "dialog-foot",
                {button(Face::plain(t!("cancel")), move |_| onclose.call(()))}
                {button(Face::danger(t!("account-delete-do")).submit().busy(busy()), |_| {})}
            }
        }
    }
}

/// What happened: here the e-mail cannot be what was wrong.
fn why(error: &AuthError) -> String {
    match error {
        AuthError::InvalidCredentials => t!("wrong-password").to_owned(),
        AuthError::Refused { code, .. } if code == "same_password" => t!("same-password").to_owned(),
        other => explain(other),
    }
}
