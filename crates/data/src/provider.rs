//! `DataProvider`: opens the account that is signed in, and keeps what the hooks read in one context.

use crate::{
    account::{Account, Failed, Farewell, OpenAccount, Trouble},
    items::Notice,
    shell::{Shell, ShellHandle, ShellInfo},
};
use almanac_core::{
    engine::Status,
    session::{Auth, AuthError, Session},
    store::{OpenError, StoreError},
};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;
use futures::StreamExt;
use std::{rc::Rc, sync::Arc, time::Duration};

/// The clock of the UI ticks this often.
const TICK: Duration = Duration::from_secs(30);

/// What all hooks share.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Context {
    shell: CopyValue<ShellHandle>,
    auth: CopyValue<Option<Arc<dyn Auth>>>,
    pub(crate) account: Signal<Account>,
    pub(crate) open: Signal<Option<Rc<OpenAccount>>>,
    pub(crate) status: Signal<Status>,
    pub(crate) notice: Signal<Option<Notice>>,
    pub(crate) now: Signal<DateTime<Utc>>,
    pub(crate) update_ready: Signal<bool>,
}

/// Gives the hooks below it their data. One per app, at the root.
#[component]
pub fn DataProvider(shell: ShellHandle, children: Element) -> Element {
    // Of the root's scope: the tasks of an account live there too, and may touch these while the app is being taken down.
    let context = use_context_provider(|| Context {
        shell: CopyValue::new_in_scope(shell.clone(), ScopeId::ROOT),
        auth: CopyValue::new_in_scope(None, ScopeId::ROOT),
        account: Signal::new_in_scope(Account::Opening, ScopeId::ROOT),
        open: Signal::new_in_scope(None, ScopeId::ROOT),
        status: Signal::new_in_scope(Status::default(), ScopeId::ROOT),
        notice: Signal::new_in_scope(None, ScopeId::ROOT),
        now: Signal::new_in_scope(now(&shell.0), ScopeId::ROOT),
        update_ready: Signal::new_in_scope(false, ScopeId::ROOT),
    });
    use_future(move || context.start());
    use_future(move || context.tick());
    use_future(move || context.wake());
    use_future(move || context.hear_of_updates());
    children
}

impl Context {
    pub(crate) fn shell(&self) -> Arc<dyn Shell> {
        self.shell.read().0.clone()
    }

    pub(crate) fn info(&self) -> ShellInfo {
        let shell = self.shell();
        ShellInfo {
            kind: shell.kind(),
            zone: shell.zone(),
            languages: shell.languages(),
            update_ready: self.update_ready.into(),
            shell: ShellHandle(shell),
        }
    }

    /// The open account, without subscribing the caller to it.
    pub(crate) fn opened(&self) -> Option<Rc<OpenAccount>> {
        self.open.peek().clone()
    }

    pub(crate) fn dismiss_notice(mut self) {
        self.notice.set(None);
    }

    /// The server connection, made at the first need.
    pub(crate) async fn auth(mut self) -> Result<Arc<dyn Auth>, AuthError> {
        let known = self.auth.read().clone();
        if let Some(auth) = known {
            return Ok(auth);
        }
        let auth = self.shell().auth().await?;
        self.auth.set(Some(auth.clone()));
        Ok(auth)
    }

    /// At the start: the account whose session is kept here, online or not.
    async fn start(mut self) {
        match self.auth().await {
            Ok(auth) => match auth.current() {
                Some(session) => self.open(auth, session).await,
                None => self.account.set(Account::SignedOut { notice: None }),
            },
            Err(error) => self.account.set(Account::SignedOut { notice: Some(first_start(&error)) }),
        }
    }

    /// Opens an account and listens to it until another one is opened.
    pub(crate) async fn open(mut self, auth: Arc<dyn Auth>, session: Session) {
        let (user_id, email) = (session.user_id, session.email.clone());
        match OpenAccount::open(&self.shell(), auth, session).await {
            Ok((open, mut statuses, mut notices)) => {
                self.status.set(Status::default());
                self.notice.set(None);
                let status = self.status;
                let notice = self.notice;
                // These belong to the root: whoever called this (a sign-in form) is about to be unmounted.
                dioxus::core::spawn_forever(async move {
                    let mut status = status;
                    while let Some(next) = statuses.next().await {
                        status.set(next);
                    }
                });
                dioxus::core::spawn_forever(async move {
                    let mut notice = notice;
                    while let Some(next) = notices.next().await {
                        notice.set(Some(next));
                    }
                });
                self.open.set(Some(Rc::new(open)));
                self.account.set(Account::Open { user_id, email });
            }
            Err(failed) => {
                let (what, kind) = trouble(&failed);
                tracing::error!(%what, "the local database did not open");
                self.account.set(Account::Trouble { what, kind });
            }
        }
    }

    pub(crate) fn close(mut self, notice: Option<Farewell>) {
        self.open.set(None);
        self.account.set(Account::SignedOut { notice });
    }

    async fn tick(mut self) {
        let shell = self.shell();
        loop {
            shell.platform().sleep(TICK).await;
            self.now.set(now(&shell));
        }
    }

    async fn wake(mut self) {
        let shell = self.shell();
        let mut wakes = shell.wakes();
        while wakes.next().await.is_some() {
            self.now.set(now(&shell));
            if let Some(open) = self.opened() {
                open.look();
            }
        }
    }

    async fn hear_of_updates(mut self) {
        let mut updates = self.shell().updates();
        while updates.next().await.is_some() {
            self.update_ready.set(true);
        }
    }
}

fn now(shell: &Arc<dyn Shell>) -> DateTime<Utc> {
    let micros = i64::try_from(shell.platform().now_micros()).unwrap_or(0);
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

fn first_start(error: &AuthError) -> Farewell {
    match error {
        // Without the library's words: they are for logs.
        AuthError::Offline(_) => Farewell::FirstStartOffline,
        other => Farewell::Other(other.to_string()),
    }
}

/// What happened, in the words of the store, and which kind of trouble it is.
fn trouble(failed: &Failed) -> (String, Trouble) {
    match failed {
        Failed::Open(error) => {
            let kind = match error {
                OpenError::Newer { .. } => Trouble::Newer,
                OpenError::Blocked(_) => Trouble::Blocked,
                OpenError::Unreadable(_) => Trouble::Unreadable,
                OpenError::Backend(_) => Trouble::Refused,
            };
            (error.to_string(), kind)
        }
        Failed::Store(error @ StoreError::Full(_)) => (error.to_string(), Trouble::Full),
        Failed::Store(error) => (error.to_string(), Trouble::Other),
    }
}
