//! A transaction that writes, and how it ended.

use crate::{error, schema};
use almanac_core::store::StoreError;
use futures::channel::oneshot::{self, Receiver, Sender};
use js_sys::{Array, Object, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::prelude::*;
use web_sys::{IdbDatabase, IdbTransaction};

#[wasm_bindgen]
extern "C" {
    /// web-sys has the options of `transaction` only among its unstable interfaces.
    #[wasm_bindgen(extends = IdbDatabase)]
    type DatabaseWithOptions;

    #[wasm_bindgen(method, catch, js_name = transaction)]
    fn transaction_with_options(
        this: &DatabaseWithOptions,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
}

/// How far a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Until the disk has it.
    Strict,
    /// Until the operating system has it.
    Relaxed,
}

/// A transaction over all object stores. It must end by [`Writing::commit`] or [`Writing::abort`]: dropping it would commit
/// what was put so far.
pub(crate) struct Writing {
    raw: IdbTransaction,
    requests: idb::Transaction,
    /// Whether it was committed.
    ended: Receiver<bool>,
    /// Called by the browser at the end.
    _listeners: [Closure<dyn FnMut()>; 2],
}

impl Writing {
    pub(crate) fn begin(database: &IdbDatabase, durability: Durability) -> Result<Self, StoreError> {
        let stores: Array = schema::STORES.iter().map(|name| JsValue::from_str(name)).collect();
        let options = Object::new();
        let durability = if durability == Durability::Strict { "strict" } else { "relaxed" };
        Reflect::set(&options, &"durability".into(), &durability.into()).map_err(|value| error::js(&value))?;
        let database: &DatabaseWithOptions = database.unchecked_ref();
        let raw =
            database.transaction_with_options(&stores, "readwrite", &options).map_err(|value| error::js(&value))?;
        let (end, ended) = oneshot::channel();
        let end: Rc<RefCell<Option<Sender<bool>>>> = Rc::new(RefCell::new(Some(end)));
        let listeners = [true, false].map(|committed| {
            let end = Rc::clone(&end);
            Closure::<dyn FnMut()>::new(move || {
                let _ = end.borrow_mut().take().map(|end| end.send(committed));
            })
        });
        raw.set_oncomplete(Some(listeners[0].as_ref().unchecked_ref()));
        raw.set_onabort(Some(listeners[1].as_ref().unchecked_ref()));
        Ok(Self { requests: raw.clone().into(), raw, ended, _listeners: listeners })
    }

    pub(crate) fn store(&self, name: &str) -> Result<idb::ObjectStore, StoreError> {
        self.requests.object_store(name).map_err(error::store)
    }

    /// Commits, and returns when it is committed and not before.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        // Fails only when the transaction was aborted already, which is looked at below. (Deprecated in web-sys since version 2
        // of the standard lacked it; version 3 has it, and browsers since 2021.)
        #[allow(deprecated)]
        drop(self.raw.commit());
        self.end().await
    }

    /// Undoes everything and hands back why: the given error, or the browser's own reason if it had aborted already.
    pub(crate) async fn abort(self, error: StoreError) -> StoreError {
        drop(self.raw.abort());
        match self.end().await {
            Err(full @ StoreError::Full(_)) => full,
            _ => error,
        }
    }

    async fn end(self) -> Result<(), StoreError> {
        let Self { raw, requests: _, ended, _listeners: listeners } = self;
        let committed = ended.await.unwrap_or(false);
        raw.set_oncomplete(None);
        raw.set_onabort(None);
        drop(listeners);
        match (committed, raw.error()) {
            (true, _) => Ok(()),
            (false, Some(why)) => Err(error::js(&why)),
            (false, None) => Err(StoreError::Backend("the transaction was aborted".to_owned())),
        }
    }
}
