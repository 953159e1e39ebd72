//! The engine against a scripted server: what it asks, and what it makes of odd answers. (The rest is the simulation's.)

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use almanac_core::{
    database::Database,
    engine::{Engine, Nudge, Phase},
    key::RowRef,
    memory::MemoryStore,
    outbox::Entry,
    patch::Patch,
    platform::{BoxFuture, BoxStream, Platform, TaskFuture},
    remote::{Hint, Remote, RemoteError},
    row::Columns,
    stamp::DeviceId,
    wire::{Head, PageAnswer, PullAnswer, PushAnswer, WireRow, WireVerdict},
};
use futures::{FutureExt, StreamExt, future};
use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};
use support::*;

struct Still;

impl Platform for Still {
    fn now_micros(&self) -> u64 {
        NOW
    }
    fn monotonic_micros(&self) -> u64 {
        0
    }
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        future::pending().boxed()
    }
    fn spawn(&self, _: Pin<Box<dyn TaskFuture>>) {}
    fn random(&self) -> u64 {
        0xaaaa
    }
}

type Pushed = Box<dyn FnMut(&[Entry]) -> Result<PushAnswer, RemoteError> + Send>;

/// A server that says what it is told to.
struct Script {
    epoch: Mutex<String>,
    at: Mutex<u64>,
    asked: Mutex<Vec<String>>,
    push: Mutex<Pushed>,
    window_at: Mutex<Option<u64>>,
    bootstrap: Mutex<Vec<WireRow>>,
}

impl Script {
    fn head(&self) -> Head {
        Head { now: NOW, epoch: self.epoch.lock().unwrap().clone() }
    }
    fn told(&self, what: String) {
        let mut asked = self.asked.lock().unwrap();
        asked.push(what);
        assert!(asked.len() < 200, "the engine spins: {:?}", &asked[190..]);
    }
    fn page(&self, at: u64, rows: Vec<WireRow>) -> PageAnswer {
        PageAnswer { head: self.head(), at, rows, next: None, total: None }
    }
}

impl Remote for Script {
    fn bootstrap(&self, _: (i64, i64), _: Option<String>, _: u32) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        self.told("bootstrap".to_owned());
        let rows = self.bootstrap.lock().unwrap().clone();
        future::ready(Ok(self.page(*self.at.lock().unwrap(), rows))).boxed()
    }
    fn pull(&self, after: u64, _: u32) -> BoxFuture<'_, Result<PullAnswer, RemoteError>> {
        self.told(format!("pull {after}"));
        let at = *self.at.lock().unwrap();
        future::ready(Ok(PullAnswer { head: self.head(), at, floor: 0, changes: vec![], resync: None })).boxed()
    }
    fn push(&self, _: DeviceId, entries: Vec<Entry>) -> BoxFuture<'_, Result<PushAnswer, RemoteError>> {
        self.told(format!("push {}", entries.len()));
        let mut answer = (self.push.lock().unwrap())(&entries);
        if let Ok(answer) = &mut answer {
            answer.head = self.head();
            answer.at = *self.at.lock().unwrap();
        }
        future::ready(answer).boxed()
    }
    fn window(&self, _: (i64, i64), _: Option<String>, _: u32) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        self.told("window".to_owned());
        let at = self.window_at.lock().unwrap().unwrap_or(*self.at.lock().unwrap());
        future::ready(Ok(self.page(at, vec![]))).boxed()
    }
    fn rows(&self, _: Vec<RowRef>) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        future::ready(Ok(self.page(0, vec![]))).boxed()
    }
    fn subscribe(&self) -> BoxStream<'static, Hint> {
        futures::stream::pending().boxed()
    }
}

fn answer(results: Vec<WireVerdict>) -> PushAnswer {
    PushAnswer { head: Head { now: NOW, epoch: String::new() }, at: 0, results, error: None }
}

fn verdict(entry: &Entry, code: Option<&str>) -> WireVerdict {
    WireVerdict {
        table: entry.at.table.name().to_owned(),
        key: entry.at.key.clone(),
        generation: entry.generation,
        status: if code.is_some() { "refused" } else { "done" }.to_owned(),
        code: code.map(str::to_owned),
        message: None,
        row: code.is_none().then(|| entry.as_row().to_json()),
    }
}

fn all_done(entries: &[Entry]) -> Result<PushAnswer, RemoteError> {
    Ok(answer(entries.iter().map(|entry| verdict(entry, None)).collect()))
}

struct Setup {
    script: Arc<Script>,
    database: Arc<Database>,
    engine: Arc<Engine>,
}

impl Setup {
    fn new(push: impl FnMut(&[Entry]) -> Result<PushAnswer, RemoteError> + Send + 'static) -> Self {
        let script = Arc::new(Script {
            epoch: Mutex::new(EPOCH.to_owned()),
            at: Mutex::new(10),
            asked: Mutex::default(),
            push: Mutex::new(Box::new(push)),
            window_at: Mutex::default(),
            bootstrap: Mutex::default(),
        });
        let store = Arc::new(MemoryStore::new());
        let database = Database::open(store, Arc::new(Still)).now_or_never().unwrap().unwrap();
        let engine = Engine::new(Arc::clone(&database), Arc::clone(&script) as Arc<dyn Remote>);
        Self { script, database, engine }
    }

    fn sync(&self) -> Result<(), String> {
        self.engine.sync_once().now_or_never().expect("the script answers at once")
    }

    fn commit(&self, patch: Patch) {
        self.database.commit(vec![patch]).now_or_never().unwrap().unwrap();
    }

    fn entries(&self) -> Vec<Entry> {
        self.database.outbox().now_or_never().unwrap().unwrap()
    }

    fn stuck(&self) -> Vec<(RowRef, String)> {
        self.entries().into_iter().filter_map(|entry| Some((entry.at, entry.stuck?.code))).collect()
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.script.asked.lock().unwrap())
    }
}

fn new_event(n: u128) -> Patch {
    Patch::create(event(n), event_columns("Lunch"))
}

fn new_overlay(n: u128) -> Patch {
    let initial = columns(serde_json::json!({"calendar_id": null, "category_id": null, "show_time_as": "busy",
        "time_defense_level": "normal", "ai_managed": false, "ai_instructions": null, "persona_id": null, "reminders": []}));
    Patch::create(RowRef::overlay(id(n), user(1)), initial)
}

#[test]
fn a_cycle_pulls_then_pushes_then_reads_its_own_edits_back() {
    let setup = Setup::new(all_done);
    setup.commit(new_event(1));
    setup.sync().unwrap();
    assert_eq!(setup.asked(), ["bootstrap", "pull 10", "push 1", "pull 10"]);
    assert!(setup.engine.status().is_up_to_date() && setup.entries().is_empty());
}

#[test]
fn a_server_that_is_away_keeps_the_queue() {
    let setup = Setup::new(|_| Err(RemoteError::transport("503")));
    setup.commit(new_event(1));
    assert!(setup.sync().is_err());
    let status = setup.engine.status();
    assert_eq!((status.phase, status.pending, status.is_up_to_date()), (Phase::Offline, 1, false));
}

#[test]
fn a_window_answer_behind_the_cursor_is_asked_again_and_not_for_ever() {
    let setup = Setup::new(all_done);
    setup.sync().unwrap();
    *setup.script.window_at.lock().unwrap() = Some(3);
    // Far outside of what the bootstrap covers.
    let from = i64::try_from(NOW / 1000).unwrap() + 400 * 86_400_000;
    setup.asked();
    setup.engine.nudge(Nudge::Window(from, from + 1000));
    let run = Arc::clone(&setup.engine).run();
    // The nudge is heard by the running engine; its sleeps never end, so one poll is one cycle.
    futures::executor::block_on(async {
        futures::pin_mut!(run);
        let _ = futures::poll!(&mut run);
    });
    let asked = setup.asked();
    assert!(asked.iter().filter(|what| *what == "window").count() <= 3, "{asked:?}");
}

#[test]
fn a_server_restored_before_the_first_page_of_a_resync_is_a_new_one() {
    let setup = Setup::new(all_done);
    setup.script.bootstrap.lock().unwrap().push(WireRow {
        table: "events".to_owned(),
        key: event(1).key,
        seq: None,
        row: Some(server_event(1, "Lunch", NOW - HOUR).to_json()),
        gone: false,
    });
    setup.sync().unwrap();
    // The head fell below the cursor; by the time of the first page the server is known to be another, without the event.
    *setup.script.at.lock().unwrap() = 2;
    setup.script.bootstrap.lock().unwrap().clear();
    let batch = almanac_core::store::Batch::BeginResync { window: (0, i64::MAX), new_epoch: false };
    setup.database.execute(batch).now_or_never().unwrap().unwrap();
    *setup.script.epoch.lock().unwrap() = "00000000-0000-4000-8000-000000000002".to_owned();
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    *setup.script.push.lock().unwrap() = Box::new(move |entries| {
        log.lock().unwrap().extend(entries.iter().map(|entry| entry.at.clone()));
        all_done(entries)
    });
    setup.sync().unwrap();
    assert_eq!(*sent.lock().unwrap(), [event(1)], "swept instead of given back");
}

#[test]
fn verdicts_of_a_restored_server_wait_for_its_rows() {
    let setup = Setup::new(all_done);
    setup.sync().unwrap();
    setup.commit(new_event(1));
    let script = Arc::clone(&setup.script);
    let mut first = true;
    *setup.script.push.lock().unwrap() = Box::new(move |entries| {
        if std::mem::take(&mut first) {
            *script.epoch.lock().unwrap() = "00000000-0000-4000-8000-000000000002".to_owned();
            return Ok(answer(entries.iter().map(|entry| verdict(entry, Some("missing"))).collect()));
        }
        all_done(entries)
    });
    setup.sync().unwrap();
    assert_eq!(setup.stuck(), []);
    assert!(setup.entries().is_empty());
}

#[test]
fn stamps_called_ahead_again_and_again_do_not_spin() {
    let setup = Setup::new(|_| Ok(PushAnswer { error: Some("clock_ahead".to_owned()), ..answer(vec![]) }));
    setup.commit(new_event(1));
    assert!(setup.sync().is_err());
    assert!(setup.asked().len() < 10);
    assert_eq!(setup.entries().len(), 1);
}

#[test]
fn a_verdict_that_is_missing_is_put_off_and_holds_up_nothing() {
    let setup = Setup::new(|entries| {
        let others = entries.iter().filter(|entry| entry.at != event(1));
        Ok(answer(others.map(|entry| verdict(entry, None)).collect()))
    });
    setup.commit(new_event(1));
    setup.commit(new_event(2));
    setup.sync().unwrap();
    let entries = setup.entries();
    assert_eq!(entries.len(), 1, "the other is settled");
    assert!(entries[0].not_before_ms > 0 && entries[0].stuck.is_none());
}

#[test]
fn a_child_of_a_stuck_parent_is_stuck_with_it_and_freed_with_it() {
    let setup = Setup::new(|entries| {
        Ok(answer(
            entries
                .iter()
                .map(|entry| verdict(entry, Some(if entry.at == event(1) { "invalid" } else { "parent_missing" })))
                .collect(),
        ))
    });
    setup.commit(new_event(1));
    setup.sync().unwrap();
    setup.commit(new_overlay(1));
    setup.sync().unwrap();
    let codes: Vec<String> = setup.stuck().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["invalid", "parent_stuck"]);
    // The person mends the event: both go.
    *setup.script.push.lock().unwrap() = Box::new(all_done);
    setup.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    setup.sync().unwrap();
    assert!(setup.entries().is_empty(), "{:?}", setup.stuck());
}

#[test]
fn what_hung_on_an_event_never_sent_leaves_with_it() {
    let setup =
        Setup::new(|entries| Ok(answer(entries.iter().map(|entry| verdict(entry, Some("parent_missing"))).collect())));
    setup.commit(new_event(1));
    setup.commit(new_overlay(1));
    setup.commit(Patch::delete(event(1)));
    setup.sync().unwrap();
    assert!(setup.entries().is_empty(), "nobody can be asked about an overlay of nothing: {:?}", setup.stuck());
}

#[test]
fn one_entry_at_a_time_is_slow_but_gets_through() {
    let setup =
        Setup::new(
            |entries| {
                if entries.len() > 1 { Err(RemoteError::TooMuch("413".to_owned())) } else { all_done(entries) }
            },
        );
    for n in 1..=6 {
        setup.commit(new_event(n));
    }
    let mut cycles = 0;
    while setup.sync().is_err() {
        cycles += 1;
        assert!(cycles < 12, "{} left", setup.entries().len());
    }
    assert!(setup.entries().is_empty());
}

#[test]
fn a_child_that_waits_does_not_give_its_hopeless_parent_new_tries() {
    // The exception's key is the smaller: sent one by one, it is answered before its series fails.
    let setup = Setup::new(|entries| match entries {
        [one] if one.at == event(1) => Ok(answer(vec![verdict(one, Some("parent_missing"))])),
        _ => Err(RemoteError::TooMuch("57014".to_owned())),
    });
    setup.commit(new_event(9));
    let mut exception = event_columns("Exception");
    exception.insert("series_id".to_owned(), id(9).to_string().into());
    setup.commit(Patch::create(event(1), exception));
    let mut cycles = 0;
    while setup.stuck().is_empty() {
        let _ = setup.sync();
        // The wait of a second is over (the clock of this test stands still).
        setup.database.execute(almanac_core::store::Batch::Retry(event(1))).now_or_never().unwrap().unwrap();
        cycles += 1;
        assert!(cycles < 30, "the parent is never given up");
    }
    assert_eq!(setup.stuck(), [(event(9), "server_error".to_owned())]);
}

#[test]
fn an_entry_the_server_cannot_take_is_set_aside_and_the_rest_goes() {
    let setup = Setup::new(|entries| {
        if entries.iter().any(|entry| entry.at == event(2)) {
            Err(RemoteError::TooMuch("57014".to_owned()))
        } else {
            all_done(entries)
        }
    });
    for n in 1..=6 {
        setup.commit(new_event(n));
    }
    let mut cycles = 0;
    while setup.sync().is_err() {
        cycles += 1;
        assert!(cycles < 30, "{} left", setup.entries().len());
    }
    assert_eq!(setup.stuck(), [(event(2), "server_error".to_owned())]);
    assert_eq!(setup.entries().len(), 1);
    assert!(!setup.engine.status().is_up_to_date(), "stuck is not up to date");
}
