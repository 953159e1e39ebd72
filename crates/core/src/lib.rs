//! The heart of Almanac: domains, stamps, merge, the store and remote traits, and the sync engine.
//!
//! Nothing here does I/O or knows a clock: stores, network and time come through the traits [`store::Store`],
//! [`remote::Remote`] and [`platform::Platform`], so the same engine runs in the browser, on the desktop, on the phone
//! and in the simulation.
//!
//! Reading order: [`table`] (what is synced), [`stamp`], [`row`] and [`merge`](mod@merge) (how conflicts end), [`patch`]
//! and [`store`] (how edits are kept), [`database`] (what the UI talks to), [`engine`] (how they travel).

pub mod adopt;
pub mod changes;
pub mod clock;
pub mod coverage;
pub mod database;
pub mod domain;
pub mod engine;
pub mod key;
pub mod log;
pub mod memory;
pub mod merge;
pub mod mutation;
pub mod order;
pub mod outbox;
pub mod patch;
mod plan;
pub mod platform;
pub mod remote;
pub mod row;
pub mod session;
pub mod stamp;
pub mod store;
pub mod survey;
pub mod table;
pub mod time;
pub mod wire;

pub use uuid::Uuid;
