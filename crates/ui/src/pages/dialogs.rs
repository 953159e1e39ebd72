//! The dialogs that belong to no other part.

use super::credentials::{Credentials, explain};
use crate::{
    primitives::{DialogBox, Select},
    state::use_ui,
    text,
};
use almanac_core::domain::{Profile, TimeFormat, WeekStart};
use almanac_data::{ProfileEdit, use_sessions};
use dioxus::prelude::*;

const KEYS: [(&[&str], &str); 14] = [
    (&["T"], "Today"),
    (&["J", "→"], "Next"),
    (&["K", "←"], "Previous"),
    (&["1", "2", "3", "4"], "Day, 3 days, week, month"),
    (&["C"], "New event"),
    (&["Enter"], "Open the event with the focus"),
    (&["E"], "Edit it"),
    (&["Del"], "Delete it"),
    (&["Alt", "arrows"], "Move it"),
    (&["Alt", "Shift", "↑ ↓"], "Make it shorter or longer"),
    (&["Ctrl", "Z"], "Undo; with Shift redo"),
    (&["Ctrl", "Enter"], "Save"),
    (&["Esc"], "Close; let a drag be"),
    (&["?"], "This sheet"),
];

/// The sheet of keys.
#[component]
pub(crate) fn KeysDialog() -> Element {
    let ui = use_ui();
    rsx! {
        DialogBox { title: "Keyboard keys", focus: true, onclose: move |()| ui.close_dialog(),
            dl { class: "keys",
                for (keys , what) in KEYS {
                    dt {
                        for key in keys.iter() {
                            kbd { "{key}" }
                        }
                    }
                    dd { "{what}" }
                }
            }
            div { class: "dialog-foot",
                button { r#type: "button", class: "btn btn-line", onclick: move |_| ui.close_dialog(), "Close" }
            }
        }
    }
}

/// Signing out would lose edits.
#[component]
pub(crate) fn SignOutDialog(unsent: usize, onanyway: EventHandler<()>) -> Element {
    let ui = use_ui();
    rsx! {
        DialogBox { title: "Sign out and lose changes?", alert: true, focus: true, onclose: move |()| ui.close_dialog(),
            p {
                "{text::count(unsent, \"change has\", \"changes have\")} not been sent to the server. Signing out empties this device: they would be lost."
            }
            p { class: "muted", "Stay signed in and they are sent once the server can be reached." }
            div { class: "dialog-foot",
                button { r#type: "button", class: "btn btn-danger", onclick: move |_| onanyway.call(()), "Sign out anyway" }
                button { r#type: "button", class: "btn btn-main", onclick: move |_| ui.close_dialog(), "Stay signed in" }
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
        DialogBox { title: "Sign in again", onclose: move |()| ui.close_dialog(),
            p { class: "muted", "Your session has ended. Everything on this device is kept, and sent once you are back." }
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
    let device = (UNCHOSEN_ZONE.to_owned(), format!("As this device ({device_zone})"));
    let zones = std::iter::once(device)
        .chain(
            chrono_tz::TZ_VARIANTS
                .iter()
                .map(|zone| zone.name())
                .filter(|name| *name != UNCHOSEN_ZONE)
                .map(|name| (name.to_owned(), name.replace('_', " "))),
        )
        .collect();
    rsx! {
        DialogBox { title: "Settings", focus: true, onclose: move |()| ui.close_dialog(),
            Select {
                id: "time-zone",
                label: "Time zone",
                value: zone,
                options: zones,
                onchange: move |zone| onedit.call(ProfileEdit { timezone: Some(zone), ..ProfileEdit::default() }),
            }
            Select {
                id: "time-format",
                label: "Clock",
                value: if hours == TimeFormat::TwelveHour { "12" } else { "24" },
                options: vec![("24".to_owned(), "24 hours (14:30)".to_owned()), ("12".to_owned(), "12 hours (2:30 pm)".to_owned())],
                onchange: move |value: String| {
                    let format = if value == "12" { TimeFormat::TwelveHour } else { TimeFormat::TwentyFourHour };
                    onedit.call(ProfileEdit { time_format: Some(format), ..ProfileEdit::default() });
                },
            }
            Select {
                id: "week-start",
                label: "Weeks begin on",
                value: format!("{week:?}"),
                options: WEEK_STARTS.iter().map(|day| (format!("{day:?}"), format!("{day:?}"))).collect::<Vec<_>>(),
                onchange: move |name: String| {
                    let day = WEEK_STARTS.into_iter().find(|day| format!("{day:?}") == name);
                    onedit.call(ProfileEdit { week_start_day: day, ..ProfileEdit::default() });
                },
            }
            div { class: "dialog-foot",
                button { r#type: "button", class: "btn btn-main", onclick: move |_| ui.close_dialog(), "Done" }
            }
        }
    }
}
