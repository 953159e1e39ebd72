//! The sync functions of `docs/wire.md`, as core's `Remote`.

use crate::{
    http::{Answer, Failure, TIMEOUT},
    problem::Problem,
    realtime,
    tokens::Tokens,
};
use almanac_core::{
    Uuid,
    key::RowRef,
    outbox::Entry,
    platform::{BoxFuture, BoxStream},
    remote::{Hint, Remote, RemoteError},
    stamp::DeviceId,
    wire::{DigestAnswer, Head, InvitedTo, PageAnswer, Person, PullAnswer, PushAnswer, PushEntry},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use std::sync::Arc;

/// The server for one account. It never uses the session of another one, whoever signs in later.
pub(crate) struct Rest {
    tokens: Arc<Tokens>,
    user: Option<Uuid>,
}

/// The arguments of `sync_push`.
#[derive(Serialize)]
struct Push<'a> {
    p_device: String,
    p_entries: Vec<PushEntry<'a>>,
}

impl Rest {
    pub(crate) const fn new(tokens: Arc<Tokens>, user: Option<Uuid>) -> Self {
        Self { tokens, user }
    }

    /// Calls a function and reads its answer.
    async fn call<T: DeserializeOwned>(
        &self,
        function: &'static str,
        arguments: &impl Serialize,
        head: impl Fn(&T) -> &Head,
    ) -> Result<T, RemoteError> {
        let arguments = serde_json::to_vec(arguments).map_err(|error| RemoteError::transport(error.to_string()))?;
        let read: T = self.told(function, arguments).await?;
        self.tokens.learn_time(i64::try_from(head(&read).now / 1_000_000).unwrap_or(i64::MAX));
        Ok(read)
    }

    /// What a function answers, read.
    async fn told<T: DeserializeOwned>(&self, function: &'static str, arguments: Vec<u8>) -> Result<T, RemoteError> {
        let answer = self.ask(function, arguments).await?;
        crate::json::read(&answer.body)
            .map_err(|error| RemoteError::TooMuch(format!("its answer does not read: {error}")))
    }

    /// The answer of a function. A refused token is renewed once and the call made again. (Boxed, and apart from
    /// [`Self::call`]: each kind of answer would otherwise bring a copy of all this into the download.)
    fn ask(&self, function: &'static str, arguments: Vec<u8>) -> BoxFuture<'_, Result<Answer, RemoteError>> {
        Box::pin(self.ask_twice(function, arguments))
    }

    async fn ask_twice(&self, function: &'static str, arguments: Vec<u8>) -> Result<Answer, RemoteError> {
        let user = self.user.ok_or_else(|| RemoteError::Auth("nobody is signed in".to_owned()))?;
        let session = self.tokens.fresh(user).await?;
        let mut answer = self.post(function, &session.access_token, arguments.clone()).await?;
        if !answer.is_success() && problem(&answer).is_stale_token() {
            let renewed = self.tokens.renew(&session).await?;
            answer = self.post(function, &renewed.access_token, arguments).await?;
        }
        if !answer.is_success() {
            return Err(problem(&answer).of_rest());
        }
        Ok(answer)
    }

    async fn post(&self, function: &str, token: &str, arguments: Vec<u8>) -> Result<Answer, RemoteError> {
        let path = format!("/rest/v1/rpc/{function}");
        self.tokens
            .http()
            .post_text(&path, Some(token), arguments, TIMEOUT)
            .await
            .map_err(|Failure(message)| RemoteError::transport(message))
    }
}

fn problem(answer: &Answer) -> Problem {
    Problem::read(answer.status, &answer.body, answer.retry_after)
}

impl Remote for Rest {
    fn bootstrap(
        &self,
        window: (i64, i64),
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        Box::pin(async move {
            let arguments = json!({"p_from_ms": window.0, "p_to_ms": window.1, "p_after": after, "p_limit": limit});
            self.call("sync_bootstrap", &arguments, |a: &PageAnswer| &a.head).await
        })
    }

    fn pull(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<PullAnswer, RemoteError>> {
        Box::pin(async move {
            let arguments = json!({"p_after": after, "p_limit": limit});
            self.call("sync_pull", &arguments, |a: &PullAnswer| &a.head).await
        })
    }

    fn push(&self, device: DeviceId, entries: Vec<Entry>) -> BoxFuture<'_, Result<PushAnswer, RemoteError>> {
        Box::pin(async move {
            let p_entries = entries.iter().map(PushEntry::from).collect();
            let arguments = Push { p_device: format!("{:016x}", device.0), p_entries };
            self.call("sync_push", &arguments, |a: &PushAnswer| &a.head).await
        })
    }

    fn window(
        &self,
        window: (i64, i64),
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        Box::pin(async move {
            let arguments = json!({"p_from_ms": window.0, "p_to_ms": window.1, "p_after": after, "p_limit": limit});
            self.call("sync_window", &arguments, |a: &PageAnswer| &a.head).await
        })
    }

    fn rows(&self, refs: Vec<RowRef>) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        Box::pin(async move { self.call("sync_rows", &json!({"p_refs": refs}), |a: &PageAnswer| &a.head).await })
    }

    fn digest(&self, coverage: Vec<(i64, i64)>) -> BoxFuture<'_, Result<DigestAnswer, RemoteError>> {
        Box::pin(
            async move { self.call("sync_digest", &json!({"p_coverage": coverage}), |a: &DigestAnswer| &a.head).await },
        )
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<Person>, RemoteError>> {
        Box::pin(self.told("people", b"{}".to_vec()))
    }

    fn invitations(&self) -> BoxFuture<'_, Result<Vec<InvitedTo>, RemoteError>> {
        Box::pin(self.told("invitations", b"{}".to_vec()))
    }

    fn subscribe(&self) -> BoxStream<'static, Hint> {
        realtime::subscribe(Arc::clone(&self.tokens), self.user)
    }
}
