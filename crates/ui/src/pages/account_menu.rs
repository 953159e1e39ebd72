//! What one does with the account: signing in, settings, keys, signing out.

use crate::{
    i18n::t,
    primitives::{Icon, Popover, Shape},
    settings::Section,
    state::{Anchor, Dialog, use_ui},
};
use dioxus::prelude::*;

/// The menu over the account's button. Without an e-mail nobody is signed in.
#[component]
pub(crate) fn AccountMenu(anchor: Anchor, email: Option<String>, onsignout: EventHandler<()>) -> Element {
    let ui = use_ui();
    let mut dialog = ui.dialog;
    let mut show = move |what| {
        ui.close();
        dialog.set(Some(what));
    };
    let local = email.is_none();
    rsx! {
        Popover { anchor, height: 280.0, name: t!("account"), focus: true, testid: "account-menu",
            div { class: "popover-body menu",
                match email {
                    Some(email) => rsx! {
                        p { class: "menu-head", "{email}" }
                    },
                    None => rsx! {
                        p { class: "menu-head", {t!("no-account-hint")} }
                        Item { shape: Shape::Sync, words: t!("sign-in-to-sync"), onpick: move |()| show(Dialog::SignIn) }
                    },
                }
                Item { shape: Shape::Gear, words: t!("settings"), onpick: move |()| show(Dialog::Settings(Section::Profile)) }
                Item { shape: Shape::Keys, words: t!("keys"), onpick: move |()| show(Dialog::Keys) }
                if !local {
                    Item { shape: Shape::Lock, words: t!("account-and-password"), onpick: move |()| show(Dialog::Account) }
                }
                if local {
                    Item { shape: Shape::Bin, words: t!("erase-local"), onpick: move |()| show(Dialog::EraseLocal) }
                } else {
                    Item { shape: Shape::Repeat, words: t!("switch-account"), onpick: move |()| show(Dialog::Switch) }
                    Item {
                        shape: Shape::Leave,
                        words: t!("sign-out"),
                        onpick: move |()| {
                            ui.close();
                            onsignout.call(());
                        },
                    }
                }
            }
        }
    }
}

/// One thing to do.
#[component]
fn Item(shape: Shape, words: &'static str, onpick: EventHandler<()>) -> Element {
    rsx! {
        button { r#type: "button", class: "account", onclick: move |_| onpick.call(()),
            Icon { shape }
            "{words}"
        }
    }
}
