//! A store in memory, stricter than the real ones: it checks every plan before it writes, and can be told to fail.
//!
//! For tests and the simulation, and as the plainest reading of what a store must do.

use crate::{
    key::RowRef,
    log,
    outbox::{Entry, Waiting},
    platform::BoxFuture,
    row::Row,
    store::{Batch, Outcome, Plan, Put, Query, Snapshot, Store, StoreError, Stored, SyncState},
    survey::{Fact, Survey},
    table::Table,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

#[derive(Clone, Debug, Default)]
struct Tables {
    state: SyncState,
    log: BTreeMap<u64, log::Line>,
    rows: BTreeMap<RowRef, Kept>,
    outbox: BTreeMap<RowRef, Arc<Entry>>,
    closed: bool,
    /// Rows written so far.
    written: u64,
}

/// A row, with what was found out about it. Its text is made when it is asked for.
#[derive(Clone, Debug)]
struct Kept {
    put: Put,
    fact: OnceLock<Fact>,
}

fn told(put: &Put) -> Stored {
    Stored { body: put.row.to_text(), ..put.stored.clone() }
}

/// The text of every so many rows that are written is made, read again and compared. (That of each would take most of the
/// time of a simulation; the stores on disk read nothing else.)
const REREAD: u64 = 64;

/// See the module.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tables: Mutex<Tables>,
    fail_next: Mutex<bool>,
}

impl MemoryStore {
    /// An empty database.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the next batch fail after it was planned, as a crash before the commit would.
    pub fn fail_next_commit(&self) {
        *self.fail_next.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// All of it once more, as a copy of a file would be.
    #[must_use]
    pub fn copy(&self) -> Self {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { tables: Mutex::new(tables), fail_next: Mutex::default() }
    }

    /// Loses a row, as a fault of the disk or of this program would: nobody is told.
    pub fn lose(&self, at: &RowRef) {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).rows.remove(at);
    }

    /// The outbox entry of a row.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn entry(&self, at: &RowRef) -> Result<Option<Entry>, StoreError> {
        let tables = self.open()?;
        let mut entry = tables.outbox.get(at).map(|entry| Entry::clone(entry));
        entry.iter_mut().for_each(|entry| tables.state.mark(entry));
        Ok(entry)
    }

    /// Whether the row has an entry that is not stuck.
    #[must_use]
    pub fn waits(&self, at: &RowRef) -> bool {
        self.open().is_ok_and(|tables| tables.outbox.get(at).is_some_and(|entry| entry.stuck.is_none()))
    }

    /// What the sync state says; a closed store has only an empty one.
    pub fn with_state<T>(&self, look: impl FnOnce(&SyncState) -> T) -> T {
        match self.open() {
            Ok(tables) => look(&tables.state),
            Err(_) => look(&SyncState::default()),
        }
    }

    /// What the outbox says, without the marks of what was carried; a closed store has an empty one.
    pub fn with_entries<T>(&self, look: impl FnOnce(&[&Entry]) -> T) -> T {
        match self.open() {
            Ok(tables) => look(&tables.outbox.values().map(|entry| &**entry).collect::<Vec<_>>()),
            Err(_) => look(&[]),
        }
    }

    /// Which rows live.
    #[must_use]
    pub fn live(&self) -> Vec<RowRef> {
        let of = |tables: MutexGuard<'_, Tables>| {
            let live = tables.rows.iter().filter(|(_, kept)| kept.put.live);
            live.map(|(at, _)| at.clone()).collect()
        };
        self.open().map(of).unwrap_or_default()
    }

    /// A row, tombstones too.
    #[must_use]
    pub fn row(&self, at: &RowRef) -> Option<Arc<Row>> {
        self.open().ok()?.rows.get(at).map(|kept| Arc::clone(&kept.put.row))
    }

    fn open(&self) -> Result<MutexGuard<'_, Tables>, StoreError> {
        let tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if tables.closed { Err(StoreError::Closed) } else { Ok(tables) }
    }

    fn run(&self, batch: Batch) -> Result<Outcome, StoreError> {
        let mut tables = self.open()?;
        let snapshot = snapshot(&tables, &batch);
        let mut plan = batch.plan(snapshot)?;
        check(&plan, tables.written)?;
        if std::mem::take(&mut *self.fail_next.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Err(StoreError::Backend("told to fail".to_owned()));
        }
        let outcome = std::mem::take(&mut plan.outcome);
        apply(&mut tables, plan);
        Ok(outcome)
    }
}

fn snapshot(tables: &Tables, batch: &Batch) -> Snapshot {
    let reads = batch.reads(&tables.state);
    let mut snapshot = Snapshot { state: tables.state.clone(), textless: true, ..Snapshot::default() };
    let mut wanted: BTreeSet<RowRef> = reads.rows.into_iter().collect();
    if let Some(due) = reads.due {
        let after = due.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let waiting = tables.outbox.range((after, Bound::Unbounded)).map(|(_, entry)| entry);
        let is_due = waiting.filter(|e| e.is_due(due.now_ms)).take(due.limit);
        let stuck = tables.outbox.values().filter(|e| e.stuck.is_some());
        snapshot.entries.extend(is_due.chain(stuck).map(|e| (e.at.clone(), Arc::clone(e))));
    }
    if reads.all_entries {
        wanted.extend(tables.outbox.keys().cloned());
    }
    if let Some(resync) = reads.unseen {
        let unseen = tables.rows.iter().filter(|(_, kept)| kept.put.stored.seen != resync);
        wanted.extend(unseen.map(|(at, _)| at.clone()));
    }
    for at in wanted {
        if let Some(Kept { put, .. }) = tables.rows.get(&at) {
            snapshot.rows.insert(at.clone(), put.stored.clone());
            snapshot.read.insert(at.clone(), Arc::clone(&put.row));
        }
        if let Some(entry) = tables.outbox.get(&at) {
            snapshot.entries.insert(at, Arc::clone(entry));
        }
    }
    snapshot
}

/// What no plan may do.
fn check(plan: &Plan, written: u64) -> Result<(), StoreError> {
    let broken = |what: &str, at: &RowRef| Err(StoreError::Corrupt(format!("plan: {what} {at}")));
    if let Some(at) = twice(plan.puts.iter().map(|p| &p.stored.at).chain(&plan.deletes)) {
        return broken("writes twice", at);
    }
    for (number, put) in (written..).zip(&plan.puts) {
        let row = &put.row;
        if number.is_multiple_of(REREAD) && Row::from_text(row.table, &row.to_text())? != **row {
            return broken("writes a row that reads otherwise than it is,", &put.stored.at);
        }
        if !row.is_at(&put.stored.at) {
            return broken("keeps a row under another key,", &put.stored.at);
        }
        if row.is_live() != put.live || row.span() != put.span {
            return broken("indexes wrongly", &put.stored.at);
        }
        if put.stored.at.table == Table::Events && put.live && put.span.is_none() {
            return broken("keeps a live event without a span,", &put.stored.at);
        }
    }
    if let Some(at) = twice(plan.put_entries.iter().map(|e| &e.at).chain(&plan.delete_entries)) {
        return broken("writes an entry twice,", at);
    }
    for entry in &plan.put_entries {
        if entry.groups.is_empty() {
            return broken("keeps an entry with nothing to send,", &entry.at);
        }
    }
    Ok(())
}

/// One that is named twice.
fn twice<'a>(refs: impl Iterator<Item = &'a RowRef>) -> Option<&'a RowRef> {
    let mut refs: Vec<&RowRef> = refs.collect();
    refs.sort_unstable();
    refs.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

fn apply(tables: &mut Tables, plan: Plan) {
    if let Some(state) = plan.state {
        tables.state = state;
    }
    tables.log.extend(plan.log.into_iter().map(|line| (line.slot(), line)));
    for at in plan.deletes {
        tables.rows.remove(&at);
    }
    tables.written += plan.puts.len() as u64;
    for put in plan.puts {
        tables.rows.insert(put.stored.at.clone(), Kept { put, fact: OnceLock::new() });
    }
    for at in plan.delete_entries {
        tables.outbox.remove(&at);
    }
    for entry in plan.put_entries {
        tables.outbox.insert(entry.at.clone(), Arc::new(entry));
    }
}

fn confirmed(tables: &Tables, stored: Stored) -> Stored {
    stored.confirm(|at| tables.outbox.contains_key(at))
}

fn answer(tables: &Tables, query: &Query) -> Result<Vec<Stored>, StoreError> {
    let live = || tables.rows.values().map(|kept| &kept.put).filter(|put| put.live);
    let found: Vec<Stored> = match query {
        Query::Events { span, user } => {
            let events: Vec<&Put> = live().filter(|put| put.span.is_some_and(|s| s.overlaps(*span))).collect();
            let own =
                |event: &Put| event.stored.at.uuid().map(|id| [RowRef::overlay(id, *user), RowRef::role(id, *user)]);
            let children: Vec<RowRef> = events.iter().filter_map(|e| own(e)).flatten().collect();
            let children =
                children.iter().filter_map(|at| tables.rows.get(at)).map(|kept| &kept.put).filter(|put| put.live);
            let mut all: Vec<Stored> = events.iter().copied().chain(children).map(told).collect();
            all.sort_by(|a, b| a.at.cmp(&b.at));
            all
        }
        Query::Table(table) => live().filter(|put| put.stored.at.table == *table).map(told).collect(),
        Query::Event(id) => {
            let of_event =
                |put: &&Put| put.stored.at == RowRef::event(*id) || put.stored.at.parent_event() == Some(*id);
            tables.rows.values().map(|kept| &kept.put).filter(of_event).map(told).collect()
        }
        Query::Search { text, limit } => {
            let lower = text.to_lowercase();
            let mut hits: Vec<(i64, &Put)> = Vec::new();
            for put in live().filter(|put| put.stored.at.table == Table::Events) {
                if Query::matches_text(&put.row, &lower) {
                    hits.push((put.span.map_or(0, |s| s.start), put));
                }
            }
            hits.sort_by_key(|(start, put)| (std::cmp::Reverse(*start), &put.stored.at));
            hits.into_iter().take(*limit).map(|(_, put)| told(put)).collect()
        }
    };
    Ok(found.into_iter().map(|stored| confirmed(tables, stored)).collect())
}

impl Store for MemoryStore {
    fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        Box::pin(async move { self.run(batch) })
    }

    fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        Box::pin(async move { answer(&*self.open()?, &query) })
    }

    fn get(&self, at: RowRef) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move {
            let tables = self.open()?;
            Ok(tables.rows.get(&at).map(|kept| confirmed(&tables, told(&kept.put))))
        })
    }

    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        Box::pin(async move {
            let tables = self.open()?;
            Ok(tables.state.marked(tables.outbox.values().map(|entry| Entry::clone(entry)).collect()))
        })
    }

    fn waiting(&self, now_ms: i64) -> BoxFuture<'_, Result<Waiting, StoreError>> {
        Box::pin(async move { Ok(Waiting::count(self.open()?.outbox.values().map(|entry| &**entry), now_ms)) })
    }

    fn survey(&self, mut survey: Survey) -> BoxFuture<'_, Result<Survey, StoreError>> {
        Box::pin(async move {
            let tables = self.open()?;
            survey.state(tables.state.clone());
            tables.outbox.values().for_each(|entry| survey.entry(entry));
            for (at, kept) in &tables.rows {
                survey.fact(at, kept.fact.get_or_init(|| Fact::of(&kept.put.row)).clone());
            }
            Ok(survey)
        })
    }

    fn log(&self) -> BoxFuture<'_, Result<Vec<log::Line>, StoreError>> {
        Box::pin(async move {
            let mut lines: Vec<log::Line> = self.open()?.log.values().cloned().collect();
            lines.sort_by_key(|line| line.number);
            Ok(lines)
        })
    }

    fn state(&self) -> BoxFuture<'_, Result<SyncState, StoreError>> {
        Box::pin(async move { Ok(self.open()?.state.clone()) })
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            *self.open()? = Tables::default();
            Ok(())
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.tables.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
            Ok(())
        })
    }

    fn reopen(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.tables.lock().unwrap_or_else(PoisonError::into_inner).closed = false;
            Ok(())
        })
    }
}
