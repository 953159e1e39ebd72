//! A device: the store that survives, and what is started over it again after each crash: one or two tabs, each with its
//! database and person, one of them with the engine.

use crate::{
    exec::{Exec, TaskId, lock, yield_now},
    net::Wire,
    rules::{WorldRule, off},
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
    changes::Change,
    database::Database,
    engine::{Engine, Keeping, Nudge},
    key::RowRef,
    log::Line,
    memory::MemoryStore,
    outbox::{Entry, Waiting},
    platform::{BoxFuture, Platform, TaskFuture},
    row::{Row, Span},
    store::{Batch, OpenError, Outcome, Query, Store, StoreError, Stored, SyncState, Verdict},
    survey::Survey,
    table::Table,
};
use futures::{FutureExt, StreamExt, channel::oneshot, executor::block_on, future::Either};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

/// Tabs open on a device at most.
const TABS: u64 = 2;

/// What the tabs of a device share, and what runs in each.
#[derive(Default)]
struct Tabs {
    open: BTreeMap<usize, Tab>,
    /// The one that syncs.
    leader: Option<usize>,
    /// Those that wait to, in order: the lock of the browser.
    waiting: VecDeque<(usize, oneshot::Sender<()>)>,
}

#[derive(Default)]
struct Tab {
    tasks: Vec<TaskId>,
    database: Option<Arc<Database>>,
    engine: Option<Arc<Engine>>,
}

/// See the module.
pub(crate) struct Device {
    pub(crate) index: usize,
    user: Mutex<Uuid>,
    pub(crate) world: Arc<World>,
    /// The disk that survives.
    media: Mutex<Media>,
    /// How far the feed was checked, and of which epoch.
    checked: Mutex<(Option<String>, u64)>,
    /// The server's commit at which the resync under way began.
    resync_began: Mutex<Option<u64>>,
    tabs: Mutex<Tabs>,
    /// How many tabs it has.
    count: usize,
    rotted: Mutex<bool>,
}

impl Device {
    pub(crate) fn new(world: &Arc<World>, index: usize, user: Uuid) -> Arc<Self> {
        Arc::new(Self {
            index,
            user: Mutex::new(user),
            world: Arc::clone(world),
            media: Mutex::new(Media::Memory(Arc::new(MemoryStore::new()))),
            checked: Mutex::default(),
            resync_began: Mutex::default(),
            tabs: Mutex::default(),
            count: world.tabs.unwrap_or_else(|| 1 + world.exec.below(TABS) as usize),
            rotted: Mutex::default(),
        })
    }

    pub(crate) fn user(&self) -> Uuid {
        *lock(&self.user)
    }

    /// Whether a row was lost without a word.
    pub(crate) fn rotted(&self) -> bool {
        *lock(&self.rotted)
    }

    /// The engine that runs now.
    pub(crate) fn leader(&self) -> Option<Arc<Engine>> {
        let tabs = lock(&self.tabs);
        tabs.leader.and_then(|tab| tabs.open.get(&tab)).and_then(|tab| tab.engine.clone())
    }

    /// Tells the tab that leads.
    pub(crate) fn nudge(&self, nudge: Nudge) {
        if let Some(engine) = self.leader() {
            engine.nudge(nudge);
        }
    }

    /// At the end of a run: tasks hold the world and the world holds engines.
    pub(crate) fn let_go(&self) {
        *lock(&self.tabs) = Tabs::default();
    }

    /// Starts the device: all its tabs.
    pub(crate) fn boot(self: &Arc<Self>) {
        let mut switches = lock(&self.world.switches);
        let mine = &mut switches[self.index];
        mine.running = true;
        mine.booted += 1;
        drop(switches);
        if let Err(why) = self.mount() {
            return self.world.fail(format!("d{}: its disk does not open: {why}", self.index));
        }
        for tab in 0..self.count {
            self.open_tab(tab);
        }
    }

    /// A tab: database and person at once, the engine once it leads.
    fn open_tab(self: &Arc<Self>, tab: usize) {
        let device = Arc::clone(self);
        lock(&self.tabs).open.insert(tab, Tab::default());
        self.spawn_in(tab, async move {
            let world = Arc::clone(&device.world);
            let platform = Arc::new(Clockwork { device: Arc::clone(&device), tab, booted: world.exec.now() });
            let disk = Arc::new(Disk { device: Arc::clone(&device) });
            let database = match Database::open(disk, platform).await {
                Ok(database) => database,
                Err(why) => return world.fail(format!("d{} does not open: {why}", device.index)),
            };
            let remote = Arc::new(Wire { world: Arc::clone(&world), user: device.user(), device: device.index });
            let engine = Engine::keeping(Arc::clone(&database), remote, keeping(&world));
            if let Some(mine) = lock(&device.tabs).open.get_mut(&tab) {
                (mine.database, mine.engine) = (Some(Arc::clone(&database)), Some(Arc::clone(&engine)));
            }
            device.spawn_in(tab, tell(Arc::clone(&device), tab, Arc::clone(&database)));
            if !world.is_healed() && !world.is_staged {
                device.spawn_in(tab, live(Arc::clone(&device), database));
            }
            device.lead(tab).await;
            world.trace(|| format!("d{} tab {tab} leads", device.index));
            engine.run().await;
            world.fail(format!("d{}: the engine ended", device.index));
        });
    }

    fn spawn_in(&self, tab: usize, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.world.exec.spawn(task);
        if let Some(tab) = lock(&self.tabs).open.get_mut(&tab) {
            tab.tasks.push(id);
        }
    }

    /// Waits until the tab leads.
    async fn lead(&self, tab: usize) {
        let (sender, receiver) = oneshot::channel();
        {
            let mut tabs = lock(&self.tabs);
            if tabs.leader.is_none() {
                tabs.leader = Some(tab);
                return;
            }
            tabs.waiting.push_back((tab, sender));
        }
        let _ = receiver.await;
    }

    /// All that runs in the tab is dropped; the next in line leads.
    fn kill_tab(&self, tab: usize) {
        let mut tabs = lock(&self.tabs);
        for task in tabs.open.remove(&tab).into_iter().flat_map(|tab| tab.tasks) {
            self.world.exec.kill(task);
        }
        tabs.waiting.retain(|(waiting, _)| *waiting != tab);
        if tabs.leader == Some(tab) {
            tabs.leader = None;
            if let Some((next, lock)) = tabs.waiting.pop_front() {
                tabs.leader = Some(next);
                let _ = lock.send(());
            }
        }
    }

    /// A tab is closed, mostly the one that leads, and opened again later.
    pub(crate) fn close_tab(self: &Arc<Self>) {
        let exec = &self.world.exec;
        let leader = lock(&self.tabs).leader;
        let tab = leader.filter(|_| exec.chance(700)).unwrap_or(exec.below(self.count as u64) as usize);
        if self.count < 2 || !lock(&self.tabs).open.contains_key(&tab) {
            return;
        }
        self.world.trace(|| format!("d{} tab {tab} is closed", self.index));
        self.kill_tab(tab);
        let device = Arc::clone(self);
        let booted = lock(&self.world.switches)[self.index].booted;
        self.world.exec.spawn(async move {
            let exec = &device.world.exec;
            exec.sleep(exec.between_ms(100, 20_000)).await;
            let is_same = {
                let switches = lock(&device.world.switches);
                switches[device.index].running && switches[device.index].booted == booted
            };
            if is_same {
                device.world.trace(|| format!("d{} tab {tab} opens", device.index));
                device.open_tab(tab);
            }
        });
    }

    /// The power goes: all that runs is dropped, the disk stays. Comes back after a while.
    pub(crate) fn crash(self: &Arc<Self>) {
        self.world.trace(|| format!("d{} crashes", self.index));
        self.down();
    }

    fn down(self: &Arc<Self>) {
        self.stop();
        let device = Arc::clone(self);
        self.world.exec.spawn(async move {
            let exec = &device.world.exec;
            exec.sleep(exec.between_ms(100, 20_000)).await;
            device.world.trace(|| format!("d{} boots", device.index));
            device.boot();
        });
    }

    /// All that runs is dropped; the disk stays.
    pub(crate) fn stop(&self) {
        {
            let mut switches = lock(&self.world.switches);
            let mine = &mut switches[self.index];
            mine.running = false;
            mine.fuse = None;
        }
        let tabs: Vec<usize> = {
            let mut tabs = lock(&self.tabs);
            // Nobody takes over: all go at once.
            tabs.waiting.clear();
            tabs.open.keys().copied().collect()
        };
        for tab in tabs {
            self.kill_tab(tab);
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        lock(&self.world.switches)[self.index].running
    }

    /// The database of the first tab, once it is open.
    pub(crate) fn database(&self) -> Option<Arc<Database>> {
        lock(&self.tabs).open.get(&0).and_then(|tab| tab.database.clone())
    }

    /// The database of a tab that does not lead, once it is open, and the tab.
    pub(crate) fn other_database(&self) -> Option<(usize, Arc<Database>)> {
        let tabs = lock(&self.tabs);
        let leader = tabs.leader?;
        tabs.open.iter().filter(|(tab, _)| **tab != leader).find_map(|(tab, it)| Some((*tab, it.database.clone()?)))
    }

    /// Runs something in a tab.
    pub(crate) fn spawn(&self, tab: usize, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn_in(tab, task);
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

    /// The person signs out, which is refused while anything is unsent; someone signs in, perhaps another.
    pub(crate) fn switch_account(self: &Arc<Self>) {
        // A real server knows each device's session.
        let is_unsent = self.waiting().entries > 0 && !off(WorldRule::UnsentKeepsSignedIn);
        if self.world.real.is_some() || !lock(&self.world.switches)[self.index].running || is_unsent {
            return;
        }
        self.down();
        if !off(WorldRule::AccountsAreApart) {
            let _ = self.store().map(|store| block_on(store.wipe()));
        }
        *lock(&self.checked) = (None, 0);
        *lock(&self.rotted) = false;
        let user = self.world.exec.pick(&self.world.users).copied().unwrap_or_else(|| self.user());
        *lock(&self.user) = user;
        self.world.trace(|| format!("d{}: signed out; {} signs in", self.index, self.world.name(user)));
        // What was written here is on the server. What comes back from there is no return.
        lock(&self.world.books).moved_out(self.index);
    }

    /// A row vanishes from the disk, once.
    pub(crate) fn rot(&self) {
        if !matches!(&*lock(&self.media), Media::Memory(_)) {
            return;
        }
        let rows = self.live_rows();
        let Some(lost) = self.world.exec.pick(&rows) else { return };
        let quiet = self.with_state(|state| state.epoch.is_some() && state.resyncing.is_none());
        if self.rotted() || !quiet || self.entry(lost).is_some() || lost.table == Table::Profiles {
            return;
        }
        self.lose(lost);
    }

    /// A row vanishes from the disk without a word.
    pub(crate) fn lose(&self, at: &RowRef) {
        let Media::Memory(memory) = &*lock(&self.media) else { return };
        self.world.trace(|| format!("d{} loses {}", self.index, short(at)));
        *lock(&self.rotted) = true;
        memory.lose(at);
        let mut books = lock(&self.world.books);
        if let Some(written) = books.of(self.index, at) {
            written.let_go();
            written.reset();
        }
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.store().and_then(|store| block_on(store.outbox()).ok()).unwrap_or_default()
    }

    /// What the outbox of the disk says, without the marks of what was carried.
    pub(crate) fn with_entries<T>(&self, look: impl FnOnce(&[&Entry]) -> T) -> T {
        if let Media::Memory(memory) = &*lock(&self.media) {
            return memory.with_entries(look);
        }
        look(&self.entries().iter().collect::<Vec<_>>())
    }

    /// What waits, counted.
    pub(crate) fn waiting(&self) -> Waiting {
        self.store().and_then(|store| block_on(store.waiting(0)).ok()).unwrap_or_default()
    }

    /// The outbox entry of a row.
    fn entry(&self, at: &RowRef) -> Option<Entry> {
        match &*lock(&self.media) {
            Media::Memory(memory) => memory.entry(at).ok().flatten(),
            Media::None => None,
            Media::Real(store) => block_on(store.outbox()).ok()?.into_iter().find(|entry| entry.at == *at),
        }
    }

    pub(crate) fn state(&self) -> SyncState {
        self.with_state(SyncState::clone)
    }

    /// What the sync state of the disk says.
    pub(crate) fn with_state<T>(&self, look: impl FnOnce(&SyncState) -> T) -> T {
        if let Media::Memory(memory) = &*lock(&self.media) {
            return memory.with_state(look);
        }
        look(&self.store().and_then(|store| block_on(store.state()).ok()).unwrap_or_default())
    }

    /// A row of the disk, tombstones too. (What the memory store has read already is not read again: the text is the real
    /// stores' matter.)
    pub(crate) fn row_of(&self, at: &RowRef) -> Option<Arc<Row>> {
        match &*lock(&self.media) {
            Media::None => None,
            Media::Memory(memory) => memory.row(at),
            Media::Real(store) => block_on(store.get(at.clone())).ok()??.row().ok().map(Arc::new),
        }
    }

    /// Whether an edit of the row waits, and is not stuck.
    fn waits(&self, at: &RowRef) -> bool {
        let in_memory = match &*lock(&self.media) {
            Media::Memory(memory) => Some(memory.waits(at)),
            Media::None | Media::Real(_) => None,
        };
        in_memory.unwrap_or_else(|| self.entry(at).is_some_and(|entry| entry.stuck.is_none()))
    }

    /// Every live row of the device.
    pub(crate) fn live_rows(&self) -> Vec<RowRef> {
        if let Media::Memory(memory) = &*lock(&self.media) {
            return memory.live();
        }
        let ask = |table| self.store().and_then(|store| block_on(store.query(Query::Table(table))).ok());
        Table::ALL.into_iter().filter_map(ask).flatten().map(|stored| stored.at).collect()
    }

    /// After each committed batch: the books, and the guarantees that hold at every step.
    fn committed(&self, about: &About, outcome: &Outcome) {
        let world = &self.world;
        let resync_began = self.resync_began();
        let mut books = lock(&world.books);
        for (before, after) in &outcome.edits {
            books.wrote(self.index, before.as_ref(), after);
            let at = after.at();
            world.trace(|| format!("d{} writes {} {}", self.index, short(&at), told(before.as_ref(), after)));
            if self.row_of(&at).is_none() {
                books.forget(self.index, &at, None);
            }
        }
        if about.shifts {
            self.with_entries(|entries| {
                for (entry, (group, stamp)) in
                    entries.iter().flat_map(|entry| entry.groups.iter().map(move |it| (entry, it)))
                {
                    books.shifted(self.index, &entry.at, group, *stamp);
                }
            });
        }
        // Refused may mean dropped: what others wrote and a restored server does not take back. Discarded and forgotten
        // rows left for a reason, too.
        for at in &about.excused {
            if let Some(written) = books.of(self.index, at) {
                written.reset();
            }
        }
        for change in &outcome.changes.rows {
            let Some(written) = books.of(self.index, &change.at) else { continue };
            let row = self.row_of(&change.at);
            match &row {
                Some(row) => written.saw(row),
                None => written.let_go(),
            }
            // A row that a resync sweeps for want of rights, or as a tombstone, left for a reason, too.
            let server = lock(&world.server);
            // Collected, and made again by a device that had not heard: a new story.
            let again = server.collected.contains_key(&change.at);
            let restored = server.restores > 0;
            let lives = |at: &RowRef| server.rows().get(at).is_some_and(|row| row.is_live());
            let event = change.at.parent_event().map(RowRef::event);
            // Deleted and revived by others while this device fetched everything again: the page told of the deletion.
            let was_dead = |at: &RowRef| resync_began.is_some_and(|commit| server.was_dead_since(at, commit));
            let dies = |at: &RowRef| !lives(at) || was_dead(at);
            let left_by_right =
                || !server.sees(self.user(), &change.at) || dies(&change.at) || event.as_ref().is_some_and(dies);
            let expected = row.is_none() && left_by_right();
            drop(server);
            let told_gone = about.gone.contains(&change.at);
            let evicted = row.is_none() && self.was_not_covered(&change.at, outcome);
            // A tombstone was not on the screen, nor what hangs on it: what a resync sweeps of it, and a revival brings, is no
            // return.
            let of_event = |other: &&Change| Some(&other.at) == event.as_ref() && other.after.is_none();
            let event = outcome.changes.rows.iter().find(of_event);
            let was_dead = match change.at.table {
                Table::Events => change.before.is_none(),
                _ => event.is_some_and(|event| event.before.is_none()),
            };
            if row.is_none() && (told_gone || evicted || was_dead || (expected && !self.waits(&change.at))) || again {
                written.reset();
                continue;
            }
            if let Some(wrong) = written.shown(self.index, &change.at, row.as_deref(), restored) {
                world.fail(format!("guarantee 4: {wrong}"));
            }
        }
        drop(books);
        if let Some(page) = &about.page {
            world.trace(|| {
                format!(
                    "d{} applies {} rows, {} gone, at {}, cursor {:?} -> {}",
                    self.index,
                    page.rows,
                    about.gone.len(),
                    page.at,
                    page.cursor,
                    outcome.applied
                )
            });
            if page.cursor.is_some() || page.resync {
                self.check_cursor(page.resync);
            }
        }
    }

    /// The server's commit at which the resync that is under way, or ends with this batch, began.
    fn resync_began(&self) -> Option<u64> {
        let mut began = lock(&self.resync_began);
        if self.with_state(|state| state.resyncing.is_none()) {
            return began.take();
        }
        *began = began.or_else(|| Some(lock(&self.world.server).commits));
        *began
    }

    /// Whether the row, or the event it hangs on, left from outside the coverage, or for it: nobody looked there, and whoever
    /// does is told that it is being fetched.
    fn was_not_covered(&self, at: &RowRef, outcome: &Outcome) -> bool {
        let event = at.parent_event().map_or_else(|| at.clone(), RowRef::event);
        let before = outcome.changes.rows.iter().find(|change| change.at == event && change.after.is_none());
        let covers = |span: Span| {
            let overlaps = |(start, end): &(i64, i64)| span.overlaps(Span { start: *start, end: *end });
            self.with_state(|state| state.coverage.iter().any(overlaps))
        };
        let was = before.and_then(|change| change.before);
        // Moved out of the coverage by another while this device fetched everything again: the feed still tells of it.
        let is = lock(&self.world.server).rows().get(&event).filter(|row| row.is_live()).and_then(Row::span);
        [was, is].into_iter().flatten().any(|span| !covers(span))
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
        for at in server.fed(self.user(), after, state.cursor) {
            let local = self.row_of(at);
            if !server.sees(self.user(), at) {
                // What waits to be given back to a restored server, or is stuck, is still on screen.
                if local.is_some() && self.entry(at).is_none() {
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
        Self::user(self)
    }

    fn users(&self) -> &[Uuid] {
        &self.world.users
    }

    fn hurries(&self) -> bool {
        self.world.real.is_some()
    }

    fn row(&self, at: &RowRef) -> Option<Arc<Row>> {
        self.row_of(at)
    }

    fn stuck(&self) -> Vec<RowRef> {
        self.with_entries(|entries| {
            entries.iter().filter(|entry| entry.stuck.is_some()).map(|entry| entry.at.clone()).collect()
        })
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
        Self::user(self)
    }

    fn entries(&self) -> Vec<Entry> {
        Self::entries(self)
    }

    fn coverage(&self) -> Vec<(i64, i64)> {
        self.state().coverage
    }

    fn row(&self, at: &RowRef) -> Option<Arc<Row>> {
        self.row_of(at)
    }

    fn live(&self) -> Vec<RowRef> {
        self.live_rows()
    }
}

/// How long things are kept here, for runs of minutes. Where backups may be restored, tombstones outlive every backup, as
/// the 90 days of the real ones do.
fn keeping(world: &World) -> Keeping {
    const SECOND: u64 = 1_000_000;
    if world.is_staged {
        return Keeping::default();
    }
    let tombstones_micros = if world.temper.restores() { 3600 * SECOND } else { 60 * SECOND };
    Keeping { tidy_every_ms: 20_000, tombstones_micros, check_every_ms: 45_000 }
}

/// Tells the other tabs of commits made in this one.
async fn tell(device: Arc<Device>, tab: usize, database: Arc<Database>) {
    let mut commits = database.listen();
    drop(database);
    while let Some(told) = commits.next().await {
        if !told.here {
            continue;
        }
        let others: Vec<Arc<Database>> = {
            let tabs = lock(&device.tabs);
            tabs.open.iter().filter(|(other, _)| **other != tab).filter_map(|(_, tab)| tab.database.clone()).collect()
        };
        for other in others {
            other.heard((*told.changes).clone());
        }
    }
}

/// The person acts until the faults stop.
async fn live(device: Arc<Device>, database: Arc<Database>) {
    let exec = Arc::clone(&device.world.exec);
    let mut heard = database.listen();
    loop {
        let pause = scenario::pause(&*device) * u32::try_from(device.count).unwrap_or(1);
        let woken = futures::future::select(heard.next(), exec.sleep(pause)).await;
        if device.world.is_healed() {
            return;
        }
        let doing = match woken {
            Either::Left((Some(told), _)) => scenario::answer_back(&*device, &told.changes),
            _ => Some(scenario::next(&*device)),
        };
        match doing {
            Some(Doing::Look(nudge)) => device.nudge(nudge),
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

/// What the checks need to know of a batch after it was executed.
#[derive(Default)]
struct About {
    shifts: bool,
    /// Rows that may leave, or show another value, by this batch.
    excused: Vec<RowRef>,
    gone: Vec<RowRef>,
    page: Option<Page>,
}

struct Page {
    rows: usize,
    at: u64,
    cursor: Option<u64>,
    resync: bool,
}

impl About {
    fn of(batch: &Batch) -> Self {
        match batch {
            Batch::ShiftStamps { .. } | Batch::ShiftRefused { .. } => Self { shifts: true, ..Self::default() },
            Batch::Discard(at) => Self { excused: vec![at.clone()], ..Self::default() },
            Batch::Forget { rows } => Self { excused: rows.clone(), gone: rows.clone(), ..Self::default() },
            Batch::OutboxSettle { settlements, .. } => {
                let refused = settlements.iter().filter(|s| matches!(s.verdict, Verdict::Refused { .. }));
                Self { excused: refused.map(|s| s.at.clone()).collect(), ..Self::default() }
            }
            Batch::ApplyRemote(remote) => {
                let (at, cursor, resync) = (remote.at, remote.cursor, remote.resync.is_some());
                let page = Some(Page { rows: remote.rows.len(), at, cursor, resync });
                Self { gone: remote.gone.clone(), page, ..Self::default() }
            }
            _ => Self::default(),
        }
    }
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
        match &mut mine.full {
            Some(0) => {
                mine.full = None;
                return Fate::Full;
            }
            Some(left) => *left -= 1,
            None => {}
        }
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
            None if !world.is_healed() && !world.is_staged && world.exec.chance(3) => Fate::Full,
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
                    self.device.world.trace(|| format!("d{}: its disk is full", self.device.index));
                    return Err(StoreError::Full("for once".to_owned()));
                }
                _ => {}
            }
            let discarded = match &batch {
                Batch::Discard(at) => self.device.entry(at),
                _ => None,
            };
            let about = About::of(&batch);
            let store = self.device.store().ok_or(StoreError::Closed)?;
            // Blocking: whether a real disk is quick or slow must not change the order of a run.
            let result = block_on(store.execute(batch));
            if let (Some(entry), Ok(_)) = (&discarded, &result) {
                lock(&self.device.world.books).forget(self.device.index, &entry.at, Some(&groups(entry)));
            }
            match &result {
                Ok(outcome) => self.device.committed(&about, outcome),
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

    fn waiting(&self, now_ms: i64) -> BoxFuture<'_, Result<Waiting, StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.waiting(now_ms)) })
    }

    fn survey(&self, survey: Survey) -> BoxFuture<'_, Result<Survey, StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.survey(survey)) })
    }

    fn log(&self) -> BoxFuture<'_, Result<Vec<Line>, StoreError>> {
        Box::pin(async move { block_on(self.device.store().ok_or(StoreError::Closed)?.log()) })
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

/// The clocks of a tab: virtual time, skewed.
struct Clockwork {
    device: Arc<Device>,
    tab: usize,
    booted: u64,
}

impl Platform for Clockwork {
    fn now_micros(&self) -> u64 {
        let world = &self.device.world;
        let skew = lock(&world.switches)[self.device.index].skew;
        (START_MICROS + world.exec.now()).saturating_add_signed(skew)
    }

    fn monotonic_micros(&self) -> u64 {
        self.device.world.exec.now() - self.booted
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Exec::sleep(&self.device.world.exec, time).boxed()
    }

    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>) {
        self.device.spawn_in(self.tab, task);
    }

    fn random(&self) -> u64 {
        self.device.world.exec.random()
    }
}

/// The groups of an entry.
fn groups(entry: &Entry) -> BTreeSet<String> {
    entry.groups.keys().cloned().collect()
}
