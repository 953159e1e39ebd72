//! The sync engine: carries the outbox to the server and the feed back. One runs per account (the leader).
//!
//! A cycle pulls, then pushes; it runs at the start, on every nudge (a local commit, a realtime hint, focus, online, a
//! person) and on a timer. Everything that arrives goes through the store's batches, and so through merge; the engine
//! itself only decides what to ask and when. It holds no rows: killed at any moment, it goes on from the store.

mod backoff;
mod check;
mod pull;
mod push;
mod status;

pub use status::{Phase, Status};

use crate::{
    clock::Exchange,
    coverage,
    database::Database,
    key::RowRef,
    log::Happened,
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
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Half the window that is always kept, ms: 60 days.
pub const WINDOW_MS: i64 = 60 * 24 * 3_600_000;
/// Windows looked at lately that stay when room is made.
const LOOKED_AT: usize = 8;
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
    /// The outbox changed, but nothing new is to be sent: only counted.
    Counts,
    /// The app came to the front, the network is back, the session was renewed, or a person asks: do not wait out the
    /// backoff.
    Now,
    /// Events of this span (ms) are wanted.
    Window(i64, i64),
    /// A person asks whether the data are the server's; the answer is in
    /// [`SyncState::checks`](crate::store::SyncState::checks) and in the log.
    Check,
    /// Room is short: old windows leave the device.
    Shrink,
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

/// How long things are kept, and how often they are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Keeping {
    /// Between two looks for what may be forgotten, ms.
    pub tidy_every_ms: i64,
    /// Tombstones are kept for this time, µs.
    pub tombstones_micros: u64,
    /// Between two comparisons with the server, ms.
    pub check_every_ms: i64,
}

impl Default for Keeping {
    /// Tombstones stay 90 days, as on the server; looked for once a day; the data are compared every six hours.
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        Self { tidy_every_ms: DAY_MS, tombstones_micros: 90 * 86_400 * 1_000_000, check_every_ms: DAY_MS / 4 }
    }
}

/// See the module.
pub struct Engine {
    keeping: Keeping,
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
    /// Windows a person looked at lately: they stay when room is made.
    looked_at: VecDeque<(i64, i64)>,
    check_asked: bool,
    shrink_asked: bool,
    /// Lines for the log.
    lines: Vec<(i64, Happened)>,
    /// When the counts were last taken while pushing, and how long that took, monotonic µs.
    counted: (u64, u64),
    batch: push::BatchSize,
    page: pull::PageSize,
    /// What waits for one of the server's limits.
    limited: BTreeSet<RowRef>,
    /// Whether anything was sent since the last trouble: then the next wait is a short one again.
    progress: bool,
}

impl Engine {
    /// An engine that does nothing until [`Self::run`].
    #[must_use]
    pub fn new(database: Arc<Database>, remote: Arc<dyn Remote>) -> Arc<Self> {
        Self::keeping(database, remote, Keeping::default())
    }

    /// The same, with other times.
    #[must_use]
    pub fn keeping(database: Arc<Database>, remote: Arc<dyn Remote>, keeping: Keeping) -> Arc<Self> {
        let (nudges, inbox) = unbounded();
        Arc::new(Self { keeping, database, remote, nudges, inbox: Mutex::new(Some(inbox)), shared: Mutex::default() })
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

    /// Whether one may say "up to date" now.
    #[must_use]
    pub fn is_up_to_date(&self) -> bool {
        self.shared().status.is_up_to_date()
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
        // What the engine itself settles is no reason for another cycle.
        let commits = self.database.listen().filter_map(|told| {
            let nudge =
                if told.changes.to_send || off(Mutation::OnlyEditsNudge) { Nudge::Local } else { Nudge::Counts };
            future::ready(told.changes.outbox.then_some(nudge))
        });
        let mut nudges = futures::stream::select(futures::stream::select(&mut inbox, hints), commits).fuse();
        let mut backoff = Backoff::default();
        self.note(Happened::Started);
        loop {
            self.refresh_counts().await;
            let wait = match self.cycle().await {
                Ok(()) => {
                    backoff.reset();
                    let calm = if self.status().realtime { CALM } else { WATCHFUL };
                    calm.min(self.until_due().await)
                }
                Err(trouble) => {
                    let wait = self.after(&trouble, &mut backoff);
                    self.refresh_counts().await;
                    wait
                }
            };
            self.write_log().await;
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
                Heard::Counts => self.refresh_counts().await,
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
            Nudge::Counts => Heard::Counts,
            Nudge::Now => Heard::Hard,
            Nudge::Window(from, to) => {
                let mut shared = self.shared();
                shared.wanted.push((from, to));
                shared.looked_at.push_back((from, to));
                if shared.looked_at.len() > LOOKED_AT {
                    shared.looked_at.pop_front();
                }
                Heard::Soft
            }
            Nudge::Check => {
                self.shared().check_asked = true;
                Heard::Hard
            }
            Nudge::Shrink => {
                self.shared().shrink_asked = true;
                Heard::Hard
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
        self.write_log().await;
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
        self.settle_doubts().await?;
        self.fill_windows().await?;
        self.tidy().await?;
        self.check_data().await?;
        let local_ms = self.database.local_time().wall_ms;
        self.database.execute(Batch::CaughtUp { local_ms }).await?;
        self.write_log().await;
        // In one step with the counts: an edit may have come in since the last batch was taken.
        let (waiting, state) = (self.database.waiting().await?, self.database.state().await?);
        self.set_status(|status| {
            status.count(&waiting, &state);
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
            wanted.push(pull::standing_window(now));
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
        self.note(Happened::trouble(&trouble.to_string()));
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

    /// The time until something is due: an entry that was put off (its parent was not there), a second look at the data.
    async fn until_due(&self) -> Duration {
        let (Ok(waiting), Ok(state)) = (self.database.waiting().await, self.database.state().await) else {
            return CALM;
        };
        if let Some(soon) = self.second_look(&state.checks) {
            return soon;
        }
        let wait = waiting.next_due_ms.map(|due| due.saturating_sub(self.database.local_time().wall_ms));
        wait.map_or(CALM, |ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
    }

    /// Counts what waits, but not after each of many batches: at most once a second, and for a twentieth of the time. (A
    /// browser reads the whole queue for it: a third of a second for ten thousand entries.)
    async fn refresh_counts_now_and_then(&self) {
        let now = || self.database.platform().monotonic_micros();
        let (begun, (last, took)) = (now(), self.shared().counted);
        if begun.saturating_sub(last) >= took.saturating_mul(20).max(1_000_000) {
            self.refresh_counts().await;
            self.shared().counted = (begun, now().saturating_sub(begun));
        }
    }

    /// Counts what waits, for the status.
    async fn refresh_counts(&self) {
        let (Ok(waiting), Ok(state)) = (self.database.waiting().await, self.database.state().await) else { return };
        self.set_status(|status| status.count(&waiting, &state));
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
        if self.database.learn_time(exchange).is_some() {
            self.shift_stamps().await?;
        }
        Ok(answer)
    }

    /// Moves stamps that were made without the server's clock, here or in another tab.
    async fn shift_stamps(&self) -> Result<(), StoreError> {
        let by_micros = self.database.server_offset();
        let now = self.database.local_time().now;
        self.database.execute(Batch::ShiftStamps { by_micros, now }).await?;
        Ok(())
    }
}

enum Heard {
    Nothing,
    Counts,
    Soft,
    Hard,
    Stop,
}
