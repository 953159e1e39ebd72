//! What is chosen for this device alone, and kept by its shell: the language.

use crate::{
    app::LANGUAGE,
    i18n::{Language, t},
    primitives::Select,
    state::use_ui,
};
use almanac_data::use_shell_info;
use dioxus::prelude::*;

/// The language of this device; the system's unless chosen.
#[component]
pub(crate) fn LanguageSelect() -> Element {
    let ui = use_ui();
    let info = use_shell_info();
    let mut chosen = ui.language;
    let names = Language::ALL.into_iter().map(|(_, tag, name)| (tag.to_owned(), name.to_owned()));
    rsx! {
        Select {
            id: "language",
            label: t!("language"),
            value: chosen().unwrap_or_default(),
            options: std::iter::once((String::new(), t!("language-system").to_owned())).chain(names).collect::<Vec<_>>(),
            onchange: move |tag: String| {
                let tag = Some(tag).filter(|tag| !tag.is_empty());
                info.keep(LANGUAGE, tag.as_deref());
                chosen.set(tag);
            },
        }
    }
}
