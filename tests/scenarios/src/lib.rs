//! The simulation's runs (`tests/simulation`) on what people really use: `apps/server` on PostgreSQL, the client of
//! `crates/supabase` over HTTP, and the SQLite store in files that are opened again after each crash.
//!
//! Persons, faults and guarantees are the simulation's, and so is time: the server's clock is the run's (only SQL's
//! `clock_timestamp()` is exchanged). Each call blocks until it has happened, so a seed is one run here, too. See `README.md`.

mod gate;
mod lab;
mod scene;
mod seen;

pub use gate::Interleaved;
pub use lab::Lab;
