//! Pull: the feed to its end, the first load, windows.

use super::{Engine, Phase, Trouble, WINDOW_MS};
use crate::{
    key::RowRef,
    log::Happened,
    mutation::{Mutation, off},
    platform::BoxFuture,
    remote::RemoteError,
    store::{Batch, RemoteBatch, ResyncStep},
    wire::{Head, PageAnswer, PullAnswer, Sorted, WireRow},
};

/// The window asked for reaches this much further than the one that is kept, so that it is not asked for again each day: 7
/// days.
const WINDOW_SLACK_MS: i64 = 7 * 24 * 3_600_000;
/// Rows asked for at once, at most.
const MOST: u32 = 1000;
/// Rows asked for by name at once, at most; and how often in a cycle.
const MOST_NAMES: usize = 500;
const ROUNDS: u32 = 20;
/// Pages of one size that must pass before a larger one is tried. Twice as many after each one that failed: a window begins
/// anew then, and must come to its end.
const PASSES: u32 = 8;
/// At most so many.
const MOST_PASSES: u32 = 1024;

/// How many rows are asked for at once: fewer when the server, or what is between, cannot take so many.
#[derive(Debug)]
pub(super) struct PageSize {
    limit: u32,
    passes: u32,
    needed: u32,
}

impl Default for PageSize {
    fn default() -> Self {
        Self { limit: MOST, passes: 0, needed: PASSES }
    }
}

impl PageSize {
    /// Twice as many after some that passed.
    fn passed(&mut self) {
        self.passes += 1;
        if self.passes >= self.needed {
            self.limit = self.limit.saturating_mul(2).min(MOST);
            self.passes = 0;
            if self.limit == MOST {
                self.needed = PASSES;
            }
        }
    }

    /// Half as many at once: asking again costs nothing.
    fn failed(&mut self) {
        if !off(Mutation::PagesAreHalved) {
            self.limit = (self.limit / 2).max(1);
            self.needed = self.needed.saturating_mul(2).min(MOST_PASSES);
        }
        self.passes = 0;
    }
}

/// The window to fetch around now, ms.
pub(super) const fn standing_window(now: i64) -> (i64, i64) {
    (now - WINDOW_MS - WINDOW_SLACK_MS, now + WINDOW_MS + WINDOW_SLACK_MS)
}

impl Engine {
    /// How many rows to ask for.
    fn page(&self) -> u32 {
        self.shared().page.limit
    }

    /// Asks for a page, and learns how large one may be.
    async fn ask_page<T>(
        &self,
        request: BoxFuture<'_, Result<T, RemoteError>>,
        head: impl Fn(&T) -> &Head,
    ) -> Result<T, Trouble> {
        let answer = self.ask(request, head).await;
        match &answer {
            Ok(_) => self.shared().page.passed(),
            Err(Trouble::Remote(RemoteError::TooMuch(_))) => self.shared().page.failed(),
            Err(_) => {}
        }
        answer
    }

    /// Reads the feed to its end, after a bootstrap or resync where one is due. While one page is written, the next is on its
    /// way.
    pub(super) async fn pull_all(&self) -> Result<(), Trouble> {
        let mut ahead: Option<(u64, PullAnswer)> = None;
        loop {
            let state = self.database.state().await?;
            if state.epoch.is_none() || state.resyncing.is_some() {
                self.resync_all(state.resyncing.is_none(), false).await?;
                continue;
            }
            let answer = match ahead.take() {
                Some((after, answer)) if after == state.cursor => answer,
                _ => self.ask_changes(state.cursor).await?,
            };
            let new_epoch =
                state.epoch.as_deref() != Some(answer.head.epoch.as_str()) && !off(Mutation::EpochIsNoticed);
            if new_epoch || answer.resync.is_some() || state.cursor > answer.at || state.cursor < answer.floor {
                tracing::info!(new_epoch, cursor = state.cursor, at = answer.at, floor = answer.floor, "resync");
                let why = match answer.resync.as_deref() {
                    _ if new_epoch => "the server is another database than before".to_owned(),
                    Some(why) => format!("the place in the feed is no longer known ({why})"),
                    None => "the place in the feed is no longer known".to_owned(),
                };
                self.note(Happened::Resync { why });
                self.resync_all(true, new_epoch).await?;
                continue;
            }
            let head = answer.at;
            let Some(last) = answer.changes.last().and_then(|change| change.seq) else { return Ok(()) };
            let batch = RemoteBatch { cursor: Some(last), ..self.batch(answer.changes, head) };
            let (rows, gone) = (batch.rows.len() as u64, batch.gone.len() as u64);
            let next = async {
                let is_end = last >= head;
                if is_end { Ok(None) } else { self.ask_changes(last).await.map(Some) }
            };
            let (applied, next) = futures::join!(self.apply(batch), next);
            if !applied? {
                continue;
            }
            self.note(Happened::Pulled { rows, gone, cursor: last });
            match next? {
                Some(answer) => ahead = Some((last, answer)),
                None => return Ok(()),
            }
        }
    }

    /// Asks for what changed after a number of the feed.
    async fn ask_changes(&self, after: u64) -> Result<PullAnswer, Trouble> {
        self.ask_page(self.remote.pull(after, self.page()), |a| &a.head).await
    }

    /// Fetches everything again (of events, those of the window around now and of all that was covered), from the start or
    /// from where it was left.
    async fn resync_all(&self, begin: bool, new_epoch: bool) -> Result<(), Trouble> {
        if begin {
            let window = standing_window(self.database.local_time().wall_ms);
            self.database.execute(Batch::BeginResync { window, new_epoch, repair_since: None }).await?;
        }
        let mut rows = 0;
        loop {
            let state = self.database.state().await?;
            let Some(resync) = state.resyncing else {
                self.note(Happened::Resynced { rows, cursor: state.cursor });
                return Ok(());
            };
            if state.epoch.is_none() {
                self.set_status(|status| status.phase = Phase::FirstLoad);
            }
            let (limit, after) = (self.page(), resync.next.clone());
            // The first window comes with all that is no event.
            let page = if resync.fetched.is_empty() {
                self.remote.bootstrap(resync.window, after, limit)
            } else {
                self.remote.window(resync.window, after, limit)
            };
            let answer = self.ask_page(page, |a| &a.head).await?;
            // The server was restored between two pages, or before the first: what came so far counts for nothing, and
            // what the new server lacks is not to be swept.
            let restored_since =
                |epoch: &Option<String>| epoch.as_ref().is_some_and(|epoch| *epoch != answer.head.epoch);
            if restored_since(&resync.epoch) || (!resync.new_epoch && restored_since(&state.epoch)) {
                let window = standing_window(self.database.local_time().wall_ms);
                self.database.execute(Batch::BeginResync { window, new_epoch: true, repair_since: None }).await?;
                continue;
            }
            let step = ResyncStep { epoch: answer.head.epoch.clone(), next: answer.next.clone(), total: answer.total };
            rows += answer.rows.len() as u64;
            self.apply_page(answer, None, Some(step)).await?;
            self.refresh_counts_now_and_then().await;
        }
    }

    /// Fetches the events of a span, as far as they are not here. False: an answer was older than the feed read so far,
    /// or of another server; nothing of it was applied.
    pub(super) async fn fetch_window(&self, span: (i64, i64)) -> Result<bool, Trouble> {
        let state = self.database.state().await?;
        for gap in crate::coverage::missing(&state.coverage, span) {
            let mut after = None;
            loop {
                let page = self.remote.window(gap, after.clone(), self.page());
                let answer = self.ask_page(page, |a| &a.head).await?;
                if state.epoch.as_ref() != Some(&answer.head.epoch) {
                    return Ok(false);
                }
                let next = answer.next.clone();
                let coverage = next.is_none().then_some(gap);
                if !self.apply_page(answer, coverage, None).await? {
                    return Ok(false);
                }
                match next {
                    Some(next) => after = Some(next),
                    None => {
                        self.note(Happened::Window { from: gap.0, to: gap.1 });
                        break;
                    }
                }
            }
        }
        Ok(true)
    }

    /// Asks by name for what a resync left in doubt. (Later is early enough where an answer is older than the feed read so far,
    /// or of another server.)
    pub(super) async fn settle_doubts(&self) -> Result<(), Trouble> {
        for _ in 0..ROUNDS {
            let state = self.database.state().await?;
            let doubtful: Vec<RowRef> = state.doubtful.into_iter().take(MOST_NAMES).collect();
            if doubtful.is_empty() {
                return Ok(());
            }
            let answer = self.ask(self.remote.rows(doubtful.clone()), |a: &PageAnswer| &a.head).await?;
            if state.epoch.as_ref() != Some(&answer.head.epoch) {
                return Ok(());
            }
            let is_answered =
                |at: &RowRef| answer.rows.iter().any(|row| row.table == at.table.name() && row.key == at.key);
            let named: Vec<RowRef> = doubtful.into_iter().filter(is_answered).collect();
            if named.is_empty() {
                return Ok(());
            }
            let batch = RemoteBatch { named, ..self.batch(answer.rows, answer.at) };
            if !self.apply(batch).await? {
                self.pull_all().await?;
            }
        }
        Ok(())
    }

    async fn apply_page(
        &self,
        answer: PageAnswer,
        coverage: Option<(i64, i64)>,
        resync: Option<ResyncStep>,
    ) -> Result<bool, Trouble> {
        let batch = RemoteBatch { coverage, resync, ..self.batch(answer.rows, answer.at) };
        self.apply(batch).await
    }

    /// False: left out, to be asked for again. It may have met edits of a tab that does not know the server's clock.
    async fn apply(&self, batch: RemoteBatch) -> Result<bool, Trouble> {
        let applied = self.database.execute(Batch::ApplyRemote(batch)).await?.applied;
        if !applied {
            self.shift_stamps().await?;
        }
        Ok(applied)
    }

    /// The rows of an answer, to be applied. What does not read is noted; the rest goes on.
    fn batch(&self, answered: Vec<WireRow>, at: u64) -> RemoteBatch {
        let sorted = Sorted::from_wire(answered);
        for what in &sorted.malformed {
            tracing::warn!(%what, "a row of the server does not read; left out");
            self.note(Happened::malformed(what));
        }
        if let Some(what) = sorted.malformed.first() {
            self.set_status(|status| status.last_error = Some(format!("a row of the server does not read: {what}")));
        }
        RemoteBatch { rows: sorted.rows, gone: sorted.gone, at, ..RemoteBatch::default() }
    }
}
