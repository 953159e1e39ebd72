//! Running a batch: read, plan, put, commit.

use crate::{
    connection::Connections,
    error::store as failed,
    read::{CHUNK, parse_state},
    record::{EntryRecord, Record, RecordKey},
    schema::{LOG, OUTBOX, ROWS, STATE, STATE_KEY, STORES, STUCK},
    transaction::{Durability, Writing},
};
use almanac_core::{
    key::RowRef,
    outbox::Entry,
    store::{Batch, Due, Outcome, Plan, Reads, Snapshot, StoreError, SyncState},
};
use futures::{future::try_join_all, try_join};
use idb::{KeyRange, ObjectStore};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use wasm_bindgen::{JsCast, JsValue};

/// From so many keys on, a range is read instead of each key by itself, if the range holds little else.
const MANY: usize = 24;

pub(crate) async fn execute(connections: &Connections, batch: Batch) -> Result<Outcome, StoreError> {
    let writing = Writing::begin(&connections.writing()?, durability(&batch))?;
    match read_plan_put(&writing, batch).await {
        Ok(outcome) => writing.commit().await.map(|()| outcome),
        Err(error) => Err(writing.abort(error).await),
    }
}

pub(crate) async fn wipe(connections: &Connections) -> Result<(), StoreError> {
    let writing = Writing::begin(&connections.writing()?, Durability::Strict)?;
    let cleared = STORES.iter().try_for_each(|name| writing.store(name)?.clear().map(drop).map_err(failed));
    match cleared {
        Ok(()) => writing.commit().await,
        Err(error) => Err(writing.abort(error).await),
    }
}

/// What the server can send again need not wait for the disk.
const fn durability(batch: &Batch) -> Durability {
    if batch.is_repeatable() { Durability::Relaxed } else { Durability::Strict }
}

async fn read_plan_put(writing: &Writing, batch: Batch) -> Result<Outcome, StoreError> {
    let mut found = Found::new(writing)?;
    // What to read hardly ever depends on the state, so both are asked for at once and looked at again after.
    let guess = Reads { unseen: None, ..batch.reads(&SyncState::default()) };
    let state = async { found.state.get(JsValue::from(STATE_KEY)).map_err(failed)?.await.map_err(failed) };
    let (state, first) = try_join!(state, read(&found, &guess))?;
    let state = parse_state(state)?;
    found.keep(first);
    let reads = batch.reads(&state);
    if (Reads { unseen: None, ..reads.clone() }) != guess {
        let again = read(&found, &reads).await?;
        found.keep(again);
    }
    let unseen = match reads.unseen {
        Some(resync) => found.unseen(resync).await?,
        None => Vec::new(),
    };
    let snapshot = found.snapshot(state, &reads, unseen)?;
    let plan = batch.plan(snapshot)?;
    found.complete(&plan).await?;
    let leaving = Leaving::of(&found.outbox, &plan.delete_entries).await?;
    found.put(&plan, leaving)?;
    if !plan.log.is_empty() {
        let log = writing.store(LOG)?;
        for line in &plan.log {
            let text = serde_json::to_string(line).map_err(|e| StoreError::Backend(e.to_string()))?;
            log.put(&JsValue::from_str(&text), Some(&JsValue::from_f64(line.slot() as f64))).map_err(failed)?;
        }
    }
    Ok(plan.outcome)
}

/// What one reading brought.
struct Brought {
    asked: BTreeSet<RecordKey>,
    records: Vec<Record>,
    entries: Vec<Entry>,
}

/// The object stores of the transaction and what was read of them.
struct Found {
    rows: ObjectStore,
    outbox: ObjectStore,
    state: ObjectStore,
    /// Records by key; none where it was looked for and is not there.
    records: HashMap<RecordKey, Option<Record>>,
    entries: BTreeMap<RowRef, Arc<Entry>>,
}

/// Reads rows and entries; all requests at once where one does not need another's answer.
async fn read(found: &Found, reads: &Reads) -> Result<Brought, StoreError> {
    let mut asked: BTreeSet<RecordKey> = almanac_core::order::collect(reads.rows.iter().map(RecordKey::of));
    let by_key = async {
        entries(get_many(&found.outbox, almanac_core::order::collect(reads.rows.iter().map(RecordKey::own))).await?)
    };
    let waiting = async {
        match &reads.due {
            Some(due) => due_and_stuck(&found.outbox, due).await,
            None => Ok(Vec::new()),
        }
    };
    let all = async {
        let all = if reads.all_entries { get_all(&found.outbox, None, None).await? } else { Vec::new() };
        entries(all)
    };
    let (mut records, mut entries, waiting, all) =
        try_join!(get_many(&found.rows, asked.clone()), by_key, waiting, all)?;
    let of_entries: BTreeSet<RecordKey> =
        almanac_core::order::collect(all.iter().map(|entry| RecordKey::of(&entry.at)));
    let more: BTreeSet<RecordKey> = almanac_core::order::collect(of_entries.difference(&asked).cloned());
    if !more.is_empty() {
        records.extend(get_many(&found.rows, more.clone()).await?);
        asked.extend(more);
    }
    entries.extend(waiting);
    entries.extend(all);
    Ok(Brought { asked, records: records.into_iter().map(JsCast::unchecked_into).collect(), entries })
}

fn entries(records: Vec<JsValue>) -> Result<Vec<Entry>, StoreError> {
    records.into_iter().map(|record| record.unchecked_into::<EntryRecord>().entry()).collect()
}

/// Entries that may be sent, as many as asked for, and besides them all stuck ones.
async fn due_and_stuck(outbox: &ObjectStore, due: &Due) -> Result<Vec<Entry>, StoreError> {
    let stuck = outbox.index(STUCK).map_err(failed)?.get_all(None, None).map_err(failed)?;
    let stuck = async { entries(stuck.await.map_err(failed)?) };
    let waiting = async {
        let mut found: Vec<Entry> = Vec::new();
        let limit = u32::try_from(due.limit).map_or(CHUNK, |limit| limit.clamp(64, CHUNK));
        let beyond = |last: JsValue| KeyRange::lower_bound(&last, Some(true)).map_err(failed);
        let mut range = due.after.as_ref().map(|at| beyond(RecordKey::own(at).js())).transpose()?;
        while found.len() < due.limit {
            let chunk = entries(get_all(outbox, range, Some(limit)).await?)?;
            let Some(last) = chunk.last().map(|entry| RecordKey::own(&entry.at).js()) else { break };
            range = Some(beyond(last)?);
            found.extend(chunk.into_iter().filter(|entry| entry.is_due(due.now_ms)));
        }
        found.truncate(due.limit);
        Ok(found)
    };
    let (mut found, stuck) = try_join!(waiting, stuck)?;
    found.extend(stuck);
    Ok(found)
}

async fn get_all(store: &ObjectStore, range: Option<KeyRange>, limit: Option<u32>) -> Result<Vec<JsValue>, StoreError> {
    store.get_all(range.map(Into::into), limit).map_err(failed)?.await.map_err(failed)
}

/// The records with these keys that are there.
async fn get_many(store: &ObjectStore, keys: BTreeSet<RecordKey>) -> Result<Vec<JsValue>, StoreError> {
    if keys.len() <= MANY {
        return get_each(store, keys).await;
    }
    let found = try_join_all(by_table(keys).map(|keys| get_range(store, keys))).await?;
    Ok(found.into_iter().flatten().collect())
}

fn by_table(keys: BTreeSet<RecordKey>) -> impl Iterator<Item = BTreeSet<RecordKey>> {
    let mut tables: BTreeMap<u8, BTreeSet<RecordKey>> = BTreeMap::new();
    for key in keys {
        tables.entry(key.table).or_default().insert(key);
    }
    tables.into_values()
}

/// From the first to the last of many keys of one table. (JavaScript orders text by UTF-16, core by bytes: none where that
/// could be another order.)
fn range_of(keys: &BTreeSet<RecordKey>) -> Result<Option<KeyRange>, StoreError> {
    let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return Ok(None) };
    if keys.len() <= MANY || !keys.iter().all(|key| key.key.is_ascii()) {
        return Ok(None);
    }
    KeyRange::bound(&first.js(), &last.js(), None, None).map(Some).map_err(failed)
}

async fn count(store: &ObjectStore, range: &KeyRange) -> Result<usize, StoreError> {
    store.count(Some(range.clone().into())).map_err(failed)?.await.map(|count| count as usize).map_err(failed)
}

/// Keys of one table: as one range, if it holds not much else.
async fn get_range(store: &ObjectStore, keys: BTreeSet<RecordKey>) -> Result<Vec<JsValue>, StoreError> {
    let Some(range) = range_of(&keys)? else { return get_each(store, keys).await };
    let there = count(store, &range).await?;
    if there == 0 {
        return Ok(Vec::new());
    }
    if there > keys.len() * 3 {
        return get_each(store, keys).await;
    }
    let mut found = get_all(store, Some(range), None).await?;
    found.retain(|record| keys.contains(&record.unchecked_ref::<Record>().key()));
    Ok(found)
}

async fn get_each(store: &ObjectStore, keys: BTreeSet<RecordKey>) -> Result<Vec<JsValue>, StoreError> {
    let asked = keys.iter().map(|key| {
        let request = store.get(key.js()).map_err(failed);
        async move { request?.await.map_err(failed) }
    });
    Ok(try_join_all(asked).await?.into_iter().flatten().collect())
}

/// Keys to be deleted: as ranges where these hold nothing else, since 500 requests take longer than one.
#[derive(Default)]
struct Leaving {
    ranges: Vec<KeyRange>,
    keys: Vec<RecordKey>,
}

impl Leaving {
    async fn of(store: &ObjectStore, rows: &[RowRef]) -> Result<Self, StoreError> {
        let mut leaving = Self::default();
        for keys in by_table(almanac_core::order::collect(rows.iter().map(RecordKey::own))) {
            match range_of(&keys)? {
                Some(range) if count(store, &range).await? == keys.len() => leaving.ranges.push(range),
                _ => leaving.keys.extend(keys),
            }
        }
        Ok(leaving)
    }
}

impl Found {
    fn new(writing: &Writing) -> Result<Self, StoreError> {
        let (rows, outbox, state) = (writing.store(ROWS)?, writing.store(OUTBOX)?, writing.store(STATE)?);
        Ok(Self { rows, outbox, state, records: HashMap::new(), entries: BTreeMap::new() })
    }

    fn keep(&mut self, brought: Brought) {
        self.records.extend(brought.asked.into_iter().map(|key| (key, None)));
        self.records.extend(brought.records.into_iter().map(|record| (record.key(), Some(record))));
        self.entries.extend(brought.entries.into_iter().map(|entry| (entry.at.clone(), Arc::new(entry))));
    }

    /// Looks at every row: which ones has the resync of that number not confirmed?
    async fn unseen(&mut self, resync: u64) -> Result<Vec<RowRef>, StoreError> {
        let mut unseen = Vec::new();
        let mut range = None;
        loop {
            let chunk = get_all(&self.rows, range, Some(CHUNK)).await?;
            let Some(last) = chunk.last().map(|record| record.unchecked_ref::<Record>().key().js()) else { break };
            range = Some(KeyRange::lower_bound(&last, Some(true)).map_err(failed)?);
            for record in chunk {
                let record: Record = record.unchecked_into();
                let before = unseen.len();
                if record.body().is_some() && record.seen() != resync {
                    unseen.extend(record.own()?.map(|stored| stored.at));
                }
                let children = record.children()?.into_iter().filter(|(_, slot)| slot.seen() != resync);
                unseen.extend(children.map(|(at, _)| at));
                if unseen.len() > before {
                    self.records.entry(record.key()).or_insert(Some(record));
                }
            }
        }
        let keys = almanac_core::order::collect(unseen.iter().map(RecordKey::own));
        let waiting = entries(get_many(&self.outbox, keys).await?)?;
        self.entries.extend(waiting.into_iter().map(|entry| (entry.at.clone(), Arc::new(entry))));
        Ok(unseen)
    }

    fn snapshot(&self, state: SyncState, reads: &Reads, unseen: Vec<RowRef>) -> Result<Snapshot, StoreError> {
        let mut snapshot = Snapshot { state, entries: self.entries.clone(), ..Snapshot::default() };
        let of_entries = self.entries.keys().filter(|_| reads.all_entries);
        for at in reads.rows.iter().chain(&unseen).chain(of_entries) {
            if let Some(Some(record)) = self.records.get(&RecordKey::of(at))
                && let Some(stored) = record.row(at)?
            {
                snapshot.rows.insert(at.clone(), stored);
            }
        }
        Ok(snapshot)
    }

    /// Reads the records that the plan writes to and that were not asked for before: a record holds more than one row, and
    /// none may be lost.
    async fn complete(&mut self, plan: &Plan) -> Result<(), StoreError> {
        let written = plan.puts.iter().map(|put| &put.stored.at).chain(&plan.deletes).map(RecordKey::of);
        let asked: BTreeSet<RecordKey> =
            almanac_core::order::collect(written.filter(|key| !self.records.contains_key(key)));
        if asked.is_empty() {
            return Ok(());
        }
        let records = get_many(&self.rows, asked.clone()).await?.into_iter().map(JsCast::unchecked_into).collect();
        self.keep(Brought { asked, records, entries: Vec::new() });
        Ok(())
    }

    /// Issues every write of the plan. Nothing is awaited: the commit waits for all.
    fn put(&mut self, plan: &Plan, leaving: Leaving) -> Result<(), StoreError> {
        let mut touched: BTreeMap<RecordKey, Record> = BTreeMap::new();
        let mut record = |at: &RowRef| {
            let key = RecordKey::of(at);
            let record = touched
                .entry(key)
                .or_insert_with_key(|key| self.records.get(key).cloned().flatten().unwrap_or_else(|| Record::new(key)));
            record.clone()
        };
        for at in &plan.deletes {
            record(at).remove(at)?;
        }
        for put in &plan.puts {
            record(&put.stored.at).put(put)?;
        }
        for (key, record) in touched {
            if record.is_empty() {
                self.rows.delete(key.js()).map_err(failed)?;
            } else {
                self.rows.put(&record, None).map_err(failed)?;
            }
        }
        for range in leaving.ranges {
            self.outbox.delete(range).map_err(failed)?;
        }
        for key in leaving.keys {
            self.outbox.delete(key.js()).map_err(failed)?;
        }
        for entry in &plan.put_entries {
            self.outbox.put(&EntryRecord::new(entry)?.into(), None).map_err(failed)?;
        }
        if let Some(state) = &plan.state {
            let text = serde_json::to_string(state).map_err(|e| StoreError::Backend(e.to_string()))?;
            self.state.put(&JsValue::from_str(&text), Some(&JsValue::from_str(STATE_KEY))).map_err(failed)?;
        }
        Ok(())
    }
}
