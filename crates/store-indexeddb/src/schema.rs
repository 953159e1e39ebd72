//! The object stores, and how each released schema becomes the next.
//!
//! | object store | key | record |
//! | --- | --- | --- |
//! | `rows` | `[t, k]` | [`crate::record::Record`] |
//! | `outbox` | `[t, k]` | `{t, k, b}`: table number, key, the entry's JSON text; `x: 1` on stuck ones |
//! | `state` | `"sync"` | the sync state's JSON text |
//! | `log` | slot of the ring | a line's JSON text |

use idb::{Database, Error, IndexParams, KeyPath, ObjectStoreParams};

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
/// The index on `outbox`: stuck entries.
pub(crate) const STUCK: &str = "stuck";
/// The one key in `state`.
pub(crate) const STATE_KEY: &str = "sync";

/// The newest schema.
pub const VERSION: u32 = 2;

/// Brings a database of schema `from` (0: a new one) to the newest, inside the browser's upgrade transaction. Released steps are
/// never changed; `tests/databases.rs` holds a database of each.
pub(crate) fn upgrade(database: &Database, from: u32) -> Result<(), Error> {
    if from < 1 {
        first(database)?;
    }
    if from < 2 {
        database.create_object_store(LOG, ObjectStoreParams::new())?;
    }
    Ok(())
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
