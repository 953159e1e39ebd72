//! A device of an account: the store, the engine and the network's client, as the web app puts them together.

use crate::{
    platform::{Browser, Memory},
    rows,
    store::thrown,
};
use almanac_core::{
    Uuid,
    database::Database,
    engine::Engine,
    key::RowRef,
    patch::Patch,
    platform::Platform,
    session::{Auth, Session},
};
use almanac_store_indexeddb::IndexedDbStore;
use almanac_supabase::{Client, Config};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// Edits committed at once while offline.
const COMMIT: usize = 100;

/// See the module.
#[wasm_bindgen]
pub struct Device {
    database: Arc<Database>,
    engine: Arc<Engine>,
    user: Uuid,
}

#[wasm_bindgen]
impl Device {
    /// Opens the database of that name for the account of a session (JSON).
    #[allow(clippy::arc_with_non_send_sync, reason = "the browser has one thread")]
    pub async fn open(name: String, url: String, key: String, session: String) -> Result<Device, JsError> {
        let session: Session = serde_json::from_str(&session).map_err(thrown)?;
        let user = session.user_id;
        let platform: Arc<dyn Platform> = Arc::new(Browser);
        let client = Client::new(Config::new(url, key), Arc::new(Memory::new(session)), Arc::clone(&platform));
        let store = IndexedDbStore::open(&name).await.map_err(thrown)?;
        let database = Database::open(store, platform).await.map_err(thrown)?;
        Ok(Self { engine: Engine::new(Arc::clone(&database), client.remote()), database, user })
    }

    /// Makes the events `from..to` out of `count` and sends nothing.
    pub async fn make(&self, from: usize, to: usize, count: usize) -> Result<(), JsError> {
        let numbers: Vec<usize> = (from..to).collect();
        for some in numbers.chunks(COMMIT) {
            let patches =
                some.iter().map(|n| Patch::create(RowRef::event(rows::id(*n)), rows::event(*n, count, self.user)));
            self.database.commit(patches.collect()).await.map_err(thrown)?;
        }
        Ok(())
    }

    /// Syncs until everything is sent and fetched.
    pub async fn sync(&self) -> Result<(), JsError> {
        loop {
            self.engine.sync_once().await.map_err(thrown)?;
            if self.engine.status().is_up_to_date() {
                return Ok(());
            }
        }
    }

    /// Rows that wait to be sent.
    pub async fn waiting(&self) -> Result<usize, JsError> {
        Ok(self.database.outbox().await.map_err(thrown)?.len())
    }
}
