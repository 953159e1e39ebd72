//! Running a batch: read, plan, write, commit.

use crate::{error::store as failed, read};
use almanac_core::{
    key::RowRef,
    store::{
        Batch, Outcome, Plan, Put, Reads, Snapshot, StoreError,
        layout::{class, state_number, table_number},
    },
};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::{collections::HashSet, sync::Arc};

/// Runs the batch in one transaction. An error on any way out drops the transaction, which rolls it back.
pub(crate) fn execute(connection: &mut Connection, batch: Batch) -> Result<Outcome, StoreError> {
    durability(connection, &batch)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let snapshot = snapshot(&transaction, &batch)?;
    let plan = batch.plan(snapshot)?;
    write(&transaction, &plan)?;
    transaction.commit().map_err(failed)?;
    Ok(plan.outcome)
}

/// What the server can send again need not wait for the disk. In write-ahead mode a later full commit makes it durable too.
fn durability(connection: &Connection, batch: &Batch) -> Result<(), StoreError> {
    let level = if batch.is_repeatable() { "normal" } else { "full" };
    // Not a cached statement: SQLite obeys this pragma while it compiles it.
    connection.pragma_update(None, "synchronous", level).map_err(failed)
}

fn snapshot(connection: &Connection, batch: &Batch) -> Result<Snapshot, StoreError> {
    let state = read::state(connection)?;
    let Reads { rows, due, all_entries, unseen } = batch.reads(&state);
    let mut snapshot = Snapshot { state, ..Snapshot::default() };
    let mut wanted: HashSet<RowRef> = rows.into_iter().collect();
    if let Some(resync) = unseen {
        for stored in read::unseen(connection, resync)? {
            wanted.remove(&stored.at);
            if let Some(entry) = read::outbox_entry(connection, &stored.at)? {
                snapshot.entries.insert(stored.at.clone(), Arc::new(entry));
            }
            snapshot.rows.insert(stored.at.clone(), stored);
        }
    }
    if let Some(due) = due {
        let due_entries = read::due(connection, &due)?;
        let entries = due_entries.into_iter().chain(read::stuck(connection)?);
        snapshot.entries.extend(entries.map(|entry| (entry.at.clone(), Arc::new(entry))));
    }
    if all_entries {
        wanted.extend(read::entries(connection)?.into_iter().map(|entry| entry.at));
    }
    for at in wanted {
        if let Some(entry) = read::outbox_entry(connection, &at)? {
            snapshot.entries.insert(at.clone(), Arc::new(entry));
        }
        if let Some(stored) = read::row(connection, &at)? {
            snapshot.rows.insert(at, stored);
        }
    }
    Ok(snapshot)
}

fn write(transaction: &Transaction<'_>, plan: &Plan) -> Result<(), StoreError> {
    for at in &plan.deletes {
        run(transaction, "DELETE FROM rows WHERE tab = ?1 AND key = ?2", params![table_number(at.table), at.key])?;
    }
    for put in &plan.puts {
        write_row(transaction, put)?;
    }
    for at in &plan.delete_entries {
        run(transaction, "DELETE FROM outbox WHERE tab = ?1 AND key = ?2", params![table_number(at.table), at.key])?;
    }
    for entry in &plan.put_entries {
        let text = serde_json::to_string(entry).map_err(|e| StoreError::Backend(e.to_string()))?;
        let at = &entry.at;
        run(
            transaction,
            "INSERT INTO outbox (tab, key, entry, stuck, not_before_ms) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (tab, key) DO UPDATE SET \
             entry = excluded.entry, stuck = excluded.stuck, not_before_ms = excluded.not_before_ms",
            params![table_number(at.table), at.key, text, entry.stuck.is_some(), entry.not_before_ms],
        )?;
    }
    for line in &plan.log {
        let text = serde_json::to_string(line).map_err(|e| StoreError::Backend(e.to_string()))?;
        let sql = "INSERT INTO log (slot, line) VALUES (?1, ?2) ON CONFLICT (slot) DO UPDATE SET line = excluded.line";
        run(transaction, sql, params![line.slot().cast_signed(), text])?;
    }
    if let Some(state) = &plan.state {
        let text = serde_json::to_string(state).map_err(|e| StoreError::Backend(e.to_string()))?;
        let sql = "INSERT INTO state (id, body) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET body = excluded.body";
        run(transaction, sql, [text])?;
    }
    Ok(())
}

fn write_row(transaction: &Transaction<'_>, put: &Put) -> Result<(), StoreError> {
    let stored = &put.stored;
    let span = put.span.filter(|_| put.live);
    run(
        transaction,
        "INSERT INTO rows (tab, key, body, state, seen, live, class, start_ms, end_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
         ON CONFLICT (tab, key) DO UPDATE SET body = excluded.body, state = excluded.state, seen = excluded.seen, \
         live = excluded.live, class = excluded.class, start_ms = excluded.start_ms, end_ms = excluded.end_ms",
        params![
            table_number(stored.at.table),
            stored.at.key,
            stored.body,
            state_number(stored.state),
            stored.seen.cast_signed(),
            put.live,
            span.map(class),
            span.map(|s| s.start),
            span.map(|s| s.end),
        ],
    )
}

fn run(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<(), StoreError> {
    connection.prepare_cached(sql).and_then(|mut statement| statement.execute(params)).map(drop).map_err(failed)
}

/// Deletes everything, also from the pages that deleted rows leave behind: the next person at this machine finds nothing.
pub(crate) fn wipe(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    transaction
        .execute_batch("DELETE FROM rows; DELETE FROM outbox; DELETE FROM state; DELETE FROM log;")
        .map_err(failed)?;
    transaction.commit().map_err(failed)?;
    // The rows are gone already; only their traces stay when another process reads just now.
    if let Err(error) = connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(%error, "could not clean the pages of deleted rows");
    }
    Ok(())
}
