//! Dialogs about coming to and leaving an account: signing in from a calendar made without one, changing accounts,
//! erasing what was made without one.

use super::credentials::{Credentials, explain, set_if_there};
use crate::{
    i18n::t,
    primitives::{DialogBox, Face, button},
    state::use_ui,
};
use almanac_data::{Said, SignOut, use_mutations, use_sessions};
use dioxus::prelude::*;

/// Signing in from a calendar made without an account.
#[component]
pub(crate) fn SignInToSyncDialog() -> Element {
    let ui = use_ui();
    let sessions = use_sessions();
    let mut up = use_signal(|| true);
    let mut busy = use_signal(|| false);
    let mut error = use_signal(|| None::<String>);
    let mut turn = move |to: bool| {
        up.set(to);
        error.set(None);
    };
    rsx! {
        DialogBox { title: t!("sign-in-to-sync"), onclose: move |()| ui.close_dialog(),
            p { class: "muted", {t!("sign-in-to-sync-hint")} }
            div { class: "segmented", role: "group", "aria-label": t!("sign-in-or-up"),
                button { r#type: "button", "aria-pressed": "{up}", onclick: move |_| turn(true), {t!("new-account")} }
                button { r#type: "button", "aria-pressed": "{!up()}", onclick: move |_| turn(false), {t!("sign-in")} }
            }
            Credentials {
                up: up(),
                email: None,
                busy: busy(),
                error: error(),
                onsubmit: move |(email, password)| {
                    busy.set(true);
                    error.set(None);
                    let up = up();
                    // Not a task of this dialog: it goes away with the calendar it stands over, or is closed meanwhile.
                    dioxus::core::spawn_forever(async move {
                        let done = if up { sessions.sign_up(email, password).await } else { sessions.sign_in(email, password).await };
                        match done {
                            Ok(()) => {
                                let mut dialog = ui.dialog;
                                dialog.set(None);
                            }
                            Err(failed) => {
                                set_if_there(busy, false);
                                set_if_there(error, Some(explain(&failed)));
                            }
                        }
                    });
                },
            }
        }
    }
}

/// Leaving the account for another one, keeping everything here.
#[component]
pub(crate) fn SwitchDialog(email: String) -> Element {
    let ui = use_ui();
    let sessions = use_sessions();
    let mutations = use_mutations();
    rsx! {
        DialogBox { title: t!("switch-account"), focus: true, onclose: move |()| ui.close_dialog(),
            p { {t!("switch-hint", email = &email)} }
            div { class: "dialog-foot",
                {button(Face::plain(t!("cancel")), move |_| ui.close_dialog())}
                {button(Face::main(t!("switch-account")), move |_| {
                        let mut dialog = ui.dialog;
                        dialog.set(None);
                        dioxus::core::spawn_forever(async move { told(mutations, sessions.switch_account().await) });
                    })}
            }
        }
    }
}

/// Erasing the calendar made without an account.
#[component]
pub(crate) fn EraseLocalDialog() -> Element {
    let ui = use_ui();
    let sessions = use_sessions();
    let mutations = use_mutations();
    rsx! {
        DialogBox { title: t!("erase-local-title"), alert: true, focus: true, onclose: move |()| ui.close_dialog(),
            p { {t!("erase-local-hint")} }
            div { class: "dialog-foot",
                {button(Face::danger(t!("erase-local")), move |_| {
                        let mut dialog = ui.dialog;
                        dialog.set(None);
                        dioxus::core::spawn_forever(async move { told(mutations, sessions.erase_local().await) });
                    })}
                {button(Face::main(t!("cancel")), move |_| ui.close_dialog())}
            }
        }
    }
}

/// What went wrong is said where the person is.
fn told(mutations: almanac_data::Mutations, done: Result<(), SignOut>) {
    if let Err(SignOut::Failed(why)) = done {
        mutations.say(Said::NotSignedOut(why));
    }
}
