//! One refused change: what was written here, what the server has, and what to do.

use crate::i18n::t;
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
                            th { scope: "col", {t!("field")} }
                            th { scope: "col", {t!("yours")} }
                            th { scope: "col", {t!("server")} }
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
                button { r#type: "button", class: "btn", onclick: move |_| ondiscard.call(()), {t!("discard-mine")} }
                button { r#type: "button", class: "btn btn-line", onclick: move |_| onretry.call(()), {t!("try-again")} }
            }
        }
    }
}

/// What a code means to a person.
fn why(code: &str) -> &'static str {
    match code {
        "forbidden" => t!("why-forbidden"),
        "deleted" => t!("why-deleted"),
        "missing" | "gone" => t!("why-missing"),
        "parent_missing" => t!("why-parent"),
        "invalid" => t!("why-invalid"),
        "rate_limited" => t!("why-rate"),
        _ => t!("why-other"),
    }
}
