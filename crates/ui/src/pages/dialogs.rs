//! The dialogs that belong to no other part.

use super::credentials::{Credentials, explain};
use crate::{
    i18n::t,
    primitives::{DialogBox, Face, button},
    state::use_ui,
};
use almanac_data::use_sessions;
use dioxus::prelude::*;

/// The keys, and what they do.
fn keys() -> [(Vec<&'static str>, &'static str); 19] {
    [
        (vec!["T"], t!("today")),
        (vec!["J", "→"], t!("key-next")),
        (vec!["K", "←"], t!("key-previous")),
        (vec!["1", "2", "3"], t!("key-days")),
        (vec!["4", "5", "6"], t!("key-views")),
        (vec!["7"], t!("key-weeks")),
        (vec!["G"], t!("go-to-date")),
        (vec!["C"], t!("new-event")),
        (vec!["Enter"], t!("key-open")),
        (vec!["E"], t!("key-edit")),
        (vec!["Del"], t!("key-delete")),
        (vec!["Alt", t!("key-arrows")], t!("key-move")),
        (vec!["Alt", "Shift", "↑ ↓"], t!("key-stretch")),
        (vec!["Ctrl", "D"], t!("key-duplicate")),
        (vec!["Ctrl", "Z"], t!("key-undo")),
        (vec!["Ctrl", "Enter"], t!("save")),
        (vec!["/", "Ctrl K"], t!("palette")),
        (vec!["Esc"], t!("key-close")),
        (vec!["?"], t!("key-sheet")),
    ]
}

/// The sheet of keys.
#[component]
pub(crate) fn KeysDialog() -> Element {
    let ui = use_ui();
    rsx! {
        DialogBox { title: t!("keys"), focus: true, onclose: move |()| ui.close_dialog(),
            dl { class: "keys",
                for (keys , what) in keys() {
                    dt {
                        for key in keys.iter() {
                            kbd { "{key}" }
                        }
                    }
                    dd { "{what}" }
                }
            }
            div { class: "dialog-foot",
                {button(Face::line(t!("close")), move |_| ui.close_dialog())}
            }
        }
    }
}

/// Signing out would lose edits.
#[component]
pub(crate) fn SignOutDialog(unsent: usize, onanyway: EventHandler<()>) -> Element {
    let ui = use_ui();
    rsx! {
        DialogBox { title: t!("sign-out-title"), alert: true, focus: true, onclose: move |()| ui.close_dialog(),
            p { {t!("sign-out-unsent", count = unsent)} }
            p { class: "muted", {t!("sign-out-stay-hint")} }
            div { class: "dialog-foot",
                {button(Face::danger(t!("sign-out-anyway")), move |_| onanyway.call(()))}
                {button(Face::main(t!("stay")), move |_| ui.close_dialog())}
            }
        }
    }
}

/// The session has ended: the password again.
#[component]
pub(crate) fn SignInAgainDialog(email: String) -> Element {
    let ui = use_ui();
    let sessions = use_sessions();
    let mut busy = use_signal(|| false);
    let mut error = use_signal(|| None::<String>);
    rsx! {
        DialogBox { title: t!("sign-in-again"), onclose: move |()| ui.close_dialog(),
            p { class: "muted", {t!("session-ended-more")} }
            Credentials {
                up: false,
                email: Some(email),
                busy: busy(),
                error: error(),
                onsubmit: move |(email, password)| {
                    busy.set(true);
                    spawn(async move {
                        let done = sessions.sign_in(email, password).await;
                        busy.set(false);
                        match done {
                            Ok(()) => ui.close_dialog(),
                            Err(failed) => error.set(Some(explain(&failed))),
                        }
                    });
                },
            }
        }
    }
}
