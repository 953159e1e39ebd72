//! The panel behind the badge: how old, what waits, what was refused.

use super::{facts::Facts, stuck_card::StuckCard, words::words};
use crate::{
    i18n::t,
    primitives::{Face, IconButton, Popover, Shape, button, use_haven},
    settings::Section,
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
    let haven = use_haven();
    if *ui.local.peek() {
        return rsx! {
            LocalPanel { anchor }
        };
    }
    let clock = *ui.clock.read();
    let words = words(&status, clock, now);
    let mut dialog = ui.dialog;
    rsx! {
        Popover { anchor, height: if stuck.is_empty() { 260.0 } else { 460.0 }, name: t!("sync"), focus: true, below: true, testid: "sync-panel", onmounted: move |event| haven.mounted(&event),
            div { class: "popover-head",
                strong { class: "grow", "{words.long}" }
                IconButton { shape: Shape::Close, name: t!("close"), onclick: move |_| ui.close() }
            }
            div { class: "popover-body",
                Facts { status: status.clone(), now, server }
                if !stuck.is_empty() {
                    ul { class: "panel-list", "aria-label": t!("sync-review-list"),
                        for item in stuck {
                            StuckCard {
                                key: "{item.at}",
                                item: item.clone(),
                                onretry: {
                                    let at = item.at.clone();
                                    move |()| {
                                        onretry.call(at.clone());
                                        haven.focus();
                                    }
                                },
                                ondiscard: {
                                    let at = item.at.clone();
                                    move |()| {
                                        ondiscard.call(at.clone());
                                        haven.focus();
                                    }
                                },
                            }
                        }
                    }
                }
                div { class: "popover-foot",
                    {button(Face::plain(t!("sync-page")), move |_| {
                            ui.close();
                            dialog.set(Some(Dialog::Settings(Section::Sync)));
                        })}
                    if status.phase == Phase::SignInAgain {
                        {button(Face::main(t!("sign-in")), move |_| {
                                ui.close();
                                dialog.set(Some(Dialog::SignIn));
                            })}
                    } else {
                        {button(Face::line(t!("sync-now")).shape(Shape::Sync), move |_| onsync.call(()))}
                    }
                }
            }
        }
    }
}

/// Without an account there is nothing to sync.
#[component]
fn LocalPanel(anchor: Anchor) -> Element {
    let ui = use_ui();
    let mut dialog = ui.dialog;
    rsx! {
        Popover { anchor, height: 180.0, name: t!("sync"), focus: true, below: true, testid: "sync-panel",
            div { class: "popover-head",
                strong { class: "grow", {t!("on-this-device")} }
                IconButton { shape: Shape::Close, name: t!("close"), onclick: move |_| ui.close() }
            }
            div { class: "popover-body",
                p { class: "muted", {t!("no-account-hint")} }
                div { class: "popover-foot",
                    {button(Face::main(t!("sign-in-to-sync")), move |_| {
                            ui.close();
                            dialog.set(Some(Dialog::SignIn));
                        })}
                }
            }
        }
    }
}
