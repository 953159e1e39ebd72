//! A choice from a short list: the system's own, since it works with every keyboard and thumb.

use super::{Icon, Shape};
use dioxus::prelude::*;

/// A labelled choice; `options` are values and what a person reads.
#[component]
pub(crate) fn Select(
    id: &'static str,
    label: &'static str,
    value: String,
    options: Vec<(String, String)>,
    onchange: EventHandler<String>,
    #[props(default)] hide_label: bool,
    #[props(default)] disabled: bool,
) -> Element {
    rsx! {
        div { class: "field",
            label { r#for: id, class: if hide_label { "sr" }, "{label}" }
            div { class: "select",
                select {
                    id,
                    class: "input",
                    disabled,
                    onchange: move |event| onchange.call(event.value()),
                    for (key , name) in options {
                        option { key: "{key}", value: "{key}", selected: key == value, "{name}" }
                    }
                }
                Icon { shape: Shape::Down }
            }
        }
    }
}
