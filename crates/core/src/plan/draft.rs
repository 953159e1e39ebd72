//! A draft of the writes: rows and entries as they would be, compared at the end with what was read, so that only what
//! differs is written.

use crate::{
    changes::Change,
    key::RowRef,
    order,
    outbox::{Entry, RowState},
    row::{Row, Span},
    store::{Outcome, Plan, Put, Snapshot, StoreError, Stored, SyncState},
    table::DELETED_AT,
};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// A row as drafted: none is a row removed.
struct DraftRow {
    row: Option<Arc<Row>>,
    seen: u64,
}

fn live_span(row: &Row) -> Option<Span> {
    row.span().filter(|_| row.is_live())
}

/// See the module.
pub(crate) struct Draft {
    before: Snapshot,
    pub(crate) state: SyncState,
    rows: BTreeMap<RowRef, DraftRow>,
    entries: BTreeMap<RowRef, Option<Entry>>,
    pub(crate) outcome: Outcome,
}

impl Draft {
    pub(crate) fn new(mut before: Snapshot) -> Self {
        for entry in before.entries.values_mut().filter(|entry| before.state.is_carried(entry)) {
            before.state.mark(Arc::make_mut(entry));
        }
        let state = before.state.clone();
        let outcome = Outcome { applied: true, ..Outcome::default() };
        Self { before, state, rows: BTreeMap::new(), entries: BTreeMap::new(), outcome }
    }

    /// The row as it is in the draft.
    pub(crate) fn row(&mut self, at: &RowRef) -> Result<Option<Arc<Row>>, StoreError> {
        match self.rows.get(at) {
            Some(draft) => Ok(draft.row.clone()),
            None => self.row_before(at),
        }
    }

    /// The row as it was read. Each is read from its text once.
    fn row_before(&mut self, at: &RowRef) -> Result<Option<Arc<Row>>, StoreError> {
        if let Some(row) = self.before.read.get(at) {
            return Ok(Some(Arc::clone(row)));
        }
        let Some(stored) = self.before.rows.get(at) else { return Ok(None) };
        let row = Arc::new(stored.row()?);
        self.before.read.insert(at.clone(), Arc::clone(&row));
        Ok(Some(row))
    }

    /// The resync that last confirmed the row; 0 for one that is not here.
    pub(crate) fn seen(&self, at: &RowRef) -> u64 {
        let before = || self.before.rows.get(at).map_or(0, |stored| stored.seen);
        self.rows.get(at).map_or_else(before, |draft| draft.seen)
    }

    pub(crate) fn entry(&self, at: &RowRef) -> Option<Entry> {
        self.entry_ref(at).cloned()
    }

    pub(crate) fn entry_ref(&self, at: &RowRef) -> Option<&Entry> {
        self.entries.get(at).map_or_else(|| self.before.entries.get(at).map(|entry| &**entry), Option::as_ref)
    }

    /// Whether any entry was read.
    pub(crate) fn has_entries(&self) -> bool {
        !self.before.entries.is_empty()
    }

    /// The entries among those that were read, in push order.
    pub(crate) fn entries(&self, which: impl Fn(&Entry) -> bool) -> Vec<&Entry> {
        self.before.entries.values().map(|entry| &**entry).filter(|entry| which(entry)).collect()
    }

    /// All entries as they are in the draft.
    pub(crate) fn all_entries(&self) -> impl Iterator<Item = &Entry> {
        let untouched =
            self.before.entries.iter().filter(|(at, _)| !self.entries.contains_key(*at)).map(|(_, entry)| &**entry);
        untouched.chain(self.entries.values().flatten())
    }

    /// All rows that were read, in order.
    pub(crate) fn row_refs(&self) -> Vec<RowRef> {
        self.before.rows.keys().cloned().collect()
    }

    pub(crate) fn put_row(&mut self, at: &RowRef, row: Row, seen: u64) {
        self.keep_row(at, Arc::new(row), seen);
    }

    /// The same of a row that stays as it is.
    pub(crate) fn keep_row(&mut self, at: &RowRef, row: Arc<Row>, seen: u64) {
        self.rows.insert(at.clone(), DraftRow { row: Some(row), seen });
    }

    pub(crate) fn remove_row(&mut self, at: &RowRef) {
        self.rows.insert(at.clone(), DraftRow { row: None, seen: 0 });
    }

    pub(crate) fn put_entry(&mut self, entry: Entry) {
        self.entries.insert(entry.at.clone(), Some(entry));
    }

    pub(crate) fn remove_entry(&mut self, at: &RowRef) {
        self.entries.insert(at.clone(), None);
    }

    /// Remembers how far the stamps of the server go.
    pub(crate) fn hear(&mut self, row: &Row) {
        self.state.heard = self.state.heard.max(row.updated_at());
    }

    /// A generation never given before.
    pub(crate) const fn next_generation(&mut self) -> u64 {
        self.state.generation += 1;
        self.state.generation
    }

    /// The plan of all differences.
    pub(crate) fn finish(mut self) -> Result<Plan, StoreError> {
        let mut plan = Plan { outcome: std::mem::take(&mut self.outcome), ..Plan::default() };
        let mut changes = std::mem::take(&mut plan.outcome.changes);
        // An entry that comes, goes or gets stuck changes how its row reads, even where the row is the same.
        let touched: Vec<RowRef> = self.entries.keys().filter(|at| !self.rows.contains_key(*at)).cloned().collect();
        for at in touched {
            if let Some(row) = self.row(&at)? {
                let seen = self.seen(&at);
                self.rows.insert(at, DraftRow { row: Some(row), seen });
            }
        }
        let rows = std::mem::take(&mut self.rows);
        for (at, draft) in rows {
            let state = self.entry_ref(&at).map_or(RowState::Synced, Entry::state);
            // Where a row was is part of the news, also for one that leaves without having been looked at.
            let row_before = self.row_before(&at)?;
            let span_before = row_before.as_deref().and_then(live_span);
            let before = self.before.rows.get(&at);
            let state_before = self.before.entries.get(&at).map_or(RowState::Synced, |entry| entry.state());
            match draft.row {
                Some(mut row) => {
                    if !row.columns.contains_key(DELETED_AT) {
                        Arc::make_mut(&mut row).columns.insert(DELETED_AT.to_owned(), Value::Null);
                    }
                    let is_same = row_before.is_some_and(|before| Arc::ptr_eq(&before, &row) || before == row);
                    let (live, span) = (row.is_live(), row.span());
                    if !is_same || before.is_none() || state_before != state {
                        changes.rows.push(Change { at: at.clone(), before: span_before, after: span.filter(|_| live) });
                    }
                    // Sent and answered with what is here already, which is the rule: only the entry goes.
                    let says = |before: &Stored| {
                        before.state == state || (before.state, state) == (RowState::Pending, RowState::Synced)
                    };
                    if is_same && before.is_some_and(|before| says(before) && before.seen == draft.seen) {
                        continue;
                    }
                    let body = match before.filter(|_| is_same) {
                        _ if self.before.textless => String::new(),
                        Some(before) => before.body.clone(),
                        None => row.to_text(),
                    };
                    plan.puts.push(Put { stored: Stored { at, body, state, seen: draft.seen }, row, live, span });
                }
                None if before.is_some() => {
                    changes.rows.push(Change { at: at.clone(), before: span_before, after: None });
                    plan.deletes.push(at);
                }
                None => {}
            }
        }
        let mut told: Vec<u64> = Vec::new();
        for (at, entry) in std::mem::take(&mut self.entries) {
            let before = self.before.entries.get(&at).map(|entry| &**entry);
            // Written anew, an entry says for itself whether it was carried.
            told.extend(before.filter(|before| entry.as_ref() != Some(*before)).map(|before| before.generation));
            match entry {
                Some(entry) if before != Some(&entry) => {
                    changes.outbox = true;
                    changes.to_send |= before.is_none_or(|before| before.generation != entry.generation);
                    plan.put_entries.push(entry);
                }
                None if before.is_some() => {
                    changes.outbox = true;
                    changes.to_send |= before.is_some_and(|before| before.stuck.is_some());
                    plan.delete_entries.push(at);
                }
                _ => {}
            }
        }
        order::sort(&mut told);
        self.state.carried.retain(|generation| told.binary_search(generation).is_err());
        if self.state != self.before.state {
            changes.state = true;
            plan.state = Some(self.state);
        }
        plan.outcome.changes = changes;
        Ok(plan)
    }
}
