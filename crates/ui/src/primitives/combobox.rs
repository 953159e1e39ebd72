//! A field with a list that answers what is typed (APG combobox with a listbox): the focus stays in the field, arrows move
//! in the list, Enter takes. Without being asked for, the first option is the one that is taken.

use dioxus::{
    html::{ScrollBehavior, ScrollLogicalPosition, ScrollToOptions},
    prelude::*,
};
use std::rc::Rc;

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ComboOption {
    pub(crate) words: String,
    /// What is said of it at the end of the line.
    pub(crate) more: String,
    /// A spot of colour before it.
    pub(crate) color: Option<String>,
}

/// See the module. `onpick` gets the place of an option in the list.
#[component]
pub(crate) fn Combobox(
    id: &'static str,
    label: String,
    options: Vec<ComboOption>,
    oninput: EventHandler<String>,
    onpick: EventHandler<usize>,
    #[props(default)] placeholder: &'static str,
    #[props(default)] focus: bool,
) -> Element {
    let mut chosen = use_signal(|| 0_usize);
    let mut elements = use_hook(|| CopyValue::new(Vec::<Option<Rc<MountedData>>>::new()));
    let mut pointer = use_hook(|| CopyValue::new(None));
    let count = options.len();
    let at = chosen().min(count.saturating_sub(1));
    let mut go = move |to: usize| {
        chosen.set(to);
        let element = elements.peek().get(to).cloned().flatten();
        spawn(async move {
            if let Some(element) = element {
                let options = ScrollToOptions {
                    behavior: ScrollBehavior::Instant,
                    vertical: ScrollLogicalPosition::Nearest,
                    horizontal: ScrollLogicalPosition::Nearest,
                };
                let _ = element.scroll_to_with_options(options).await;
            }
        });
    };
    let list = format!("{id}-list");
    let active = (count > 0).then(|| format!("{id}-{at}"));
    rsx! {
        input {
            id,
            class: "input",
            r#type: "text",
            role: "combobox",
            autocomplete: "off",
            "aria-label": "{label}",
            "aria-expanded": "{count > 0}",
            "aria-controls": "{list}",
            "aria-autocomplete": "list",
            "aria-activedescendant": active,
            placeholder,
            onmounted: move |event| async move {
                if focus {
                    let _ = event.set_focus(true).await;
                }
            },
            oninput: move |event| {
                chosen.set(0);
                oninput.call(event.value());
            },
            onkeydown: move |event| {
                if event.key() == Key::Enter {
                    event.prevent_default();
                    if at < count {
                        onpick.call(at);
                    }
                } else if let Some(to) = next(&event.key(), at, count) {
                    event.prevent_default();
                    go(to);
                }
            },
        }
        ul { id: "{list}", role: "listbox", "aria-label": "{label}", class: "palette-list",
            for (index , option) in options.into_iter().enumerate() {
                li {
                    key: "{index}",
                    id: "{id}-{index}",
                    role: "option",
                    "aria-selected": "{index == at}",
                    onmounted: move |event| {
                        let mut elements = elements.write();
                        if elements.len() <= index {
                            elements.resize(index + 1, None);
                        }
                        elements[index] = Some(event.data());
                    },
                    // A pointer at rest chooses nothing: the list moves below it, and browsers may call that a move.
                    onpointermove: move |event| {
                        let place = event.client_coordinates();
                        if pointer.replace(Some(place)) != Some(place) && index != at {
                            chosen.set(index);
                        }
                    },
                    onclick: move |_| onpick.call(index),
                    if let Some(color) = option.color {
                        span { class: "managed-color", style: "--c:{color}" }
                    }
                    span { class: "grow managed-name", dir: "auto", "{option.words}" }
                    span { class: "muted tabular", "{option.more}" }
                }
            }
        }
    }
}

/// Where a key leads in a list of `count`; none if it is no key of lists. Home and End move in the text.
fn next(key: &Key, at: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        Key::ArrowDown => Some(if at == last { 0 } else { at + 1 }),
        Key::ArrowUp => Some(if at == 0 { last } else { at - 1 }),
        Key::PageDown => Some((at + 10).min(last)),
        Key::PageUp => Some(at.saturating_sub(10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round_and_pages_stop_at_the_ends() {
        assert_eq!(next(&Key::ArrowDown, 0, 3), Some(1));
        assert_eq!(next(&Key::ArrowDown, 2, 3), Some(0));
        assert_eq!(next(&Key::ArrowUp, 0, 3), Some(2));
        assert_eq!(next(&Key::PageDown, 5, 12), Some(11));
        assert_eq!(next(&Key::PageUp, 5, 12), Some(0));
        assert_eq!(next(&Key::Home, 2, 3), None, "moves in the text");
        assert_eq!(next(&Key::ArrowDown, 0, 0), None, "there is nothing to choose");
    }
}
