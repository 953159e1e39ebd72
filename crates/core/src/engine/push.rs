//! Push: the outbox in batches, a verdict for each row.

use super::{Engine, Trouble};
use crate::{
    key::RowRef,
    outbox::{Entry, StuckReason},
    remote::RemoteError,
    store::{Batch, Settlement, Verdict},
    table::Table,
    wire::{PushAnswer, WireVerdict, read_row},
};
use std::collections::HashSet;

/// Entries in one request at most.
const MOST: usize = 500;
/// Bytes in one request at most, unless one entry alone is larger: 1 MB with room for the envelope.
const MOST_BYTES: usize = 900_000;
/// A single entry that fails so often while pulling works is set aside.
const GIVE_UP: u32 = 5;
/// A child whose parent waits in the queue is tried again after 1 s.
const PARENT_WAIT_MS: i64 = 1000;

/// How many entries go at once; halved when the server cannot take so many.
#[derive(Debug)]
pub(super) struct BatchSize {
    limit: usize,
    failures: u32,
    /// Failures of a single entry.
    alone: u32,
}

impl Default for BatchSize {
    fn default() -> Self {
        Self { limit: MOST, failures: 0, alone: 0 }
    }
}

impl Engine {
    /// Sends until nothing is due. True when something was sent.
    pub(super) async fn push_all(&self) -> Result<bool, Trouble> {
        let mut sent = false;
        loop {
            let limit = self.shared().batch.limit;
            let now_ms = self.database.local_time().wall_ms;
            let take = Batch::OutboxTake { now_ms, limit, max_bytes: MOST_BYTES };
            let taken = self.database.execute(take).await?.taken;
            if taken.is_empty() {
                return Ok(sent);
            }
            sent = true;
            self.push_batch(taken).await?;
        }
    }

    async fn push_batch(&self, taken: Vec<Entry>) -> Result<(), Trouble> {
        let device = self.database.state().await?.device;
        let request = self.remote.push(device, taken.clone());
        let answer = match self.ask(request, |a| &a.head).await {
            Ok(answer) => answer,
            Err(Trouble::Remote(RemoteError::TooMuch(why))) => return self.too_much(&taken, why).await,
            Err(trouble) => return Err(trouble),
        };
        if answer.error.as_deref() == Some("clock_ahead") {
            return self.clock_ahead(&taken, &answer).await;
        }
        self.shared().batch = BatchSize::default();
        let settlements = self.settlements(&taken, &answer).await?;
        let settled = settlements.len();
        self.database.execute(Batch::OutboxSettle { settlements, at: answer.at }).await?;
        self.refresh_counts().await;
        if settled < taken.len() {
            let missing = taken.len() - settled;
            return Err(RemoteError::transport(format!("the answer lacks the verdicts of {missing} rows")).into());
        }
        Ok(())
    }

    /// Three times too much: half as many. A single entry five times: set aside.
    async fn too_much(&self, taken: &[Entry], why: String) -> Result<(), Trouble> {
        let alone = {
            let batch = &mut self.shared().batch;
            batch.failures += 1;
            if taken.len() > 1 && batch.failures >= 3 {
                batch.limit = (taken.len() / 2).max(1);
                batch.failures = 0;
            }
            if taken.len() == 1 {
                batch.alone += 1
            } else {
                batch.alone = 0
            }
            batch.alone
        };
        if let ([entry], true) = (taken, alone >= GIVE_UP) {
            self.shared().batch = BatchSize::default();
            let reason = StuckReason { code: "server_error".to_owned(), message: why };
            let verdict = Verdict::Refused { reason, row: None };
            let settlement = Settlement { at: entry.at.clone(), generation: entry.generation, verdict };
            let at = self.database.state().await?.cursor;
            self.database.execute(Batch::OutboxSettle { settlements: vec![settlement], at }).await?;
            return Ok(());
        }
        Err(RemoteError::TooMuch(why).into())
    }

    /// Our stamps are ahead of the server's clock: take its time and send again. What went out before keeps its stamps
    /// and waits until the server's clock has reached them.
    async fn clock_ahead(&self, taken: &[Entry], answer: &PushAnswer) -> Result<(), Trouble> {
        let newest = taken.iter().flat_map(|e| e.groups.values()).map(|s| s.micros).max().unwrap_or(0);
        let by = i64::try_from(answer.head.now).unwrap_or(0) - i64::try_from(newest).unwrap_or(0);
        self.database
            .execute(Batch::ShiftRefused { refs: taken.iter().map(|e| e.at.clone()).collect(), by_micros: by })
            .await?;
        Ok(())
    }

    async fn settlements(&self, taken: &[Entry], answer: &PushAnswer) -> Result<Vec<Settlement>, Trouble> {
        let refused_parent = answer.results.iter().any(|r| r.code.as_deref() == Some("parent_missing"));
        let queued: HashSet<RowRef> = if refused_parent {
            self.database.outbox().await?.into_iter().map(|e| e.at).collect()
        } else {
            HashSet::new()
        };
        let now_ms = self.database.local_time().wall_ms;
        let mut settlements = Vec::with_capacity(taken.len());
        for result in &answer.results {
            let Some(table) = Table::from_name(&result.table) else { continue };
            let at = RowRef { table, key: result.key.clone() };
            let Some(entry) = taken.iter().find(|e| e.at == at) else { continue };
            if let Some(verdict) = verdict(entry, result, &queued, now_ms) {
                settlements.push(Settlement { at, generation: result.generation, verdict });
            }
        }
        Ok(settlements)
    }
}

fn verdict(entry: &Entry, result: &WireVerdict, queued: &HashSet<RowRef>, now_ms: i64) -> Option<Verdict> {
    let row = result.row.clone().map(|row| read_row(&entry.at, row));
    match (result.status.as_str(), row) {
        ("done", Some(Ok(row))) => Some(Verdict::Done(row)),
        // Done, but what the server holds cannot be read: not cleared, so that it is not lost.
        ("done", _) => None,
        (_, row) => {
            let code = result.code.clone().unwrap_or_else(|| "refused".to_owned());
            let waits = code == "parent_missing" && entry.parents().iter().any(|p| queued.contains(p));
            if waits {
                return Some(Verdict::Deferred { until_ms: now_ms + PARENT_WAIT_MS });
            }
            let message = result.message.clone().unwrap_or_default();
            Some(Verdict::Refused { reason: StuckReason { code, message }, row: row.and_then(Result::ok) })
        }
    }
}
