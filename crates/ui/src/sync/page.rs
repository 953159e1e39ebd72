//! The sync page of the settings: how things stand, what was refused, what waits, whether the data are the server's, and
//! what happened lately.

use super::{check::Check, facts::Facts, log::Log, stuck_card::StuckCard, words::words};
use crate::{
    i18n::t,
    primitives::{Face, Shape, button},
    state::{Dialog, use_ui},
};
use almanac_core::{engine::Phase, key::RowRef, table::Table};
use almanac_data::{
    PendingItem, Storage, use_clock, use_holdings, use_mutations, use_sessions, use_storage, use_stuck, use_sync_status,
};
use dioxus::prelude::*;

/// See the module.
#[component]
pub(crate) fn SyncSection() -> Element {
    let mut ui = use_ui();
    let mutations = use_mutations();
    let sessions = use_sessions();
    let status = use_sync_status();
    let stuck = use_stuck();
    let holdings = use_holdings();
    let storage = use_storage();
    let now = use_clock();
    let mut dialog = ui.dialog;
    if *ui.local.read() {
        return rsx! {
            div { class: "settings-form",
                p { {t!("no-account-hint")} }
                div {
                    {button(Face::main(t!("sign-in-to-sync")), move |_| dialog.set(Some(Dialog::SignIn)))}
                }
            }
        };
    }
    let status = status();
    let clock = *ui.clock.read();
    let words = words(&status, clock, now());
    let room: Vec<_> = storage.map(|storage| (t!("sync-room"), taken(storage))).into_iter().collect();
    let holdings = holdings.read();
    rsx! {
        div { class: "settings-form", "data-testid": "sync-page",
            div { class: "sync-state", "data-tone": words.tone,
                span { class: "dot" }
                strong { class: "grow", role: "status", "{words.long}" }
                if status.phase == Phase::SignInAgain {
                    {button(Face::main(t!("sign-in")), move |_| dialog.set(Some(Dialog::SignIn)))}
                } else {
                    {button(Face::line(t!("sync-now")).shape(Shape::Sync), move |_| mutations.sync_now())}
                }
            }
            Facts { status: status.clone(), now: now(), server: sessions.server(), more: room }
            if !stuck.read().is_empty() {
                h3 { {t!("sync-review-list")} }
                p { class: "muted", {t!("stuck-hint")} }
                ul { class: "panel-list", "aria-label": t!("sync-review-list"),
                    for item in stuck() {
                        StuckCard {
                            key: "{item.at}",
                            item: item.clone(),
                            onretry: {
                                let at = item.at.clone();
                                move |()| {
                                    mutations.retry(at.clone());
                                    ui.refocus += 1;
                                }
                            },
                            ondiscard: {
                                let at = item.at.clone();
                                move |()| {
                                    mutations.discard(at.clone());
                                    ui.refocus += 1;
                                }
                            },
                        }
                    }
                }
            }
            h3 { {t!("waits")} }
            if holdings.pending.is_empty() {
                p { class: "muted", {t!("waits-none")} }
            }
            ul { class: "plain", "data-testid": "pending",
                for (at , title , kinds) in things(&holdings.pending) {
                    li { key: "{at}",
                        strong { dir: "auto", "{title}" }
                        span { class: "muted", " · {kinds.join(\", \")}" }
                    }
                }
            }
            Check { checks: holdings.checks.clone(), status: status.clone(), now: now() }
            Log { now: now() }
        }
    }
}

/// What waits, an event and what one keeps about it as one thing, as the number of unsent ones counts them.
fn things(pending: &[PendingItem]) -> Vec<(RowRef, String, Vec<&'static str>)> {
    let mut things: Vec<(RowRef, String, Vec<&'static str>)> = Vec::new();
    for item in pending {
        let at = item.at.parent_event().map_or_else(|| item.at.clone(), RowRef::event);
        let kind = table(item.at.table);
        match things.iter_mut().find(|(thing, ..)| *thing == at) {
            Some((.., kinds)) => kinds.push(kind),
            None => things.push((at, item.title.clone(), vec![kind])),
        }
    }
    things
}

/// `3.4 MB`, `3.4 MB of 2.1 GB`.
fn taken(storage: Storage) -> String {
    let used = bytes(storage.used);
    match storage.most {
        Some(most) => t!("sync-room-of", used = &used, most = &bytes(most)),
        None => used,
    }
}

/// Bytes as a person reads them, by thousands.
fn bytes(bytes: u64) -> String {
    let (unit, one) = match bytes {
        0..1_000_000 => ("KB", 1_000),
        1_000_000..1_000_000_000 => ("MB", 1_000_000),
        _ => ("GB", 1_000_000_000),
    };
    let tenths = bytes.div_ceil(one / 10);
    if tenths >= 100 { format!("{} {unit}", tenths / 10) } else { format!("{}.{} {unit}", tenths / 10, tenths % 10) }
}

/// What a person calls a row of that table.
pub(super) fn table(table: Table) -> &'static str {
    match table {
        Table::Profiles => t!("settings-profile"),
        Table::Personas => t!("persona"),
        Table::Calendars => t!("calendar"),
        Table::Categories => t!("category"),
        Table::Events => t!("event"),
        Table::Overlays => t!("own-view"),
        Table::Roles => t!("role"),
        Table::Invites => t!("invitation"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_told_as_a_person_reads_it() {
        for (all, words) in [
            (0, "0.0 KB"),
            (340, "0.4 KB"),
            (9_900, "9.9 KB"),
            (123_456, "123 KB"),
            (3_400_000, "3.4 MB"),
            (2_150_000_000, "2.2 GB"),
        ] {
            assert_eq!(bytes(all), words);
        }
        let storage = Storage { used: 3_400_000, most: Some(12_000_000_000) };
        assert_eq!(taken(storage), "3.4 MB of 12 GB");
    }
}
