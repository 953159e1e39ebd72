//! The sync log: what was pulled, pushed, refused and compared lately.

use super::live::{Interest, use_live};
use almanac_core::{changes::Changes, log::Line};
use dioxus::prelude::*;

struct Lines;

impl Interest for Lines {
    fn is_hit(&self, changes: &Changes) -> bool {
        changes.log
    }
}

/// The sync log, the newest line first, live. Its lines hold no contents of rows and print as English sentences. How the
/// data compare with the server's is in [`Holdings::checks`](crate::Holdings::checks) of
/// [`use_holdings`](super::use_holdings); [`Mutations::compare_data`](crate::Mutations::compare_data) compares now.
#[must_use]
pub fn use_sync_log() -> ReadSignal<Vec<Line>> {
    let lines = use_signal(Vec::new);
    use_live(
        move |open| async move {
            let mut found = open.database.log().await?;
            found.reverse();
            Ok((found, Lines))
        },
        move |found| {
            let mut lines = lines;
            if *lines.peek() != found {
                lines.set(found);
            }
        },
    );
    lines.into()
}
