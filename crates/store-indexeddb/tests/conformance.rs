//! The suite of all stores on IndexedDB, in a browser.
#![cfg(target_family = "wasm")]

mod common;

use almanac_core::{platform::BoxFuture, store::Store};
use almanac_store_conformance::{Fixture, behaviours, for_each_behaviour};
use almanac_store_indexeddb::IndexedDbStore;
use common::{Replaced, fresh_name, store_name};
use std::{cell::RefCell, sync::Arc};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

struct Browser {
    name: String,
    poison: RefCell<Option<Replaced>>,
}

impl Browser {
    fn new() -> Self {
        Self { name: fresh_name(), poison: RefCell::default() }
    }
}

impl Fixture for Browser {
    fn connect(&self) -> BoxFuture<'_, Arc<dyn Store>> {
        Box::pin(async {
            let store: Arc<dyn Store> = IndexedDbStore::open(&self.name).await.expect("the database opens");
            store
        })
    }

    /// The state is what a batch writes last. The request is made as an addition of a key that is there already, so that it
    /// fails in the browser's own way, after all other requests succeeded.
    fn poison(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let poison = Replaced::new("IDBObjectStore.prototype", "put", |this, arguments, put| {
                if store_name(this) == "state" {
                    put.apply(this, arguments)?;
                    let add: js_sys::Function = js_sys::Reflect::get(this, &"add".into())?.into();
                    return add.apply(this, arguments);
                }
                put.apply(this, arguments)
            });
            *self.poison.borrow_mut() = Some(poison);
        })
    }

    fn heal(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { *self.poison.borrow_mut() = None })
    }

    fn histories(&self) -> u64 {
        20
    }
}

macro_rules! each {
    ($($name:ident)*) => { $(
        #[wasm_bindgen_test]
        async fn $name() {
            let browser = Browser::new();
            behaviours::$name(&browser).await;
            IndexedDbStore::delete(&browser.name).await.expect("the database is deleted");
        }
    )* };
}

for_each_behaviour!(each);
