//! `DataProvider`: opens the account that is signed in, and keeps what the hooks read in one context.

use crate::{
    account::{self, Account, Failed, Farewell, OpenAccount},
    device::DeviceNote,
    items::{Invited, Notice, People},
    local, people,
    shell::{Shell, ShellHandle, ShellInfo},
    trouble::Trouble,
    unsaved,
};
use almanac_core::{
    database::Database,
    engine::Status,
    session::{Auth, AuthError, Session},
    store::StoreError,
};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;
use futures::{FutureExt, StreamExt, future::LocalBoxFuture};
use std::{rc::Rc, sync::Arc, time::Duration};
use uuid::Uuid;

/// The clock of the UI ticks this often.
const TICK: Duration = Duration::from_secs(30);

/// With a calendar made without an account, the server of a first start is waited for no longer than this.
const SERVER_PATIENCE: Duration = Duration::from_secs(2);

/// How often a tab that asks looks whether another one was answered.
const ANSWER: Duration = Duration::from_millis(500);

/// How often, and how many times, a tab looks whether what another one told of has come in.
const LOOK: Duration = Duration::from_millis(50);
const LOOKS: u32 = 40;

/// Who has signed in and is asked about what was made without an account.
type Asked = Option<(Arc<dyn Auth>, Session)>;

/// What all hooks share.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Context {
    shell: CopyValue<ShellHandle>,
    auth: CopyValue<Option<Arc<dyn Auth>>>,
    asked: CopyValue<Asked>,
    /// How many commands of mutations were sent.
    pub(crate) sent: CopyValue<u32>,
    pub(crate) account: Signal<Account>,
    pub(crate) open: Signal<Option<Rc<OpenAccount>>>,
    pub(crate) status: Signal<Status>,
    pub(crate) notice: Signal<Option<Notice>>,
    pub(crate) people: Signal<People>,
    pub(crate) invited: Signal<Invited>,
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
        asked: CopyValue::new_in_scope(None, ScopeId::ROOT),
        sent: CopyValue::new_in_scope(0, ScopeId::ROOT),
        account: Signal::new_in_scope(Account::Opening, ScopeId::ROOT),
        open: Signal::new_in_scope(None, ScopeId::ROOT),
        status: Signal::new_in_scope(Status::default(), ScopeId::ROOT),
        notice: Signal::new_in_scope(None, ScopeId::ROOT),
        people: Signal::new_in_scope(People::default(), ScopeId::ROOT),
        invited: Signal::new_in_scope(Invited::default(), ScopeId::ROOT),
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

    /// Whether this is (still) what is open.
    pub(crate) fn is_open(&self, open: &Rc<OpenAccount>) -> bool {
        self.open.peek().as_ref().is_some_and(|now| Rc::ptr_eq(now, open))
    }

    pub(crate) fn dismiss_notice(mut self) {
        // Without one nothing is drawn anew.
        if self.notice.peek().is_some() {
            self.notice.set(None);
        }
    }

    // Some of these are boxed: else every caller in another crate carries a copy of them and of all they call, 20 KB of the web
    // app's program.

    /// The server connection, made at the first need.
    #[inline(never)]
    pub(crate) fn auth(mut self) -> LocalBoxFuture<'static, Result<Arc<dyn Auth>, AuthError>> {
        Box::pin(async move {
            let known = self.auth.read().clone();
            if let Some(auth) = known {
                return Ok(auth);
            }
            let auth = self.shell().auth().await?;
            self.auth.set(Some(auth.clone()));
            Ok(auth)
        })
    }

    /// At the start: the account whose session is kept here, online or not; else what was made without one.
    async fn start(mut self) {
        let shell = self.shell();
        let note = DeviceNote::load(&shell);
        // Without ever having reached a server nobody can be signed in: then it is not waited for.
        let auth = if note.local {
            let mut patience = shell.platform().sleep(SERVER_PATIENCE).fuse();
            futures::select_biased! {
                auth = Box::pin(self.auth().fuse()) => auth,
                () = patience => Err(AuthError::Offline("no answer yet".to_owned())),
            }
        } else {
            self.auth().await
        };
        let session = auth.as_ref().ok().and_then(|auth| auth.current());
        for left in note.to_empty {
            self.finish_emptying(left, session.as_ref()).await;
        }
        match (auth, session) {
            (Ok(auth), Some(session)) => self.enter(auth, session).await,
            _ if note.local => self.open_local(None).await,
            (Ok(_), None) => self.account.set(Account::SignedOut { notice: None }),
            (Err(error), _) => self.account.set(Account::SignedOut { notice: Some(first_start(&error)) }),
        }
    }

    /// Empties the database of an account whose signing out was cut short, or nobody's.
    async fn finish_emptying(self, user: Uuid, session: Option<&Session>) {
        let shell = self.shell();
        // Still (or again) signed in: then it was not left.
        if session.is_none_or(|session| session.user_id != user) {
            let emptied = async {
                let store = shell.open_store(user).await.map_err(|error| error.to_string())?;
                let wiped = store.wipe().await;
                wiped.and(store.close().await).map_err(|error| error.to_string())
            };
            people::forget(&shell, user);
            unsaved::forget(&shell, user);
            if let Err(error) = emptied.await {
                tracing::error!(
                    error,
                    "what a signed-out account left could not be emptied; the next start tries again"
                );
                return;
            }
        }
        let mut note = DeviceNote::load(&shell);
        note.spare(user);
        if let Err(error) = note.save(&shell) {
            tracing::error!(%error, "the device keeps nothing");
        }
    }

    /// Someone is signed in: opens their account, after asking what becomes of a calendar made without one.
    #[inline(never)]
    pub(crate) fn enter(mut self, auth: Arc<dyn Auth>, session: Session) -> LocalBoxFuture<'static, ()> {
        Box::pin(async move {
            let shell = self.shell();
            let mut note = DeviceNote::load(&shell);
            // What could not be emptied when they left is theirs again.
            if note.to_empty.contains(&session.user_id) {
                note.spare(session.user_id);
                if let Err(error) = note.save(&shell) {
                    return self.fail(&Failed::Store(StoreError::Full(error.to_string())));
                }
            }
            if !note.local || note.apart.contains(&session.user_id) {
                return self.open(Some(auth), session, None).await;
            }
            let database = match self.local_database().await {
                Ok(database) => database,
                Err(failed) => return self.fail(&failed),
            };
            if note.adopt == Some(session.user_id) {
                // Answered before, and cut short.
                return self.adopt(auth, session, database).await;
            }
            match local::made(&database).await {
                Ok(made) if made.is_nothing() => {
                    self.leave_local();
                    unsaved::adopt(&shell, session.user_id);
                    if let Err(error) = self.empty_local(&database).await {
                        tracing::warn!(%error, "an empty calendar could not be put away");
                    }
                    self.open(Some(auth), session, None).await;
                }
                Ok(made) => {
                    let email = session.email.clone();
                    let user = session.user_id;
                    self.asked.set(Some((auth, session)));
                    self.account.set(Account::Adopt { email, made });
                    let answer: LocalBoxFuture<'static, ()> = Box::pin(self.hear_answer(user));
                    dioxus::core::spawn_forever(answer);
                }
                Err(error) => self.fail(&Failed::Store(error)),
            }
        })
    }

    /// The answer to [`Account::Adopt`].
    pub(crate) async fn answer_adoption(mut self, yes: bool) {
        let asked = self.asked.write().take();
        let Some((auth, session)) = asked else { return };
        let shell = self.shell();
        let mut note = DeviceNote::load(&shell);
        if yes {
            note.adopt = Some(session.user_id);
        } else {
            note.apart.push(session.user_id);
        }
        if let Err(error) = note.save(&shell) {
            return self.fail(&Failed::Store(StoreError::Full(error.to_string())));
        }
        self.enter(auth, session).await;
    }

    /// While [`Account::Adopt`] is asked: another tab may have the same question and its answer. It is read from the
    /// device's note, since what another tab keeps may come in after the word that it did (a browser's processes each
    /// have their copy).
    async fn hear_answer(mut self, user: Uuid) {
        let shell = self.shell();
        loop {
            shell.platform().sleep(ANSWER).await;
            if self.asked.peek().as_ref().is_none_or(|(_, session)| session.user_id != user) {
                return;
            }
            let note = DeviceNote::load(&shell);
            if !note.local || note.adopt == Some(user) || note.apart.contains(&user) {
                let asked = self.asked.write().take();
                if let Some((auth, session)) = asked {
                    self.enter(auth, session).await;
                }
                return;
            }
        }
    }

    /// Copies what was made without an account, opens the account, and then empties what was copied.
    async fn adopt(self, auth: Arc<dyn Auth>, session: Session, made: Arc<Database>) {
        // Other tabs stop writing there; what they wrote until now is copied.
        self.leave_local();
        unsaved::adopt(&self.shell(), session.user_id);
        self.open(Some(auth), session, Some(&made)).await;
        if self.opened().is_none() {
            // Told already. The mark stays: the next start goes on.
            return;
        }
        if let Err(error) = self.empty_local(&made).await {
            tracing::error!(%error, "what was adopted could not be emptied; the next start tries again");
        }
    }

    fn leave_local(mut self) {
        // Also where it is not open here: another tab may have it.
        account::over(&self.shell(), local::NOBODY);
        if self.opened().is_some_and(|open| open.is_local()) {
            self.open.set(None);
        }
    }

    /// The database of nobody: the open one, else opened.
    async fn local_database(self) -> Result<Arc<Database>, Failed> {
        if let Some(open) = self.opened().filter(|open| open.is_local()) {
            return Ok(open.database.clone());
        }
        let shell = self.shell();
        let store = shell.open_store(local::NOBODY).await.map_err(Failed::Open)?;
        Database::open(store, shell.platform()).await.map_err(Failed::Store)
    }

    /// Empties the database of nobody, and only then forgets that there was one.
    #[inline(never)]
    pub(crate) fn empty_local(self, database: &Database) -> LocalBoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            database.store().wipe().await?;
            database.store().close().await?;
            let shell = self.shell();
            unsaved::forget(&shell, local::NOBODY);
            let mut note = DeviceNote::load(&shell);
            note.forget_local();
            note.spare(local::NOBODY);
            note.save(&shell).map_err(|error| StoreError::Full(error.to_string()))
        })
    }

    /// Opens the database of nobody; with a calendar's name it gets its defaults, if it has none.
    #[inline(never)]
    pub(crate) fn open_local(self, calendar: Option<&str>) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            self.open(None, local::session(), None).await;
            if let (Some(calendar), Some(open)) = (calendar, self.opened())
                && let Err(error) = local::seed(&open.database, calendar).await
            {
                self.fail(&Failed::Store(error));
            }
        })
    }

    fn fail(mut self, failed: &Failed) {
        let (what, kind) = match failed {
            Failed::Open(error) => (error.to_string(), Trouble::from(error)),
            Failed::Store(error) => (error.to_string(), Trouble::from(error)),
        };
        tracing::error!(%what, "the local database did not open");
        self.account.set(Account::Trouble { what, kind });
    }

    /// Opens an account and listens to it until another one is opened.
    async fn open(mut self, auth: Option<Arc<dyn Auth>>, session: Session, adopt: Option<&Database>) {
        let (user_id, email, local) = (session.user_id, session.email.clone(), auth.is_none());
        match OpenAccount::open(&self.shell(), auth, session, adopt).await {
            Ok((open, mut told)) => {
                self.status.set(Status::default());
                self.notice.set(None);
                let status = self.status;
                let notice = self.notice;
                // These belong to the root: whoever called this (a sign-in form) is about to be unmounted.
                dioxus::core::spawn_forever(async move {
                    let mut status = status;
                    while let Some(next) = told.statuses.next().await {
                        status.set(next);
                    }
                });
                dioxus::core::spawn_forever(async move {
                    let mut notice = notice;
                    while let Some(next) = told.notices.next().await {
                        notice.set(Some(next));
                    }
                });
                dioxus::core::spawn_forever(async move {
                    if told.over.next().await.is_some() {
                        self.begin_anew(user_id).await;
                    }
                });
                let open = Rc::new(open);
                if local {
                    self.people.set(People::default());
                    self.invited.set(Invited::default());
                } else {
                    dioxus::core::spawn_forever(people::keep_up(
                        self.shell(),
                        open.clone(),
                        (self.people, self.invited),
                        self.open,
                    ));
                }
                self.open.set(Some(open));
                self.account.set(if local { Account::Local } else { Account::Open { user_id, email } });
            }
            Err(failed) => self.fail(&failed),
        }
    }

    /// Another tab has left the database that is open here: this one looks who is signed in now.
    async fn begin_anew(mut self, left: Uuid) {
        let Some(open) = self.opened().filter(|open| open.session.user_id == left) else { return };
        self.open.set(None);
        self.account.set(Account::Opening);
        if let Err(error) = open.database.store().close().await {
            tracing::warn!(%error, "the database that was left did not close");
        }
        drop(open);
        self.see_it_left(left).await;
        self.start().await;
    }

    /// What another tab keeps may come in after its word that it did (a browser's processes each have their copy): waits until this
    /// device says too that the account is left. Its person may have come back to it meanwhile: not for ever.
    async fn see_it_left(self, left: Uuid) {
        let shell = self.shell();
        let signed_in = || self.auth.peek().as_ref().and_then(|auth| auth.current()).map(|session| session.user_id);
        for _ in 0..LOOKS {
            let there = match signed_in() {
                None => left == local::NOBODY && DeviceNote::load(&shell).local,
                Some(user) => user == left,
            };
            if !there {
                return;
            }
            shell.platform().sleep(LOOK).await;
        }
    }

    /// Nobody is signed in from here on.
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
