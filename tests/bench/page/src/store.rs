//! The store alone: rows of the server, a month, an edit.

use crate::rows::{self, ME};
use almanac_core::{
    domain::{Event, Overlay},
    key::RowRef,
    patch::Patch,
    row::{Columns, Span},
    stamp::DeviceId,
    store::{Batch, LocalTime, Query, RemoteBatch, Store as _},
    table::Table,
};
use almanac_store_indexeddb::IndexedDbStore;
use std::{cell::RefCell, sync::Arc};
use wasm_bindgen::prelude::*;

const NOW: u64 = 1_793_600_000_000_000;
/// Rows of a page from the server.
const PAGE: usize = 1000;

/// An error for JavaScript.
pub(crate) fn thrown(error: impl std::fmt::Display) -> JsError {
    JsError::new(&error.to_string())
}

/// See the module.
#[wasm_bindgen]
pub struct Store {
    store: Arc<IndexedDbStore>,
    pages: RefCell<Vec<RemoteBatch>>,
}

#[wasm_bindgen]
impl Store {
    /// Opens the database of that name.
    pub async fn open(name: String) -> Result<Store, JsError> {
        let store = IndexedDbStore::open(&name).await.map_err(thrown)?;
        store.execute(Batch::Init { device: DeviceId(1) }).await.map_err(thrown)?;
        Ok(Self { store, pages: RefCell::default() })
    }

    /// Makes the pages of the events `from..to` out of `count`, with their overlays or without, for [`Self::apply`].
    pub fn prepare(&self, from: usize, to: usize, count: usize, overlays: bool) {
        let mut pages = Vec::new();
        let mut page = Vec::new();
        for number in from..to {
            page.push(rows::row(&RowRef::event(rows::id(number)), rows::event(number, count, ME), NOW));
            if overlays {
                page.push(rows::row(&RowRef::overlay(rows::id(number), ME), rows::overlay(), NOW));
            }
            if page.len() >= PAGE {
                pages.push(std::mem::take(&mut page));
            }
        }
        pages.push(page);
        *self.pages.borrow_mut() =
            pages.into_iter().map(|rows| RemoteBatch { rows, ..RemoteBatch::default() }).collect();
    }

    /// Applies what was prepared, page by page.
    pub async fn apply(&self) -> Result<(), JsError> {
        for page in self.pages.take() {
            let outcome = self.store.execute(Batch::ApplyRemote(page)).await.map_err(thrown)?;
            if !outcome.applied {
                return Err(JsError::new("a page was not applied"));
            }
        }
        Ok(())
    }

    /// How many events there are between two instants, ms; all of them, and what their user keeps about them, made into
    /// domain structs.
    #[allow(clippy::cast_possible_truncation, reason = "ms of this century")]
    pub async fn events(&self, from: f64, to: f64) -> Result<usize, JsError> {
        let span = Span { start: from as i64, end: to as i64 };
        let found = self.store.query(Query::Events { span, user: ME }).await.map_err(thrown)?;
        let mut events: Vec<Event> = Vec::new();
        let mut overlays: Vec<Overlay> = Vec::new();
        for row in &found {
            match row.at.table {
                Table::Events => events.push(row.decode().map_err(|error| JsError::new(&format!("{error:?}")))?),
                Table::Overlays => overlays.push(row.decode().map_err(|error| JsError::new(&format!("{error:?}")))?),
                _ => {}
            }
        }
        Ok(events.len())
    }

    /// One edit of the title, durable when this returns.
    pub async fn edit(&self, number: usize, title: String) -> Result<(), JsError> {
        let patch = Patch::update(RowRef::event(rows::id(number)), Columns::new()).set("title", title);
        let at = LocalTime { now: NOW + 1 + number as u64, adjusted: true, wall_ms: 0 };
        self.store.execute(Batch::CommitLocal { patches: vec![patch], at }).await.map_err(thrown)?;
        Ok(())
    }
}

/// The events `from..to` out of `count` as the server sends them, in JSON: what the peer stores.
#[wasm_bindgen]
#[must_use]
pub fn events(from: usize, to: usize, count: usize) -> String {
    let all = (from..to).map(|number| {
        let mut columns = rows::event(number, count, ME);
        columns.insert("id".to_owned(), rows::id(number).to_string().into());
        serde_json::Value::Object(columns)
    });
    serde_json::Value::Array(all.collect()).to_string()
}
