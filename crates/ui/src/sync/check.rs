//! Whether the data on this device are the server's: compared when a person asks, and what came of it.

use super::page::table;
use crate::{
    i18n::t,
    primitives::{Face, Shape, button},
    state::use_ui,
    time::Clock,
};
use almanac_core::{
    engine::{Phase, Status},
    store::Checks,
    table::Table,
};
use almanac_data::use_mutations;
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// See the module.
#[component]
pub(super) fn Check(checks: Checks, status: Status, now: DateTime<Utc>) -> Element {
    let ui = use_ui();
    let mutations = use_mutations();
    // The comparison that was the last one when the person asked for another.
    let mut asked = use_signal(|| None::<Option<i64>>);
    let waiting = asked() == Some(checks.checked_ms);
    let (tone, words) = match waiting {
        true => ("wait", why_waiting(&status).to_owned()),
        false => outcome(&checks, *ui.clock.read(), now),
    };
    let before = checks.checked_ms;
    rsx! {
        h3 { {t!("check")} }
        p { class: "muted", {t!("check-hint")} }
        div { class: "sync-state", "data-tone": tone,
            span { class: "dot" }
            span { class: "grow", role: "status", "data-testid": "check", "{words}" }
            {button(Face::line(t!("check-now")).shape(Shape::Check).busy(waiting), move |_| {
                    asked.set(Some(before));
                    mutations.compare_data();
                })}
        }
    }
}

/// What a comparison waits for.
fn why_waiting(status: &Status) -> &'static str {
    match status.phase {
        Phase::Offline => t!("check-offline"),
        _ if status.pending > 0 => t!("check-unsent"),
        _ => t!("check-busy"),
    }
}

/// What the last comparison has shown: its tone and words.
fn outcome(checks: &Checks, clock: Clock, now: DateTime<Utc>) -> (&'static str, String) {
    let Some(at) = checks.checked_ms.and_then(DateTime::from_timestamp_millis) else {
        return ("off", t!("check-never").to_owned());
    };
    let time = clock.stamp(at, now);
    let named = |tables: &[Table]| tables.iter().map(|each| table(*each)).collect::<Vec<_>>().join(", ");
    if !checks.unlike.is_empty() {
        ("bad", t!("check-unlike", time = &time, what = &named(&checks.unlike)))
    } else if !checks.suspects.is_empty() {
        ("wait", t!("check-suspects", time = &time, what = &named(&checks.suspects)))
    } else if checks.repaired_ms == checks.checked_ms {
        ("wait", t!("check-repaired", time = &time, what = &named(&checks.repaired)))
    } else {
        ("good", t!("check-same", time = &time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;
    use almanac_core::domain::TimeFormat;

    fn told(checks: &Checks) -> (&'static str, String) {
        let clock = Clock { zone: Zone::choose(None, "Europe/Berlin"), hours: TimeFormat::TwentyFourHour, year: 2026 };
        outcome(checks, clock, "2026-11-22T15:00:00Z".parse().unwrap())
    }

    #[test]
    fn each_outcome_says_what_it_means_for_the_person() {
        let checked_ms = Some(1_795_352_520_000);
        let same = Checks { checked_ms, repaired_ms: Some(1), ..Checks::default() };
        assert_eq!(told(&same), ("good", "14:02: the same as the server’s.".to_owned()));
        let suspects = Checks { suspects: vec![Table::Events, Table::Roles], ..same.clone() };
        let (tone, words) = told(&suspects);
        assert!(tone == "wait" && words.contains("Event, Role") && words.contains("looked at again"), "{words}");
        let repaired = Checks { repaired_ms: checked_ms, repaired: vec![Table::Calendars], ..same.clone() };
        let (tone, words) = told(&repaired);
        assert!(tone == "wait" && words.contains("Calendar") && words.contains("fetched again"), "{words}");
        let unlike = Checks { unlike: vec![Table::Events], ..same };
        let (tone, words) = told(&unlike);
        assert!(tone == "bad" && words.contains("Nothing you wrote is lost"), "{words}");
        assert_eq!(told(&Checks::default()).0, "off");
    }
}
