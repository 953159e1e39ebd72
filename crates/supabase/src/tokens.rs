//! The session kept on this device, and its renewal.
//!
//! * The vault is the truth: another window may have renewed the session or signed out.
//! * One renewal at a time. It runs as its own task: who waits for it may go away without tearing it in two, for the old
//!   refresh token is spent once the server has answered.
//! * A new pair is stored before it is used. If the vault refuses it, it stays in memory and is offered again.
//! * Only a definite no of the server makes a session dead, and even then it stays in the vault: the person signs in
//!   again, data and outbox are untouched.

use crate::{auth, http::Http, token::Claims};
use almanac_core::{
    Uuid,
    platform::BoxFuture,
    remote::RemoteError,
    session::{Session, Vault, VaultError},
};
use futures::{
    FutureExt,
    channel::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
        oneshot,
    },
    future::Shared,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Flight = Shared<BoxFuture<'static, Result<Session, RemoteError>>>;

/// See the module.
pub(crate) struct Tokens {
    http: Http,
    vault: Arc<dyn Vault>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A renewed session that the vault did not take yet.
    unsaved: Option<Session>,
    /// The refresh token the server said a definite no to, with its words: it is not asked again.
    refused: Option<(String, String)>,
    /// The renewal under way.
    flight: Option<Flight>,
    /// Server's clock minus ours, seconds.
    offset: i64,
    watchers: Vec<UnboundedSender<()>>,
}

impl Tokens {
    pub(crate) fn new(http: Http, vault: Arc<dyn Vault>) -> Arc<Self> {
        Arc::new(Self { http, vault, state: Mutex::default() })
    }

    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    /// The session kept, expired or not.
    pub(crate) fn current(&self) -> Option<Session> {
        self.kept(&mut self.state())
    }

    /// A word whenever the session changes: signed in, renewed, signed out.
    pub(crate) fn watch(&self) -> UnboundedReceiver<()> {
        let (sender, receiver) = unbounded();
        self.state().watchers.push(sender);
        receiver
    }

    /// Keeps the session of someone who just signed in.
    pub(crate) fn sign_in(&self, session: &Session) -> Result<(), VaultError> {
        let mut state = self.state();
        self.vault.store(Some(session))?;
        state.unsaved = None;
        state.refused = None;
        state.flight = None;
        self.learn(&mut state, session);
        state.tell();
        Ok(())
    }

    /// Forgets the session; what it was.
    pub(crate) fn sign_out(&self) -> Result<Option<Session>, VaultError> {
        let mut state = self.state();
        let session = self.kept(&mut state);
        self.vault.store(None)?;
        state.unsaved = None;
        state.refused = None;
        state.flight = None;
        state.tell();
        Ok(session)
    }

    /// Learns the server's clock from an answer: `now` is unix seconds there.
    pub(crate) fn learn_time(&self, now: i64) {
        self.state().offset = now.saturating_sub(self.http.now());
    }

    /// The user's session, renewed if its token ends soon.
    pub(crate) async fn fresh(self: &Arc<Self>, user: Uuid) -> Result<Session, RemoteError> {
        let session = self.saved(user)?;
        let left = session.expires_at.saturating_sub(self.server_now());
        if left >= Claims::of(&session.access_token).margin() {
            return Ok(session);
        }
        match self.renew(&session).await {
            // Its token is good for a while yet: a renewal that fails matters only at its end.
            Err(why) if left > 0 => {
                tracing::debug!(%why, left, "the session was not renewed; its token is still good");
                Ok(session)
            }
            renewed => renewed,
        }
    }

    /// The next session after one whose token is not good any more.
    pub(crate) async fn renew(self: &Arc<Self>, stale: &Session) -> Result<Session, RemoteError> {
        let (flight, task) = {
            let mut state = self.state();
            let session = self.kept(&mut state).ok_or_else(signed_out)?;
            if session.user_id != stale.user_id {
                return Err(another_account());
            }
            if session.access_token != stale.access_token {
                return Ok(session);
            }
            if let Some((token, words)) = &state.refused
                && *token == session.refresh_token
            {
                return Err(RemoteError::Auth(words.clone()));
            }
            // One that has ended without clearing itself was cut off with its task.
            match state.flight.clone().filter(|flight| flight.peek().is_none()) {
                Some(flight) => (flight, None),
                None => {
                    let (flight, task) = Arc::clone(self).take_off(session);
                    state.flight = Some(flight.clone());
                    (flight, Some(task))
                }
            }
        };
        if let Some(task) = task {
            self.http.platform().spawn(Box::pin(task));
        }
        flight.await
    }

    /// A renewal to wait for, and the task that does it.
    fn take_off(self: Arc<Self>, session: Session) -> (Flight, impl Future<Output = ()>) {
        let (done, landing) = oneshot::channel();
        let landing: BoxFuture<'static, _> = Box::pin(landing.map(|result| {
            result.unwrap_or_else(|_| Err(RemoteError::transport("the renewal of the session was cut off")))
        }));
        let task = async move {
            let answer = auth::refresh(&self.http, &session).await;
            // Nobody may be waiting any more; the pair is stored all the same.
            let _ = done.send(self.land(&session, answer));
        };
        (landing.shared(), task)
    }

    /// Stores what a renewal brought, unless the session it was for is no longer the one kept.
    fn land(&self, old: &Session, answer: Result<Session, RemoteError>) -> Result<Session, RemoteError> {
        let mut state = self.state();
        let kept = self.kept(&mut state);
        if kept.as_ref().is_none_or(|kept| kept.refresh_token != old.refresh_token) {
            let kept = kept.ok_or_else(signed_out)?;
            return if kept.user_id == old.user_id { Ok(kept) } else { Err(another_account()) };
        }
        state.flight = None;
        match answer {
            Ok(session) => {
                self.learn(&mut state, &session);
                state.unsaved = Some(session.clone());
                self.save(&mut state)?;
                state.tell();
                Ok(session)
            }
            Err(RemoteError::Auth(words)) => {
                tracing::warn!(words, "the session has ended");
                state.refused = Some((old.refresh_token.clone(), words.clone()));
                Err(RemoteError::Auth(words))
            }
            Err(other) => Err(other),
        }
    }

    /// The user's session, in the vault before it is used.
    fn saved(&self, user: Uuid) -> Result<Session, RemoteError> {
        let mut state = self.state();
        let session = self.kept(&mut state).ok_or_else(signed_out)?;
        if session.user_id != user {
            return Err(another_account());
        }
        if state.unsaved.is_some() {
            self.save(&mut state)?;
            state.tell();
        }
        Ok(session)
    }

    fn save(&self, state: &mut State) -> Result<(), RemoteError> {
        if let Some(session) = &state.unsaved {
            self.vault.store(Some(session)).map_err(|error| RemoteError::transport(error.to_string()))?;
            state.unsaved = None;
        }
        Ok(())
    }

    /// The session in force: a renewed one that is not in the vault yet comes before the one it renewed.
    fn kept(&self, state: &mut State) -> Option<Session> {
        let vault = self.vault.load();
        match (&state.unsaved, vault) {
            (Some(unsaved), Some(vault)) if unsaved.user_id == vault.user_id => Some(unsaved.clone()),
            (_, vault) => {
                state.unsaved = None;
                vault
            }
        }
    }

    /// A new token was made just now: its `iat` is the server's clock.
    fn learn(&self, state: &mut State, session: &Session) {
        if let Some(iat) = Claims::of(&session.access_token).iat {
            state.offset = iat.saturating_sub(self.http.now());
        }
    }

    fn server_now(&self) -> i64 {
        let offset = self.state().offset;
        self.http.now().saturating_add(offset)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self) {
        self.watchers.retain(|watcher| watcher.unbounded_send(()).is_ok());
    }
}

fn signed_out() -> RemoteError {
    RemoteError::Auth("nobody is signed in".to_owned())
}

fn another_account() -> RemoteError {
    RemoteError::Auth("another account is signed in".to_owned())
}
