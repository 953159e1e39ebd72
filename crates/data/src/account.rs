//! The open account: its database, its engine, and the tabs beside this one.

use crate::{
    device::DeviceNote,
    local::{self, Made},
    page_first::{AfterPage, FirstPage, page_first},
    provider::Context,
    shell::{Peers, Shell},
    trouble::Trouble,
    unsaved, writer,
};
use almanac_core::{
    changes::Changes,
    database::Database,
    engine::{Engine, Nudge, Phase, Status},
    session::{Auth, AuthError, Session},
    store::{OpenError, StoreError},
};
use dioxus::prelude::*;
use futures::{
    FutureExt, StreamExt,
    channel::{
        mpsc::{UnboundedSender, unbounded},
        oneshot,
    },
};
use serde::{Deserialize, Serialize};
use std::{
    cell::Cell,
    sync::{Arc, Weak},
    time::Duration,
};
use uuid::Uuid;

/// How long signing out tries to send what waits before it asks.
const LAST_TRY: Duration = Duration::from_secs(4);

/// Who is signed in, as far as the UI needs to know.
#[derive(Clone, Debug, PartialEq)]
pub enum Account {
    /// The app has just started: the local database is being opened.
    Opening,
    /// Nobody is.
    SignedOut {
        /// What to tell.
        notice: Option<Farewell>,
    },
    /// An account's local database is open. Whether its session still holds says the sync status.
    Open {
        /// The account.
        user_id: Uuid,
        /// Its e-mail.
        email: String,
    },
    /// Nobody is, and the calendar made without an account is open.
    Local,
    /// Someone has signed in on a device with a calendar made without an account: is it to become theirs?
    /// [`Sessions::adopt`] answers.
    Adopt {
        /// The e-mail of the account.
        email: String,
        /// What was made.
        made: Made,
    },
    /// The local database could not be opened. Nothing was changed in it.
    Trouble {
        /// What happened.
        what: String,
        /// What kind of trouble it is: decides what to do about it.
        kind: Trouble,
    },
}

/// Why nobody is signed in, where there is a reason to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Farewell {
    /// The very first start needs the server, and it cannot be reached.
    FirstStartOffline,
    /// Signed out, but this device could not be emptied; the next start tries again.
    NotEmptied(String),
    /// The account was left for another one: everything of it stays on this device.
    Switched {
        /// Its e-mail.
        email: String,
    },
    /// The account was deleted, here and at the server.
    Deleted,
    /// Another reason, in words.
    Other(String),
}

/// Why a sign-out did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignOut {
    /// So many rows have edits that were not sent; they would be lost.
    Unsent(usize),
    /// Something else, in words.
    Failed(String),
}

/// What tabs of one account tell each other.
#[derive(Serialize, Deserialize)]
enum Word {
    /// A commit.
    Changes(Changes),
    /// The leader's status.
    Status(Box<Status>),
    /// Please look at the server now.
    Look,
    /// Please compare the data with the server's now.
    Check,
    /// Fetch the events of this span of time, ms.
    Window(i64, i64),
    /// This database is left: signed out, or adopted. Begin anew.
    Over,
}

/// One account, open.
pub(crate) struct OpenAccount {
    pub(crate) session: Session,
    /// None: nobody's, without a server.
    pub(crate) auth: Option<Arc<dyn Auth>>,
    pub(crate) database: Arc<Database>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) commands: UnboundedSender<(u32, writer::Command)>,
    pub(crate) first_page: FirstPage,
    pub(crate) after_page: AfterPage,
    stop: Cell<Option<oneshot::Sender<()>>>,
    peers: Option<Arc<dyn crate::shell::PeerSend>>,
}

/// Why an account could not be opened.
pub(crate) enum Failed {
    Open(OpenError),
    Store(StoreError),
}

/// What an open account tells the provider.
pub(crate) struct Told {
    pub(crate) statuses: UnboundedReceiver<Status>,
    pub(crate) notices: UnboundedReceiver<crate::items::Notice>,
    /// Another tab has left this database.
    pub(crate) over: UnboundedReceiver<()>,
}

impl OpenAccount {
    /// Opens the local database, begins to sync once this tab leads, and starts the writer. What was made without an
    /// account is copied first where it is given. Without `auth` it is nobody's: nothing is synced.
    pub(crate) async fn open(
        shell: &Arc<dyn Shell>,
        auth: Option<Arc<dyn Auth>>,
        session: Session,
        adopt: Option<&Database>,
    ) -> Result<(Self, Told), Failed> {
        let store = shell.open_store(session.user_id).await.map_err(Failed::Open)?;
        let platform = shell.platform();
        let database = Database::open(store, platform.clone()).await.map_err(Failed::Store)?;
        if let Some(made) = adopt {
            local::copy(made, &database, session.user_id).await.map_err(Failed::Store)?;
        }
        let remote = auth.as_ref().map_or_else(|| Arc::new(local::NoServer) as _, |auth| auth.remote());
        let engine = Engine::new(database.clone(), remote);
        let (said, statuses) = unbounded();
        let (notices, told) = unbounded();
        let (ended, over) = unbounded();
        let (stop, stopped) = oneshot::channel();
        let (first_page, after_page) = page_first(platform.clone());
        let peers = shell.peers(session.user_id);
        let peer_send = peers.as_ref().map(|peers| peers.send.clone());
        if let Some(peers) = peers {
            platform.spawn(Box::pin(hear(
                peers,
                Arc::downgrade(&database),
                Arc::downgrade(&engine),
                said.clone(),
                ended,
            )));
            if let Some(send) = peer_send.clone() {
                platform.spawn(Box::pin(tell(database.clone(), send)));
            }
        }
        if auth.is_some() {
            let lead = shell.lead(session.user_id);
            platform.spawn(Box::pin(sync(
                lead,
                after_page.clone(),
                engine.clone(),
                said.clone(),
                peer_send.clone(),
                stopped,
            )));
        }
        let commands = writer::start(database.clone(), engine.clone(), session.clone(), notices);
        let stop = Cell::new(Some(stop));
        let account =
            Self { session, auth, database, engine, commands, first_page, after_page, stop, peers: peer_send };
        // A tab that does not lead learns how things stand from the one that does.
        account.tell(&Word::Look);
        Ok((account, Told { statuses, notices: told, over }))
    }

    /// Whether it is nobody's, without a server.
    pub(crate) const fn is_local(&self) -> bool {
        self.auth.is_none()
    }

    /// Tells the other tabs that this database is left.
    pub(crate) fn over(&self) {
        self.tell(&Word::Over);
    }

    /// Looks at the server now, here or in the tab that leads.
    pub(crate) fn look(&self) {
        self.engine.nudge(Nudge::Now);
        self.tell(&Word::Look);
    }

    /// Compares the data with the server's, here or in the tab that leads.
    pub(crate) fn check(&self) {
        self.engine.nudge(Nudge::Check);
        self.tell(&Word::Check);
    }

    /// Asks for the events of a span, here or in the tab that leads.
    pub(crate) fn want(&self, from: i64, to: i64) {
        if !self.is_local() {
            self.engine.nudge(Nudge::Window(from, to));
            self.tell(&Word::Window(from, to));
        }
    }

    /// Tries to send everything; how many rows wait after a while.
    async fn unsent(&self) -> Result<usize, StoreError> {
        let mut commits = self.database.listen();
        let mut waiting = self.database.outbox().await?;
        if waiting.iter().any(|entry| entry.stuck.is_none()) {
            self.look();
        }
        let mut patience = self.database.platform().sleep(LAST_TRY).fuse();
        while waiting.iter().any(|entry| entry.stuck.is_none()) {
            futures::select! {
                told = commits.next() => if told.is_none() { break },
                () = patience => break,
            }
            waiting = self.database.outbox().await?;
        }
        Ok(waiting.len())
    }

    fn tell(&self, word: &Word) {
        if let Some(peers) = &self.peers {
            say(peers, word);
        }
    }

    /// Ends the sync: nothing of the server is written any more.
    fn stop(&self) {
        self.engine.nudge(Nudge::Stop);
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

impl Drop for OpenAccount {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Tells the other tabs that hear these peers.
fn say(peers: &Arc<dyn crate::shell::PeerSend>, word: &Word) {
    if let Ok(text) = serde_json::to_string(word) {
        peers.send(&text);
    }
}

/// Tells the other tabs that a database is left, whether it is open here or not.
pub(crate) fn over(shell: &Arc<dyn Shell>, user: Uuid) {
    if let Some(peers) = shell.peers(user) {
        say(&peers.send, &Word::Over);
    }
}

/// Waits for leadership and for the first page, then syncs until told to stop.
async fn sync(
    lead: almanac_core::platform::BoxFuture<'static, crate::shell::Lead>,
    after_page: AfterPage,
    engine: Arc<Engine>,
    said: UnboundedSender<Status>,
    peers: Option<Arc<dyn crate::shell::PeerSend>>,
    stopped: oneshot::Receiver<()>,
) {
    let mut stopped = stopped.fuse();
    let mut lead = lead.fuse();
    let lead = futures::select! {
        lead = lead => lead,
        _ = stopped => return,
    };
    futures::select! {
        () = Box::pin(after_page.wait().fuse()) => {}
        _ = stopped => return,
    }
    let mut statuses = engine.watch();
    let report = async move {
        while let Some(status) = statuses.next().await {
            if let Some(peers) = &peers {
                say(peers, &Word::Status(Box::new(status.clone())));
            }
            if said.unbounded_send(status).is_err() {
                return;
            }
        }
    };
    // First of all: an answer that comes in at the same moment is not written any more.
    futures::select_biased! {
        _ = stopped => {}
        () = engine.run().fuse() => {}
        () = report.fuse() => {}
    }
    drop(lead);
}

/// Tells the other tabs of commits made here.
async fn tell(database: Arc<Database>, send: Arc<dyn crate::shell::PeerSend>) {
    let mut commits = database.listen();
    drop(database);
    while let Some(told) = commits.next().await {
        if told.here {
            say(&send, &Word::Changes((*told.changes).clone()));
        }
    }
}

/// Hears what the other tabs say, as long as the account is open; what it hears first after that ends it. It keeps neither its
/// database nor its engine.
async fn hear(
    mut peers: Peers,
    database: Weak<Database>,
    engine: Weak<Engine>,
    said: UnboundedSender<Status>,
    over: UnboundedSender<()>,
) {
    while let Some(text) = peers.receive.next().await {
        let (Some(database), Some(engine)) = (database.upgrade(), engine.upgrade()) else { return };
        match serde_json::from_str(&text) {
            Ok(Word::Changes(changes)) => database.heard(changes),
            Ok(Word::Status(status)) => {
                if said.unbounded_send(*status).is_err() {
                    return;
                }
            }
            Ok(Word::Look) => {
                engine.nudge(Nudge::Now);
                // Who leads says how things stand: looking may change nothing about it, and then nobody would be told.
                let status = engine.status();
                if status.phase != Phase::Idle {
                    say(&peers.send, &Word::Status(Box::new(status)));
                }
            }
            Ok(Word::Window(from, to)) => engine.nudge(Nudge::Window(from, to)),
            Ok(Word::Check) => engine.nudge(Nudge::Check),
            Ok(Word::Over) => {
                // Without a listener this tab has left already.
                let _ = over.unbounded_send(());
            }
            // Another version's tab may have more words.
            Err(_) => {}
        }
    }
}

/// Forgets the session of this device at once. The server is told in a task of its own: that may take seconds, in which the
/// account would still stand open.
fn forget_session(auth: Arc<dyn Auth>) -> Result<(), AuthError> {
    let mut leaving = Box::pin(async move { auth.sign_out().await });
    match leaving.as_mut().now_or_never() {
        Some(done) => done,
        None => {
            dioxus::core::spawn_forever(async move {
                if let Err(error) = leaving.await {
                    tracing::warn!(%error, "the server may not know that this device has signed out");
                }
            });
            Ok(())
        }
    }
}

/// What is asked for an account when none is open.
fn not_open() -> AuthError {
    AuthError::Refused { code: "no_account".to_owned(), message: "no account is open".to_owned() }
}

/// Signing in and out. Copy it into event handlers.
#[derive(Clone, Copy, PartialEq)]
pub struct Sessions {
    pub(crate) context: Context,
}

impl Sessions {
    /// Signs in and opens the account.
    ///
    /// # Errors
    /// [`AuthError`], with words for the person.
    pub async fn sign_in(&self, email: String, password: String) -> Result<(), AuthError> {
        let auth = self.context.auth().await?;
        let session = auth.sign_in(email, password).await?;
        self.context.enter(auth, session).await;
        Ok(())
    }

    /// Makes an account and opens it.
    ///
    /// # Errors
    /// [`AuthError`], with words for the person.
    pub async fn sign_up(&self, email: String, password: String) -> Result<(), AuthError> {
        let auth = self.context.auth().await?;
        let session = auth.sign_up(email, password).await?;
        self.context.enter(auth, session).await;
        Ok(())
    }

    /// Works without an account: opens (and at the first time makes, with a calendar of that name) a database of nobody.
    ///
    /// # Errors
    /// In words, when the device keeps nothing.
    pub async fn try_without_account(&self, calendar: String) -> Result<(), String> {
        let shell = self.context.shell();
        let mut note = DeviceNote::load(&shell);
        if !note.local {
            note.local = true;
            // What could not be emptied when it was given up is there again.
            note.spare(local::NOBODY);
            note.save(&shell).map_err(|error| error.to_string())?;
        }
        self.context.open_local(Some(&calendar)).await;
        Ok(())
    }

    /// Whether this device has a calendar made without an account.
    #[must_use]
    pub fn has_local(&self) -> bool {
        DeviceNote::load(&self.context.shell()).local
    }

    /// Answers [`Account::Adopt`]: what was made without an account becomes the account's, or stays apart, to be found
    /// again when nobody is signed in.
    pub async fn adopt(&self, yes: bool) {
        self.context.answer_adoption(yes).await;
    }

    /// Empties the calendar made without an account and closes it.
    ///
    /// # Errors
    /// [`SignOut::Failed`].
    pub async fn erase_local(&self) -> Result<(), SignOut> {
        let failed = |e: &dyn std::fmt::Display| SignOut::Failed(e.to_string());
        let Some(open) = self.context.opened().filter(|open| open.is_local()) else { return Ok(()) };
        // Before the other tabs look: nobody has a calendar here from now on, and a crash leaves nothing half empty.
        let shell = self.context.shell();
        let mut note = DeviceNote::load(&shell);
        note.forget_local();
        note.to_empty.push(local::NOBODY);
        note.save(&shell).map_err(|e| failed(&e))?;
        open.over();
        self.context.close(None);
        self.context.empty_local(&open.database).await.map_err(|e| failed(&e))
    }

    /// Signs out: the local database is emptied and closed. What was not sent is tried once more; where it cannot be
    /// sent it is refused unless the person said that it may be lost.
    ///
    /// # Errors
    /// [`SignOut::Unsent`] with the number of rows, or what failed.
    pub async fn sign_out(&self, even_if_unsent: bool) -> Result<(), SignOut> {
        let failed = |e: &dyn std::fmt::Display| SignOut::Failed(e.to_string());
        let Some(open) = self.context.opened() else { return Ok(()) };
        if open.auth.is_none() {
            return Ok(());
        }
        if !even_if_unsent {
            let unsent = open.unsent().await.map_err(|e| failed(&e))?;
            if unsent > 0 {
                return Err(SignOut::Unsent(unsent));
            }
            if !self.context.is_open(&open) {
                // Asked twice: the other one has done it.
                return Ok(());
            }
        }
        self.leave(None).await
    }

    /// Forgets the session of the account that is open, closes it, with these words on the page that is left, and empties this
    /// device of it.
    async fn leave(&self, farewell: Option<Farewell>) -> Result<(), SignOut> {
        let failed = |e: &dyn std::fmt::Display| SignOut::Failed(e.to_string());
        let Some(open) = self.context.opened() else { return Ok(()) };
        let Some(auth) = open.auth.clone() else { return Ok(()) };
        let (shell, user) = (self.context.shell(), open.session.user_id);
        // From here on a crash leaves a mark: the next start empties what is still there.
        let mut note = DeviceNote::load(&shell);
        note.to_empty.push(user);
        note.save(&shell).map_err(|e| failed(&e))?;
        if let Err(error) = forget_session(auth) {
            note.spare(user);
            note.save(&shell).map_err(|e| failed(&e))?;
            return Err(failed(&error));
        }
        open.stop();
        open.over();
        self.context.close(farewell);
        let emptied = async {
            let wiped = open.database.store().wipe().await;
            let closed = open.database.store().close().await;
            crate::people::forget(&shell, user);
            unsaved::forget(&shell, user);
            wiped.and(closed).map_err(|e| e.to_string())?;
            let mut note = DeviceNote::load(&shell);
            note.spare(user);
            note.save(&shell).map_err(|e| e.to_string())
        };
        if let Err(why) = emptied.await {
            tracing::error!(why, "signed out, but not emptied");
            // Who has signed in again meanwhile is not thrown out.
            if self.context.opened().is_none() {
                self.context.close(Some(Farewell::NotEmptied(why)));
            }
        }
        Ok(())
    }

    /// Sets another password for the account. Other devices have to sign in again.
    ///
    /// # Errors
    /// [`AuthError`], with words for the person; then the password is the one it was.
    pub async fn change_password(&self, current: String, new: String) -> Result<(), AuthError> {
        let auth = self.context.opened().and_then(|open| open.auth.clone()).ok_or_else(not_open)?;
        auth.change_password(current, new).await
    }

    /// Deletes the account at the server, with all that is its own, and empties this device of it.
    ///
    /// # Errors
    /// [`AuthError`], with words for the person; then nothing was deleted.
    pub async fn delete_account(&self, password: String) -> Result<(), AuthError> {
        let open = self.context.opened().ok_or_else(not_open)?;
        let auth = open.auth.clone().ok_or_else(not_open)?;
        auth.delete_account(password).await?;
        if self.context.is_open(&open)
            && let Err(why) = self.leave(Some(Farewell::Deleted)).await
        {
            // The session could not be forgotten here. It is of no account any more: the next start asks to sign in.
            tracing::error!(?why, "the account is deleted, this device not emptied of it");
        }
        Ok(())
    }

    /// Leaves the account without emptying this device: its data and what was not sent stay here until its person signs
    /// in again. For changing between accounts.
    ///
    /// # Errors
    /// [`SignOut::Failed`].
    pub async fn switch_account(&self) -> Result<(), SignOut> {
        let Some(open) = self.context.opened() else { return Ok(()) };
        let Some(auth) = open.auth.clone() else { return Ok(()) };
        forget_session(auth).map_err(|e| SignOut::Failed(e.to_string()))?;
        open.stop();
        open.over();
        self.context.close(Some(Farewell::Switched { email: open.session.email.clone() }));
        open.database.store().close().await.map_err(|e| SignOut::Failed(e.to_string()))
    }

    /// Saves all data that is on this device as a JSON file. Where it was saved (a browser decides for itself), and
    /// whether it is everything there is.
    ///
    /// # Errors
    /// In words.
    pub async fn export(&self) -> Result<(Option<String>, bool), String> {
        let Some(open) = self.context.opened() else { return Err("no calendar is open".to_owned()) };
        let now = *self.context.now.peek();
        let (text, complete) = crate::export::export(&open, now).await.map_err(|error| error.to_string())?;
        let name = format!("almanac-{}.json", now.date_naive());
        let place = self.context.shell().save_file(&name, &text)?;
        Ok((place, complete))
    }

    /// The server as a person would name it.
    #[must_use]
    pub fn server(&self) -> String {
        self.context.shell().server()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{page_first::tests::Still, shell::PeerSend};
    use almanac_core::memory::MemoryStore;
    use futures::executor::block_on;
    use std::pin::pin;

    struct Nobody;

    impl PeerSend for Nobody {
        fn send(&self, _message: &str) {}
    }

    #[test]
    fn what_hears_the_other_tabs_keeps_nothing_of_a_closed_account() {
        let store = Arc::new(MemoryStore::new());
        let database = block_on(Database::open(store, Arc::new(Still(Duration::ZERO)))).unwrap();
        let engine = Engine::new(database.clone(), Arc::new(local::NoServer));
        let (tabs, receive) = unbounded();
        let peers = Peers { send: Arc::new(Nobody), receive: Box::pin(receive) };
        let (kept, (said, _statuses), (over, mut ended)) = (Arc::downgrade(&database), unbounded(), unbounded());
        let mut hears = pin!(hear(peers, kept.clone(), Arc::downgrade(&engine), said, over));
        let word = serde_json::to_string(&Word::Over).unwrap();
        tabs.unbounded_send(word.clone()).unwrap();
        assert_eq!(hears.as_mut().now_or_never(), None, "it listens for more");
        assert_eq!(ended.try_recv(), Ok(()), "the account is open");
        drop((database, engine));
        assert!(kept.upgrade().is_none(), "it is closed");
        tabs.unbounded_send(word).unwrap();
        assert_eq!(hears.now_or_never(), Some(()), "nobody is left to hear for");
    }
}
