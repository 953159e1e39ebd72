//! Planning the marks of the sync itself: the device, a resync's begin, the end of the feed.

use crate::{
    stamp::DeviceId,
    store::{Outcome, Plan, Resync, Snapshot, SyncState},
};

pub(crate) fn init(snapshot: Snapshot, device: DeviceId) -> Plan {
    with_state(snapshot, |state| {
        if state.device == DeviceId(0) {
            state.device = device;
        }
    })
}

/// Begins again with a new number, also when a resync is under way already: its rows keep the old one.
pub(crate) fn begin_resync(snapshot: Snapshot, window: (i64, i64), new_epoch: bool) -> Plan {
    with_state(snapshot, |state| {
        state.resync += 1;
        // A resync given up half-way had the reason of the first: a new server stays new until its rows are here.
        let new_epoch = new_epoch || state.resyncing.as_ref().is_some_and(|r| r.new_epoch);
        state.resyncing = Some(Resync { window, new_epoch, ..Resync::default() });
    })
}

pub(crate) fn caught_up(snapshot: Snapshot, local_ms: i64) -> Plan {
    with_state(snapshot, |state| state.caught_up_ms = Some(local_ms))
}

fn with_state(snapshot: Snapshot, change: impl FnOnce(&mut SyncState)) -> Plan {
    let mut state = snapshot.state.clone();
    change(&mut state);
    let changed = state != snapshot.state;
    let mut outcome = Outcome { applied: true, ..Outcome::default() };
    outcome.changes.state = changed;
    Plan { state: changed.then_some(state), outcome, ..Plan::default() }
}
