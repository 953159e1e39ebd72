//! Nobody is signed in: sign in, or make an account.

use super::credentials::{Credentials, explain, set_if_there};
use crate::{
    i18n::t,
    primitives::{Face, Icon, Shape, button},
    text::APP,
};
use almanac_data::{Farewell, use_sessions};
use dioxus::prelude::*;

/// The page that asks the sessions.
#[component]
pub(crate) fn SignInPage(notice: Option<Farewell>) -> Element {
    let notice = notice.map(|why| match why {
        Farewell::FirstStartOffline => t!("first-start-offline").to_owned(),
        Farewell::NotEmptied(why) => t!("signed-out-not-emptied", why = &why),
        Farewell::Deleted => t!("account-deleted").to_owned(),
        Farewell::Switched { email } => t!("switched-from", email = &email),
        Farewell::Other(words) => words,
    });
    let sessions = use_sessions();
    let mut busy = use_signal(|| false);
    let mut error = use_signal(|| None::<String>);
    rsx! {
        SignInCard {
            notice,
            server: sessions.server(),
            busy: busy(),
            error: error(),
            has_local: sessions.has_local(),
            ontry: move |()| {
                // Not a task of this page: it goes away before the first calendar is made.
                dioxus::core::spawn_forever(async move {
                    if let Err(why) = sessions.try_without_account(t!("first-calendar").to_owned()).await {
                        set_if_there(error, Some(why));
                    }
                });
            },
            onturn: move |()| error.set(None),
            onsubmit: move |(up, email, password): (bool, String, String)| {
                busy.set(true);
                error.set(None);
                spawn(async move {
                    let done = if up { sessions.sign_up(email, password).await } else { sessions.sign_in(email, password).await };
                    busy.set(false);
                    error.set(done.err().as_ref().map(explain));
                });
            },
        }
    }
}

/// How it looks.
#[component]
pub(crate) fn SignInCard(
    notice: Option<String>,
    server: String,
    busy: bool,
    error: Option<String>,
    /// Whether there is a calendar made without an account.
    has_local: bool,
    ontry: EventHandler<()>,
    onturn: EventHandler<()>,
    onsubmit: EventHandler<(bool, String, String)>,
) -> Element {
    let mut up = use_signal(|| false);
    let mut turn = move |to: bool| {
        up.set(to);
        onturn.call(());
    };
    rsx! {
        main { class: "page",
            div { class: "card",
                div { class: "brand",
                    Icon { shape: Shape::Brand }
                    "{APP}"
                }
                h1 {
                    if up() {
                        {t!("make-account")}
                    } else {
                        {t!("welcome-back")}
                    }
                }
                div { class: "segmented", role: "group", "aria-label": t!("sign-in-or-up"),
                    button { r#type: "button", "aria-pressed": "{!up()}", onclick: move |_| turn(false), {t!("sign-in")} }
                    button { r#type: "button", "aria-pressed": "{up}", onclick: move |_| turn(true), {t!("new-account")} }
                }
                if let Some(notice) = notice {
                    p { class: "note", role: "status", "{notice}" }
                }
                Credentials {
                    up: up(),
                    email: None,
                    busy,
                    error,
                    onsubmit: move |(email, password)| onsubmit.call((up(), email, password)),
                }
                div { class: "or", {t!("or")} }
                div { class: "try",
                    {button(Face::line(if has_local { t!("open-local") } else { t!("try-it") }).wide().testid("try"), move |_| ontry.call(()))}
                    p { class: "muted", {t!("try-it-hint")} }
                }
                p { class: "muted", style: "font-size:var(--text-s)", {t!("server-named", server = &server)} }
            }
        }
    }
}
