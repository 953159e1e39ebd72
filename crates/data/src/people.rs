//! Names and pictures of those one shares events with, and what one is invited to. The last answers are kept on the
//! device, so that all of them have names offline too; they are asked again whenever roles or invitations change.

use crate::hooks::invitations;
use crate::{
    account::OpenAccount,
    items::{Invited, People},
    shell::Shell,
};
use almanac_core::{
    platform::{BoxFuture, Platform},
    remote::RemoteError,
    table::Table,
    wire::{InvitedTo, Person},
};
use dioxus::prelude::*;
use futures::{FutureExt, StreamExt};
use serde::{Serialize, de::DeserializeOwned};
use std::{rc::Rc, sync::Arc, time::Duration};
use uuid::Uuid;

/// After a failure it is tried again so much later.
const AGAIN: Duration = Duration::from_secs(30);
/// Names change without a word to those who see them.
const STALE: Duration = Duration::from_secs(900);
/// An older server does not know a question. It is asked again so much later, or after the next sign-in.
const UNKNOWN_MICROS: u64 = 86_400_000_000;

fn names(user: Uuid) -> (String, String) {
    (format!("people-{user}"), format!("invitations-{user}"))
}

fn by_id(people: Vec<Person>) -> People {
    Rc::new(people.into_iter().map(|person| (person.user_id, person)).collect())
}

fn by_event(invited: Vec<InvitedTo>) -> Invited {
    Rc::new(invited.into_iter().map(|to| (to.event_id, to)).collect())
}

/// What was kept under the name.
fn kept<T: DeserializeOwned>(shell: &Arc<dyn Shell>, name: &str) -> Vec<T> {
    shell.recall(name).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// Keeps it, or with nothing in it forgets it.
fn keep<T: Serialize>(shell: &Arc<dyn Shell>, name: &str, all: &[T]) {
    let text = serde_json::to_string(all).ok().filter(|_| !all.is_empty());
    if let Err(error) = shell.remember(name, text.as_deref()) {
        tracing::warn!(%error, name, "it is not kept for later");
    }
}

/// Whether an invitation to the user waits here.
async fn is_invited(open: &OpenAccount) -> bool {
    invitations(open).await.is_ok_and(|invitations| !invitations.is_empty())
}

/// The answer; none from a server that does not know the question, which is not asked again before `not_before`, microseconds.
async fn answer<T>(
    platform: &dyn Platform,
    not_before: &mut u64,
    question: BoxFuture<'_, Result<T, RemoteError>>,
) -> Result<Option<T>, RemoteError> {
    if platform.monotonic_micros() < *not_before {
        return Ok(None);
    }
    match question.await {
        Err(RemoteError::Schema(error)) => {
            tracing::debug!(error, "the server does not know this question yet");
            *not_before = platform.monotonic_micros().saturating_add(UNKNOWN_MICROS);
            Ok(None)
        }
        told => told.map(Some),
    }
}

/// Keeps `people` and `invited` up to date until another account is opened.
pub(crate) async fn keep_up(
    shell: Arc<dyn Shell>,
    open: Rc<OpenAccount>,
    (mut people, mut invited): (Signal<People>, Signal<Invited>),
    current: Signal<Option<Rc<OpenAccount>>>,
) {
    let (named, invited_named) = names(open.session.user_id);
    people.set(by_id(kept::<Person>(&shell, &named)));
    invited.set(by_event(kept::<InvitedTo>(&shell, &invited_named)));
    let Some(auth) = open.auth.clone() else { return };
    let (remote, platform) = (auth.remote(), shell.platform());
    let mut commits = open.database.listen();
    let after_page = open.after_page.clone();
    // Held no longer: closing the account must not wait for this.
    let account = Rc::downgrade(&open);
    drop(open);
    let is_current = || match (account.upgrade(), &*current.peek()) {
        (Some(mine), Some(now)) => Rc::ptr_eq(&mine, now),
        _ => false,
    };
    after_page.wait().await;
    let (mut ask_people, mut ask_invited) = (0, 0);
    while is_current() {
        let wait = match answer(&*platform, &mut ask_people, remote.people()).await {
            Ok(Some(now)) if is_current() => {
                keep(&shell, &named, &now);
                let now = by_id(now);
                if *people.peek() != now {
                    people.set(now);
                }
                STALE
            }
            Ok(None) => STALE,
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(%error, "the names of others could not be read");
                AGAIN
            }
        };
        // Only who is invited asks what to.
        let waits = match account.upgrade() {
            Some(open) => is_invited(&open).await,
            None => return,
        };
        let told =
            if waits { answer(&*platform, &mut ask_invited, remote.invitations()).await } else { Ok(Some(Vec::new())) };
        let wait = match told {
            Ok(Some(now)) if is_current() => {
                let was = invited.peek().clone();
                let all = by_event(now.clone());
                if was != all {
                    keep(&shell, &invited_named, &now);
                    invited.set(all);
                }
                wait
            }
            Ok(None) => wait,
            Ok(_) => return,
            Err(error) => {
                tracing::debug!(%error, "what the invitations are to could not be read");
                AGAIN
            }
        };
        let mut later = platform.sleep(wait).fuse();
        loop {
            futures::select! {
                told = commits.next() => match told {
                    Some(told) if told.changes.rows.iter().any(|change| matches!(change.at.table, Table::Roles | Table::Invites)) => break,
                    Some(_) => {}
                    None => return,
                },
                () = later => break,
            }
        }
    }
}

/// Forgets what was kept of them.
pub(crate) fn forget(shell: &Arc<dyn Shell>, user: Uuid) {
    let (people, invited) = names(user);
    keep::<Person>(shell, &people, &[]);
    keep::<InvitedTo>(shell, &invited, &[]);
}
