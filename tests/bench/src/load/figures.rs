//! What is measured: each request as the engine sees it, and what the realtime channel tells.

use almanac_core::{
    key::RowRef,
    outbox::Entry,
    platform::{BoxFuture, BoxStream},
    remote::{Hint, Remote, RemoteError},
    stamp::DeviceId,
    wire::{DigestAnswer, PageAnswer, PullAnswer, PushAnswer},
};
use futures::StreamExt as _;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

/// Times in ms. Only what ends while `measuring` counts; failures always do.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) measuring: AtomicBool,
    pub(crate) pushes: Mutex<Vec<f64>>,
    pub(crate) pulls: Mutex<Vec<f64>>,
    /// From an edit's commit on one device until it is committed on another one of the same person.
    pub(crate) seen: Mutex<Vec<f64>>,
    pub(crate) notices: AtomicU64,
    pub(crate) failures: Mutex<Vec<String>>,
}

impl Figures {
    pub(crate) fn took(&self, times: &Mutex<Vec<f64>>, since: Instant) {
        if self.measuring.load(Ordering::Relaxed) {
            times.lock().expect("figures").push(since.elapsed().as_secs_f64() * 1000.0);
        }
    }

    fn failed(&self, what: &str, error: &RemoteError) {
        self.failures.lock().expect("figures").push(format!("{what}: {error}"));
    }
}

/// A remote whose requests are timed.
pub(crate) struct Timed {
    pub(crate) inner: Arc<dyn Remote>,
    pub(crate) figures: Arc<Figures>,
}

impl Timed {
    /// Notes a failure.
    fn told<'a, T: Send + 'a>(
        &'a self,
        what: &'static str,
        answer: BoxFuture<'a, Result<T, RemoteError>>,
    ) -> BoxFuture<'a, Result<T, RemoteError>> {
        Box::pin(async move { answer.await.inspect_err(|error| self.figures.failed(what, error)) })
    }
}

impl Remote for Timed {
    fn bootstrap(
        &self,
        window: (i64, i64),
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        self.told("bootstrap", self.inner.bootstrap(window, after, limit))
    }

    fn pull(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<PullAnswer, RemoteError>> {
        let begin = Instant::now();
        Box::pin(async move {
            let answer = self.told("pull", self.inner.pull(after, limit)).await;
            self.figures.took(&self.figures.pulls, begin);
            answer
        })
    }

    fn push(&self, device: DeviceId, entries: Vec<Entry>) -> BoxFuture<'_, Result<PushAnswer, RemoteError>> {
        let begin = Instant::now();
        Box::pin(async move {
            let answer = self.told("push", self.inner.push(device, entries)).await;
            self.figures.took(&self.figures.pushes, begin);
            answer
        })
    }

    fn window(
        &self,
        window: (i64, i64),
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        self.told("window", self.inner.window(window, after, limit))
    }

    fn rows(&self, refs: Vec<RowRef>) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        self.told("rows", self.inner.rows(refs))
    }

    fn digest(&self, coverage: Vec<(i64, i64)>) -> BoxFuture<'_, Result<DigestAnswer, RemoteError>> {
        self.told("digest", self.inner.digest(coverage))
    }

    fn subscribe(&self) -> BoxStream<'static, Hint> {
        let figures = Arc::clone(&self.figures);
        let heard = move |hint: &Hint| {
            if *hint == Hint::Changed && figures.measuring.load(Ordering::Relaxed) {
                figures.notices.fetch_add(1, Ordering::Relaxed);
            }
        };
        self.inner.subscribe().inspect(heard).boxed()
    }
}
