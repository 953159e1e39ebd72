//! The local database did not open: what happened, what to do.

use crate::{
    i18n::t,
    primitives::{Face, Icon, Shape, button},
    text::APP,
};
use almanac_data::{ShellKind, Trouble, use_shell_info};
use dioxus::prelude::*;

/// What happened, where it is the database that did not open.
fn happened(kind: Trouble) -> &'static str {
    match kind {
        Trouble::Newer => t!("trouble-is-newer"),
        Trouble::Blocked => t!("trouble-is-blocked"),
        Trouble::Unreadable => t!("trouble-is-unreadable"),
        Trouble::Full => t!("trouble-is-full"),
        Trouble::Closed => t!("trouble-is-closed"),
        Trouble::Refused => t!("trouble-is-refused"),
        Trouble::Other => t!("trouble-is-other"),
    }
}

/// What to do about it.
pub(super) fn advice(kind: Trouble) -> &'static str {
    match kind {
        Trouble::Newer => t!("trouble-newer"),
        Trouble::Blocked => t!("trouble-blocked"),
        Trouble::Unreadable => t!("trouble-unreadable"),
        Trouble::Full => t!("trouble-full"),
        Trouble::Closed => t!("trouble-closed"),
        Trouble::Refused => t!("trouble-refused"),
        Trouble::Other => t!("trouble-other"),
    }
}

/// See the module.
#[component]
pub(crate) fn TroublePage(what: String, kind: Trouble) -> Element {
    let info = use_shell_info();
    rsx! {
        main { class: "page",
            div { class: "card", role: "alert",
                div { class: "brand",
                    Icon { shape: Shape::Brand }
                    "{APP}"
                }
                h1 { {t!("trouble-title")} }
                p { {happened(kind)} }
                p { class: "note",
                    Icon { shape: Shape::Warning }
                    {advice(kind)}
                }
                p { class: "muted", {t!("trouble-nothing-lost")} }
                // Whoever helps wants to know.
                details {
                    summary { {t!("details")} }
                    span { class: "muted", lang: "en", "{what}" }
                }
                // Elsewhere one starts the app again.
                if info.kind == ShellKind::Web {
                    {button(Face::main(t!("try-again")).wide(), move |_| info.reload())}
                }
            }
        }
    }
}
