//! The open account: its database, its engine, and the tabs beside this one.

use crate::{
    provider::Context,
    shell::{Peers, Shell},
    writer,
};
use almanac_core::{
    changes::Changes,
    database::Database,
    engine::{Engine, Nudge, Status},
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
use std::sync::Arc;
use uuid::Uuid;

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
    /// Another reason, in words.
    Other(String),
}

/// Why a local database did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A newer version of the app has written it.
    Newer,
    /// Another tab or window keeps it.
    Blocked,
    /// It cannot be read.
    Unreadable,
    /// The device is full.
    Full,
    /// The browser or the disk refuses.
    Refused,
    /// Anything else.
    Other,
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
}

/// One account, open.
pub(crate) struct OpenAccount {
    pub(crate) session: Session,
    pub(crate) auth: Arc<dyn Auth>,
    pub(crate) database: Arc<Database>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) commands: UnboundedSender<writer::Command>,
    stop: Option<oneshot::Sender<()>>,
    peers: Option<Arc<dyn crate::shell::PeerSend>>,
}

/// Why an account could not be opened.
pub(crate) enum Failed {
    Open(OpenError),
    Store(StoreError),
}

impl OpenAccount {
    /// Opens the local database, begins to sync once this tab leads, and starts the writer.
    pub(crate) async fn open(
        shell: &Arc<dyn Shell>,
        auth: Arc<dyn Auth>,
        session: Session,
    ) -> Result<
        (
            Self,
            futures::channel::mpsc::UnboundedReceiver<Status>,
            futures::channel::mpsc::UnboundedReceiver<crate::items::Notice>,
        ),
        Failed,
    > {
        let store = shell.open_store(session.user_id).await.map_err(Failed::Open)?;
        let platform = shell.platform();
        let database = Database::open(store, platform.clone()).await.map_err(Failed::Store)?;
        let engine = Engine::new(database.clone(), auth.remote());
        let (said, statuses) = unbounded();
        let (notices, told) = unbounded();
        let (stop, stopped) = oneshot::channel();
        let peers = shell.peers(session.user_id);
        let peer_send = peers.as_ref().map(|peers| peers.send.clone());
        if let Some(peers) = peers {
            platform.spawn(Box::pin(hear(peers, database.clone(), engine.clone(), said.clone())));
            if let Some(send) = peer_send.clone() {
                platform.spawn(Box::pin(tell(database.clone(), send)));
            }
        }
        let lead = shell.lead(session.user_id);
        platform.spawn(Box::pin(sync(lead, engine.clone(), said.clone(), peer_send.clone(), stopped)));
        let commands = writer::start(database.clone(), engine.clone(), session.clone(), notices);
        let account = Self { session, auth, database, engine, commands, stop: Some(stop), peers: peer_send };
        // A tab that does not lead learns how things stand from the one that does.
        account.tell(&Word::Look);
        Ok((account, statuses, told))
    }

    /// Looks at the server now, here or in the tab that leads.
    pub(crate) fn look(&self) {
        self.engine.nudge(Nudge::Now);
        self.tell(&Word::Look);
    }

    /// Asks for the events of a span.
    pub(crate) fn want(&self, from: i64, to: i64) {
        self.engine.nudge(Nudge::Window(from, to));
    }

    fn tell(&self, word: &Word) {
        if let (Some(peers), Ok(text)) = (&self.peers, serde_json::to_string(word)) {
            peers.send(&text);
        }
    }

    fn stop(&mut self) {
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

/// Waits for leadership, then syncs until told to stop.
async fn sync(
    lead: almanac_core::platform::BoxFuture<'static, crate::shell::Lead>,
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
    let mut statuses = engine.watch();
    let report = async move {
        while let Some(status) = statuses.next().await {
            if let (Some(peers), Ok(text)) = (&peers, serde_json::to_string(&Word::Status(Box::new(status.clone())))) {
                peers.send(&text);
            }
            if said.unbounded_send(status).is_err() {
                return;
            }
        }
    };
    futures::select! {
        () = engine.run().fuse() => {}
        () = report.fuse() => {}
        _ = stopped => {}
    }
    drop(lead);
}

/// Tells the other tabs of commits made here.
async fn tell(database: Arc<Database>, send: Arc<dyn crate::shell::PeerSend>) {
    let mut commits = database.listen();
    drop(database);
    while let Some(told) = commits.next().await {
        if let (true, Ok(text)) = (told.here, serde_json::to_string(&Word::Changes((*told.changes).clone()))) {
            send.send(&text);
        }
    }
}

/// Hears what the other tabs say.
async fn hear(mut peers: Peers, database: Arc<Database>, engine: Arc<Engine>, said: UnboundedSender<Status>) {
    while let Some(text) = peers.receive.next().await {
        match serde_json::from_str(&text) {
            Ok(Word::Changes(changes)) => database.heard(changes),
            Ok(Word::Status(status)) => {
                if said.unbounded_send(*status).is_err() {
                    return;
                }
            }
            Ok(Word::Look) => engine.nudge(Nudge::Now),
            // Another version's tab may have more words.
            Err(_) => {}
        }
    }
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
        self.context.open(auth, session).await;
        Ok(())
    }

    /// Makes an account and opens it.
    ///
    /// # Errors
    /// [`AuthError`], with words for the person.
    pub async fn sign_up(&self, email: String, password: String) -> Result<(), AuthError> {
        let auth = self.context.auth().await?;
        let session = auth.sign_up(email, password).await?;
        self.context.open(auth, session).await;
        Ok(())
    }

    /// Signs out: the local database is emptied and closed. Where edits were not sent it is refused unless the person
    /// said that they may be lost.
    ///
    /// # Errors
    /// [`SignOut::Unsent`] with the number of rows, or what failed.
    pub async fn sign_out(&self, even_if_unsent: bool) -> Result<(), SignOut> {
        let failed = |e: &dyn std::fmt::Display| SignOut::Failed(e.to_string());
        let Some(open) = self.context.opened() else { return Ok(()) };
        let unsent = open.database.outbox().await.map_err(|e| failed(&e))?.len();
        if unsent > 0 && !even_if_unsent {
            open.look();
            return Err(SignOut::Unsent(unsent));
        }
        open.engine.nudge(Nudge::Stop);
        open.auth.sign_out().await.map_err(|e| failed(&e))?;
        self.context.close(None);
        let wiped = open.database.store().wipe().await;
        let closed = open.database.store().close().await;
        wiped.and(closed).map_err(|e| failed(&e))
    }

    /// The server as a person would name it.
    #[must_use]
    pub fn server(&self) -> String {
        self.context.shell().server()
    }
}
