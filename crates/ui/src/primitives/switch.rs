//! On or off.

use dioxus::prelude::*;

/// A labelled switch.
#[component]
pub(crate) fn Switch(
    label: &'static str,
    checked: bool,
    onchange: EventHandler<bool>,
    #[props(default)] disabled: bool,
) -> Element {
    rsx! {
        label { class: "switch",
            input {
                r#type: "checkbox",
                role: "switch",
                checked,
                disabled,
                onchange: move |event| onchange.call(event.checked()),
            }
            "{label}"
        }
    }
}
