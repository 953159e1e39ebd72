//! A labelled input with its message.
//!
//! What is being typed belongs to the element: on the desktop an answer to a key arrives after the next key, and writing
//! the value back would take that one away. Only a value from elsewhere is written, by putting a fresh element in place.

use dioxus::prelude::*;
use std::{cell::RefCell, rc::Rc};

/// What the element shows, as far as is known here, and how often it was replaced.
struct Shown {
    text: String,
    replaced: u32,
}

/// An input (or with `rows` a text area) with its label and, when something is wrong, the words about it.
#[component]
pub(crate) fn TextField(
    id: &'static str,
    label: String,
    value: String,
    oninput: EventHandler<String>,
    #[props(default = "text")] kind: &'static str,
    #[props(default)] class: &'static str,
    #[props(default)] placeholder: &'static str,
    #[props(default)] autocomplete: &'static str,
    #[props(default)] rows: Option<u32>,
    #[props(default)] error: Option<String>,
    #[props(default)] hide_label: bool,
    #[props(default)] focus: bool,
    #[props(default)] disabled: bool,
    #[props(default)] required: bool,
) -> Element {
    let error_id = format!("{id}-error");
    let described = error.is_some().then(|| error_id.clone());
    let invalid = error.is_some().then_some("true");
    // The element that takes the place of one with the focus takes that too.
    let (mut has_focus, mut takes_focus) = use_hook(|| (CopyValue::new(false), CopyValue::new(false)));
    let onmounted = move |event: MountedEvent| async move {
        if focus || *takes_focus.peek() {
            let _ = event.set_focus(true).await;
        }
    };
    let shown = use_hook(|| Rc::new(RefCell::new(Shown { text: value.clone(), replaced: 0 })));
    let replaced = {
        let mut shown = shown.borrow_mut();
        if shown.text != value {
            shown.text.clone_from(&value);
            shown.replaced += 1;
            takes_focus.set(*has_focus.peek());
        }
        shown.replaced
    };
    let typed = move |event: FormEvent| {
        shown.borrow_mut().text = event.value();
        oninput.call(event.value());
    };
    rsx! {
        div { class: "field",
            label { r#for: id, class: if hide_label { "sr" }, "{label}" }
            if let Some(rows) = rows {
                textarea {
                    key: "{replaced}",
                    id,
                    class: "input {class}",
                    rows: "{rows}",
                    placeholder,
                    initial_value: "{value}",
                    disabled,
                    "aria-invalid": invalid,
                    "aria-describedby": described.clone(),
                    oninput: typed,
                    onfocus: move |_| has_focus.set(true),
                    onblur: move |_| has_focus.set(false),
                    onmounted,
                }
            } else {
                input {
                    key: "{replaced}",
                    id,
                    class: "input {class}",
                    r#type: kind,
                    placeholder,
                    autocomplete: if autocomplete.is_empty() { "off" } else { autocomplete },
                    initial_value: "{value}",
                    disabled,
                    required,
                    "aria-invalid": invalid,
                    "aria-describedby": described.clone(),
                    oninput: typed,
                    onfocus: move |_| has_focus.set(true),
                    onblur: move |_| has_focus.set(false),
                    onmounted,
                }
            }
            if let Some(error) = error {
                p { id: error_id, class: "error", role: "alert", "{error}" }
            }
        }
    }
}
