//! What is chosen for this device alone, and kept by its shell: theme, density, language.

use crate::{
    app::LANGUAGE,
    i18n::{Language, t},
    primitives::Select,
    state::{Density, Theme, use_ui},
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

/// Light, dark, or as the system.
#[component]
pub(crate) fn ThemeSelect() -> Element {
    let ui = use_ui();
    let info = use_shell_info();
    let mut chosen = ui.theme;
    let options: Vec<_> = Theme::ALL.iter().map(|theme| (format!("{theme:?}"), theme.label().to_owned())).collect();
    rsx! {
        Select {
            id: "theme",
            label: t!("theme"),
            value: format!("{:?}", chosen()),
            options,
            onchange: move |name: String| {
                if let Some(theme) = Theme::ALL.into_iter().find(|theme| format!("{theme:?}") == name) {
                    theme.keep(&info);
                    chosen.set(theme);
                }
            },
        }
    }
}

/// How high an hour is.
#[component]
pub(crate) fn DensitySelect() -> Element {
    let ui = use_ui();
    let info = use_shell_info();
    let mut chosen = ui.density;
    let options: Vec<_> =
        Density::ALL.iter().map(|density| (format!("{density:?}"), density.label().to_owned())).collect();
    rsx! {
        Select {
            id: "density",
            label: t!("density"),
            value: format!("{:?}", chosen()),
            options,
            onchange: move |name: String| {
                if let Some(density) = Density::ALL.into_iter().find(|density| format!("{density:?}") == name) {
                    density.keep(&info);
                    chosen.set(density);
                }
            },
        }
    }
}
