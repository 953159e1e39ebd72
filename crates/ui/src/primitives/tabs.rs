//! Pages of which one is shown (APG tabs): the chosen tab takes the Tab key, arrows, Home and End choose another.

use crate::i18n::t;
use dioxus::prelude::*;
use std::rc::Rc;

/// The list of tabs; what they show stands in an element of role `tabpanel` that [`panel_id`] and [`tab_id`] belong to.
#[component]
pub(crate) fn Tabs(
    id: &'static str,
    label: &'static str,
    tabs: Vec<&'static str>,
    chosen: usize,
    onpick: EventHandler<usize>,
    #[props(default)] class: &'static str,
    /// Which of them hold something that is not saved.
    #[props(default)]
    unsaved: Vec<bool>,
) -> Element {
    let mut elements = use_hook(|| CopyValue::new(Vec::<Option<Rc<MountedData>>>::new()));
    let count = tabs.len();
    rsx! {
        div {
            class,
            role: "tablist",
            "aria-label": label,
            onkeydown: move |event| {
                let Some(to) = next(&event.key(), chosen, count) else { return };
                event.prevent_default();
                event.stop_propagation();
                onpick.call(to);
                let element = elements.peek().get(to).cloned().flatten();
                spawn(async move {
                    if let Some(element) = element {
                        let _ = element.set_focus(true).await;
                    }
                });
            },
            for (index , name) in tabs.into_iter().enumerate() {
                button {
                    key: "{index}",
                    r#type: "button",
                    role: "tab",
                    id: tab_id(id, index),
                    tabindex: if index == chosen { "0" } else { "-1" },
                    "aria-selected": "{index == chosen}",
                    "aria-controls": (index == chosen).then(|| panel_id(id)),
                    onmounted: move |event| {
                        let mut elements = elements.write();
                        if elements.len() <= index {
                            elements.resize(index + 1, None);
                        }
                        elements[index] = Some(event.data());
                    },
                    onclick: move |_| onpick.call(index),
                    "{name}"
                    if unsaved.get(index) == Some(&true) {
                        span { class: "tab-unsaved" }
                        span { class: "sr", ", " {t!("unsaved")} }
                    }
                }
            }
        }
    }
}

/// The id of what the chosen tab shows.
pub(crate) fn panel_id(id: &str) -> String {
    format!("{id}-panel")
}

/// The id of a tab, by which its panel is named.
pub(crate) fn tab_id(id: &str, index: usize) -> String {
    format!("{id}-tab-{index}")
}

/// Where a key leads from the tab `at`; none if it is no key of tabs. They may stand in a row or a column.
fn next(key: &Key, at: usize, count: usize) -> Option<usize> {
    match key {
        Key::ArrowDown | Key::ArrowRight => Some((at + 1) % count),
        Key::ArrowUp | Key::ArrowLeft => Some((at + count - 1) % count),
        Key::Home => Some(0),
        Key::End => Some(count - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_round() {
        assert_eq!(next(&Key::ArrowDown, 2, 3), Some(0));
        assert_eq!(next(&Key::ArrowLeft, 0, 3), Some(2));
        assert_eq!(next(&Key::End, 0, 3), Some(2));
        assert_eq!(next(&Key::Tab, 0, 3), None);
    }
}
