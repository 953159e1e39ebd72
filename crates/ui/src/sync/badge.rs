//! The badge in the top bar.

use super::words::{alone, phase, words};
use crate::{
    i18n::t,
    state::{Anchor, Open, use_ui},
};
use almanac_core::engine::Status;
use chrono::{DateTime, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// Says how things stand; opens the panel.
#[component]
pub(crate) fn SyncBadge(status: Status, now: DateTime<Utc>) -> Element {
    let ui = use_ui();
    let local = *ui.local.read();
    let words = if local { alone() } else { words(&status, *ui.clock.read(), now) };
    let mut element = use_signal(|| None::<Rc<MountedData>>);
    let expanded = matches!(*ui.open.read(), Open::Sync(_));
    rsx! {
        button {
            r#type: "button",
            class: "badge",
            "data-testid": "sync-badge",
            "data-phase": if local { "local" } else { phase(status.phase) },
            "data-pending": "{status.pending}",
            "data-stuck": "{status.stuck}",
            "data-tone": words.tone,
            "aria-label": t!("sync-named", state = &words.long),
            "aria-haspopup": "dialog",
            "aria-expanded": "{expanded}",
            onmounted: move |event| element.set(Some(event.data())),
            onpointerdown: move |event| event.stop_propagation(),
            onclick: move |_| {
                let opener = element.peek().clone();
                async move {
                    let anchor = Anchor::of(opener.as_deref()).await;
                    ui.toggle(Open::Sync(anchor), opener);
                }
            },
            span { class: "dot" }
            span { class: "badge-long", "{words.long}" }
            span { class: "badge-short", "{words.short}" }
        }
        span { class: "sr", role: "status", "{words.long}" }
    }
}
