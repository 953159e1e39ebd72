//! What is on this device: how much of the calendar, and all of it as a file.

use super::FetchAll;
use crate::{
    i18n::t,
    primitives::{Face, button},
    state::use_ui,
};
use almanac_data::{use_holdings, use_sessions};
use dioxus::prelude::*;

/// See the module.
#[component]
pub(super) fn DataSection() -> Element {
    let ui = use_ui();
    let sessions = use_sessions();
    let holdings = use_holdings();
    let holdings = holdings.read();
    let clock = *ui.clock.read();
    let all = holdings
        .coverage
        .iter()
        .any(|(from, to)| *from <= almanac_data::ALL_TIME.start && *to >= almanac_data::ALL_TIME.end);
    let mut told = use_signal(|| None::<String>);
    rsx! {
        div { class: "settings-form",
            h3 { {t!("export")} }
            p { class: "muted", {t!("export-hint")} }
            div {
                {button(Face::line(t!("export-button")), move |_| { spawn(async move {
                        let words = match sessions.export().await {
                            Ok((place, complete)) => {
                                let saved = place.map_or_else(|| t!("exported").to_owned(), |place| t!("exported-to", place = &place));
                                if complete { saved } else { format!("{saved} {}", t!("exported-part")) }
                            }
                            Err(why) => t!("export-failed", why = &why),
                        };
                        told.set(Some(words));
                    }); })}
            }
            if let Some(words) = told() {
                p { role: "status", "data-testid": "exported", "{words}" }
            }
            if *ui.local.read() {
                p { {t!("no-account-hint")} }
            } else {
                h3 { {t!("held")} }
                if all {
                    p { {t!("held-all")} }
                } else {
                    if holdings.coverage.is_empty() {
                        p { class: "muted", {t!("held-none")} }
                    }
                    ul { class: "plain",
                        for span in holdings.coverage.iter() {
                            li { key: "{span.0}", {clock.held(*span)} }
                        }
                    }
                    FetchAll {}
                }
            }
        }
    }
}
