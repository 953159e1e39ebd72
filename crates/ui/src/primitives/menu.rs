//! A menu: arrows, Home, End and first letters move in it, Enter and the space bar pick (APG menu pattern). Closing is
//! the page's matter, as of every popover.

use super::{Icon, Popover, Shape};
use crate::state::Anchor;
use dioxus::prelude::*;
use std::rc::Rc;

/// One thing to pick.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MenuItem {
    pub(crate) value: String,
    pub(crate) label: String,
    /// The key that does the same.
    pub(crate) key: Option<&'static str>,
    /// Of a choice among several: whether it is the one.
    pub(crate) checked: Option<bool>,
    pub(crate) shape: Option<Shape>,
}

/// See the module.
#[component]
pub(crate) fn Menu(anchor: Anchor, name: String, items: Vec<MenuItem>, onpick: EventHandler<String>) -> Element {
    let mut elements = use_hook(|| CopyValue::new(Vec::<Option<Rc<MountedData>>>::new()));
    let initial = items.iter().position(|item| item.checked == Some(true)).unwrap_or(0);
    let mut at = use_signal(|| initial);
    let labels: Vec<String> = items.iter().map(|item| item.label.to_lowercase()).collect();
    let mut go = move |to: usize| {
        at.set(to);
        let element = elements.peek().get(to).cloned().flatten();
        spawn(async move {
            if let Some(element) = element {
                let _ = element.set_focus(true).await;
            }
        });
    };
    #[allow(clippy::cast_precision_loss, reason = "a few items")]
    let height = 16.0 + 34.0 * items.len() as f64;
    rsx! {
        Popover { anchor, height, width: 220.0, name, role: "menu", below: true,
            div {
                class: "menu",
                role: "presentation",
                onkeydown: move |event| {
                    if let Some(to) = next(&event.key(), at(), &labels) {
                        event.prevent_default();
                        event.stop_propagation();
                        go(to);
                    } else if matches!(event.key(), Key::Enter | Key::Character(_)) {
                        // The button's own click picks; the page's keys are not meant.
                        event.stop_propagation();
                    }
                },
                for (i , item) in items.into_iter().enumerate() {
                    button {
                        key: "{item.value}",
                        r#type: "button",
                        class: "menu-item",
                        role: if item.checked.is_some() { "menuitemradio" } else { "menuitem" },
                        "aria-checked": item.checked.map(|checked| checked.to_string()),
                        "data-value": "{item.value}",
                        tabindex: if i == at() { "0" } else { "-1" },
                        onmounted: move |event| async move {
                            let data = event.data();
                            {
                                let mut elements = elements.write();
                                if elements.len() <= i {
                                    elements.resize(i + 1, None);
                                }
                                elements[i] = Some(data.clone());
                            }
                            if i == initial {
                                let _ = data.set_focus(true).await;
                            }
                        },
                        onclick: move |_| onpick.call(item.value.clone()),
                        if let Some(shape) = item.shape {
                            Icon { shape }
                        }
                        span { class: "grow", "{item.label}" }
                        if item.checked == Some(true) {
                            Icon { shape: Shape::Check }
                        }
                        if let Some(key) = item.key {
                            kbd { "aria-hidden": "true", "{key}" }
                        }
                    }
                }
            }
        }
    }
}

/// Where a key leads from the item `at`; none if it is no key of menus.
fn next(key: &Key, at: usize, labels: &[String]) -> Option<usize> {
    let count = labels.len();
    match key {
        Key::ArrowDown => Some((at + 1) % count),
        Key::ArrowUp => Some((at + count - 1) % count),
        Key::Home => Some(0),
        Key::End => Some(count - 1),
        Key::Character(letter) if letter != " " => {
            let letter = letter.to_lowercase();
            (1..=count).map(|by| (at + by) % count).find(|i| labels[*i].starts_with(&letter))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_round_and_letters_find() {
        let labels: Vec<String> = ["day", "3 days", "week", "2 weeks", "weird"].map(str::to_owned).to_vec();
        assert_eq!(next(&Key::ArrowDown, 4, &labels), Some(0));
        assert_eq!(next(&Key::ArrowUp, 0, &labels), Some(4));
        assert_eq!(next(&Key::End, 1, &labels), Some(4));
        assert_eq!(next(&Key::Character("W".into()), 2, &labels), Some(4));
        assert_eq!(next(&Key::Character("w".into()), 4, &labels), Some(2));
        assert_eq!(next(&Key::Character("x".into()), 0, &labels), None);
        assert_eq!(next(&Key::Tab, 0, &labels), None);
    }
}
