//! The dialogs that belong to no other part.

use super::credentials::{Credentials, explain};
use crate::{
    i18n::t,
    pages::device::LanguageSelect,
    primitives::{DialogBox, Select},
    state::use_ui,
    time::Zone,
    time::weekday,
};
use almanac_core::domain::{Profile, TimeFormat, WeekStart};
use almanac_data::{ProfileEdit, use_sessions};
use dioxus::prelude::*;

/// The keys, and what they do.
fn keys() -> [(Vec<&'static str>, &'static str); 14] {
    [
        (vec!["T"], t!("today")),
        (vec!["J", "→"], t!("key-next")),
        (vec!["K", "←"], t!("key-previous")),
        (vec!["1", "2", "3", "4"], t!("key-views")),
        (vec!["C"], t!("new-event")),
        (vec!["Enter"], t!("key-open")),
        (vec!["E"], t!("key-edit")),
        (vec!["Del"], t!("key-delete")),
        (vec!["Alt", t!("key-arrows")], t!("key-move")),
        (vec!["Alt", "Shift", "↑ ↓"], t!("key-stretch")),
        (vec!["Ctrl", "Z"], t!("key-undo")),
        (vec!["Ctrl", "Enter"], t!("save")),
        (vec!["Esc"], t!("key-close")),
        (vec!["?"], t!("key-sheet")),
    ]
}

/// The sheet of keys.
#[component]
pub(crate) fn KeysDialog() -> Element {
    let ui = use_ui();
    rsx! {
        DialogBox { title: t!("keys"), focus: true, onclose: move |()| ui.close_dialog(),
            dl { class: "keys",
                for (keys , what) in keys() {
                    dt {
                        for key in keys.iter() {
                            kbd { "{key}" }
                        }
                    }
                    dd { "{what}" }
                }
            }
            div { class: "dialog-foot",
                button { r#type: "button", class: "btn btn-line", onclick: move |_| ui.close_dialog(), {t!("close")} }
            }
        }
    }
}

/// Signing out would lose edits.
#[component]
pub(crate) fn SignOutDialog(unsent: usize, onanyway: EventHandler<()>) -> Element {
    let ui = use_ui();
    rsx! {
        DialogBox { title: t!("sign-out-title"), alert: true, focus: true, onclose: move |()| ui.close_dialog(),
            p { {t!("sign-out-unsent", count = unsent)} }
            p { class: "muted", {t!("sign-out-stay-hint")} }
            div { class: "dialog-foot",
                button { r#type: "button", class: "btn btn-danger", onclick: move |_| onanyway.call(()), {t!("sign-out-anyway")} }
                button { r#type: "button", class: "btn btn-main", onclick: move |_| ui.close_dialog(), {t!("stay")} }
            }
        }
    }
}

/// The session has ended: the password again.
#[component]
pub(crate) fn SignInAgainDialog(email: String) -> Element {
    let ui = use_ui();
    let sessions = use_sessions();
    let mut busy = use_signal(|| false);
    let mut error = use_signal(|| None::<String>);
    rsx! {
        DialogBox { title: t!("sign-in-again"), onclose: move |()| ui.close_dialog(),
            p { class: "muted", {t!("session-ended-more")} }
            Credentials {
                up: false,
                email: Some(email),
                busy: busy(),
                error: error(),
                onsubmit: move |(email, password)| {
                    busy.set(true);
                    spawn(async move {
                        let done = sessions.sign_in(email, password).await;
                        busy.set(false);
                        match done {
                            Ok(()) => ui.close_dialog(),
                            Err(failed) => error.set(Some(explain(&failed))),
                        }
                    });
                },
            }
        }
    }
}

const WEEK_STARTS: [WeekStart; 7] = [
    WeekStart::Monday,
    WeekStart::Tuesday,
    WeekStart::Wednesday,
    WeekStart::Thursday,
    WeekStart::Friday,
    WeekStart::Saturday,
    WeekStart::Sunday,
];

/// The server's value of a zone that nobody chose: read as the device's. Who lives by UTC has `Etc/UTC`.
pub(crate) const UNCHOSEN_ZONE: &str = "UTC";

/// Zone, hours, first weekday.
#[component]
pub(crate) fn SettingsDialog(
    profile: Option<Profile>,
    device_zone: String,
    onedit: EventHandler<ProfileEdit>,
) -> Element {
    let ui = use_ui();
    let (hours, week, zone) = profile
        .map(|profile| (profile.time_format, profile.week_start_day, profile.timezone.unwrap_or_default()))
        .unwrap_or_default();
    let zone = if zone.is_empty() { UNCHOSEN_ZONE.to_owned() } else { zone };
    let device = (UNCHOSEN_ZONE.to_owned(), t!("zone-device", zone = &device_zone));
    let zones = std::iter::once(device)
        .chain(
            Zone::names().filter(|name| *name != UNCHOSEN_ZONE).map(|name| (name.to_owned(), name.replace('_', " "))),
        )
        .collect();
    rsx! {
        DialogBox { title: t!("settings"), focus: true, onclose: move |()| ui.close_dialog(),
            LanguageSelect {}
            Select {
                id: "time-zone",
                label: t!("time-zone"),
                value: zone,
                options: zones,
                onchange: move |zone| onedit.call(ProfileEdit { timezone: Some(zone), ..ProfileEdit::default() }),
            }
            Select {
                id: "time-format",
                label: t!("clock"),
                value: if hours == TimeFormat::TwelveHour { "12" } else { "24" },
                options: vec![("24".to_owned(), t!("clock-24").to_owned()), ("12".to_owned(), t!("clock-12").to_owned())],
                onchange: move |value: String| {
                    let format = if value == "12" { TimeFormat::TwelveHour } else { TimeFormat::TwentyFourHour };
                    onedit.call(ProfileEdit { time_format: Some(format), ..ProfileEdit::default() });
                },
            }
            Select {
                id: "week-start",
                label: t!("week-start"),
                value: format!("{week:?}"),
                options: WEEK_STARTS.iter().map(|day| (format!("{day:?}"), weekday(day.weekday()).to_owned())).collect::<Vec<_>>(),
                onchange: move |name: String| {
                    let day = WEEK_STARTS.into_iter().find(|day| format!("{day:?}") == name);
                    onedit.call(ProfileEdit { week_start_day: day, ..ProfileEdit::default() });
                },
            }
            div { class: "dialog-foot",
                button { r#type: "button", class: "btn btn-main", onclick: move |_| ui.close_dialog(), {t!("done")} }
            }
        }
    }
}
