//! The real engine over a simulated network and virtual time: one seed is one run.
//!
//! A run has 2 to 5 devices of 1 or 2 accounts, each the real [`almanac_core::engine::Engine`] over the memory store, a
//! simulated server, and a person at each device. For some virtual minutes everything goes wrong that may; then the faults
//! stop, no device is restarted, and the guarantees of `docs/sync.md` are checked. See `README.md`.

mod device;
mod exec;
mod net;
mod quiet;
pub mod real;
pub mod rules;
mod run;
pub mod scenario;
mod server;
pub mod stage;
mod trace;
mod world;

pub use net::{Answer, Request};
pub use run::{Failure, Report, Setting, run, run_on, run_traced};
pub use world::START_MICROS;
