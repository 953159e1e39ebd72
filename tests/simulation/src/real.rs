//! The real thing behind a run: a real server and real disks, so that the simulated ones cannot drift from them.
//!
//! `tests/scenarios` implements [`Real`] with `apps/server` on PostgreSQL, the client of `crates/supabase` and the SQLite
//! store. Persons, faults, virtual time and the guarantees are those of every other run. The run's [`Server`] then holds no
//! rows of its own: it mirrors what the real one holds, and still says by its own reading of the rules who may see what.
//!
//! [`Server`]: crate::server::Server

use crate::{
    exec::lock,
    net::{Answer, Outcome, Request, trace_push},
    scenario::Chance as _,
    world::World,
};
use almanac_core::{
    Uuid,
    key::RowRef,
    outbox::Entry,
    remote::RemoteError,
    row::Row,
    stamp::DeviceId,
    store::{OpenError, Store},
    wire::PushAnswer,
};
use std::{sync::Arc, time::Duration};

/// A real server, and the disks of a run's devices. Every call blocks until it has happened: the order of a run stays the
/// seed's.
pub trait Real: Send + Sync {
    /// Opens a device's disk, again after each crash.
    ///
    /// # Errors
    /// Those of the store.
    fn open_disk(&self, device: usize) -> Result<Arc<dyn Store>, OpenError>;

    /// Sets the server's clock, µs since 1970.
    fn set_time(&self, micros: u64);

    /// A device asks, and waits for the answer.
    ///
    /// # Errors
    /// Those of the real client.
    fn ask(&self, device: usize, request: &Request) -> Result<Answer, RemoteError>;

    /// Begins a push, which stops before its commit, until [`Real::poll_push`].
    fn begin_push(&self, device: usize, sender: DeviceId, entries: &[Entry]) -> u64;

    /// Lets a push go on to its end. None: it waits for a row that another transaction holds; ask again.
    fn poll_push(&self, push: u64) -> Option<Result<PushAnswer, RemoteError>>;

    /// What the server holds of this run.
    fn seen(&self) -> Seen;

    /// Someone edits an event by plain SQL. False: another transaction holds it.
    fn sql_edit(&self, at: &RowRef, column: &str, value: &str) -> bool;

    /// Collects tombstones older than this, s.
    fn collect(&self, older_than: u64);
}

/// What a real server holds of a run's accounts.
pub struct Seen {
    /// The epoch.
    pub epoch: String,
    /// Their feeds.
    pub feeds: Vec<SeenFeed>,
    /// All their rows, tombstones too.
    pub rows: Vec<Row>,
}

/// A user's feed.
pub struct SeenFeed {
    /// Whose.
    pub user: Uuid,
    /// The last number given.
    pub head: u64,
    /// The last number forgotten.
    pub floor: u64,
    /// Numbers and rows.
    pub entries: Vec<(u64, RowRef)>,
}

/// The real server's side of a request.
pub(crate) async fn serve(world: &Arc<World>, real: &dyn Real, device: usize, request: &Request) -> Outcome {
    real.set_time(world.server_now());
    let page = world.limits().page;
    match request {
        Request::Push(sender, entries) => push(world, real, device, (*sender, entries)).await,
        Request::Pull(after, limit) => real.ask(device, &Request::Pull(*after, page.min(*limit))),
        Request::Page { window, after, limit, only_events } => real.ask(
            device,
            &Request::Page {
                window: *window,
                after: after.clone(),
                limit: page.min(*limit),
                only_events: *only_events,
            },
        ),
        Request::Rows(_) | Request::Digest(_) => real.ask(device, request),
    }
}

async fn push(world: &Arc<World>, real: &dyn Real, device: usize, sent: (DeviceId, &[Entry])) -> Outcome {
    let commit = world.weather().commit_ms;
    let answer = if commit > 0 {
        // Its statements are done, and others come between them and the commit.
        let id = real.begin_push(device, sent.0, sent.1);
        world.exec.sleep(world.exec.between_ms(0, commit)).await;
        loop {
            real.set_time(world.server_now());
            if let Some(answer) = real.poll_push(id) {
                break answer;
            }
            world.exec.sleep(Duration::from_millis(50)).await;
        }
    } else {
        match real.ask(device, &Request::Push(sent.0, sent.1.to_vec())) {
            Ok(Answer::Push(answer)) => Ok(answer),
            Ok(_) => Err(RemoteError::transport("another answer than was asked for")),
            Err(error) => Err(error),
        }
    };
    refresh(world);
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            world.trace(|| format!("  server: push of d{device} failed: {error}"));
            return Err(error);
        }
    };
    if answer.error.is_some() {
        world.trace(|| format!("  server: {:?}", answer.error));
    } else {
        trace_push(world, world.users[device % world.users.len()], &answer);
    }
    Ok(Answer::Push(answer))
}

/// Looks at the real server after something was committed there, and passes the hint on.
pub(crate) fn refresh(world: &Arc<World>) {
    let Some(real) = &world.real else { return };
    let moved = lock(&world.server).mirror(real.seen());
    world.hint(&moved);
}
