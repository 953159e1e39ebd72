//! The local database did not open: what happened, what to do.

use crate::{
    i18n::t,
    primitives::{Face, Icon, Shape, button},
    text::APP,
};
use almanac_data::{ShellKind, Trouble, use_shell_info};
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn TroublePage(what: String, kind: Trouble) -> Element {
    let info = use_shell_info();
    let advice = match kind {
        Trouble::Newer => t!("trouble-newer"),
        Trouble::Blocked => t!("trouble-blocked"),
        Trouble::Unreadable => t!("trouble-unreadable"),
        Trouble::Full => t!("trouble-full"),
        Trouble::Refused => t!("trouble-refused"),
        Trouble::Other => t!("trouble-other"),
    };
    rsx! {
        main { class: "page",
            div { class: "card", role: "alert",
                div { class: "brand",
                    Icon { shape: Shape::Brand }
                    "{APP}"
                }
                h1 { {t!("trouble-title")} }
                p { "{what}" }
                p { class: "note",
                    Icon { shape: Shape::Warning }
                    "{advice}"
                }
                p { class: "muted", {t!("trouble-nothing-lost")} }
                // Elsewhere one starts the app again.
                if info.kind == ShellKind::Web {
                    {button(Face::main(t!("try-again")).wide(), move |_| info.reload())}
                }
            }
        }
    }
}
