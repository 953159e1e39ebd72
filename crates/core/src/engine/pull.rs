//! Pull: the feed to its end, the first load, windows.

use super::{Engine, PAGE, Phase, Trouble, standing_window};
use crate::{
    mutation::{Mutation, off},
    store::{Batch, RemoteBatch, ResyncStep},
    wire::{PageAnswer, Sorted},
};

impl Engine {
    /// Reads the feed to its end, after a bootstrap or resync where one is due.
    pub(super) async fn pull_all(&self) -> Result<(), Trouble> {
        loop {
            let state = self.database.state().await?;
            if state.epoch.is_none() || state.resyncing.is_some() {
                self.resync_all(state.resyncing.is_none(), false).await?;
                continue;
            }
            let pull = self.remote.pull(state.cursor, PAGE);
            let answer = self.ask(pull, |a| &a.head).await?;
            let new_epoch =
                state.epoch.as_deref() != Some(answer.head.epoch.as_str()) && !off(Mutation::EpochIsNoticed);
            if new_epoch || answer.resync.is_some() || state.cursor > answer.at || state.cursor < answer.floor {
                tracing::info!(new_epoch, cursor = state.cursor, at = answer.at, floor = answer.floor, "resync");
                self.resync_all(true, new_epoch).await?;
                continue;
            }
            let Some(last) = answer.changes.last().and_then(|change| change.seq) else { return Ok(()) };
            let sorted = self.sort(Sorted::from_wire(answer.changes));
            let batch = RemoteBatch {
                rows: sorted.rows,
                gone: sorted.gone,
                at: answer.at,
                cursor: Some(last),
                ..RemoteBatch::default()
            };
            self.database.execute(Batch::ApplyRemote(batch)).await?;
        }
    }

    /// Fetches everything (but events outside the window), from the start or from where it was left.
    async fn resync_all(&self, begin: bool, new_epoch: bool) -> Result<(), Trouble> {
        if begin {
            let window = standing_window(self.database.local_time().wall_ms);
            self.database.execute(Batch::BeginResync { window, new_epoch }).await?;
        }
        loop {
            let state = self.database.state().await?;
            let Some(resync) = state.resyncing else { return Ok(()) };
            if state.epoch.is_none() {
                self.set_status(|status| status.phase = Phase::FirstLoad);
            }
            let page = self.remote.bootstrap(resync.window, resync.next.clone(), PAGE);
            let answer = self.ask(page, |a| &a.head).await?;
            // The server was restored between two pages, or before the first: what came so far counts for nothing, and
            // what the new server lacks is not to be swept.
            let restored_since =
                |epoch: &Option<String>| epoch.as_ref().is_some_and(|epoch| *epoch != answer.head.epoch);
            if restored_since(&resync.epoch) || (!resync.new_epoch && restored_since(&state.epoch)) {
                self.database.execute(Batch::BeginResync { window: resync.window, new_epoch: true }).await?;
                continue;
            }
            let step = ResyncStep { epoch: answer.head.epoch.clone(), next: answer.next.clone(), total: answer.total };
            self.apply_page(answer, None, Some(step)).await?;
            self.refresh_counts().await;
        }
    }

    /// Fetches the events of a span, as far as they are not here. False: an answer was older than the feed read so far,
    /// or of another server; nothing of it was applied.
    pub(super) async fn fetch_window(&self, span: (i64, i64)) -> Result<bool, Trouble> {
        let state = self.database.state().await?;
        for gap in crate::coverage::missing(&state.coverage, span) {
            let mut after = None;
            loop {
                let page = self.remote.window(gap, after.clone(), PAGE);
                let answer = self.ask(page, |a| &a.head).await?;
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
                    None => break,
                }
            }
        }
        Ok(true)
    }

    async fn apply_page(
        &self,
        answer: PageAnswer,
        coverage: Option<(i64, i64)>,
        resync: Option<ResyncStep>,
    ) -> Result<bool, Trouble> {
        let sorted = self.sort(Sorted::from_wire(answer.rows));
        let batch = RemoteBatch { rows: sorted.rows, gone: sorted.gone, at: answer.at, coverage, resync, cursor: None };
        Ok(self.database.execute(Batch::ApplyRemote(batch)).await?.applied)
    }

    /// Notes what did not read; the rest goes on.
    fn sort(&self, sorted: Sorted) -> Sorted {
        for what in &sorted.malformed {
            tracing::warn!(%what, "a row of the server does not read; left out");
        }
        if let Some(what) = sorted.malformed.first() {
            self.set_status(|status| status.last_error = Some(format!("a row of the server does not read: {what}")));
        }
        sorted
    }
}
