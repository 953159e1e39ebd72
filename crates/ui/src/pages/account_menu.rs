//! What one does with the account: settings, keys, signing out.

use crate::{
    i18n::t,
    primitives::{Icon, Popover, Shape},
    state::{Anchor, Dialog, use_ui},
};
use dioxus::prelude::*;

/// The menu over the account's button.
#[component]
pub(crate) fn AccountMenu(anchor: Anchor, email: String, onsignout: EventHandler<()>) -> Element {
    let ui = use_ui();
    let mut dialog = ui.dialog;
    let mut show = move |what| {
        ui.close();
        dialog.set(Some(what));
    };
    rsx! {
        Popover { anchor, height: 190.0, name: t!("account"), focus: true,
            div { class: "popover-body", style: "padding-top:14px;gap:2px",
                p { class: "muted", style: "padding:0 6px 8px;overflow-wrap:anywhere", "{email}" }
                button { r#type: "button", class: "account", onclick: move |_| show(Dialog::Settings),
                    Icon { shape: Shape::Gear }
                    {t!("settings")}
                }
                button { r#type: "button", class: "account", onclick: move |_| show(Dialog::Keys),
                    Icon { shape: Shape::Keys }
                    {t!("keys")}
                }
                button {
                    r#type: "button",
                    class: "account",
                    onclick: move |_| {
                        ui.close();
                        onsignout.call(());
                    },
                    Icon { shape: Shape::Leave }
                    {t!("sign-out")}
                }
            }
        }
    }
}
