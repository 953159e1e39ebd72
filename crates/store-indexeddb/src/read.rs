//! Answering questions, through rexie.

use crate::{
    connection::Connections,
    error::{corrupt, read as failed},
    record::{EntryRecord, Record, RecordKey, Slot, ms, slot_name},
    schema::{INVITED, LOG, OUTBOX, ROWS, SPAN, STATE, STATE_KEY},
};
use almanac_core::{
    Uuid,
    key::RowRef,
    log::Line,
    outbox::{Entry, RowState},
    row::Span,
    store::{
        Query, StoreError, Stored, SyncState,
        layout::{overlapping, table_number},
    },
    survey::Survey,
    table::Table,
};
use futures::{future::try_join_all, try_join};
use js_sys::{Array, JsString};
use rexie::KeyRange;
use std::{cmp::Reverse, collections::BTreeSet};
use wasm_bindgen::{JsCast, JsValue};

/// Records read in one go when all must be looked at.
pub(crate) const CHUNK: u32 = 1000;

fn range_failed(error: idb::Error) -> StoreError {
    crate::error::store(error)
}

pub(crate) async fn row(connections: &Connections, at: &RowRef) -> Result<Option<Stored>, StoreError> {
    let transaction = connections.reading(&[ROWS, OUTBOX])?;
    let found = transaction.store(ROWS).map_err(failed)?.get(RecordKey::of(at).js()).await.map_err(failed)?;
    let found = found.map_or(Ok(None), |record| record.unchecked_into::<Record>().row(at))?;
    Ok(confirmed(&transaction, found.into_iter().collect()).await?.pop())
}

/// Rows that say an edit of them waits, and no edit does any more, as they are: the outbox is asked only for those, and only
/// for keys.
async fn confirmed(transaction: &rexie::Transaction, found: Vec<Stored>) -> Result<Vec<Stored>, StoreError> {
    let unsure = || found.iter().filter(|stored| stored.state == RowState::Pending).map(|stored| &stored.at);
    let (Some(first), Some(last)) = (unsure().min(), unsure().max()) else { return Ok(found) };
    // JavaScript orders text by UTF-16, core by bytes: all keys where that could be another order.
    let range = unsure().all(|at| at.key.is_ascii()).then(|| {
        KeyRange::bound(&RecordKey::own(first).js(), &RecordKey::own(last).js(), None, None).map_err(range_failed)
    });
    let outbox = transaction.store(OUTBOX).map_err(failed)?;
    let keys = outbox.get_all_keys(range.transpose()?, None).await.map_err(failed)?;
    let waiting: BTreeSet<RowRef> = almanac_core::order::collect(keys.iter().filter_map(RecordKey::of_js));
    Ok(found.into_iter().map(|stored| stored.confirm(|at| waiting.contains(at))).collect())
}

pub(crate) async fn outbox(connections: &Connections) -> Result<Vec<Entry>, StoreError> {
    let transaction = connections.reading(&[OUTBOX, STATE])?;
    let (all, state) = try_join!(
        async { transaction.store(OUTBOX).map_err(failed)?.get_all(None, None).await.map_err(failed) },
        async { transaction.store(STATE).map_err(failed)?.get(STATE_KEY.into()).await.map_err(failed) },
    )?;
    let mut entries =
        all.into_iter().map(|record| record.unchecked_into::<EntryRecord>().entry()).collect::<Result<Vec<_>, _>>()?;
    // JavaScript orders text by UTF-16, core by bytes.
    almanac_core::order::sort_by(&mut entries, |a, b| a.at.cmp(&b.at));
    Ok(parse_state(state)?.marked(entries))
}

/// Shows everything to a survey, in one read transaction and in pieces.
pub(crate) async fn survey(connections: &Connections, mut survey: Survey) -> Result<Survey, StoreError> {
    let transaction = connections.reading(&[ROWS, OUTBOX, STATE])?;
    let found = transaction.store(STATE).map_err(failed)?.get(STATE_KEY.into()).await.map_err(failed)?;
    survey.state(parse_state(found)?);
    for record in transaction.store(OUTBOX).map_err(failed)?.get_all(None, None).await.map_err(failed)? {
        survey.entry(&record.unchecked_into::<EntryRecord>().entry()?);
    }
    let rows = transaction.store(ROWS).map_err(failed)?;
    let mut range = None;
    loop {
        let chunk = rows.get_all(range, Some(CHUNK)).await.map_err(failed)?;
        let full = chunk.len() >= CHUNK as usize;
        let last = chunk.last().map(|record| record.unchecked_ref::<Record>().key().js());
        for record in chunk {
            for stored in record.unchecked_into::<Record>().rows()? {
                survey.row(&stored)?;
            }
        }
        match last {
            Some(last) if full => range = Some(KeyRange::lower_bound(&last, Some(true)).map_err(range_failed)?),
            _ => return Ok(survey),
        }
    }
}

/// The sync log, the oldest line first.
pub(crate) async fn log(connections: &Connections) -> Result<Vec<Line>, StoreError> {
    let transaction = connections.reading(&[LOG])?;
    let all = transaction.store(LOG).map_err(failed)?.get_all(None, None).await.map_err(failed)?;
    // Another version may have written what this one has no word for.
    let read = |line: JsValue| line.as_string().and_then(|text| serde_json::from_str::<Line>(&text).ok());
    let mut lines: Vec<Line> = all.into_iter().filter_map(read).collect();
    // A ring: what stands before the oldest line was written after the last slot.
    let oldest = lines.iter().enumerate().min_by_key(|(_, line)| line.number).map_or(0, |(at, _)| at);
    lines.rotate_left(oldest);
    Ok(lines)
}

pub(crate) async fn state(connections: &Connections) -> Result<SyncState, StoreError> {
    let transaction = connections.reading(&[STATE])?;
    let found = transaction.store(STATE).map_err(failed)?.get(STATE_KEY.into()).await.map_err(failed)?;
    parse_state(found)
}

/// The sync state in the record of `state`, the default one where there is none.
pub(crate) fn parse_state(record: Option<JsValue>) -> Result<SyncState, StoreError> {
    let Some(record) = record else { return Ok(SyncState::default()) };
    let text = record.as_string().ok_or_else(|| corrupt("state", "no text"))?;
    serde_json::from_str(&text).map_err(|e| corrupt("state", e))
}

pub(crate) async fn query(connections: &Connections, query: Query) -> Result<Vec<Stored>, StoreError> {
    let transaction = connections.reading(&[ROWS, OUTBOX])?;
    let rows = transaction.store(ROWS).map_err(failed)?;
    let found = match query {
        Query::Events { span, user } => events(&rows, span, user).await?,
        Query::Table(table) => of_table(&rows, table).await?,
        Query::Event(id) => {
            let key = RecordKey::of(&RowRef::event(id));
            let Some(record) = rows.get(key.js()).await.map_err(failed)? else { return Ok(Vec::new()) };
            let mut found = record.unchecked_into::<Record>().rows()?;
            almanac_core::order::sort_by(&mut found, |a, b| a.at.cmp(&b.at));
            found
        }
        Query::Search { text, limit } => search(&rows, &text.to_lowercase(), limit).await?,
    };
    confirmed(&transaction, found).await
}

/// One `getAll` for each class of length, all asked at once.
async fn events(rows: &rexie::Store, wanted: Span, user: Uuid) -> Result<Vec<Stored>, StoreError> {
    let index = rows.index(SPAN).map_err(failed)?;
    let bound = |class: u8, start: JsValue| Array::of2(&JsValue::from(class), &start);
    let ranges = overlapping(wanted).map(|(class, first, after)| {
        let first = if first == i64::MIN { f64::NEG_INFINITY } else { ms(first) };
        let (lower, upper) = (bound(class, first.into()), bound(class, ms(after).into()));
        KeyRange::bound(&lower, &upper, Some(false), Some(true)).map_err(range_failed)
    });
    let ranges = ranges.collect::<Result<Vec<_>, _>>()?;
    let answers =
        try_join_all(ranges.into_iter().map(|range| index.get_all(Some(range), None))).await.map_err(failed)?;
    let nil = Uuid::nil();
    let own = [RowRef::overlay(nil, user), RowRef::role(nil, user)];
    let own = own.map(|at| (at.table, JsString::from(slot_name(&at).unwrap_or_default())));
    let mut found = Vec::new();
    for record in answers.into_iter().flatten() {
        let record: Record = record.unchecked_into();
        if !record.span().is_some_and(|span| span.overlaps(wanted)) {
            continue;
        }
        let Some(event) = record.own()? else { continue };
        for (table, name) in &own {
            if let Some(slot) = record.child(name).filter(Slot::is_live) {
                found.extend(slot.stored(RowRef { table: *table, key: format!("{}:{user}", event.at.key) })?);
            }
        }
        found.push(event);
    }
    almanac_core::order::sort_by(&mut found, |a, b| a.at.cmp(&b.at));
    Ok(found)
}

/// All records of a table.
fn table_range(table: Table) -> Result<KeyRange, StoreError> {
    let number = JsValue::from(table_number(table));
    // Among keys a list comes after every text.
    let (lower, upper) = (Array::of1(&number), Array::of2(&number, &Array::new()));
    KeyRange::bound(&lower, &upper, None, None).map_err(range_failed)
}

async fn of_table(rows: &rexie::Store, table: Table) -> Result<Vec<Stored>, StoreError> {
    let holds = if table.is_event_child() { Table::Events } else { table };
    let records = match table {
        Table::Invites => rows.index(INVITED).map_err(failed)?.get_all(None, None).await,
        _ => rows.get_all(Some(table_range(holds)?), None).await,
    };
    let mut found = Vec::new();
    for record in records.map_err(failed)? {
        let record: Record = record.unchecked_into();
        if table.is_event_child() {
            for (at, _) in record.children()?.into_iter().filter(|(at, slot)| at.table == table && slot.is_live()) {
                found.extend(record.row(&at)?);
            }
        } else if record.is_live() {
            found.extend(record.own()?);
        }
    }
    almanac_core::order::sort_by(&mut found, |a, b| a.at.cmp(&b.at));
    Ok(found)
}

/// Looks at every live event. The text is looked for on JavaScript's side first, so that only what may match crosses over.
async fn search(rows: &rexie::Store, lower: &str, limit: usize) -> Result<Vec<Stored>, StoreError> {
    let needle = serde_json::to_string(lower).unwrap_or_default();
    let needle = needle.get(1..needle.len().saturating_sub(1)).unwrap_or_default();
    let events = table_range(Table::Events)?;
    let upper = events.upper().map_err(range_failed)?;
    let mut range = events;
    let mut hits: Vec<(i64, Stored)> = Vec::new();
    loop {
        let chunk = rows.get_all(Some(range), Some(CHUNK)).await.map_err(failed)?;
        let full = chunk.len() >= CHUNK as usize;
        let last = chunk.last().map(|record| record.unchecked_ref::<Record>().key().js());
        for record in chunk {
            let record: Record = record.unchecked_into();
            let may = record.is_live() && record.body().is_some_and(|body| body.to_lower_case().includes(needle, 0));
            let Some(hit) = may.then(|| record.own()).transpose()?.flatten() else { continue };
            if Query::matches_text(&hit.row()?, lower) {
                hits.push((record.span().map_or(0, |span| span.start), hit));
            }
        }
        match last {
            Some(last) if full => {
                range = KeyRange::bound(&last, &upper, Some(true), None).map_err(range_failed)?;
            }
            _ => break,
        }
    }
    almanac_core::order::sort_by(&mut hits, |(start_a, a), (start_b, b)| {
        (Reverse(start_a), &a.at).cmp(&(Reverse(start_b), &b.at))
    });
    Ok(hits.into_iter().take(limit).map(|(_, hit)| hit).collect())
}
