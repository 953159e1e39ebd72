//! A dialog over everything. The page behind it is inert, so the focus stays in it.

use dioxus::prelude::*;

/// A modal dialog. Escape and a click beside it close it.
#[component]
pub(crate) fn DialogBox(
    title: String,
    onclose: EventHandler<()>,
    children: Element,
    #[props(default)] alert: bool,
    #[props(default)] focus: bool,
) -> Element {
    rsx! {
        div {
            class: "scrim",
            onpointerdown: move |event| {
                event.stop_propagation();
                onclose.call(());
            },
            section {
                class: "dialog",
                role: if alert { "alertdialog" } else { "dialog" },
                "aria-modal": "true",
                "aria-labelledby": "dialog-title",
                tabindex: "-1",
                onpointerdown: move |event| event.stop_propagation(),
                onmounted: move |event| async move {
                    if focus {
                        let _ = event.set_focus(true).await;
                    }
                },
                onkeydown: move |event| {
                    event.stop_propagation();
                    if event.key() == Key::Escape {
                        event.prevent_default();
                        onclose.call(());
                    }
                },
                h2 { id: "dialog-title", class: "dialog-title", "{title}" }
                {children}
            }
        }
    }
}
