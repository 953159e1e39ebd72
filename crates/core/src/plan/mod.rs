//! Planning: from a batch and what the store read, the writes. Pure functions, one module for each kind of batch.

pub(crate) mod adopt;
mod draft;
pub(crate) mod keep;
pub(crate) mod local;
pub(crate) mod outbox;
pub(crate) mod remote;
pub(crate) mod session;

pub(crate) use draft::Draft;
