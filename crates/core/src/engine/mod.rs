//! The sync engine: carries the outbox to the server and the feed back. One runs per account (the leader).
//!
//! A cycle pulls, then pushes; it runs at the start, on every nudge (a local commit, a realtime hint, focus, online, a
//! person) and on a timer. Everything that arrives goes through the store's batches, and so through merge; the engine
//! itself only decides what to ask and when. It holds no rows: killed at any moment, it goes on from the store.

mod backoff;
mod pull;
mod push;
mod status;

pub use status::{Phase, Status};

use crate::{
    clock::Exchange,
    coverage,
    database::Database,
    mutation::{Mutation, off},
    platform::BoxFuture,
    remote::{Hint, Remote, RemoteError},
    store::{Batch, StoreError},
    wire::Head,
};
use backoff::Backoff;
use futures::{
    FutureExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    future::{self, Either},
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Half the window that is always kept, ms: 60 days.
pub const WINDOW_MS: i64 = 60 * 24 * 3_600_000;
/// The window asked for reaches this much further, so that it is not asked for again each day: 7 days.
const WINDOW_SLACK_MS: i64 = 7 * 24 * 3_600_000;
/// Rows asked for at once.
const PAGE: u32 = 1000;
/// Nudges within this time are one: 50 ms.
const DEBOUNCE: Duration = Duration::from_millis(50);
/// Between cycles while realtime tells of changes.
const CALM: Duration = Duration::from_secs(60);
/// Between cycles while it does not.
const WATCHFUL: Duration = Duration::from_secs(15);

/// Why the engine should look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nudge {
    /// Something was committed here.
    Local,
    /// The realtime channel said so.
    Realtime(Hint),
    /// The app came to the front, the network is back, the session was renewed, or a person asks: do not wait out the
    /// backoff.
    Now,
    /// Events of this span (ms) are wanted.
    Window(i64, i64),
    /// The session ends.
    Stop,
}

/// Why a cycle ended early.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// See the module.
pub struct Engine {
    database: Arc<Database>,
    remote: Arc<dyn Remote>,
    nudges: UnboundedSender<Nudge>,
    inbox: Mutex<Option<UnboundedReceiver<Nudge>>>,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Shared {
    status: Status,
    listeners: Vec<UnboundedSender<Status>>,
    wanted: Vec<(i64, i64)>,
    batch: push::BatchSize,
    /// Whether anything was sent since the last trouble: then the next wait is a short one again.
    progress: bool,
}

impl Engine {
    /// An engine that does nothing until [`Self::run`].
    #[must_use]
    pub fn new(database: Arc<Database>, remote: Arc<dyn Remote>) -> Arc<Self> {
        let (nudges, inbox) = unbounded();
        Arc::new(Self { database, remote, nudges, inbox: Mutex::new(Some(inbox)), shared: Mutex::default() })
    }

    /// Makes the engine look again. Never blocks.
    pub fn nudge(&self, nudge: Nudge) {
        // A stopped engine has no inbox: there is nothing to wake.
        let _ = self.nudges.unbounded_send(nudge);
    }

    /// The status now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared().status.clone()
    }

    /// Each new status from now on, beginning with the present one.
    #[must_use]
    pub fn watch(&self) -> UnboundedReceiver<Status> {
        let (sender, receiver) = unbounded();
        let mut shared = self.shared();
        let _ = sender.unbounded_send(shared.status.clone());
        shared.listeners.push(sender);
        receiver
    }

    /// Syncs until [`Nudge::Stop`]. A second call returns at once.
    pub async fn run(self: Arc<Self>) {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut inbox) = inbox else { return };
        let hints = self.remote.subscribe().map(Nudge::Realtime);
        let commits =
            self.database.listen().filter_map(|told| future::ready(told.changes.outbox.then_some(Nudge::Local)));
        let mut nudges = futures::stream::select(futures::stream::select(&mut inbox, hints), commits).fuse();
        let mut backoff = Backoff::default();
        loop {
            self.refresh_counts().await;
            let wait = match self.cycle().await {
                Ok(()) => {
                    backoff.reset();
                    let calm = if self.status().realtime { CALM } else { WATCHFUL };
                    calm.min(self.until_due().await)
                }
                Err(trouble) => self.after(&trouble, &mut backoff),
            };
            self.refresh_counts().await;
            let wake = self.database.platform().sleep(wait);
            if !self.wait(&mut nudges, wake, backoff.is_waiting()).await {
                return;
            }
        }
    }

    /// Waits for a reason to look again. False: stop.
    async fn wait<S>(&self, nudges: &mut S, mut wake: BoxFuture<'static, ()>, backing_off: bool) -> bool
    where
        S: futures::Stream<Item = Nudge> + futures::stream::FusedStream + Unpin,
    {
        loop {
            let nudge = match future::select(nudges.next(), &mut wake).await {
                Either::Left((Some(nudge), _)) => nudge,
                Either::Left((None, _)) => return false,
                Either::Right(_) => return true,
            };
            match self.take_in(nudge) {
                // While the server is away, an edit does not make it come back sooner.
                Heard::Soft if backing_off => self.refresh_counts().await,
                Heard::Soft | Heard::Hard => {
                    // At once: nobody is told "up to date" while a new edit waits out the debounce.
                    if !off(Mutation::StatusAtOnce) {
                        self.refresh_counts().await;
                    }
                    break;
                }
                Heard::Nothing => {}
                Heard::Stop => return false,
            }
        }
        let mut settle = self.database.platform().sleep(DEBOUNCE).fuse();
        loop {
            futures::select_biased! {
                nudge = nudges.next() => match nudge.map(|n| self.take_in(n)) {
                    Some(Heard::Stop) | None => return false,
                    Some(_) => self.refresh_counts().await,
                },
                () = settle => return true,
            }
        }
    }

    fn take_in(&self, nudge: Nudge) -> Heard {
        match nudge {
            Nudge::Local => Heard::Soft,
            Nudge::Now => Heard::Hard,
            Nudge::Window(from, to) => {
                self.shared().wanted.push((from, to));
                Heard::Soft
            }
            Nudge::Realtime(hint) => {
                let was = self.set_status(|status| std::mem::replace(&mut status.realtime, hint != Hint::Down));
                match hint {
                    Hint::Down if was => Heard::Soft,
                    Hint::Down => Heard::Nothing,
                    Hint::Subscribed => Heard::Hard,
                    Hint::Changed => Heard::Soft,
                }
            }
            Nudge::Stop => Heard::Stop,
        }
    }

    /// Pull, push, then what windows are missing. Public for tests and tools: one cycle, without timers.
    ///
    /// # Errors
    /// In words, what ended the cycle early.
    pub async fn sync_once(&self) -> Result<(), String> {
        let result = self.cycle().await;
        if let Err(trouble) = &result {
            self.after(trouble, &mut Backoff::default());
        }
        self.refresh_counts().await;
        result.map_err(|trouble| trouble.to_string())
    }

    async fn cycle(&self) -> Result<(), Trouble> {
        self.set_status(|status| {
            if matches!(status.phase, Phase::Idle | Phase::UpToDate) {
                status.phase = Phase::Syncing;
            }
        });
        self.pull_all().await?;
        if self.push_all().await? {
            // One's own edits come back through the feed; reading them now lets the cursor and "as of" move on.
            self.pull_all().await?;
        }
        self.fill_windows().await?;
        let local_ms = self.database.local_time().wall_ms;
        self.database.execute(Batch::CaughtUp { local_ms }).await?;
        // In one step with the counts: an edit may have come in since the last batch was taken.
        let (entries, state) = (self.database.outbox().await?, self.database.state().await?);
        self.set_status(|status| {
            status.count(&entries, &state);
            status.phase = Phase::UpToDate;
            status.last_error = None;
        });
        Ok(())
    }

    /// What is left to fetch of the standing window and of what was looked at.
    async fn fill_windows(&self) -> Result<(), Trouble> {
        let covered = self.database.state().await?.coverage;
        let now = self.database.local_time().wall_ms;
        let mut wanted = std::mem::take(&mut self.shared().wanted);
        if !coverage::missing(&covered, (now - WINDOW_MS, now + WINDOW_MS)).is_empty() {
            wanted.push(standing_window(now));
        }
        while let Some(span) = wanted.pop() {
            let result = self.fill_window(span).await;
            if !matches!(result, Ok(true)) {
                wanted.push(span);
                self.shared().wanted.append(&mut wanted);
                return result.map(|_| ());
            }
        }
        Ok(())
    }

    /// One window. False: its answers stay behind the feed; the next cycle asks again.
    async fn fill_window(&self, span: (i64, i64)) -> Result<bool, Trouble> {
        for _ in 0..3 {
            if self.fetch_window(span).await? {
                return Ok(true);
            }
            // The feed knows why: it has passed the answer, or the server is another database now.
            self.pull_all().await?;
        }
        Ok(false)
    }

    /// Notes the trouble in the status; how long to wait.
    fn after(&self, trouble: &Trouble, backoff: &mut Backoff) -> Duration {
        tracing::info!(%trouble, "sync cycle ended early");
        if std::mem::take(&mut self.shared().progress) {
            backoff.reset();
        }
        let (phase, retry_after) = match trouble {
            Trouble::Remote(RemoteError::Auth(_)) => (Phase::SignInAgain, None),
            Trouble::Remote(RemoteError::Schema(_)) => (Phase::UpdateNeeded, None),
            Trouble::Remote(RemoteError::Transport { retry_after, .. }) => (Phase::Offline, *retry_after),
            Trouble::Remote(RemoteError::TooMuch(_)) => (Phase::Offline, None),
            Trouble::Store(_) => (Phase::StoreTrouble, None),
        };
        self.set_status(|status| {
            status.phase = phase;
            status.last_error = Some(trouble.to_string());
        });
        backoff.next(retry_after, self.database.platform().random())
    }

    /// The time until the first entry that was put off (its parent was not there) may be sent again.
    async fn until_due(&self) -> Duration {
        let Ok(entries) = self.database.outbox().await else { return CALM };
        let now = self.database.local_time().wall_ms;
        let waits = entries.iter().filter(|e| e.stuck.is_none()).map(|e| e.not_before_ms - now).filter(|ms| *ms > 0);
        waits.min().and_then(|ms| u64::try_from(ms).ok()).map_or(CALM, Duration::from_millis)
    }

    /// Counts what waits, for the status.
    async fn refresh_counts(&self) {
        let (Ok(entries), Ok(state)) = (self.database.outbox().await, self.database.state().await) else { return };
        self.set_status(|status| status.count(&entries, &state));
    }

    fn set_status<T>(&self, change: impl FnOnce(&mut Status) -> T) -> T {
        let mut shared = self.shared();
        let before = shared.status.clone();
        let result = change(&mut shared.status);
        if shared.status != before {
            let status = shared.status.clone();
            shared.listeners.retain(|listener| listener.unbounded_send(status.clone()).is_ok());
        }
        result
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a request and learns the server's time from its answer.
    async fn ask<T>(
        &self,
        request: BoxFuture<'_, Result<T, RemoteError>>,
        head: impl Fn(&T) -> &Head,
    ) -> Result<T, Trouble> {
        let platform = self.database.platform();
        let begin = platform.monotonic_micros();
        let answer = request.await?;
        let end = platform.monotonic_micros();
        let exchange = Exchange {
            wall: platform.now_micros(),
            monotonic: end,
            round_trip: end.saturating_sub(begin),
            server: head(&answer).now,
        };
        if let Some(offset) = self.database.learn_time(exchange) {
            let now = self.database.local_time().now;
            self.database.execute(Batch::ShiftStamps { by_micros: offset, now }).await?;
        }
        Ok(answer)
    }
}

enum Heard {
    Nothing,
    Soft,
    Hard,
    Stop,
}

/// The window to fetch around now, ms.
const fn standing_window(now: i64) -> (i64, i64) {
    (now - WINDOW_MS - WINDOW_SLACK_MS, now + WINDOW_MS + WINDOW_SLACK_MS)
}
