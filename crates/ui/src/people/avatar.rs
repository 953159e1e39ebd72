//! A picture, or the first letter of a name.

use dioxus::prelude::*;

/// Decorative: the name stands beside it.
#[component]
pub(crate) fn Avatar(name: String, url: Option<String>, #[props(default)] large: bool) -> Element {
    let initial = name.trim().chars().next().unwrap_or('?');
    // A picture that does not come shows the letter behind it.
    let url = url.filter(|url| url.starts_with("https://") || url.starts_with("data:image/"));
    rsx! {
        span { class: if large { "avatar avatar-large" } else { "avatar" }, "data-initial": "{initial}", "aria-hidden": "true",
            if let Some(url) = url {
                img { src: "{url}", alt: "", referrerpolicy: "no-referrer", loading: "lazy" }
            }
        }
    }
}
