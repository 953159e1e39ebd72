//! What a request for a table asks for, read before the database is asked: the query string, `Prefer`, `Accept` and the
//! body, each in PostgREST's grammar. What cannot be read is refused with PostgREST's own error.

mod cursor;
mod depth;
mod field;
mod filter;
mod media;
mod order;
mod payload;
mod prefer;
mod query;
mod range;
mod select;

pub(crate) use depth::too_deep;
pub(super) use field::{Field, Place};
pub(super) use filter::{Filter, Logic, Test};
pub(super) use media::Media;
pub(super) use order::Order;
pub(super) use payload::Payload;
pub(super) use prefer::{Count, Prefer, Resolution, Return};
pub(super) use query::Query;
pub(super) use range::Range;
pub(super) use select::{Embed, Item};
