//! A popover beside what it is about; on phones the style makes it a sheet.

use crate::state::{Anchor, beside, under, use_ui};
use dioxus::prelude::*;

/// A non-modal dialog beside `anchor`, or below it; `height` is about how high it gets, px.
#[component]
pub(crate) fn Popover(
    anchor: Anchor,
    height: f64,
    name: String,
    children: Element,
    #[props(default = 320.0)] width: f64,
    #[props(default = "dialog")] role: &'static str,
    #[props(default)] focus: bool,
    #[props(default)] below: bool,
    #[props(default)] testid: &'static str,
    #[props(default)] onmounted: EventHandler<MountedEvent>,
) -> Element {
    let ui = use_ui();
    let (size, window) = ((width, height), *ui.window.read());
    let (left, top) = if below { under(anchor, size, window) } else { beside(anchor, size, window) };
    rsx! {
        div {
            class: "popover",
            role,
            "aria-label": "{name}",
            "data-testid": testid,
            tabindex: "-1",
            style: "width:{width}px;left:{left}px;top:{top}px;max-height:calc(100dvh - {top}px - 8px)",
            onpointerdown: move |event| event.stop_propagation(),
            onmounted: move |event| {
                onmounted.call(event.clone());
                async move {
                    if focus {
                        let _ = event.set_focus(true).await;
                    }
                }
            },
            {children}
        }
    }
}
