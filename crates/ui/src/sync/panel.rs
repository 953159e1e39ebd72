//! The panel behind the badge: how old, what waits, what was refused.

use super::{
    stuck_card::StuckCard,
    words::{as_of, words},
};
use crate::{
    primitives::{Icon, IconButton, Popover, Shape},
    state::{Anchor, Dialog, use_ui},
};
use almanac_core::{
    engine::{Phase, Status},
    key::RowRef,
};
use almanac_data::StuckItem;
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn SyncPanel(
    anchor: Anchor,
    status: Status,
    stuck: Vec<StuckItem>,
    now: DateTime<Utc>,
    server: String,
    onsync: EventHandler<()>,
    onretry: EventHandler<RowRef>,
    ondiscard: EventHandler<RowRef>,
) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let words = words(&status, clock, now);
    let age = as_of(&status, clock, now).unwrap_or_else(|| "not yet".to_owned());
    let oldest = status.oldest_pending_ms.and_then(DateTime::from_timestamp_millis).map(|at| clock.stamp(at, now));
    let mut dialog = ui.dialog;
    rsx! {
        Popover { anchor, height: if stuck.is_empty() { 260.0 } else { 460.0 }, name: "Sync", focus: true, below: true, testid: "sync-panel",
            div { class: "popover-head",
                strong { class: "grow", "{words.long}" }
                IconButton { shape: Shape::Close, name: "Close", onclick: move |_| ui.close() }
            }
            div { class: "popover-body",
                dl { class: "facts",
                    dt { "Data" }
                    dd { "{age}" }
                    dt { "Not sent" }
                    dd {
                        "{status.pending}"
                        if let Some(oldest) = oldest.filter(|_| status.pending > 0) {
                            " · since {oldest}"
                        }
                    }
                    dt { "Live updates" }
                    dd { if status.realtime { "on" } else { "off" } }
                    dt { "Server" }
                    dd { "{server}" }
                }
                if let Some(error) = status.last_error.clone() {
                    p { class: "note", "data-tone": "bad",
                        Icon { shape: Shape::Warning }
                        span { "{error}" }
                    }
                }
                if status.phase == Phase::Offline {
                    p { class: "muted", "Everything works offline. Changes are sent by themselves once the server is back." }
                }
                if !stuck.is_empty() {
                    ul { class: "panel-list", "aria-label": "Changes to review",
                        for item in stuck {
                            StuckCard {
                                key: "{item.at.key}",
                                item: item.clone(),
                                onretry: {
                                    let at = item.at.clone();
                                    move |()| onretry.call(at.clone())
                                },
                                ondiscard: {
                                    let at = item.at.clone();
                                    move |()| ondiscard.call(at.clone())
                                },
                            }
                        }
                    }
                }
                div { class: "popover-foot",
                    if status.phase == Phase::SignInAgain {
                        button {
                            r#type: "button",
                            class: "btn btn-main",
                            onclick: move |_| {
                                ui.close();
                                dialog.set(Some(Dialog::SignIn));
                            },
                            "Sign in"
                        }
                    } else {
                        button { r#type: "button", class: "btn btn-line", onclick: move |_| onsync.call(()),
                            Icon { shape: Shape::Sync }
                            "Sync now"
                        }
                    }
                }
            }
        }
    }
}
