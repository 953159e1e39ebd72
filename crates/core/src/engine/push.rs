//! Push: the outbox in batches, a verdict for each row.

use super::{Engine, Trouble};
use crate::{
    key::RowRef,
    log::Happened,
    mutation::{Mutation, off},
    outbox::{Entry, StuckReason},
    remote::RemoteError,
    store::{Batch, Settlement, Verdict},
    table::Table,
    wire::{PushAnswer, WireVerdict, read_row},
};
use std::collections::{BTreeMap, HashMap};

/// Entries in one request at most.
const MOST: usize = 500;
/// Bytes in one request at most, unless one entry alone is larger: 1 MB with room for the envelope.
const MOST_BYTES: usize = 900_000;
/// A single entry that fails so often while pulling works is set aside.
const GIVE_UP: u32 = 5;
/// A child whose parent waits in the queue is tried again after 1 s.
const PARENT_WAIT_MS: i64 = 1000;
/// The server's limits count by the hour: without a word of it when, what it calls too many is tried again after 1 min, then
/// 2, 4, … at most 30.
const LIMIT_WAIT_MS: i64 = 60_000;
/// No wait for a limit is longer, whatever the server says: 1 h.
const LONGEST_LIMIT_MS: i64 = 3_600_000;
/// Nothing else is put off for longer than this; more means that the wall clock was set back.
const LONGEST_WAIT_MS: i64 = 60_000;
/// Why an entry is stuck when it is its parent that was refused. It is sent again by itself once the parent is free.
const PARENT_STUCK: &str = "parent_stuck";

/// How many entries go at once; halved when the server cannot take so many.
#[derive(Debug)]
pub(super) struct BatchSize {
    limit: usize,
    failures: u32,
    /// How often entries failed alone.
    alone: BTreeMap<RowRef, u32>,
    /// Requests of this size that passed.
    passes: u32,
}

/// Requests of one size that must pass before a larger one is tried.
const PASSES: u32 = 8;

impl Default for BatchSize {
    fn default() -> Self {
        Self { limit: MOST, failures: 0, alone: BTreeMap::new(), passes: 0 }
    }
}

impl BatchSize {
    /// After some that passed: twice as many. (All at once would meet what is too much over and over.)
    fn passed(&mut self, taken: &[Entry]) {
        for entry in taken {
            self.alone.remove(&entry.at);
        }
        self.failures = 0;
        self.passes += 1;
        if self.passes >= PASSES {
            self.limit = self.limit.saturating_mul(2).min(MOST);
            self.passes = 0;
        }
    }

    /// Three times too much: half as many; once below the most, at once. True: a single entry failed for the last time.
    fn failed(&mut self, taken: &[Entry]) -> bool {
        self.failures += 1;
        self.passes = 0;
        if let [entry] = taken {
            let times = self.alone.entry(entry.at.clone()).or_default();
            *times += 1;
            return *times >= GIVE_UP && !off(Mutation::HopelessIsSetAside);
        }
        if (self.failures >= 3 || self.limit < MOST) && !off(Mutation::TooMuchIsHalved) {
            self.limit = (taken.len() / 2).max(1);
            self.failures = 0;
        }
        false
    }
}

/// What became of a request.
enum Sent {
    /// It was answered row by row, which is to be settled.
    Answered(Answered),
    /// It is settled already: an entry that cannot be sent was set aside.
    Settled,
    /// The stamps were ahead of the server's clock and were moved.
    Moved,
    /// The server is another database than the one read so far.
    OtherEpoch,
}

/// Entries that were sent, and the answer.
struct Answered {
    taken: Vec<Entry>,
    answer: PushAnswer,
}

impl Engine {
    /// Sends until nothing is due. True when something was sent.
    ///
    /// While the server works on one batch, the answer to the one before it is settled and the next one is taken. No request
    /// goes out before the last one was answered, so parents come before their children.
    pub(super) async fn push_all(&self) -> Result<bool, Trouble> {
        self.free_entries().await?;
        let (mut sent, mut moved, mut answered) = (false, 0, None);
        let mut taken = self.take(None).await?;
        loop {
            if taken.is_empty() {
                // From the start again: edits were made meanwhile, or what was sent was edited.
                let Some(last) = answered.take() else { return Ok(sent) };
                self.settle(last).await?;
                taken = self.take(None).await?;
                continue;
            }
            sent = true;
            let last = taken.iter().map(|entry| &entry.at).max().cloned();
            let settle_and_take = async {
                if let Some(before) = answered.take() {
                    self.settle(before).await?;
                }
                // Not with a pull in between: what is under way is settled before anything else is read.
                if self.database.local_time().adjusted { self.take(last).await } else { Ok(Vec::new()) }
            };
            let (asked, next) = futures::join!(self.push_batch(taken), settle_and_take);
            let next = next?;
            if let Ok(Sent::Answered(answer)) = asked {
                moved = 0;
                (answered, taken) = (Some(answer), next);
                continue;
            }
            if !next.is_empty() {
                self.database.execute(Batch::OutboxPutBack { taken: next }).await?;
            }
            match asked? {
                Sent::Moved if moved < 3 => moved += 1,
                Sent::Moved => {
                    return Err(RemoteError::transport("the server keeps calling the stamps ahead of its clock").into());
                }
                // Verdicts of a restored server mean nothing before its rows are here.
                Sent::OtherEpoch => self.pull_all().await?,
                Sent::Answered(_) | Sent::Settled => moved = 0,
            }
            taken = self.take(None).await?;
        }
    }

    /// Takes what is due next, marked as attempted.
    async fn take(&self, after: Option<RowRef>) -> Result<Vec<Entry>, Trouble> {
        loop {
            // The wall clock was set since the last answer: an edit must not go out with a stamp of that time.
            if !self.database.local_time().adjusted {
                self.pull_all().await?;
            }
            let limit = self.shared().batch.limit;
            let now_ms = self.database.local_time().wall_ms;
            let take = Batch::OutboxTake { now_ms, limit, max_bytes: MOST_BYTES, after: after.clone() };
            let outcome = self.database.execute(take).await?;
            if outcome.applied {
                return Ok(outcome.taken);
            }
            self.shift_stamps().await?;
        }
    }

    /// Frees what waits for something that has passed: children of a parent that is stuck no more, and entries put off
    /// by a clock that was set back since.
    async fn free_entries(&self) -> Result<(), Trouble> {
        let waiting = self.database.waiting().await?;
        let now_ms = self.database.local_time().wall_ms;
        // Which entries wait for a limit is not kept over a restart: then they are tried once more.
        let limited = self.shared().limited.clone();
        let longest = |at: &RowRef| if limited.contains(at) { LONGEST_LIMIT_MS } else { LONGEST_WAIT_MS };
        if waiting.stuck == 0 && waiting.last_due_ms <= Some(now_ms + LONGEST_WAIT_MS) {
            return Ok(());
        }
        let entries = self.database.outbox().await?;
        let is_stuck = |at: &RowRef| entries.iter().any(|entry| entry.at == *at && entry.stuck.is_some());
        for entry in &entries {
            let freed = match &entry.stuck {
                Some(reason) => reason.code == PARENT_STUCK && !entry.parents().iter().any(is_stuck),
                None => entry.not_before_ms > now_ms + longest(&entry.at),
            };
            if freed {
                self.database.execute(Batch::Retry(entry.at.clone())).await?;
            }
        }
        Ok(())
    }

    async fn push_batch(&self, taken: Vec<Entry>) -> Result<Sent, Trouble> {
        let state = self.database.state().await?;
        let request = self.remote.push(state.device, taken.clone());
        let answer = match self.ask(request, |a| &a.head).await {
            Ok(answer) => answer,
            Err(Trouble::Remote(RemoteError::TooMuch(why))) => return self.too_much(&taken, why).await,
            Err(trouble) => return Err(trouble),
        };
        if state.epoch.as_ref() != Some(&answer.head.epoch) {
            return Ok(Sent::OtherEpoch);
        }
        if answer.error.as_deref() == Some("clock_ahead") {
            self.database.execute(Batch::ShiftRefused { taken, now: answer.head.now }).await?;
            return Ok(Sent::Moved);
        }
        self.shared().batch.passed(&taken);
        Ok(Sent::Answered(Answered { taken, answer }))
    }

    /// Writes down what the server answered.
    async fn settle(&self, Answered { taken, answer }: Answered) -> Result<(), Trouble> {
        let (settlements, pointless) = self.settlements(&taken, answer.results).await?;
        // Putting off is no progress: what it waits for may be what fails.
        if settlements.iter().any(|settlement| !matches!(settlement.verdict, Verdict::Deferred { .. })) {
            self.shared().progress = true;
        }
        self.note_verdicts(&settlements);
        self.database.execute(Batch::OutboxSettle { settlements, at: answer.at }).await?;
        for at in pointless {
            self.database.execute(Batch::Discard(at)).await?;
        }
        self.refresh_counts_now_and_then().await;
        Ok(())
    }

    /// For the log: how many of what, and which were refused.
    fn note_verdicts(&self, settlements: &[Settlement]) {
        let (mut done, mut put_off, mut refused) = (0, 0, 0);
        for settlement in settlements {
            match &settlement.verdict {
                Verdict::Done(_) => done += 1,
                Verdict::Deferred { .. } => put_off += 1,
                Verdict::Refused { reason, .. } => {
                    refused += 1;
                    self.note(Happened::refused(&settlement.at, &reason.code));
                }
            }
        }
        self.note(Happened::Pushed { sent: settlements.len() as u64, done, put_off, refused });
    }

    async fn too_much(&self, taken: &[Entry], why: String) -> Result<Sent, Trouble> {
        let gives_up = self.shared().batch.failed(taken);
        if let ([entry], true) = (taken, gives_up) {
            self.shared().batch.alone.remove(&entry.at);
            let settlement =
                Settlement { at: entry.at.clone(), generation: entry.generation, verdict: server_error(why) };
            let at = self.database.state().await?.cursor;
            self.database.execute(Batch::OutboxSettle { settlements: vec![settlement], at }).await?;
            self.refresh_counts().await;
            return Ok(Sent::Settled);
        }
        Err(RemoteError::TooMuch(why).into())
    }

    /// One settlement for each entry sent, and the rows whose entries have lost their point.
    async fn settlements(
        &self,
        taken: &[Entry],
        results: Vec<WireVerdict>,
    ) -> Result<(Vec<Settlement>, Vec<RowRef>), Trouble> {
        let refused_parent = results.iter().any(|r| r.code.as_deref() == Some("parent_missing"));
        // Queued parents, and whether they are stuck.
        let queued: HashMap<RowRef, bool> = if refused_parent {
            self.database.outbox().await?.into_iter().map(|e| (e.at, e.stuck.is_some())).collect()
        } else {
            HashMap::new()
        };
        let at = |result: &WireVerdict| {
            Table::from_name(&result.table).map(|table| RowRef { table, key: result.key.clone() })
        };
        let mut answered: HashMap<RowRef, WireVerdict> =
            results.into_iter().filter_map(|result| at(&result).map(|at| (at, result))).collect();
        let now_ms = self.database.local_time().wall_ms;
        let (mut settlements, mut pointless) = (Vec::with_capacity(taken.len()), Vec::new());
        for entry in taken {
            let result = answered.remove(&entry.at);
            let verdict = result.and_then(|result| verdict(entry, result, &queued, now_ms));
            let verdict = verdict.unwrap_or_else(|| unanswered(entry, now_ms));
            let waits = matches!(verdict, Verdict::Deferred { until_ms } if until_ms > now_ms + LONGEST_WAIT_MS);
            if waits {
                self.shared().limited.insert(entry.at.clone());
            } else {
                self.shared().limited.remove(&entry.at);
            }
            if self.is_pointless(entry, &verdict, &queued).await? {
                pointless.push(entry.at.clone());
            }
            settlements.push(Settlement { at: entry.at.clone(), generation: entry.generation, verdict });
        }
        Ok((settlements, pointless))
    }

    /// What hangs on an event that was made and deleted before the server ever heard of it has nobody to be asked about.
    async fn is_pointless(
        &self,
        entry: &Entry,
        verdict: &Verdict,
        queued: &HashMap<RowRef, bool>,
    ) -> Result<bool, Trouble> {
        let Verdict::Refused { reason, row: None } = verdict else { return Ok(false) };
        let Some(event) = entry.at.parent_event().map(RowRef::event).filter(|at| !queued.contains_key(at)) else {
            return Ok(false);
        };
        Ok(reason.code == "parent_missing" && entry.create && self.database.get(event).await?.is_none())
    }
}

fn server_error(message: String) -> Verdict {
    Verdict::Refused { reason: StuckReason { code: "server_error".to_owned(), message }, row: None }
}

/// The answer lacks the entry's verdict, or it does not read: tried again, then set aside.
fn unanswered(entry: &Entry, now_ms: i64) -> Verdict {
    if entry.attempts + 1 >= GIVE_UP {
        return server_error("the server's answer does not read".to_owned());
    }
    Verdict::Deferred { until_ms: now_ms + 1000 * i64::from(entry.attempts + 1) }
}

/// How long to wait for one of the server's limits, ms.
fn limit_wait(entry: &Entry, result: &WireVerdict) -> i64 {
    let doubled = LIMIT_WAIT_MS << entry.attempts.min(5);
    result
        .retry_after
        .map_or(doubled.min(30 * LIMIT_WAIT_MS), |seconds| i64::from(seconds) * 1000)
        .min(LONGEST_LIMIT_MS)
}

fn verdict(entry: &Entry, mut result: WireVerdict, queued: &HashMap<RowRef, bool>, now_ms: i64) -> Option<Verdict> {
    let row = result.row.take().map(|row| read_row(&entry.at, row));
    match (result.status.as_str(), row) {
        ("done", Some(Ok(row))) => Some(Verdict::Done(row)),
        // Done, but what the server holds cannot be read: not cleared, so that it is not lost.
        ("done", _) => None,
        (_, _) if result.code.as_deref() == Some("rate_limited") && !off(Mutation::LimitsAreWaitedOut) => {
            Some(Verdict::Deferred { until_ms: now_ms + limit_wait(entry, &result) })
        }
        (_, row) => {
            let mut code = result.code.unwrap_or_else(|| "refused".to_owned());
            if code == "parent_missing" {
                let parents: Vec<bool> = entry.parents().iter().filter_map(|p| queued.get(p).copied()).collect();
                if parents.contains(&true) {
                    PARENT_STUCK.clone_into(&mut code);
                } else if !parents.is_empty() {
                    return Some(Verdict::Deferred { until_ms: now_ms + PARENT_WAIT_MS });
                }
            }
            let message = result.message.unwrap_or_default();
            Some(Verdict::Refused { reason: StuckReason { code, message }, row: row.and_then(Result::ok) })
        }
    }
}
