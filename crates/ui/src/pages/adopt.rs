//! Someone has signed in on a device with a calendar made without an account: does it become theirs?

use crate::{
    i18n::t,
    primitives::{Face, Icon, Shape, button},
    text::APP,
};
use almanac_data::{Made, use_sessions};
use dioxus::prelude::*;

/// The question. Either way nothing is lost.
#[component]
pub(crate) fn AdoptPage(email: String, made: Made) -> Element {
    let sessions = use_sessions();
    let mut busy = use_signal(|| false);
    let mut answer = move |yes: bool| {
        busy.set(true);
        // Not a task of this page: it goes away with the answer.
        dioxus::core::spawn_forever(async move { sessions.adopt(yes).await });
    };
    rsx! {
        main { class: "page",
            div { class: "card", "data-testid": "adopt",
                div { class: "brand",
                    Icon { shape: Shape::Brand }
                    "{APP}"
                }
                h1 { {t!("adopt-title")} }
                p {
                    match (made.events, made.others) {
                        (events, 0) => t!("adopt-events", events = events, email = &email),
                        (0, others) => t!("adopt-others", others = others, email = &email),
                        (events, others) => t!("adopt-both", events = events, others = others, email = &email),
                    }
                }
                p { class: "muted", {t!("adopt-hint")} }
                div { class: "stack",
                    {button(Face::main(t!("adopt-yes")).wide().busy(busy()), move |_| answer(true))}
                    {button(Face::line(t!("adopt-no")).wide().busy(busy()), move |_| answer(false))}
                }
            }
        }
    }
}
