//! The network between a device and the server, with everything that goes wrong on it. A request lives on its own: the
//! device may have given up waiting, or be dead, when it reaches the server.

use crate::{
    exec::{Exec, lock},
    real,
    scenario::{Chance, short, short_key},
    world::World,
};
use almanac_core::{
    Uuid,
    key::RowRef,
    outbox::Entry,
    platform::{BoxFuture, BoxStream},
    remote::{Hint, Remote, RemoteError},
    stamp::DeviceId,
    wire::{DigestAnswer, PageAnswer, PullAnswer, PushAnswer},
};
use futures::{
    FutureExt, StreamExt,
    channel::{mpsc, oneshot},
    future::Either,
};
use std::{sync::Arc, time::Duration};

/// A device's way to the server.
pub(crate) struct Wire {
    pub(crate) world: Arc<World>,
    pub(crate) user: Uuid,
    pub(crate) device: usize,
}

/// What a device asks of the server.
#[derive(Clone, Debug)]
pub enum Request {
    /// The feed after a number, at most so many changes.
    Pull(u64, usize),
    /// Entries of a device.
    Push(DeviceId, Vec<Entry>),
    /// A page of the bootstrap, or of a window.
    Page {
        /// The span, ms.
        window: (i64, i64),
        /// The page before.
        after: Option<String>,
        /// At most so many rows.
        limit: usize,
        /// A window's page.
        only_events: bool,
    },
    /// Rows as they are now.
    Rows(Vec<RowRef>),
    /// Count and hash of what is covered, ms.
    Digest(Vec<(i64, i64)>),
}

/// What it answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// To a pull.
    Pull(PullAnswer),
    /// To a push.
    Push(PushAnswer),
    /// To the rest.
    Page(PageAnswer),
    /// To a digest.
    Digest(DigestAnswer),
}

pub(crate) type Outcome = Result<Answer, RemoteError>;

/// The device gives up waiting after this.
const PATIENCE: Duration = Duration::from_secs(10);

impl Wire {
    fn call(&self, request: Request) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let world = &self.world;
            let exec = Arc::clone(&world.exec);
            let weather = world.weather();
            lock(&world.switches)[self.device].requests += 1;
            if world.is_offline(self.device) {
                exec.sleep(Duration::from_millis(1)).await;
                return Err(RemoteError::transport("no network"));
            }
            world.trace(|| format!("d{} asks {}", self.device, told(&request)));
            let delay = |exec: &Exec| Duration::from_micros(200 + exec.below(1000 * weather.delay_ms.max(1)));
            if exec.chance(weather.dropped) {
                exec.sleep(PATIENCE).await;
                return Err(RemoteError::transport("timed out"));
            }
            if exec.chance(weather.auth) {
                exec.sleep(delay(&exec)).await;
                return Err(RemoteError::Auth("401".to_owned()));
            }
            if exec.chance(weather.busy) {
                exec.sleep(delay(&exec)).await;
                let retry_after = Some(exec.between_ms(500, 8000));
                return Err(RemoteError::Transport { message: "429".to_owned(), retry_after });
            }
            if exec.chance(weather.too_much) {
                exec.sleep(delay(&exec)).await;
                return Err(RemoteError::TooMuch("57014".to_owned()));
            }
            // 409 and 5xx before anything was done; after it they are a lost answer.
            if exec.chance(weather.failing) {
                exec.sleep(delay(&exec)).await;
                return Err(RemoteError::transport(if exec.chance(500) { "409" } else { "503" }));
            }
            let mut there = delay(&exec);
            if exec.chance(weather.late) {
                there += exec.between_ms(5_000, 25_000);
            }
            if exec.chance(weather.duplicated) {
                let copy = there + exec.between_ms(0, 15_000);
                let (world, request, asker) = (Arc::clone(world), request.clone(), (self.device, self.user));
                exec.spawn(async move {
                    world.exec.sleep(copy).await;
                    let _ = serve(&world, asker, &request).await;
                });
            }
            let (answer, mut waiting) = oneshot::channel();
            let back = delay(&exec);
            let is_mute = matches!(request, Request::Push(..)) && lock(&world.switches)[self.device].mute;
            let lost = exec.chance(weather.answer_lost) || is_mute;
            let (served, asker) = (Arc::clone(world), (self.device, self.user));
            exec.spawn(async move {
                served.exec.sleep(there).await;
                let outcome = serve(&served, asker, &request).await;
                served.exec.sleep(back).await;
                if !lost {
                    let _ = answer.send(outcome);
                }
            });
            let timeout = exec.sleep(PATIENCE);
            match futures::future::select(&mut waiting, timeout).await {
                Either::Left((Ok(outcome), _)) => outcome,
                Either::Left((Err(_), timeout)) => {
                    timeout.await;
                    Err(RemoteError::transport("timed out"))
                }
                Either::Right(_) => Err(RemoteError::transport("timed out")),
            }
        })
    }
}

fn told(request: &Request) -> String {
    match request {
        Request::Pull(after, _) => format!("pull after {after}"),
        Request::Push(_, entries) => {
            let each: Vec<String> = entries
                .iter()
                .map(|e| {
                    format!(
                        "{} g{} {:?}",
                        short(&e.at),
                        e.generation,
                        e.groups.iter().map(|(g, s)| format!("{g}={s}")).collect::<Vec<_>>()
                    )
                })
                .collect();
            format!("push [{}]", each.join(", "))
        }
        Request::Page { after, only_events, .. } => {
            format!("{} after {after:?}", if *only_events { "window" } else { "bootstrap" })
        }
        Request::Rows(refs) => format!("rows {}", refs.len()),
        Request::Digest(_) => "digest".to_owned(),
    }
}

/// The server's side of a request of a device and its user.
async fn serve(world: &Arc<World>, asker: (usize, Uuid), request: &Request) -> Outcome {
    if let Request::Push(_, entries) = request {
        if entries.len() > world.limits().entries {
            return Err(RemoteError::TooMuch("413".to_owned()));
        }
        if entries.iter().any(|e| lock(&world.server).poison.contains(&e.at)) {
            return Err(RemoteError::TooMuch("57014".to_owned()));
        }
    }
    let asked = match request {
        Request::Pull(_, limit) | Request::Page { limit, .. } => *limit,
        _ => 0,
    };
    if asked > world.limits().asked {
        return Err(RemoteError::TooMuch("57014".to_owned()));
    }
    if let Some(real) = &world.real {
        return real::serve(world, real.as_ref(), asker.0, request).await;
    }
    let (_, user) = asker;
    let now = world.server_now();
    let page = world.limits().page;
    match request {
        Request::Pull(after, limit) => {
            let answer = lock(&world.server).pull(user, *after, page.min(*limit), now);
            world.trace(|| {
                format!(
                    "  server: pull by {} after {after}: {} changes, at {}",
                    world.name(user),
                    answer.changes.len(),
                    answer.at
                )
            });
            Ok(Answer::Pull(answer))
        }
        Request::Page { window, after, limit, only_events } => {
            let answer = lock(&world.server).page(user, *window, after.as_deref(), page.min(*limit), *only_events, now);
            world.trace(|| {
                format!(
                    "  server: page for {}: {} rows, at {}, next {:?}",
                    world.name(user),
                    answer.rows.len(),
                    answer.at,
                    answer.next
                )
            });
            Ok(Answer::Page(answer))
        }
        Request::Rows(refs) => Ok(Answer::Page(lock(&world.server).some_rows(user, refs, now))),
        Request::Digest(coverage) => Ok(Answer::Digest(lock(&world.server).digest(user, coverage, now))),
        Request::Push(_, entries) => serve_push(world, user, entries).await,
    }
}

async fn serve_push(world: &Arc<World>, user: Uuid, entries: &[Entry]) -> Outcome {
    let mut tries = 0;
    let mut tx = loop {
        let begun = lock(&world.server).begin(entries);
        if let Some(tx) = begun {
            break tx;
        }
        tries += 1;
        if tries > 2000 {
            return Err(RemoteError::transport("40P01"));
        }
        world.exec.sleep(Duration::from_millis(5)).await;
    };
    let invites = world.limits().invites;
    let answer = lock(&world.server).statements(&mut tx, user, entries, world.server_now(), invites);
    if answer.error.is_some() {
        lock(&world.server).abort(&tx);
        world.trace(|| format!("  server: {:?}", answer.error));
        return Ok(Answer::Push(answer));
    }
    let commit = world.weather().commit_ms;
    if commit > 0 {
        world.exec.sleep(world.exec.between_ms(0, commit)).await;
    }
    let committed = lock(&world.server).commit(tx);
    let Some(moved) = committed else { return Err(RemoteError::transport("57P01")) };
    trace_push(world, user, &answer);
    world.hint(&moved);
    Ok(Answer::Push(answer))
}

/// Notes the verdicts of a push.
pub(crate) fn trace_push(world: &World, user: Uuid, answer: &PushAnswer) {
    world.trace(|| {
        let each: Vec<String> = answer
            .results
            .iter()
            .map(|r| {
                format!(
                    "{} g{} {} {}",
                    short_key(&r.table, &r.key),
                    r.generation,
                    r.status,
                    r.code.as_deref().unwrap_or("")
                )
            })
            .collect();
        format!("  server: push by {} committed, at {}: [{}]", world.name(user), answer.at, each.join(", "))
    });
}

fn unexpected() -> RemoteError {
    RemoteError::transport("another answer than was asked for")
}

impl Remote for Wire {
    fn bootstrap(
        &self,
        window: (i64, i64),
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        let request = Request::Page { window, after, limit: limit as usize, only_events: false };
        self.call(request)
            .map(|outcome| match outcome? {
                Answer::Page(page) => Ok(page),
                _ => Err(unexpected()),
            })
            .boxed()
    }

    fn pull(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<PullAnswer, RemoteError>> {
        self.call(Request::Pull(after, limit as usize))
            .map(|outcome| match outcome? {
                Answer::Pull(pull) => Ok(pull),
                _ => Err(unexpected()),
            })
            .boxed()
    }

    fn push(&self, device: DeviceId, entries: Vec<Entry>) -> BoxFuture<'_, Result<PushAnswer, RemoteError>> {
        self.call(Request::Push(device, entries))
            .map(|outcome| match outcome? {
                Answer::Push(push) => Ok(push),
                _ => Err(unexpected()),
            })
            .boxed()
    }

    fn window(
        &self,
        window: (i64, i64),
        after: Option<String>,
        limit: u32,
    ) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        let request = Request::Page { window, after, limit: limit as usize, only_events: true };
        self.call(request)
            .map(|outcome| match outcome? {
                Answer::Page(page) => Ok(page),
                _ => Err(unexpected()),
            })
            .boxed()
    }

    fn rows(&self, refs: Vec<RowRef>) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        self.call(Request::Rows(refs))
            .map(|outcome| match outcome? {
                Answer::Page(page) => Ok(page),
                _ => Err(unexpected()),
            })
            .boxed()
    }

    fn digest(&self, coverage: Vec<(i64, i64)>) -> BoxFuture<'_, Result<DigestAnswer, RemoteError>> {
        self.call(Request::Digest(coverage))
            .map(|outcome| match outcome? {
                Answer::Digest(digest) => Ok(digest),
                _ => Err(unexpected()),
            })
            .boxed()
    }

    fn subscribe(&self) -> BoxStream<'static, Hint> {
        let (sender, receiver) = mpsc::unbounded();
        self.world.subscribe(self.device, self.user, sender);
        receiver.boxed()
    }
}
