//! The object stores, and how each released schema becomes the next.
//!
//! | object store | key | record |
//! | --- | --- | --- |
//! | `rows` | `[t, k]` | [`crate::record::Record`] |
//! | `outbox` | `[t, k]` | `{t, k, b}`: table number, key, the entry's JSON text; `x: 1` on stuck ones |
//! | `state` | `"sync"` | the sync state's JSON text |
//! | `log` | slot of the ring | a line's JSON text |

use crate::{read::CHUNK, record::Record};
use idb::{Database, Error, IndexParams, KeyPath, KeyRange, ObjectStore, ObjectStoreParams, Transaction};
use wasm_bindgen::JsCast;

/// Rows.
pub(crate) const ROWS: &str = "rows";
/// Entries.
pub(crate) const OUTBOX: &str = "outbox";
/// The sync state.
pub(crate) const STATE: &str = "state";
/// The sync log.
pub(crate) const LOG: &str = "log";
/// All object stores.
pub(crate) const STORES: [&str; 4] = [ROWS, OUTBOX, STATE, LOG];
/// The index on `rows`: `i` of live events, `[class, start]`.
pub(crate) const SPAN: &str = "span";
/// The index on `rows`: `v` of events with invitations. They are few and asked for at each start, when looking for them would
/// mean reading every event there is.
pub(crate) const INVITED: &str = "invited";
/// The index on `outbox`: stuck entries.
pub(crate) const STUCK: &str = "stuck";
/// The one key in `state`.
pub(crate) const STATE_KEY: &str = "sync";

/// The newest schema.
pub const VERSION: u32 = 3;

/// Brings a database of schema `from` (0: a new one) to the newest, inside the browser's upgrade transaction. Released steps are
/// never changed; `tests/databases.rs` holds a database of each.
pub(crate) fn upgrade(database: &Database, transaction: Transaction, from: u32) -> Result<(), Error> {
    if from < 1 {
        first(database)?;
    }
    if from < 2 {
        database.create_object_store(LOG, ObjectStoreParams::new())?;
    }
    if from < 3 {
        let rows = transaction.object_store(ROWS)?;
        rows.create_index(INVITED, KeyPath::new_single("v"), Some(IndexParams::new()))?;
        if from > 0 {
            wasm_bindgen_futures::spawn_local(async move {
                if let Err(error) = mark_invited(&rows).await {
                    tracing::error!(%error, "the upgrade of the local database failed");
                    drop(transaction.abort());
                }
            });
        }
    }
    Ok(())
}

/// Schema 3: marks the records that hold invitations. Only requests of the upgrade's transaction are awaited, so it stays open
/// until the last of them.
async fn mark_invited(rows: &ObjectStore) -> Result<(), Error> {
    let mut range = None;
    loop {
        let chunk = rows.get_all(range.map(Into::into), Some(CHUNK))?.await?;
        let Some(last) = chunk.last().map(|record| record.unchecked_ref::<Record>().key().js()) else { return Ok(()) };
        range = Some(KeyRange::lower_bound(&last, Some(true))?);
        for record in chunk.iter().map(|record| record.unchecked_ref::<Record>()) {
            if record.mark_invited() {
                rows.put(record, None)?;
            }
        }
    }
}

fn first(database: &Database) -> Result<(), Error> {
    let keyed = || {
        let mut params = ObjectStoreParams::new();
        params.key_path(Some(KeyPath::new_array(["t", "k"])));
        params
    };
    let rows = database.create_object_store(ROWS, keyed())?;
    rows.create_index(SPAN, KeyPath::new_single("i"), Some(IndexParams::new()))?;
    let outbox = database.create_object_store(OUTBOX, keyed())?;
    outbox.create_index(STUCK, KeyPath::new_single("x"), Some(IndexParams::new()))?;
    database.create_object_store(STATE, ObjectStoreParams::new())?;
    Ok(())
}
