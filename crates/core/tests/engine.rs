//! The engine against a scripted server: what it asks, and what it makes of odd answers. (The rest is the simulation's.)

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use almanac_core::{
    database::Database,
    engine::{Engine, Nudge, Phase},
    key::RowRef,
    log::Line,
    memory::MemoryStore,
    outbox::{Entry, Waiting},
    patch::Patch,
    platform::{BoxFuture, BoxStream, Platform, TaskFuture},
    remote::{Hint, Remote, RemoteError},
    row::{Columns, Row},
    stamp::{DeviceId, Stamp},
    store::{Batch, Outcome, Query, Store, StoreError, Stored, SyncState},
    survey::{Survey, digest_of},
    table::Table,
    wire::{DigestAnswer, Head, PageAnswer, PullAnswer, PushAnswer, WireRow, WireVerdict},
};
use futures::{FutureExt, StreamExt, future};
use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use support::*;

/// Clocks that stand still until they are told to go on. Sleeps of less than a second are over at once, others never.
#[derive(Default)]
struct Still {
    passed: AtomicU64,
}

impl Platform for Still {
    fn now_micros(&self) -> u64 {
        NOW + self.passed.load(Ordering::Relaxed)
    }
    fn monotonic_micros(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        if time < Duration::from_secs(1) { future::ready(()).boxed() } else { future::pending().boxed() }
    }
    fn spawn(&self, _: Pin<Box<dyn TaskFuture>>) {}
    fn random(&self) -> u64 {
        0xaaaa
    }
}

const DAY_MS: i64 = 86_400_000;

type Pushed = Box<dyn FnMut(&[Entry]) -> Result<PushAnswer, RemoteError> + Send>;

/// A server that says what it is told to.
struct Script {
    epoch: Mutex<String>,
    at: Mutex<u64>,
    asked: Mutex<Vec<String>>,
    push: Mutex<Pushed>,
    window_at: Mutex<Option<u64>>,
    bootstrap: Mutex<Vec<WireRow>>,
    /// The rows of any window.
    window: Mutex<Vec<WireRow>>,
    /// The rows that may be asked for by name.
    rows: Mutex<Vec<WireRow>>,
    /// The rows that the digest counts.
    digest: Mutex<Vec<Row>>,
    /// Rows that a page may ask for.
    most: Mutex<u32>,
    clock: Arc<Still>,
    /// The server's clock minus the device's, µs.
    ahead: AtomicU64,
}

impl Script {
    fn head(&self) -> Head {
        Head {
            now: self.clock.now_micros() + self.ahead.load(Ordering::Relaxed),
            epoch: self.epoch.lock().unwrap().clone(),
        }
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
    fn pull(&self, after: u64, limit: u32) -> BoxFuture<'_, Result<PullAnswer, RemoteError>> {
        self.told(format!("pull {after}"));
        let most = *self.most.lock().unwrap();
        if limit > most {
            return future::ready(Err(RemoteError::TooMuch(format!("{limit} rows")))).boxed();
        }
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
        let rows = self.window.lock().unwrap().clone();
        future::ready(Ok(self.page(at, rows))).boxed()
    }
    fn digest(&self, coverage: Vec<(i64, i64)>) -> BoxFuture<'_, Result<DigestAnswer, RemoteError>> {
        self.told("digest".to_owned());
        let rows = self.digest.lock().unwrap().clone();
        let tables = digest_of(&rows, &coverage).unwrap();
        future::ready(Ok(DigestAnswer::new(self.head(), *self.at.lock().unwrap(), tables))).boxed()
    }
    fn rows(&self, refs: Vec<RowRef>) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        self.told(format!("rows {}", refs.len()));
        let held = self.rows.lock().unwrap();
        let answers = refs.into_iter().map(|at| {
            let row = held.iter().find(|row| row.key == at.key).cloned();
            let gone = WireRow { table: at.table.name().to_owned(), key: at.key, seq: None, row: None, gone: true };
            row.unwrap_or(gone)
        });
        future::ready(Ok(self.page(*self.at.lock().unwrap(), answers.collect()))).boxed()
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
        retry_after: None,
        row: code.is_none().then(|| entry.as_row().to_json()),
    }
}

fn all_done(entries: &[Entry]) -> Result<PushAnswer, RemoteError> {
    Ok(answer(entries.iter().map(|entry| verdict(entry, None)).collect()))
}

struct Setup {
    script: Arc<Script>,
    clock: Arc<Still>,
    store: Arc<Counting>,
    database: Arc<Database>,
    engine: Arc<Engine>,
}

impl Setup {
    fn new(push: impl FnMut(&[Entry]) -> Result<PushAnswer, RemoteError> + Send + 'static) -> Self {
        let clock = Arc::new(Still::default());
        let script = Arc::new(Script {
            epoch: Mutex::new(EPOCH.to_owned()),
            at: Mutex::new(10),
            asked: Mutex::default(),
            push: Mutex::new(Box::new(push)),
            window_at: Mutex::default(),
            bootstrap: Mutex::default(),
            window: Mutex::default(),
            rows: Mutex::default(),
            digest: Mutex::default(),
            most: Mutex::new(u32::MAX),
            clock: Arc::clone(&clock),
            ahead: AtomicU64::new(0),
        });
        let store = Arc::new(Counting::default());
        let database = Database::open(Arc::clone(&store) as Arc<dyn Store>, Arc::clone(&clock) as Arc<dyn Platform>)
            .now_or_never()
            .unwrap()
            .unwrap();
        let engine = Engine::new(Arc::clone(&database), Arc::clone(&script) as Arc<dyn Remote>);
        Self { script, clock, store, database, engine }
    }

    fn sync(&self) -> Result<(), String> {
        self.engine.sync_once().now_or_never().expect("the script answers at once")
    }

    fn pass(&self, micros: u64) {
        self.clock.passed.fetch_add(micros, Ordering::Relaxed);
    }

    /// Runs the engine on, as far as it gets without time passing.
    fn go_on(run: &mut Pin<Box<impl Future<Output = ()>>>) {
        futures::executor::block_on(async {
            for _ in 0..50 {
                let _ = futures::poll!(&mut *run);
            }
        });
    }

    fn log(&self) -> Vec<String> {
        let lines = self.database.log().now_or_never().unwrap().unwrap();
        lines.iter().map(|line| line.what.to_string()).collect()
    }

    fn state(&self) -> SyncState {
        self.database.state().now_or_never().unwrap().unwrap()
    }

    fn row(&self, at: &RowRef) -> Option<Row> {
        self.database.get(at.clone()).now_or_never().unwrap().unwrap().map(|stored| stored.row().unwrap())
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

/// A row as it comes in a page.
fn wire(row: &Row) -> WireRow {
    let at = row.at();
    WireRow { table: at.table.name().to_owned(), key: at.key, seq: None, row: Some(row.to_json()), gone: false }
}

/// An event of the server, so many days from now.
fn event_in_days(n: u128, days: i64) -> Row {
    let mut row = server_event(n, "Far", NOW - HOUR);
    let start = (NOW / 1000).cast_signed() + days * DAY_MS;
    row.columns.insert("start_timestamp_ms".to_owned(), start.into());
    row.columns.insert("end_timestamp_ms".to_owned(), (start + 3_600_000).into());
    row
}

/// A store that counts how often the whole outbox is read.
#[derive(Default)]
struct Counting {
    memory: MemoryStore,
    outboxes: AtomicU64,
}

impl Store for Counting {
    fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        self.memory.execute(batch)
    }
    fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        self.memory.query(query)
    }
    fn get(&self, at: RowRef) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        self.memory.get(at)
    }
    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        self.outboxes.fetch_add(1, Ordering::Relaxed);
        self.memory.outbox()
    }
    fn waiting(&self, now_ms: i64) -> BoxFuture<'_, Result<Waiting, StoreError>> {
        self.memory.waiting(now_ms)
    }
    fn survey(&self, survey: Survey) -> BoxFuture<'_, Result<Survey, StoreError>> {
        self.memory.survey(survey)
    }
    fn log(&self) -> BoxFuture<'_, Result<Vec<Line>, StoreError>> {
        self.memory.log()
    }
    fn state(&self) -> BoxFuture<'_, Result<SyncState, StoreError>> {
        self.memory.state()
    }
    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.memory.wipe()
    }
    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.memory.close()
    }
    fn reopen(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.memory.reopen()
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
    let batch = almanac_core::store::Batch::BeginResync { window: (0, i64::MAX), new_epoch: false, repair_since: None };
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

#[test]
fn a_resync_brings_back_all_that_was_covered() {
    let setup = Setup::new(all_done);
    setup.sync().unwrap();
    setup.script.window.lock().unwrap().push(wire(&event_in_days(1, 400)));
    let from = (NOW / 1000).cast_signed() + 399 * DAY_MS;
    setup.engine.nudge(Nudge::Window(from, from + 3 * DAY_MS));
    let mut run = Box::pin(Arc::clone(&setup.engine).run());
    Setup::go_on(&mut run);
    setup.sync().unwrap();
    assert!(setup.row(&event(1)).is_some(), "it was looked at");
    let covered = setup.database.state().now_or_never().unwrap().unwrap().coverage;
    setup.asked();
    let mut heard = setup.database.listen();
    // The head fell below the cursor.
    *setup.script.at.lock().unwrap() = 2;
    setup.sync().unwrap();
    assert_eq!(setup.asked(), ["pull 10", "bootstrap", "window", "pull 2"]);
    assert_eq!(setup.database.state().now_or_never().unwrap().unwrap().coverage, covered);
    while let Ok(told) = heard.try_recv() {
        let left = told.changes.rows.iter().find(|change| change.after.is_none());
        assert_eq!(left, None, "it left the screen");
    }
}

/// A device with an event of the server, one's overlay on it and an edit of the title, whose place in the feed is lost while no
/// page has the event any more.
fn resynced_without_its_event() -> (Setup, RowRef, Row) {
    let setup = Setup::new(all_done);
    let at = RowRef::overlay(id(1), user(1));
    let overlay = with(Row::empty(&at), "ai_instructions", "old", Stamp::new(NOW - 2 * HOUR, OTHER));
    *setup.script.bootstrap.lock().unwrap() = vec![wire(&event_in_days(1, 1)), wire(&overlay)];
    setup.sync().unwrap();
    setup.commit(Patch::update(event(1), Columns::new()).set("title", "Dinner"));
    setup.script.bootstrap.lock().unwrap().clear();
    *setup.script.at.lock().unwrap() = 2;
    (setup, at, overlay)
}

#[test]
fn what_a_resync_left_in_doubt_is_asked_for_by_name() {
    let (setup, at, overlay) = resynced_without_its_event();
    // Somebody moved the event far away, and another device of one's own changed the overlay.
    let newer = with(overlay, "ai_instructions", "new", Stamp::new(NOW - HOUR, OTHER));
    setup.script.rows.lock().unwrap().push(wire(&newer));
    setup.sync().unwrap();
    assert_eq!(setup.row(&at).unwrap().columns["ai_instructions"], "new");
    assert_eq!(setup.asked().iter().filter(|what| *what == "rows 1").count(), 1);
    setup.sync().unwrap();
    assert!(!setup.asked().iter().any(|what| what.starts_with("rows")), "once is enough");
}

#[test]
fn what_a_resync_left_in_doubt_leaves_where_the_server_has_it_no_more() {
    let (setup, at, _) = resynced_without_its_event();
    setup.sync().unwrap();
    assert!(setup.row(&at).is_none());
}

#[test]
fn a_page_that_is_too_much_is_asked_for_in_smaller_ones() {
    let setup = Setup::new(all_done);
    setup.sync().unwrap();
    *setup.script.most.lock().unwrap() = 100;
    let mut failures = 0;
    while setup.sync().is_err() {
        failures += 1;
        assert!(failures < 6, "the page does not get smaller");
    }
    assert_eq!(failures, 4, "1000, 500, 250, 125");
}

#[test]
fn what_the_server_calls_too_many_waits_as_long_as_it_says() {
    let limited = |retry_after| {
        move |entries: &[Entry]| {
            let each = entries.iter().map(|entry| WireVerdict { retry_after, ..verdict(entry, Some("rate_limited")) });
            Ok(answer(each.collect()))
        }
    };
    let setup = Setup::new(limited(Some(600)));
    setup.commit(new_event(1));
    setup.sync().unwrap();
    let now_ms = (NOW / 1000).cast_signed();
    let due = |setup: &Setup| setup.entries().first().map(|entry| entry.not_before_ms - now_ms);
    assert_eq!((setup.stuck(), due(&setup)), (vec![], Some(600_000)));
    setup.asked();
    setup.pass(599 * SECOND);
    setup.sync().unwrap();
    assert_eq!(setup.asked(), ["pull 10"], "not sent before");
    // Without a word of it: longer each time.
    *setup.script.push.lock().unwrap() = Box::new(limited(None));
    setup.pass(2 * SECOND);
    setup.sync().unwrap();
    assert_eq!(due(&setup), Some(601_000 + 120_000), "the second time: two minutes");
    *setup.script.push.lock().unwrap() = Box::new(all_done);
    setup.pass(121 * SECOND);
    setup.sync().unwrap();
    assert!(setup.entries().is_empty());
}

#[test]
fn an_edit_is_one_cycle() {
    let setup = Setup::new(all_done);
    let mut run = Box::pin(Arc::clone(&setup.engine).run());
    Setup::go_on(&mut run);
    setup.asked();
    setup.commit(new_event(1));
    Setup::go_on(&mut run);
    assert_eq!(setup.asked(), ["pull 10", "push 1", "pull 10"], "what the engine settles is no reason to look again");
    assert!(setup.engine.status().is_up_to_date());
}

#[test]
fn a_long_outbox_is_not_read_as_a_whole() {
    let setup = Setup::new(all_done);
    setup.sync().unwrap();
    let patches = (1..=2000).map(new_event).collect();
    setup.database.commit(patches).now_or_never().unwrap().unwrap();
    setup.sync().unwrap();
    assert!(setup.entries().is_empty());
    // The line above is one of them.
    assert!(setup.store.outboxes.load(Ordering::Relaxed) <= 2);
}

/// A device that holds an event the server holds as well, compared once already.
fn checked() -> Setup {
    let setup = Setup::new(all_done);
    let row = server_event(1, "Lunch", NOW - HOUR);
    setup.script.bootstrap.lock().unwrap().push(wire(&row));
    setup.script.digest.lock().unwrap().push(row);
    setup.sync().unwrap();
    setup.engine.nudge(Nudge::Check);
    setup.asked();
    setup
}

#[test]
fn data_that_agree_are_left_alone() {
    let setup = checked();
    let mut run = Box::pin(Arc::clone(&setup.engine).run());
    Setup::go_on(&mut run);
    assert_eq!(setup.asked(), ["pull 10", "pull 10", "digest"], "asked for by a person");
    let checks = setup.state().checks;
    assert!(checks.suspects.is_empty() && checks.repaired_ms.is_none() && checks.checked_ms.is_some());
    setup.pass(5 * HOUR);
    setup.sync().unwrap();
    assert_eq!(setup.asked(), ["pull 10"]);
    setup.pass(2 * HOUR);
    setup.sync().unwrap();
    assert_eq!(setup.asked(), ["pull 10", "digest"], "every six hours by itself");
}

#[test]
fn what_differs_twice_is_fetched_again_at_most_once_a_day() {
    let setup = checked();
    setup.store.memory.lose(&event(1));
    setup.pass(7 * HOUR);
    setup.sync().unwrap();
    assert_eq!(setup.asked(), ["pull 10", "digest"]);
    assert_eq!(setup.state().checks.suspects, [Table::Events], "the first time it is only suspected");
    setup.sync().unwrap();
    assert_eq!(setup.asked(), ["pull 10", "digest", "bootstrap", "pull 10"]);
    assert!(setup.row(&event(1)).is_some(), "it is back");
    let checks = setup.state().checks;
    assert_eq!((checks.repaired, checks.suspects), (vec![Table::Events], vec![]));
    assert!(setup.log().iter().any(|line| line.contains("events differ")), "{:?}", setup.log());
    setup.sync().unwrap();
    assert_eq!(setup.asked(), ["pull 10", "digest"], "looked at once more");
    // A difference that stays is told, not mended all day long.
    setup.script.digest.lock().unwrap().push(server_event(2, "Elsewhere", NOW - HOUR));
    setup.pass(7 * HOUR);
    for _ in 0..3 {
        setup.sync().unwrap();
    }
    assert!(!setup.asked().contains(&"bootstrap".to_owned()));
    assert_eq!(setup.state().checks.unlike, [Table::Events]);
    setup.pass(24 * HOUR);
    for _ in 0..2 {
        setup.sync().unwrap();
    }
    assert!(setup.asked().contains(&"bootstrap".to_owned()), "the next day it is tried again");
}

#[test]
fn nothing_written_is_lost_by_a_repair() {
    let setup = checked();
    // Written here and confirmed, but the server does not have it: restored without telling, say.
    setup.commit(new_event(2));
    setup.sync().unwrap();
    assert!(setup.entries().is_empty());
    let sent = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&sent);
    *setup.script.push.lock().unwrap() = Box::new(move |entries| {
        log.lock().unwrap().extend(entries.iter().map(|entry| entry.at.clone()));
        all_done(entries)
    });
    setup.pass(7 * HOUR);
    for _ in 0..3 {
        setup.sync().unwrap();
    }
    assert_eq!(*sent.lock().unwrap(), [event(2)], "sent once more");
    assert!(setup.row(&event(2)).is_some());
}

#[test]
fn room_is_made_of_windows_nobody_looks_at() {
    let setup = Setup::new(all_done);
    setup.sync().unwrap();
    let now_ms = (NOW / 1000).cast_signed();
    let far = |days: i64| (now_ms + days * DAY_MS, now_ms + (days + 2) * DAY_MS);
    let rows = vec![event_in_days(1, 401), event_in_days(2, 401), event_in_days(3, 0)];
    for coverage in [far(400), (now_ms, now_ms + DAY_MS)] {
        let batch = almanac_core::store::RemoteBatch {
            rows: rows.clone(),
            at: 10,
            coverage: Some(coverage),
            ..Default::default()
        };
        setup.database.execute(Batch::ApplyRemote(batch)).now_or_never().unwrap().unwrap();
    }
    *setup.script.push.lock().unwrap() = Box::new(|_| Err(RemoteError::transport("away")));
    setup.commit(Patch::update(event(2), Columns::new()).set("title", "Mine"));
    setup.engine.nudge(Nudge::Shrink);
    let mut run = Box::pin(Arc::clone(&setup.engine).run());
    Setup::go_on(&mut run);
    // Nothing is thrown away while the server cannot be reached: nothing could be fetched again.
    assert!(setup.row(&event(1)).is_some());
    *setup.script.push.lock().unwrap() = Box::new(|_| Ok(answer(vec![])));
    setup.sync().unwrap();
    let held: Vec<bool> = (1..=3).map(|n| setup.row(&event(n)).is_some()).collect();
    assert_eq!(held, [false, true, true], "the far one leaves; the edited and the near one stay");
    assert!(
        setup
            .database
            .state()
            .now_or_never()
            .unwrap()
            .unwrap()
            .coverage
            .iter()
            .all(|span| span.1 < now_ms + 100 * DAY_MS)
    );
}

#[test]
fn old_tombstones_leave_in_time() {
    let setup = Setup::new(all_done);
    setup.sync().unwrap();
    let feed = |rows: Vec<Row>, seq| {
        let batch = almanac_core::store::RemoteBatch { rows, at: seq, cursor: Some(seq), ..Default::default() };
        setup.database.execute(Batch::ApplyRemote(batch)).now_or_never().unwrap().unwrap();
    };
    feed(vec![server_event(1, "Lunch", NOW - HOUR)], 11);
    feed(vec![dead(server_event(1, "Lunch", NOW - HOUR), NOW)], 12);
    *setup.script.at.lock().unwrap() = 12;
    setup.pass(89 * 24 * HOUR);
    setup.sync().unwrap();
    assert!(setup.row(&event(1)).is_some_and(|row| !row.is_live()), "others may still not know");
    setup.pass(2 * 24 * HOUR);
    setup.sync().unwrap();
    assert_eq!(setup.row(&event(1)), None);
}

#[test]
fn the_log_tells_what_was_done_and_nothing_of_what_was_written() {
    let setup = Setup::new(|entries| Ok(answer(entries.iter().map(|entry| verdict(entry, Some("invalid"))).collect())));
    setup.commit(Patch::create(event(1), event_columns("Secret dinner")));
    setup.sync().unwrap();
    let log = setup.log();
    assert!(log.iter().any(|line| line.starts_with("everything is here")), "{log:?}");
    assert!(log.iter().any(|line| line == "pushed 1: 0 done, 0 put off, 1 refused"), "{log:?}");
    assert!(log.iter().any(|line| line.starts_with("refused: events/") && line.ends_with("invalid")), "{log:?}");
    assert!(!log.concat().contains("Secret"));
}

#[test]
fn stamps_of_a_tab_that_does_not_know_the_servers_clock_are_moved_before_they_are_sent() {
    let setup = Setup::new(all_done);
    setup.sync().unwrap();
    // Another tab on the same database, its clock the same: an hour behind the server's, which only the leader knows.
    setup.script.ahead.store(HOUR, Ordering::Relaxed);
    setup.pass(11 * 60 * SECOND);
    setup.sync().unwrap();
    let store = Arc::clone(&setup.store) as Arc<dyn Store>;
    let clock = Arc::clone(&setup.clock) as Arc<dyn Platform>;
    let other = Database::open(store, clock).now_or_never().unwrap().unwrap();
    other.commit(vec![new_event(1)]).now_or_never().unwrap().unwrap();
    let sent = Arc::new(Mutex::new(0));
    let log = Arc::clone(&sent);
    *setup.script.push.lock().unwrap() = Box::new(move |entries| {
        *log.lock().unwrap() = entries[0].groups["title"].micros;
        all_done(entries)
    });
    setup.sync().unwrap();
    assert!(*sent.lock().unwrap() >= NOW + HOUR, "{} was sent as it was", *sent.lock().unwrap());
    assert!(setup.entries().is_empty());
}
