//! A button that shows only an icon.

use super::{Icon, Shape};
use dioxus::prelude::*;

/// A button with an icon and a name that screen readers say and the pointer shows.
#[component]
pub(crate) fn IconButton(
    shape: Shape,
    name: String,
    onclick: EventHandler<MouseEvent>,
    #[props(default)] class: &'static str,
    #[props(default)] expanded: Option<bool>,
    #[props(default)] onmounted: EventHandler<MountedEvent>,
) -> Element {
    rsx! {
        button {
            r#type: "button",
            class: "btn btn-icon {class}",
            "aria-label": "{name}",
            "aria-expanded": expanded.map(|expanded| expanded.to_string()),
            title: "{name}",
            onmounted: move |event| onmounted.call(event),
            onclick: move |event| onclick.call(event),
            Icon { shape }
        }
    }
}
