//! What sync did lately, the newest first, to read or to give to someone who looks for a fault. In English, as logs are.

use crate::{
    i18n::t,
    primitives::{Face, button},
    state::use_ui,
};
use almanac_core::log::Line;
use almanac_data::{use_shell_info, use_sync_log};
use chrono::{DateTime, SecondsFormat, Utc};
use dioxus::prelude::*;

/// Lines shown; the file has all.
const SHOWN: usize = 100;

/// See the module.
#[component]
pub(super) fn Log(now: DateTime<Utc>) -> Element {
    let ui = use_ui();
    let info = use_shell_info();
    let lines = use_sync_log();
    let clock = *ui.clock.read();
    let mut told = use_signal(|| None::<String>);
    let stamp = |line: &Line| at(line).map(|at| clock.stamp(at, now)).unwrap_or_default();
    rsx! {
        details { class: "sync-log", "data-testid": "sync-log",
            summary { {t!("log")} }
            p { class: "muted", {t!("log-hint")} }
            div {
                {button(Face::line(t!("log-save")), move |_| {
                        let text: String = lines.peek().iter().map(in_file).collect();
                        told.set(Some(match info.save_file("almanac-sync-log.txt", &text) {
                            Ok(Some(place)) => t!("exported-to", place = &place),
                            Ok(None) => t!("exported").to_owned(),
                            Err(why) => t!("export-failed", why = &why),
                        }));
                    })}
            }
            if let Some(words) = told() {
                p { role: "status", "{words}" }
            }
            ol { class: "plain", lang: "en",
                for line in lines.read().iter().take(SHOWN) {
                    li { key: "{line.number}",
                        span { class: "muted tabular", {stamp(line)} }
                        " {line.what}"
                    }
                }
            }
        }
    }
}

fn at(line: &Line) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(line.at_ms)
}

fn in_file(line: &Line) -> String {
    let at = at(line).map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)).unwrap_or_default();
    format!("{at} {}\n", line.what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use almanac_core::log::Happened;

    #[test]
    fn a_line_in_the_file_says_when_to_the_millisecond() {
        let line = Line { number: 7, at_ms: 1_795_352_520_042, what: Happened::Started };
        assert_eq!(in_file(&line), "2026-11-22T13:02:00.042Z sync starts\n");
    }
}
