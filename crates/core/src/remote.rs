//! The remote: the server as core sees it. `crates/supabase` implements it over the network, the simulation without.

use crate::{
    key::RowRef,
    outbox::Entry,
    platform::{BoxFuture, BoxStream, MaybeSend, MaybeSync},
    stamp::DeviceId,
    wire::{DigestAnswer, InvitedTo, PageAnswer, Person, PullAnswer, PushAnswer},
};
use std::time::Duration;

/// Why a request failed, by what the engine does about it (`docs/sync.md`, "Push").
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// No network, the server is away or overloaded: everything waits and is tried again.
    #[error("the server cannot be reached: {message}")]
    Transport {
        /// In words.
        message: String,
        /// The wait the server asked for.
        retry_after: Option<Duration>,
    },
    /// The request was too large or took too long, or its answer did not read: smaller ones may pass.
    #[error("the server could not take the request: {0}")]
    TooMuch(String),
    /// The session is over; a person must sign in again. Data and queue stay.
    #[error("the session has ended: {0}")]
    Auth(String),
    /// Client and server do not know the same schema: the app must be updated (or the server).
    #[error("the server speaks another version: {0}")]
    Schema(String),
}

impl RemoteError {
    /// A transport failure without a wait.
    #[must_use]
    pub fn transport(message: impl Into<String>) -> Self {
        Self::Transport { message: message.into(), retry_after: None }
    }
}

/// What the realtime channel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Subscribed: whatever was committed before may have been missed, so pull.
    Subscribed,
    /// Something changed: pull.
    Changed,
    /// The channel is down; the timers go faster until it is back.
    Down,
}

/// The server, for one session.
pub trait Remote: MaybeSend + MaybeSync {
    /// A page of everything but events outside the window (ms).
    fn bootstrap(
        &self,
        window: (i64, i64),
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<PageAnswer, RemoteError>>;

    /// The feed after a number.
    fn pull(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<PullAnswer, RemoteError>>;

    /// Sends entries.
    fn push(&self, device: DeviceId, entries: Vec<Entry>) -> BoxFuture<'_, Result<PushAnswer, RemoteError>>;

    /// A page of the events overlapping the window (ms) and what travels with them.
    fn window(
        &self,
        window: (i64, i64),
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<PageAnswer, RemoteError>>;

    /// Rows as they are now.
    fn rows(&self, refs: Vec<RowRef>) -> BoxFuture<'_, Result<PageAnswer, RemoteError>>;

    /// Those one shares a live event with. A server that cannot tell has none.
    fn people(&self) -> BoxFuture<'_, Result<Vec<Person>, RemoteError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// What the invitations to oneself are to. A server that cannot tell has none.
    fn invitations(&self) -> BoxFuture<'_, Result<Vec<InvitedTo>, RemoteError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Count and hash of what the user may see, of events those in the coverage (ms).
    fn digest(&self, coverage: Vec<(i64, i64)>) -> BoxFuture<'_, Result<DigestAnswer, RemoteError>>;

    /// The realtime channel. The stream goes on over reconnects and ends only when the session does.
    fn subscribe(&self) -> BoxStream<'static, Hint>;
}
