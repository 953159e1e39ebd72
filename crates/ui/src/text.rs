//! Words that several parts say.

use crate::i18n::t;
use almanac_core::domain::ShowTimeAs;

/// The product's name: the same in every language.
pub(crate) const APP: &str = "Almanac";

/// How the time counts.
pub(crate) fn show_as(show: ShowTimeAs) -> &'static str {
    match show {
        ShowTimeAs::Free => t!("show-free"),
        ShowTimeAs::Tentative => t!("show-tentative"),
        ShowTimeAs::Busy => t!("show-busy"),
        ShowTimeAs::Oof => t!("show-oof"),
        ShowTimeAs::WorkingElsewhere => t!("show-elsewhere"),
    }
}

/// A title, or what stands in its place.
pub(crate) fn or_untitled(title: &str) -> &str {
    if title.trim().is_empty() { t!("untitled") } else { title }
}
