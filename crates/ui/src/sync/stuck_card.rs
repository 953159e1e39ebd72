//! One refused change: what was written here, what the server has, and what to do.

use almanac_data::StuckItem;
use dioxus::prelude::*;

/// A change for review.
#[component]
pub(crate) fn StuckCard(item: StuckItem, onretry: EventHandler<()>, ondiscard: EventHandler<()>) -> Element {
    let theirs = |column: &str| match &item.theirs {
        None => "–".to_owned(),
        Some(theirs) => {
            theirs.iter().find(|(name, _)| name == column).map_or("–".to_owned(), |(_, value)| value.clone())
        }
    };
    rsx! {
        li { class: "stuck", "data-stuck-key": "{item.at.key}",
            h3 { "{item.title}" }
            p { class: "muted", "{why(&item.code)} {item.message}" }
            if !item.mine.is_empty() {
                table { class: "versions",
                    thead {
                        tr {
                            th { scope: "col", "Field" }
                            th { scope: "col", "Yours" }
                            th { scope: "col", "Server" }
                        }
                    }
                    tbody {
                        for (column , value) in item.mine.iter() {
                            tr { key: "{column}",
                                th { scope: "row", {column.replace('_', " ")} }
                                td { "{value}" }
                                td { {theirs(column)} }
                            }
                        }
                    }
                }
            }
            div { class: "popover-foot",
                button { r#type: "button", class: "btn", onclick: move |_| ondiscard.call(()), "Discard mine" }
                button { r#type: "button", class: "btn btn-line", onclick: move |_| onretry.call(()), "Try again" }
            }
        }
    }
}

/// What a code means to a person.
fn why(code: &str) -> &'static str {
    match code {
        "forbidden" => "You may not change this (any more).",
        "deleted" => "It has been deleted in the meantime.",
        "missing" | "gone" => "The server does not have it (any more).",
        "parent_missing" => "What it belongs to is not on the server.",
        "invalid" => "The server does not take these values.",
        "rate_limited" => "Too many changes at once.",
        _ => "The server refused it.",
    }
}
