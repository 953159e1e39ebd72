//! Names and pictures of those one shares events with. The last answer is kept on the device, so that they have names
//! offline too; it is asked again whenever roles change.

use crate::{account::OpenAccount, items::People, shell::Shell};
use almanac_core::{table::Table, wire::Person};
use dioxus::prelude::*;
use futures::{FutureExt, StreamExt};
use std::{rc::Rc, sync::Arc, time::Duration};

/// After a failure it is tried again so much later.
const AGAIN: Duration = Duration::from_secs(30);
/// Names change without a word to those who see them.
const STALE: Duration = Duration::from_secs(900);

fn name(open: &OpenAccount) -> String {
    format!("people-{}", open.session.user_id)
}

fn by_id(people: Vec<Person>) -> People {
    Rc::new(people.into_iter().map(|person| (person.user_id, person)).collect())
}

/// Keeps `people` up to date until another account is opened.
pub(crate) async fn keep_up(
    shell: Arc<dyn Shell>,
    open: Rc<OpenAccount>,
    mut people: Signal<People>,
    current: Signal<Option<Rc<OpenAccount>>>,
) {
    let kept = shell.recall(&name(&open)).and_then(|text| serde_json::from_str::<Vec<Person>>(&text).ok());
    people.set(by_id(kept.unwrap_or_default()));
    let Some(auth) = open.auth.clone() else { return };
    let (remote, platform) = (auth.remote(), shell.platform());
    let mut commits = open.database.listen();
    let named = name(&open);
    // Held no longer: closing the account must not wait for this.
    let account = Rc::downgrade(&open);
    drop(open);
    let is_current = || match (account.upgrade(), &*current.peek()) {
        (Some(mine), Some(now)) => Rc::ptr_eq(&mine, now),
        _ => false,
    };
    while is_current() {
        let wait = match remote.people().await {
            Ok(now) if is_current() => {
                if let Ok(text) = serde_json::to_string(&now)
                    && let Err(error) = shell.remember(&named, Some(&text))
                {
                    tracing::warn!(%error, "the names of others are not kept for later");
                }
                let now = by_id(now);
                if *people.peek() != now {
                    people.set(now);
                }
                STALE
            }
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(%error, "the names of others could not be read");
                AGAIN
            }
        };
        let mut later = platform.sleep(wait).fuse();
        loop {
            futures::select! {
                told = commits.next() => match told {
                    Some(told) if told.changes.rows.iter().any(|change| change.at.table == Table::Roles) => break,
                    Some(_) => {}
                    None => return,
                },
                () = later => break,
            }
        }
    }
}

/// Forgets what was kept of them.
pub(crate) fn forget(shell: &Arc<dyn Shell>, user: uuid::Uuid) {
    if let Err(error) = shell.remember(&format!("people-{user}"), None) {
        tracing::warn!(%error, "the names of others stay on this device");
    }
}
