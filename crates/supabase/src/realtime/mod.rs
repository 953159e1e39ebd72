//! Realtime: a websocket that says "something changed", and nothing else.
//!
//! [`Machine`] is the protocol, [`subscribe`] drives it: opens the socket, feeds it frames, tokens and time, and opens
//! another one when it is lost. The driver runs as a task of its own, so that heartbeats go on while the engine is busy;
//! dropping the stream ends it and closes the socket.

mod backoff;
mod frame;
mod machine;

pub use frame::Frame;
pub use machine::{Action, Machine};

use crate::{http::Failure, tokens::Tokens};
use almanac_core::{
    Uuid,
    platform::{BoxStream, Platform},
    remote::{Hint, RemoteError},
};
use backoff::Backoff;
use futures::{
    FutureExt, SinkExt, Stream, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    future::{AbortHandle, Either, abortable, select},
};
use reqwest_websocket::{Message, Upgrade, WebSocket};
use std::{
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// Opening the socket, or sending one frame, may take so long.
const SOCKET_LIMIT: Duration = Duration::from_secs(15);

/// The hints for a user, over reconnects, until they sign out (or the stream is dropped).
pub(crate) fn subscribe(tokens: Arc<Tokens>, user: Option<Uuid>) -> BoxStream<'static, Hint> {
    let Some(user) = user else { return Box::pin(futures::stream::empty()) };
    let (sender, hints) = unbounded();
    let platform = Arc::clone(tokens.http().platform());
    let changes = tokens.watch();
    let driver =
        Driver { tokens, user, platform: Arc::clone(&platform), changes, hints: sender, up: false, worked: false };
    let (task, abort) = abortable(driver.run());
    platform.spawn(Box::pin(task.map(|_| ())));
    Box::pin(Hints { hints, abort })
}

/// The stream; stops its driver when dropped.
struct Hints {
    hints: UnboundedReceiver<Hint>,
    abort: AbortHandle,
}

impl Stream for Hints {
    type Item = Hint;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Hint>> {
        self.hints.poll_next_unpin(context)
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// Why a connection ended.
enum End {
    /// It was lost; another one is due.
    Lost(String),
    /// The session is over, or nobody listens.
    Over,
}

struct Driver {
    tokens: Arc<Tokens>,
    user: Uuid,
    platform: Arc<dyn Platform>,
    /// A word for each change of the session.
    changes: UnboundedReceiver<()>,
    hints: UnboundedSender<Hint>,
    /// Whether the last hint was a good one.
    up: bool,
    /// Whether this connection watched changes at some time.
    worked: bool,
}

impl Driver {
    async fn run(mut self) {
        let mut backoff = Backoff::default();
        while self.is_signed_in() {
            self.worked = false;
            let end = self.connection().await;
            if self.up && !self.tell(Hint::Down) {
                return;
            }
            let End::Lost(why) = end else { return };
            tracing::debug!(why, "realtime: no connection");
            if self.worked {
                backoff.reset();
            }
            let wait = Duration::from_millis(backoff.next(self.platform.random()));
            // Someone signed in again or out: no need to wait on.
            select(self.platform.sleep(wait), self.changes.next()).await;
        }
    }

    fn is_signed_in(&self) -> bool {
        self.tokens.current().is_some_and(|session| session.user_id == self.user)
    }

    /// One connection, from its opening to its end.
    async fn connection(&mut self) -> End {
        // Without a good token there is nothing to watch; asked before the socket is opened.
        if let Err(error) = self.tokens.fresh(self.user).await {
            return End::Lost(error.to_string());
        }
        let mut socket = match self.open().await {
            Ok(socket) => socket,
            Err(why) => return End::Lost(why),
        };
        let (mut machine, first) = Machine::open(self.user, self.platform.random(), self.now());
        let mut actions = first;
        loop {
            if let Err(end) = self.act(&mut machine, &mut socket, actions).await {
                return end;
            }
            let wait = Duration::from_millis(machine.deadline().saturating_sub(self.now()));
            let mut timer = self.platform.sleep(wait).fuse();
            // Frames first: an answer that lies in the socket already is no late one.
            actions = futures::select_biased! {
                message = socket.next().fuse() => match message {
                    Some(Ok(Message::Text(text))) => machine.frame(&text, self.now()),
                    Some(Ok(Message::Close { .. })) | None => return End::Lost("the server closed the socket".to_owned()),
                    Some(Ok(_)) => Vec::new(),
                    Some(Err(error)) => return End::Lost(error.to_string()),
                },
                change = self.changes.next() => match (change, self.tokens.current()) {
                    (Some(()), Some(session)) if session.user_id == self.user => machine.token(&session.access_token, self.now()),
                    _ => return End::Over,
                },
                () = timer => machine.tick(self.now()),
            };
        }
    }

    async fn open(&self) -> Result<WebSocket, String> {
        let opening = pin!(open(&self.tokens));
        match select(opening, self.platform.sleep(SOCKET_LIMIT)).await {
            Either::Left((opened, _)) => opened,
            Either::Right(_) => Err("the socket did not open in time".to_owned()),
        }
    }

    /// Does what the machine says; more may come of it.
    async fn act(
        &mut self,
        machine: &mut Machine,
        socket: &mut WebSocket,
        mut actions: Vec<Action>,
    ) -> Result<(), End> {
        while !actions.is_empty() {
            let mut more = Vec::new();
            for action in actions {
                match action {
                    Action::Send(text) => self.send(socket, text).await?,
                    Action::Hint(hint) => {
                        if !self.tell(hint) {
                            return Err(End::Over);
                        }
                    }
                    Action::NeedToken { renewed } => more.extend(self.fetch_token(machine, renewed).await?),
                    Action::Reconnect => return Err(End::Lost("the server does not answer".to_owned())),
                }
            }
            actions = more;
        }
        Ok(())
    }

    async fn send(&self, socket: &mut WebSocket, text: String) -> Result<(), End> {
        match select(socket.send(Message::Text(text)), self.platform.sleep(SOCKET_LIMIT)).await {
            Either::Left((Ok(()), _)) => Ok(()),
            Either::Left((Err(error), _)) => Err(End::Lost(error.to_string())),
            Either::Right(_) => Err(End::Lost("the socket takes nothing".to_owned())),
        }
    }

    async fn fetch_token(&self, machine: &mut Machine, renewed: bool) -> Result<Vec<Action>, End> {
        let session = match self.tokens.fresh(self.user).await {
            Ok(session) if renewed => self.tokens.renew(&session).await,
            other => other,
        };
        match session {
            Ok(session) => Ok(machine.token(&session.access_token, self.now())),
            Err(RemoteError::Auth(_)) if !self.is_signed_in() => Err(End::Over),
            Err(error) => {
                tracing::debug!(%error, "realtime: no token");
                Ok(machine.no_token(self.now()))
            }
        }
    }

    /// False: nobody listens any more.
    fn tell(&mut self, hint: Hint) -> bool {
        self.up = hint != Hint::Down;
        self.worked |= self.up;
        self.hints.unbounded_send(hint).is_ok()
    }

    fn now(&self) -> u64 {
        self.platform.monotonic_micros() / 1000
    }
}

async fn open(tokens: &Tokens) -> Result<WebSocket, String> {
    let request = tokens.http().socket().map_err(|Failure(why)| why)?;
    // No address in the words: it holds the key.
    let words = |error: reqwest_websocket::Error| match error {
        reqwest_websocket::Error::Reqwest(error) => crate::http::words(&error),
        other => other.to_string(),
    };
    let response = request.upgrade().send().await.map_err(words)?;
    response.into_websocket().await.map_err(words)
}
