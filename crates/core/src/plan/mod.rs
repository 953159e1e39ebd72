//! Planning: from a batch and what the store read, the writes. Pure functions, one module for each kind of batch.

pub(crate) mod adopt;
mod draft;
pub(crate) mod keep;
pub(crate) mod local;
pub(crate) mod outbox;
pub(crate) mod remote;
pub(crate) mod session;

pub(crate) use draft::Draft;

/// The server takes stamps up to 5 min ahead of its clock.
const TOLERANCE_MICROS: u64 = 5 * 60 * 1_000_000;

/// What a new stamp of a row that is not here must reach, µs: its author may have seen a version that left. (A stamp that
/// the server would refuse helps nobody: a minute less than it takes.)
fn unseen_floor(state: &crate::store::SyncState, now: u64) -> u64 {
    let most = now.saturating_add(TOLERANCE_MICROS - 60 * 1_000_000);
    state.heard.saturating_add(1).min(most)
}
