//! Words about what was just done, and the way back. They stand until they were read, and longer while the pointer or the
//! focus is on them; the style is their clock (no timer).

use super::{IconButton, Shape};
use crate::{i18n::t, state::use_ui};
use dioxus::prelude::*;

/// A live region that is always there: screen readers say what comes into one, not what comes with one. Buttons are
/// reached by Tab, Escape closes, and what had the focus gives it back to the page.
#[component]
pub(crate) fn Toast(
    /// None while there is nothing to say.
    words: Option<String>,
    /// Tells it from the one before: the same words said again begin anew, and are heard again.
    #[props(default)]
    number: u32,
    /// What is offered.
    #[props(default)]
    action: Option<&'static str>,
    /// With the number.
    onaction: EventHandler<u32>,
    onclose: EventHandler<()>,
) -> Element {
    let mut ui = use_ui();
    let mut close = move || {
        ui.refocus += 1;
        onclose.call(());
    };
    rsx! {
        div { class: "toasts", role: "status",
            if let Some(words) = words {
                div {
                    key: "{number}",
                    class: "toast",
                    "data-testid": "toast",
                    onanimationend: move |_| onclose.call(()),
                    onkeydown: move |event| {
                        if event.key() == Key::Escape {
                            event.stop_propagation();
                            close();
                        }
                    },
                    span { class: "grow", "{words}" }
                    if let Some(action) = action {
                        button {
                            r#type: "button",
                            class: "link",
                            onclick: move |_| {
                                close();
                                onaction.call(number);
                            },
                            "{action}"
                        }
                    }
                    IconButton { shape: Shape::Close, name: t!("dismiss"), onclick: move |_| close() }
                }
            }
        }
    }
}
