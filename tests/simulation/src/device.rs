//! A device: the store that survives, and what is started over it again after each crash: database, engine, person.

use crate::{
    exec::{Exec, lock, yield_now},
    net::Wire,
    scenario::{
        self, Chance, Doing, Seat,
        books::{self, Books},
        check::Held,
        short,
    },
    world::{START_MICROS, World},
};
use almanac_core::{
    Uuid,
    database::Database,
    engine::Engine,
    key::RowRef,
    memory::MemoryStore,
    outbox::Entry,
    platform::{BoxFuture, Platform, TaskFuture},
    row::{Row, Span},
    store::{Batch, OpenError, Outcome, Query, Store, StoreError, Stored, SyncState, Verdict},
    table::Table,
};
use futures::{FutureExt, StreamExt, executor::block_on, future::Either};
use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

/// See the module.
pub(crate) struct Device {
    pub(crate) index: usize,
    pub(crate) user: Uuid,
    pub(crate) world: Arc<World>,
    /// The disk that survives.
    media: Mutex<Media>,
    /// How far the feed was checked, and of which epoch.
    checked: Mutex<(Option<String>, u64)>,
    /// The engine running now.
    pub(crate) engine: Mutex<Option<Arc<Engine>>>,
}

impl Device {
    pub(crate) fn new(world: &Arc<World>, index: usize, user: Uuid) -> Arc<Self> {
        Arc::new(Self {
            index,
            user,
            world: Arc::clone(world),
            media: Mutex::new(Media::Memory(Arc::new(MemoryStore::new()))),
            checked: Mutex::default(),
            engine: Mutex::new(None),
        })
    }

    /// Starts the device: engine and person.
    pub(crate) fn boot(self: &Arc<Self>) {
        let device = Arc::clone(self);
        let id = self.world.exec.spawn(async move {
            let world = Arc::clone(&device.world);
            let platform =
                Arc::new(Clockwork { world: Arc::clone(&world), device: device.index, booted: world.exec.now() });
            if let Err(why) = device.mount() {
                return world.fail(format!("d{}: its disk does not open: {why}", device.index));
            }
            let disk = Arc::new(Disk { device: Arc::clone(&device) });
            let database = match Database::open(disk, platform).await {
                Ok(database) => database,
                Err(why) => return world.fail(format!("d{} does not open: {why}", device.index)),
            };
            let remote = Arc::new(Wire { world: Arc::clone(&world), user: device.user, device: device.index });
            let engine = Engine::new(Arc::clone(&database), remote);
            *lock(&device.engine) = Some(Arc::clone(&engine));
            if !world.is_healed() {
                let person = world.exec.spawn(live(Arc::clone(&device), database, Arc::clone(&engine)));
                lock(&world.switches)[device.index].tasks.push(person);
            }
            engine.run().await;
            world.fail(format!("d{}: the engine ended", device.index));
        });
        let mut switches = lock(&self.world.switches);
        let mine = &mut switches[self.index];
        mine.running = true;
        mine.tasks.push(id);
        mine.booted += 1;
    }

    /// The power goes: all that runs is dropped, the disk stays. Comes back after a while.
    pub(crate) fn crash(self: &Arc<Self>) {
        self.world.trace(|| format!("d{} crashes", self.index));
        let tasks = {
            let mut switches = lock(&self.world.switches);
            let mine = &mut switches[self.index];
            mine.running = false;
            mine.fuse = None;
            std::mem::take(&mut mine.tasks)
        };
        for task in tasks {
            self.world.exec.kill(task);
        }
        *lock(&self.engine) = None;
        let device = Arc::clone(self);
        self.world.exec.spawn(async move {
            let exec = &device.world.exec;
            exec.sleep(exec.between_ms(100, 20_000)).await;
            device.world.trace(|| format!("d{} boots", device.index));
            device.boot();
        });
    }

    /// A real disk is opened at each start, as after a crash.
    fn mount(&self) -> Result<(), OpenError> {
        let Some(real) = &self.world.real else { return Ok(()) };
        // The old handles go first: a dead process holds none.
        *lock(&self.media) = Media::None;
        *lock(&self.media) = Media::Real(real.open_disk(self.index)?);
        Ok(())
    }

    fn store(&self) -> Option<Arc<dyn Store>> {
        match &*lock(&self.media) {
            Media::None => None,
            Media::Memory(store) => Some(Arc::<MemoryStore>::clone(store)),
            Media::Real(store) => Some(Arc::clone(store)),
        }
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.store().and_then(|store| block_on(store.outbox()).ok()).unwrap_or_default()
    }

    pub(crate) fn state(&self) -> SyncState {
        self.store().and_then(|store| block_on(store.state()).ok()).unwrap_or_default()
    }

    pub(crate) fn stored(&self, at: &RowRef) -> Option<Stored> {
        self.store().and_then(|store| block_on(store.get(at.clone())).ok().flatten())
    }

    /// Every row of the device, tombstones too where a question for them exists.
    pub(crate) fn live_rows(&self) -> Vec<Stored> {
        let mut all = Vec::new();
        let mut ask =
            |query| all.extend(self.store().and_then(|store| block_on(store.query(query)).ok()).unwrap_or_default());
        for table in Table::ALL {
            ask(Query::Table(table));
        }
        all
    }

    /// After each committed batch: the books, and the guarantees that hold at every step.
    fn committed(&self, batch: &Batch, outcome: &Outcome) {
        let world = &self.world;
        let mut books = lock(&world.books);
        match batch {
            Batch::CommitLocal { .. } => {
                for (before, after) in &outcome.edits {
                    books.wrote(self.index, before.as_ref(), after);
                    let at = after.at();
                    world.trace(|| format!("d{} writes {} {}", self.index, short(&at), told(before.as_ref(), after)));
                    if self.stored(&at).is_none() {
                        books.forget(self.index, &at, None);
                    }
                }
            }
            Batch::ShiftStamps { .. } | Batch::ShiftRefused { .. } => {
                for entry in self.entries() {
                    for (group, stamp) in &entry.groups {
                        books.shifted(self.index, &entry.at, group, *stamp);
                    }
                }
            }
            Batch::Discard(at) => books.reset(self.index, at),
            Batch::OutboxSettle { settlements, .. } => {
                // Refused may mean dropped: what others wrote and a restored server does not take back.
                for settlement in settlements.iter().filter(|s| matches!(s.verdict, Verdict::Refused { .. })) {
                    books.reset(self.index, &settlement.at);
                }
            }
            _ => {}
        }
        for change in &outcome.changes.rows {
            if !books.knows(self.index, &change.at) {
                continue;
            }
            let row = self.stored(&change.at).and_then(|stored| stored.row().ok());
            // A row that a resync sweeps for want of rights, or as a tombstone, left for a reason, too.
            let server = lock(&world.server);
            let expected =
                !server.sees(self.user, &change.at) || server.rows().get(&change.at).is_none_or(|row| !row.is_live());
            drop(server);
            let waits = || self.entries().iter().any(|entry| entry.at == change.at && entry.stuck.is_none());
            let told_gone = matches!(batch, Batch::ApplyRemote(remote) if remote.gone.contains(&change.at));
            // A tombstone was not on the screen: what a resync sweeps of it, and a revival brings, is no return.
            let was_dead = change.at.table == Table::Events && change.before.is_none();
            if row.is_none() && (told_gone || was_dead || (expected && !waits())) {
                books.reset(self.index, &change.at);
                continue;
            }
            if let Some(wrong) = books.shown(self.index, &change.at, row.as_ref()) {
                world.fail(format!("guarantee 4: {wrong}"));
            }
        }
        drop(books);
        if let Batch::ApplyRemote(remote) = batch {
            world.trace(|| {
                format!(
                    "d{} applies {} rows, {} gone, at {}, cursor {:?} -> {}",
                    self.index,
                    remote.rows.len(),
                    remote.gone.len(),
                    remote.at,
                    remote.cursor,
                    outcome.applied
                )
            });
            if remote.cursor.is_some() || remote.resync.is_some() {
                self.check_cursor(remote.resync.is_some());
            }
        }
    }

    /// Guarantee 3: whatever the feed has up to the cursor is here.
    fn check_cursor(&self, resynced: bool) {
        let state = self.state();
        let server = lock(&self.world.server);
        if state.epoch.as_deref() != Some(server.epoch_text().as_str()) || state.resyncing.is_some() {
            return;
        }
        // What the feed says at a number stays true until the row gets a greater one: each is looked at once.
        let mut checked = lock(&self.checked);
        let after = if resynced || checked.0 != state.epoch { 0 } else { checked.1.min(state.cursor) };
        *checked = (state.epoch.clone(), state.cursor);
        for at in server.fed(self.user, after, state.cursor) {
            let local = self.stored(at).and_then(|stored| stored.row().ok());
            if !server.sees(self.user, at) {
                // What waits to be given back to a restored server, or is stuck, is still on screen.
                if local.is_some() && !self.entries().iter().any(|entry| entry.at == *at) {
                    self.world.fail(format!("guarantee 6: d{} still holds {} after its gone", self.index, short(at)));
                }
                continue;
            }
            // Events outside the coverage come when they are looked at, and nothing comes with a deleted one.
            let event = if at.table == Table::Events { Some(at.clone()) } else { at.parent_event().map(RowRef::event) };
            let event = event.and_then(|event| server.rows().get(&event));
            if event.is_some_and(|event| !event.is_live()) {
                continue;
            }
            let span = event.map(Row::span);
            let covered =
                |span: Span| state.coverage.iter().any(|(start, end)| span.overlaps(Span { start: *start, end: *end }));
            if span.is_some_and(|span| !span.is_some_and(covered)) {
                continue;
            }
            let Some(row) = server.rows().get(at).filter(|row| row.is_live()) else { continue };
            let missing = row
                .stamps
                .iter()
                .find(|(group, stamp)| local.as_ref().and_then(|l| l.stamps.get(*group)) < Some(*stamp));
            if let Some((group, stamp)) = missing {
                self.world.fail(format!(
                    "guarantee 3: d{} cursor {} passed {} {group}={stamp}",
                    self.index,
                    state.cursor,
                    short(at)
                ));
            }
        }
    }
}

impl Chance for Device {
    fn random(&self) -> u64 {
        self.world.exec.random()
    }
}

impl Seat for Device {
    fn user(&self) -> Uuid {
        self.user
    }

    fn users(&self) -> &[Uuid] {
        &self.world.users
    }

    fn hurries(&self) -> bool {
        self.world.real.is_some()
    }

    fn row(&self, at: &RowRef) -> Option<Row> {
        self.stored(at).and_then(|stored| stored.row().ok())
    }

    fn stuck(&self) -> Vec<RowRef> {
        self.entries().into_iter().filter(|entry| entry.stuck.is_some()).map(|entry| entry.at).collect()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        lock(&self.world.books)
    }

    fn micros(&self) -> u64 {
        self.world.exec.now()
    }

    fn today_micros(&self) -> u64 {
        START_MICROS
    }
}

impl Held for Device {
    fn index(&self) -> usize {
        self.index
    }

    fn user(&self) -> Uuid {
        self.user
    }

    fn entries(&self) -> Vec<Entry> {
        Self::entries(self)
    }

    fn coverage(&self) -> Vec<(i64, i64)> {
        self.state().coverage
    }

    fn row(&self, at: &RowRef) -> Option<Row> {
        self.stored(at).and_then(|stored| stored.row().ok())
    }

    fn live(&self) -> Vec<RowRef> {
        self.live_rows().into_iter().map(|stored| stored.at).collect()
    }
}

/// The person acts until the faults stop.
async fn live(device: Arc<Device>, database: Arc<Database>, engine: Arc<Engine>) {
    let exec = Arc::clone(&device.world.exec);
    let mut heard = database.listen();
    loop {
        let pause = scenario::pause(&*device);
        let woken = futures::future::select(heard.next(), exec.sleep(pause)).await;
        if device.world.is_healed() {
            return;
        }
        let doing = match woken {
            Either::Left((Some(told), _)) => scenario::answer_back(&*device, &told.changes),
            _ => Some(scenario::next(&*device)),
        };
        match doing {
            Some(Doing::Look(nudge)) => engine.nudge(nudge),
            Some(Doing::Decide(batch)) => {
                device.world.trace(|| format!("d{} decides: {}", device.index, decided(&batch)));
                let _ = database.execute(batch).await;
            }
            Some(Doing::Edit(patches)) if !patches.is_empty() => {
                let _ = database.commit(patches).await;
            }
            _ => {}
        }
    }
}

fn decided(batch: &Batch) -> String {
    match batch {
        Batch::Retry(at) => format!("retry {}", short(at)),
        Batch::Discard(at) => format!("discard {}", short(at)),
        _ => "something else".to_owned(),
    }
}

fn told(before: Option<&Row>, after: &Row) -> String {
    let changed = |(group, stamp): &(&String, &almanac_core::stamp::Stamp)| {
        before.and_then(|b| b.stamps.get(*group)) != Some(*stamp)
    };
    let each = after.stamps.iter().filter(changed).map(|(group, stamp)| {
        let text = after.table.group(group).map(|g| books::text(after, g)).unwrap_or_default();
        format!("{group}={stamp} {}", books::brief(&text.into()))
    });
    each.collect::<Vec<_>>().join(" ")
}

/// What a device keeps its rows on.
enum Media {
    /// Not open.
    None,
    Memory(Arc<MemoryStore>),
    Real(Arc<dyn Store>),
}

/// The device's disk: the memory store, or a real one, with crashes between any two transactions and, rarely, a full disk.
struct Disk {
    device: Arc<Device>,
}

enum Fate {
    Well,
    Full,
    CrashBefore,
    CrashAfter,
}

impl Disk {
    fn fate(&self) -> Fate {
        let world = &self.device.world;
        let mut switches = lock(&world.switches);
        let mine = &mut switches[self.device.index];
        match &mut mine.fuse {
            Some(0) => {
                if world.exec.chance(500) {
                    Fate::CrashBefore
                } else {
                    Fate::CrashAfter
                }
            }
            Some(left) => {
                *left -= 1;
                Fate::Well
            }
            None if !world.is_healed() && world.exec.chance(3) => Fate::Full,
            None => Fate::Well,
        }
    }
}

impl Store for Disk {
    fn execute(&self, batch: Batch) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        Box::pin(async move {
            // Others may come between a decision and its transaction.
            yield_now().await;
            let fate = self.fate();
            let opening = matches!(batch, Batch::Init { .. });
            match fate {
                Fate::CrashBefore => {
                    self.device.crash();
                    return futures::future::pending().await;
                }
                Fate::Full if !opening => {
                    if let Media::Memory(memory) = &*lock(&self.device.media) {
                        memory.fail_next_commit();
                        return block_on(memory.execute(batch));
                    }
                    return Err(StoreError::Full("for once".to_owned()));
                }
                _ => {}
            }
            let discarded = match &batch {
                Batch::Discard(at) => self.device.entries().into_iter().find(|entry| entry.at == *at),
                _ => None,
            };
            let store = self.device.store().ok_or(StoreError::Closed)?;
            // Blocking: whether a real disk is quick or slow must not change the order of a run.
            let result = block_on(store.execute(batch.clone()));
            if let (Some(entry), Ok(_)) = (&discarded, &result) {
                lock(&self.device.world.books).forget(self.device.index, &entry.at, Some(&groups(entry)));
            }
            match &result {
                Ok(outcome) => self.device.committed(&batch, outcome),
                Err(why @ StoreError::Corrupt(_)) => self.device.world.fail(format!("d{}: {why}", self.device.index)),
                Err(_) => {}
            }
            if matches!(fate, Fate::CrashAfter) {
                self.device.crash();
                return futures::future::pending().await;
            }
            yield_now().await;
            result
        })
    }

    fn query(&self, query: Query) -> BoxFuture<'_, Result<Vec<Stored>, StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.query(query)) })
    }

    fn get(&self, at: RowRef) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.get(at)) })
    }

    fn outbox(&self) -> BoxFuture<'_, Result<Vec<Entry>, StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.outbox()) })
    }

    fn state(&self) -> BoxFuture<'_, Result<SyncState, StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.state()) })
    }

    fn wipe(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.wipe()) })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.close()) })
    }

    fn reopen(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.reopen()) })
    }
}

/// The device's clocks: virtual time, skewed.
struct Clockwork {
    world: Arc<World>,
    device: usize,
    booted: u64,
}

impl Platform for Clockwork {
    fn now_micros(&self) -> u64 {
        let skew = lock(&self.world.switches)[self.device].skew;
        (START_MICROS + self.world.exec.now()).saturating_add_signed(skew)
    }

    fn monotonic_micros(&self) -> u64 {
        self.world.exec.now() - self.booted
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Exec::sleep(&self.world.exec, time).boxed()
    }

    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>) {
        let id = self.world.exec.spawn(task);
        lock(&self.world.switches)[self.device].tasks.push(id);
    }

    fn random(&self) -> u64 {
        self.world.exec.random()
    }
}

/// The groups of an entry.
fn groups(entry: &Entry) -> BTreeSet<String> {
    entry.groups.keys().cloned().collect()
}
