//! How things stand, as a list of facts: in the panel and on the page.

use super::words::as_of;
use crate::{
    i18n::t,
    primitives::{Icon, Shape},
    state::use_ui,
};
use almanac_core::engine::{Phase, Status};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// How old the data is, what waits and since when, live updates, the server; `more` facts after them.
#[component]
pub(super) fn Facts(
    status: Status,
    now: DateTime<Utc>,
    server: String,
    #[props(default)] more: Vec<(&'static str, String)>,
) -> Element {
    let clock = *use_ui().clock.read();
    let age = as_of(&status, clock, now).unwrap_or_else(|| t!("sync-not-yet").to_owned());
    let oldest = status.oldest_pending_ms.and_then(DateTime::from_timestamp_millis).map(|at| clock.stamp(at, now));
    let unsent = match oldest.filter(|_| status.pending > 0) {
        Some(oldest) => t!("sync-since", count = status.pending, time = &oldest),
        None => status.pending.to_string(),
    };
    let live = if status.realtime { t!("on") } else { t!("off") };
    let facts = [(t!("sync-data"), age), (t!("sync-unsent"), unsent), (t!("sync-live"), live.to_owned())];
    let facts = facts.into_iter().chain([(t!("sync-server"), server)]).chain(more);
    rsx! {
        dl { class: "facts",
            for (what , value) in facts {
                dt { key: "{what}", "{what}" }
                dd { "{value}" }
            }
        }
        if let Some(error) = status.last_error.as_deref() {
            Trouble { error }
        }
        if status.phase == Phase::Offline {
            p { class: "muted", {t!("sync-works-offline")} }
        }
    }
}

/// The last failure. What only helps those who look for a fault is folded away.
#[component]
fn Trouble(error: String) -> Element {
    let (words, details) = error.split_once(": ").unwrap_or((&error, ""));
    let mut words = format!("{}.", words.trim_end_matches('.'));
    // These are words of a program, which begin with one of a to z. (Letters of all scripts take a table of 4 KB.)
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    rsx! {
        div { class: "note", "data-tone": "bad",
            Icon { shape: Shape::Warning }
            div { class: "grow",
                span { "{words}" }
                if !details.is_empty() {
                    details {
                        summary { {t!("details")} }
                        span { class: "muted", "{details}" }
                    }
                }
            }
        }
    }
}
