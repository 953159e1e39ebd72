//! Quick figures: `cargo test --release -p almanac-store-indexeddb --features timing --test timing --target
//! wasm32-unknown-unknown -- --nocapture`, with the runner as in `cargo xtask test indexeddb`.
#![cfg(target_family = "wasm")]

mod common;

use almanac_store_conformance::timing::measure;
use almanac_store_indexeddb::IndexedDbStore;
use common::{fresh_name, global};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

async fn figures(events: u128) {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.expect("the database opens");
    let clock: web_sys::Performance = global("performance").unchecked_into();
    let figures = measure(&*store, events, || clock.now()).await;
    console_log!("{events} events");
    for figure in figures {
        console_log!("{:45} median {:8.2} ms, worst {:8.2} ms", figure.what, figure.median_ms, figure.worst_ms);
    }
    drop(store);
    IndexedDbStore::delete(&name).await.expect("the database is deleted");
}

#[wasm_bindgen_test]
async fn of_1_000_events() {
    figures(1000).await;
}

#[wasm_bindgen_test]
async fn of_20_000_events() {
    figures(20_000).await;
}
