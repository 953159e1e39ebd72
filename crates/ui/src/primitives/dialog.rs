//! A dialog over everything. The page behind it is inert, so the focus stays in it; what had the focus and went away
//! gives it back to the dialog. With something typed into it, it does not close at the first slip.

use super::{IconButton, Shape};
use crate::{i18n::t, state::use_ui};
use dioxus::prelude::*;
use std::rc::Rc;

/// A modal dialog. Escape and a click beside it close it; what was typed and not saved they ask about first, unless it
/// is `fleeting`.
#[component]
pub(crate) fn DialogBox(
    title: String,
    onclose: EventHandler<()>,
    children: Element,
    #[props(default)] alert: bool,
    #[props(default)] focus: bool,
    #[props(default)] fleeting: bool,
    /// Something in it is unsaved, as those know who keep it.
    #[props(default)]
    unsaved: bool,
    /// It has a cross to close it.
    #[props(default)]
    cross: bool,
) -> Element {
    let ui = use_ui();
    let mut itself = use_hook(|| CopyValue::new(None::<Rc<MountedData>>));
    let mut typed = use_hook(|| CopyValue::new(false));
    let given = use_hook(|| *ui.refocus.peek());
    let mut asked = use_signal(|| false);
    let mut leave = move || {
        if (unsaved || *typed.peek()) && !*asked.peek() {
            asked.set(true);
        } else {
            onclose.call(());
        }
    };
    use_effect(move || {
        if *ui.refocus.read() == given {
            return;
        }
        typed.set(false);
        if let Some(itself) = itself.peek().clone() {
            spawn(async move {
                let _ = itself.set_focus(true).await;
            });
        }
    });
    rsx! {
        div {
            class: "scrim",
            // A press beside the dialog takes the focus there: the keys go on working.
            tabindex: "-1",
            onkeydown: move |event| {
                event.stop_propagation();
                if event.key() == Key::Escape {
                    event.prevent_default();
                    leave();
                }
            },
            onpointerdown: move |event| {
                event.stop_propagation();
                leave();
            },
            section {
                class: "dialog",
                role: if alert { "alertdialog" } else { "dialog" },
                "aria-modal": "true",
                "aria-labelledby": "dialog-title",
                tabindex: "-1",
                onpointerdown: move |event| event.stop_propagation(),
                onmounted: move |event| {
                    itself.set(Some(event.data()));
                    async move {
                        if focus {
                            let _ = event.set_focus(true).await;
                        }
                    }
                },
                oninput: move |_| {
                    typed.set(!fleeting);
                    if *asked.peek() {
                        asked.set(false);
                    }
                },
                onsubmit: move |_| typed.set(false),
                h2 { id: "dialog-title", class: "dialog-title", "{title}" }
                if asked() {
                    p { class: "note", "data-tone": "wait", role: "status", {t!("close-again")} }
                }
                {children}
                if cross {
                    span { class: "dialog-cross",
                        IconButton { shape: Shape::Close, name: t!("close"), onclick: move |_| leave() }
                    }
                }
            }
        }
    }
}
