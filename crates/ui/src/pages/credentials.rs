//! E-mail and password, and what can be wrong with them.

use crate::primitives::TextField;
use almanac_core::session::AuthError;
use dioxus::prelude::*;

/// The form of signing in or up; `onsubmit` gets e-mail and password.
#[component]
pub(crate) fn Credentials(
    up: bool,
    /// Fixed when an ended session is taken up again.
    email: Option<String>,
    busy: bool,
    error: Option<String>,
    onsubmit: EventHandler<(String, String)>,
) -> Element {
    let fixed = email.is_some();
    let mut address = use_signal(|| email.unwrap_or_default());
    let mut password = use_signal(String::new);
    let mut tried = use_signal(|| false);
    let no_address = !address.read().contains('@');
    let no_password = password.read().is_empty();
    let password_hint = if up { "new-password" } else { "current-password" };
    rsx! {
        form {
            style: "display:grid;gap:14px",
            // Our own words, at the field, instead of the browser's.
            novalidate: true,
            onsubmit: move |event| {
                event.prevent_default();
                tried.set(true);
                if !no_address && !no_password && !busy {
                    onsubmit.call((address().trim().to_owned(), password()));
                }
            },
            TextField {
                id: "email",
                label: "E-mail",
                kind: "email",
                autocomplete: "username",
                value: address(),
                disabled: fixed,
                focus: !fixed,
                required: true,
                error: (tried() && no_address).then(|| "Give your e-mail address.".to_owned()),
                oninput: move |text| address.set(text),
            }
            TextField {
                id: "password",
                label: "Password",
                kind: "password",
                autocomplete: password_hint,
                value: password(),
                focus: fixed,
                required: true,
                error: (tried() && no_password).then(|| "Give a password.".to_owned()),
                oninput: move |text| password.set(text),
            }
            if let Some(error) = error {
                p { class: "error", role: "alert", "data-testid": "auth-error", "{error}" }
            }
            button { r#type: "submit", class: "btn btn-main btn-wide", "aria-busy": "{busy}",
                match (up, busy) {
                    (true, false) => "Create account",
                    (true, true) => "Creating your account…",
                    (false, false) => "Sign in",
                    (false, true) => "Signing in…",
                }
            }
        }
    }
}

/// What happened and what to do.
pub(crate) fn explain(error: &AuthError) -> String {
    match error {
        AuthError::InvalidCredentials => {
            "E-mail or password is wrong. Check both; capitals count in the password.".into()
        }
        AuthError::EmailTaken => "This e-mail has an account already. Sign in instead.".into(),
        AuthError::WeakPassword(words) => format!("Choose a stronger password: {words}"),
        AuthError::NotConfirmed => "Confirm your e-mail first (see the message you got), then sign in.".into(),
        AuthError::RateLimited => "Too many tries. Wait a minute, then try again.".into(),
        AuthError::Offline(_) => "The server cannot be reached. Check the connection, then try again.".into(),
        other => format!("It did not work: {other}"),
    }
}
