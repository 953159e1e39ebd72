//! The button that fetches all events, and what has become of it.

use crate::{
    i18n::t,
    primitives::{Face, button},
    state::use_ui,
    sync::coming,
};
use almanac_data::{use_clock, use_mutations, use_sync_status};
use dioxus::prelude::*;

/// Shown where not all events are on this device. Offline it is remembered, and says so.
#[component]
pub(crate) fn FetchAll() -> Element {
    let mutations = use_mutations();
    let status = use_sync_status();
    let mut asked = use_signal(|| false);
    let now = use_clock();
    let words = coming(&status.read(), *use_ui().clock.read(), now());
    rsx! {
        div { class: "row fetch-all",
            {button(Face::line(t!("fetch-all")).busy(asked()), move |_| {
                asked.set(true);
                mutations.fetch_all();
            })}
            span { class: "muted", role: "status",
                if asked() {
                    "{words}"
                }
            }
        }
    }
}
