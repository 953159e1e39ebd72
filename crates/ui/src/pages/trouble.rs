//! The local database did not open: what happened, what to do.

use crate::{
    primitives::{Icon, Shape},
    text,
};
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn TroublePage(what: String, advice: String) -> Element {
    rsx! {
        main { class: "page",
            div { class: "card", role: "alert",
                div { class: "brand",
                    Icon { shape: Shape::Brand }
                    "{text::APP}"
                }
                h1 { "Your calendar did not open" }
                p { "{what}" }
                p { class: "note",
                    Icon { shape: Shape::Warning }
                    "{advice}"
                }
                p { class: "muted", "Nothing was changed or lost." }
            }
        }
    }
}
