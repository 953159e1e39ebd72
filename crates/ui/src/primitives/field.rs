//! A labelled input with its message.

use dioxus::prelude::*;

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
    let onmounted = move |event: MountedEvent| async move {
        if focus {
            let _ = event.set_focus(true).await;
        }
    };
    rsx! {
        div { class: "field",
            label { r#for: id, class: if hide_label { "sr" }, "{label}" }
            if let Some(rows) = rows {
                textarea {
                    id,
                    class: "input {class}",
                    rows: "{rows}",
                    placeholder,
                    value: "{value}",
                    disabled,
                    "aria-invalid": invalid,
                    "aria-describedby": described.clone(),
                    oninput: move |event| oninput.call(event.value()),
                    onmounted,
                }
            } else {
                input {
                    id,
                    class: "input {class}",
                    r#type: kind,
                    placeholder,
                    autocomplete: if autocomplete.is_empty() { "off" } else { autocomplete },
                    value: "{value}",
                    disabled,
                    required,
                    "aria-invalid": invalid,
                    "aria-describedby": described.clone(),
                    oninput: move |event| oninput.call(event.value()),
                    onmounted,
                }
            }
            if let Some(error) = error {
                p { id: error_id, class: "error", role: "alert", "{error}" }
            }
        }
    }
}
