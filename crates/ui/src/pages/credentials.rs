//! E-mail and password, and what can be wrong with them.

use crate::i18n::t;
use crate::primitives::{Face, TextField, button};
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
    let password = use_signal(String::new);
    let mut tried = use_signal(|| false);
    let no_address = !address.read().contains('@');
    let no_password = password.read().is_empty();
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
                label: t!("email"),
                kind: "email",
                autocomplete: "username",
                value: address(),
                disabled: fixed,
                focus: !fixed,
                required: true,
                error: (tried() && no_address).then(|| t!("email-needed").to_owned()),
                oninput: move |text| address.set(text),
            }
            PasswordField { id: "password", label: t!("password"), value: password, new: up, focus: fixed, tried: tried() }
            if let Some(error) = error {
                p { class: "error", role: "alert", "data-testid": "auth-error", "{error}" }
            }
            {button(Face::main(match (up, busy) {
                    (true, false) => t!("sign-up"),
                    (true, true) => t!("sign-up-busy"),
                    (false, false) => t!("sign-in"),
                    (false, true) => t!("sign-in-busy"),
                }).submit().wide().busy(busy), |_| {})}
        }
    }
}

/// A password; once it was `tried` to do without one, it says that there must be one.
#[component]
pub(super) fn PasswordField(
    id: &'static str,
    label: String,
    value: Signal<String>,
    /// One that is chosen, not one that is known: whoever keeps passwords offers to make it up.
    #[props(default)]
    new: bool,
    #[props(default)] focus: bool,
    tried: bool,
    /// What else is wrong with it.
    #[props(default)]
    error: Option<String>,
) -> Element {
    let mut value = value;
    let text = value();
    let kept_as = if new { "new-password" } else { "current-password" };
    let missing = (tried && text.is_empty()).then(|| t!("password-needed").to_owned());
    rsx! {
        TextField {
            id,
            label,
            kind: "password",
            autocomplete: kept_as,
            value: text,
            focus,
            required: true,
            error: missing.or(error),
            oninput: move |text| value.set(text),
        }
    }
}

/// Sets a signal of a form that may have gone while the server was asked: setting one that is gone would end the app.
pub(super) fn set_if_there<T: 'static>(mut signal: Signal<T>, to: T) {
    if let Ok(mut there) = signal.try_write() {
        *there = to;
    }
}

/// What happened and what to do.
pub(crate) fn explain(error: &AuthError) -> String {
    match error {
        AuthError::InvalidCredentials => t!("wrong-credentials").to_owned(),
        AuthError::EmailTaken => t!("email-taken").to_owned(),
        AuthError::WeakPassword(words) => t!("weak-password", why = words),
        AuthError::NotConfirmed => t!("not-confirmed").to_owned(),
        AuthError::RateLimited => t!("rate-limited").to_owned(),
        AuthError::Offline(_) => t!("unreachable").to_owned(),
        other => t!("did-not-work", why = &other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_that_is_gone_is_not_written_to() {
        let dom = VirtualDom::new(|| rsx! {});
        let busy = dom.in_scope(ScopeId::ROOT, || Signal::new(true));
        dom.in_scope(ScopeId::ROOT, || set_if_there(busy, false));
        assert!(!dom.in_scope(ScopeId::ROOT, || *busy.peek()));
        drop(dom);
        set_if_there(busy, true);
    }
}
