//! What happens in a run, apart from where it happens: what persons do, what goes wrong, and what must hold of it.
//!
//! Nothing here knows the simulated server, its network or virtual time, so the same scenarios can be played against a real
//! server: a world gives each person a [`Seat`], asks [`next`] what they do and does it, draws a [`Weather`] and
//! [`Mischief`], keeps the [`books::Books`] from what its stores commit, and at the end lets [`check`] compare what devices
//! hold ([`Held`](check::Held)) with what the server holds ([`Truth`](check::Truth)).

pub mod books;
mod chance;
pub mod check;
mod mischief;
mod person;
mod weather;

pub use chance::{Chance, Rng};
pub use mischief::{Mischief, Temper};
pub use person::{Doing, Seat, answer_back, next, pause};
pub use weather::{Limits, Weather, skew_micros};

use almanac_core::{key::RowRef, table::Table};

/// A row's name as traces have it.
#[must_use]
pub fn short(at: &RowRef) -> String {
    short_key(at.table.name(), &at.key)
}

/// The same of a table's name and a key's text.
#[must_use]
pub fn short_key(table: &str, key: &str) -> String {
    let parts: Vec<&str> = key.split(':').map(|part| part.get(32..).unwrap_or(part)).collect();
    let table = Table::from_name(table).map_or_else(|| table.to_owned(), |table| format!("{table:?}"));
    format!("{table}/{}", parts.join(":"))
}
