//! What waits to be sent, and what of the calendar is on this device.

use super::{
    live::{Interest, use_live},
    use_stuck::title,
};
use crate::items::{Holdings, PendingItem};
use almanac_core::changes::Changes;
use dioxus::prelude::*;

struct OutboxOrState;

impl Interest for OutboxOrState {
    fn is_hit(&self, changes: &Changes) -> bool {
        changes.outbox || changes.state
    }
}

/// See the module. Live.
#[must_use]
pub fn use_holdings() -> ReadSignal<Holdings> {
    let holdings = use_signal(Holdings::default);
    use_live(
        move |open| async move {
            let mut pending = Vec::new();
            for entry in open.database.outbox().await?.into_iter().filter(|entry| entry.stuck.is_none()) {
                pending.push(PendingItem {
                    title: title(&open, &entry).await?,
                    groups: entry.groups.keys().cloned().collect(),
                    since_ms: entry.since_ms,
                    attempted: entry.attempted,
                    at: entry.at,
                });
            }
            almanac_core::order::sort_by(&mut pending, |a, b| {
                a.since_ms.cmp(&b.since_ms).then_with(|| a.at.cmp(&b.at))
            });
            let state = open.database.state().await?;
            let (coverage, caught_up_ms, checks) = (state.coverage, state.caught_up_ms, state.checks);
            Ok((Holdings { pending, coverage, caught_up_ms, checks }, OutboxOrState))
        },
        move |found| {
            let mut holdings = holdings;
            if *holdings.peek() != found {
                holdings.set(found);
            }
        },
    );
    holdings.into()
}
