//! Our store on IndexedDB and our engine, for the page of the benchmarks: what `tests/bench/web` times beside Dexie and
//! supabase-js in the same Chromium. Compiled as the web app is.
#![cfg(target_family = "wasm")]

mod device;
mod platform;
#[path = "../../src/rows.rs"]
mod rows;
mod store;

pub use device::Device;
pub use store::{Store, events};
