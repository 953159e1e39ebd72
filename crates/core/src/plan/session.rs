//! Planning the marks of the sync itself: the device, a resync's begin, the end of the feed.

use crate::{
    coverage,
    log::{Happened, Line},
    mutation::{Mutation, off},
    stamp::DeviceId,
    store::{Checks, Outcome, Plan, Resync, Snapshot, SyncState},
};

pub(crate) fn init(snapshot: Snapshot, device: DeviceId) -> Plan {
    with_state(snapshot, |state| {
        if state.device == DeviceId(0) {
            state.device = device;
        }
    })
}

/// Begins again with a new number, also when a resync is under way already: its rows keep the old one.
pub(crate) fn begin_resync(snapshot: Snapshot, window: (i64, i64), new_epoch: bool, repair_since: Option<u64>) -> Plan {
    with_state(snapshot, |state| {
        state.resync += 1;
        // A resync given up half-way had the reason of the first: a new server stays new until its rows are here.
        let new_epoch = new_epoch || state.resyncing.as_ref().is_some_and(|r| r.new_epoch);
        // Everything the device covered comes again, not only the window around now.
        let (mut window, mut left) = (window, Vec::new());
        if !off(Mutation::ResyncCoversAll) {
            left.clone_from(&state.coverage);
            coverage::add(&mut left, window);
            if let Some(around) = left.iter().position(|span| span.0 <= window.0 && window.1 <= span.1) {
                window = left.remove(around);
            }
        }
        state.resyncing = Some(Resync { window, left, new_epoch, repair_since, ..Resync::default() });
    })
}

pub(crate) fn caught_up(snapshot: Snapshot, local_ms: i64) -> Plan {
    with_state(snapshot, |state| state.caught_up_ms = Some(local_ms))
}

pub(crate) fn checked(snapshot: Snapshot, checks: Checks) -> Plan {
    with_state(snapshot, |state| state.checks = checks)
}

pub(crate) fn tidied(snapshot: Snapshot, local_ms: i64) -> Plan {
    with_state(snapshot, |state| state.tidied_ms = Some(local_ms))
}

/// Numbers the lines.
pub(crate) fn log(snapshot: Snapshot, lines: Vec<(i64, Happened)>) -> Plan {
    let mut state = snapshot.state;
    let number = |(at_ms, what)| {
        state.log += 1;
        Line { number: state.log, at_ms, what }
    };
    let log: Vec<Line> = lines.into_iter().map(number).collect();
    let mut outcome = Outcome { applied: true, ..Outcome::default() };
    outcome.changes.log = !log.is_empty();
    Plan { state: (!log.is_empty()).then_some(state), log, outcome, ..Plan::default() }
}

fn with_state(snapshot: Snapshot, change: impl FnOnce(&mut SyncState)) -> Plan {
    let mut state = snapshot.state.clone();
    change(&mut state);
    let changed = state != snapshot.state;
    let mut outcome = Outcome { applied: true, ..Outcome::default() };
    outcome.changes.state = changed;
    Plan { state: changed.then_some(state), outcome, ..Plan::default() }
}
