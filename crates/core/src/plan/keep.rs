//! Planning what need not be kept: coverage given up, rows forgotten.

use super::Draft;
use crate::{
    coverage,
    key::RowRef,
    mutation::{Mutation, off},
    store::{Outcome, Plan, Snapshot, StoreError},
};

/// Coverage shrinks before anything is forgotten: stopped in between, too much is here, never too little.
pub(crate) fn uncover(snapshot: Snapshot, keep: &[(i64, i64)]) -> Plan {
    let mut state = snapshot.state.clone();
    state.coverage = coverage::common(&state.coverage, keep);
    let mut outcome = Outcome { applied: true, ..Outcome::default() };
    outcome.changes.state = state != snapshot.state;
    Plan { state: outcome.changes.state.then_some(state), outcome, ..Plan::default() }
}

/// An edit may have come since the survey: what has one stays.
pub(crate) fn forget(snapshot: Snapshot, rows: &[RowRef]) -> Result<Plan, StoreError> {
    let mut draft = Draft::new(snapshot);
    for at in rows {
        if draft.entry(at).is_none() || off(Mutation::PendingIsNotForgotten) {
            draft.remove_row(at);
        }
    }
    draft.finish()
}
