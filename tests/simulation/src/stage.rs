//! A stage: the simulated world with its faults, but no chance in it. A script says what happens, step by step, so that what
//! a seed meets once in ten thousand is met each time.

use crate::{
    device::Device,
    exec::{Exec, Runner, Step, lock},
    run,
    scenario::{Limits, Temper, Weather},
    world::{Faults, START_MICROS, World},
};
use almanac_core::{
    Uuid,
    database::Database,
    engine::Nudge,
    key::RowRef,
    patch::{Life, Patch},
    row::{Columns, Row},
    time,
};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// The one who owns the first device.
pub const ANA: Uuid = Uuid::from_u128(0xa0_0000_0000_0000_0000_0000_0000);
const DAY_MS: i64 = 86_400_000;

/// A world in which only happens what the script says. Every guarantee is looked after all the time, as in a run.
pub struct Stage {
    world: Arc<World>,
    devices: Vec<Arc<Device>>,
    runner: Runner,
}

/// What a script ends with: in words, what does not hold.
pub type Holds = Result<(), String>;

/// Fails the script with these words unless it is so.
///
/// # Errors
/// The words.
pub fn expect(is_so: bool, words: &str) -> Holds {
    if is_so { Ok(()) } else { Err(words.to_owned()) }
}

impl Stage {
    /// So many devices of one person, none of them started. The network is quick and good, the server takes anything, and
    /// the data are not compared by themselves: a repair would hide what a rule is for.
    #[must_use]
    pub fn of(devices: usize) -> Self {
        Self::ordered(devices, 0)
    }

    /// The same, with another order in which tasks run that could run at once.
    #[must_use]
    pub fn ordered(devices: usize, order: u64) -> Self {
        Self::set(devices, order, 1)
    }

    /// So many devices of two tabs each.
    #[must_use]
    pub fn of_two_tabs(devices: usize) -> Self {
        Self::set(devices, 0, 2)
    }

    fn set(devices: usize, order: u64, tabs: usize) -> Self {
        let exec = Exec::new(order);
        let (weather, limits) = (Weather::fine(), Limits::none());
        let faults = Faults { weather, limits, temper: Temper::calm() };
        let mut world = World::new(Arc::clone(&exec), vec![ANA], devices, faults, false, None);
        if let Some(world) = Arc::get_mut(&mut world) {
            world.is_staged = true;
            world.tabs = Some(tabs);
        }
        let devices = (0..devices).map(|index| Device::new(&world, index, ANA)).collect();
        Self { world, devices, runner: Runner::new(exec) }
    }

    /// So many devices, all started and at rest.
    ///
    /// # Errors
    /// A guarantee that does not hold.
    pub fn started(devices: usize) -> Result<Self, String> {
        Self::of(devices).start_all()
    }

    /// All start and come to rest.
    ///
    /// # Errors
    /// A guarantee that does not hold.
    pub fn start_all(mut self) -> Result<Self, String> {
        for device in 0..self.devices.len() {
            self.start(device);
        }
        self.rest()?;
        Ok(self)
    }

    /// Starts a device.
    pub fn start(&self, device: usize) {
        self.devices[device].boot();
    }

    /// The power goes. What was written to the disk stays.
    pub fn stop(&self, device: usize) {
        self.devices[device].stop();
    }

    /// The device loses the network, or has it back.
    pub fn offline(&self, device: usize, is_so: bool) {
        lock(&self.world.switches)[device].offline = is_so;
    }

    /// The server takes what the device pushes, and its answers are lost.
    pub fn mute(&self, device: usize, is_so: bool) {
        lock(&self.world.switches)[device].mute = is_so;
    }

    /// Sets a wall clock so many minutes before the server's, or behind it.
    pub fn clock(&self, device: usize, minutes: i64) {
        lock(&self.world.switches)[device].skew = minutes * 60_000_000;
    }

    /// The server's clock goes wrong by so many minutes, or (0) is set right.
    pub fn server_clock(&self, minutes: u64) {
        self.world.server_ahead.store(minutes * 60_000_000, std::sync::atomic::Ordering::Relaxed);
    }

    /// A row vanishes from the disk without a word.
    pub fn lose(&self, device: usize, at: &RowRef) {
        self.devices[device].lose(at);
    }

    /// After so many more transactions the disk is full for once.
    pub fn full_after(&self, device: usize, transactions: u64) {
        lock(&self.world.switches)[device].full = Some(transactions);
    }

    /// Whether that is still to come.
    #[must_use]
    pub fn is_yet_to_be_full(&self, device: usize) -> bool {
        lock(&self.world.switches)[device].full.is_some()
    }

    /// Changes the weather.
    pub fn weather(&self, change: impl FnOnce(&mut Weather)) {
        self.world.change_weather(change);
    }

    /// Changes what the server takes.
    pub fn limits(&self, change: impl FnOnce(&mut Limits)) {
        self.world.change_limits(change);
    }

    /// The tab that leads hears something.
    pub fn nudge(&self, device: usize, nudge: Nudge) {
        self.devices[device].nudge(nudge);
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// A guarantee that did not hold meanwhile.
    pub fn pass(&mut self, ms: u64) -> Holds {
        let end = self.world.exec.now() + ms * 1000;
        run::until(&self.world, &self.devices, &mut self.runner, end)
    }

    /// So many tasks run. False: nothing is left to do at this time.
    ///
    /// # Errors
    /// A guarantee that did not hold meanwhile.
    pub fn steps(&mut self, steps: u32) -> Result<bool, String> {
        for _ in 0..steps {
            while self.runner.step() == Step::Idle {
                if !self.runner.advance(self.world.exec.now() + 1_000_000) {
                    return Ok(false);
                }
            }
            self.world.failure().map_or(Ok(()), Err)?;
        }
        Ok(true)
    }

    /// A person writes, and waits until it is on the disk.
    ///
    /// # Errors
    /// A guarantee that did not hold meanwhile, or that nothing was written.
    pub fn write(&mut self, device: usize, patches: Vec<Patch>) -> Holds {
        let Some(database) = self.devices[device].database() else { return Err(format!("d{device} is not open")) };
        self.write_in(device, 0, database, patches)
    }

    /// The same in a tab that does not sync.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_in_other_tab(&mut self, device: usize, patches: Vec<Patch>) -> Holds {
        let Some((tab, database)) = self.devices[device].other_database() else {
            return Err(format!("d{device} has no other tab"));
        };
        self.write_in(device, tab, database, patches)
    }

    fn write_in(&mut self, device: usize, tab: usize, database: Arc<Database>, patches: Vec<Patch>) -> Holds {
        let written = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&written);
        self.devices[device].spawn(tab, async move {
            told.store(database.commit(patches).await.is_ok(), Ordering::Relaxed);
        });
        while !written.load(Ordering::Relaxed) {
            if self.runner.step() == Step::Idle {
                return Err(format!("d{device} could not write"));
            }
            self.world.failure().map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    /// The same on a device that has only just been started.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_when_open(&mut self, device: usize, patches: Vec<Patch>) -> Holds {
        while self.devices[device].database().is_none() {
            if self.runner.step() == Step::Idle {
                return Err(format!("d{device} does not open"));
            }
        }
        self.write(device, patches)
    }

    /// Waits until all is sent or stuck, and all devices that run say so.
    ///
    /// # Errors
    /// What keeps it from it, or a guarantee that did not hold meanwhile.
    pub fn rest(&mut self) -> Holds {
        self.rest_but(usize::MAX)
    }

    /// The same, but for one that is offline.
    ///
    /// # Errors
    /// As [`Self::rest`].
    pub fn rest_but(&mut self, device: usize) -> Holds {
        let since = self.world.exec.now();
        let others = self.devices.iter().filter(|other| other.is_running() && other.index != device);
        let others: Vec<Arc<Device>> = others.cloned().collect();
        run::settle(&self.world, &others, &mut self.runner, since)
    }

    /// The network is good again and all are online: everything comes to rest, and every guarantee is checked.
    ///
    /// # Errors
    /// The first that does not hold.
    pub fn end(&mut self) -> Holds {
        self.world.heal();
        self.rest()?;
        self.pass(60_000)?;
        self.rest()?;
        run::check_all(&self.world, &self.devices)
    }

    /// The operator collects tombstones.
    pub fn collect(&self) {
        lock(&self.world.server).collect(self.world.server_now());
    }

    /// A row of a device.
    #[must_use]
    pub fn row(&self, device: usize, at: &RowRef) -> Option<Row> {
        self.devices[device].row_of(at).map(Arc::unwrap_or_clone)
    }

    /// Whether a row of a device is there and lives.
    #[must_use]
    pub fn shows(&self, device: usize, at: &RowRef) -> bool {
        self.row(device, at).is_some_and(|row| row.is_live())
    }

    /// The title that a device shows.
    #[must_use]
    pub fn title(&self, device: usize, at: &RowRef) -> Option<String> {
        text(&self.row(device, at)?, "title")
    }

    /// The title that the server holds.
    #[must_use]
    pub fn title_there(&self, at: &RowRef) -> Option<String> {
        let server = lock(&self.world.server);
        server.rows().get(at).filter(|row| row.is_live()).and_then(|row| text(row, "title"))
    }

    /// Whether the server holds the row, alive.
    #[must_use]
    pub fn is_there(&self, at: &RowRef) -> bool {
        lock(&self.world.server).rows().get(at).is_some_and(Row::is_live)
    }

    /// Stuck entries of a device.
    #[must_use]
    pub fn stuck(&self, device: usize) -> usize {
        self.devices[device].waiting().stuck
    }

    /// Whether a request of the device may have carried the row's edit.
    #[must_use]
    pub fn is_attempted(&self, device: usize, at: &RowRef) -> bool {
        self.devices[device].entries().iter().any(|entry| entry.at == *at && entry.attempted)
    }

    /// Whether an edit of the row waits or is stuck.
    #[must_use]
    pub fn has_entry(&self, device: usize, at: &RowRef) -> bool {
        self.devices[device].entries().iter().any(|entry| entry.at == *at)
    }

    /// Requests that a device has sent so far.
    #[must_use]
    pub fn requests(&self, device: usize) -> u64 {
        lock(&self.world.switches)[device].requests
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Tasks hold the world and the world holds the engines.
        for device in &self.devices {
            device.let_go();
        }
    }
}

fn text(row: &Row, column: &str) -> Option<String> {
    row.columns.get(column).and_then(Value::as_str).map(str::to_owned)
}

fn columns(value: Value) -> Columns {
    match value {
        Value::Object(columns) => columns,
        _ => Columns::new(),
    }
}

/// An event of Ana's by number.
#[must_use]
pub fn event(number: u128) -> RowRef {
    RowRef::event(Uuid::from_u128(number))
}

/// Ana's overlay of it.
#[must_use]
pub fn overlay(number: u128) -> RowRef {
    RowRef::overlay(Uuid::from_u128(number), ANA)
}

/// Ana makes an event of an hour so many days from the run's begin.
#[must_use]
pub fn makes_event(number: u128, title: &str, day: i64) -> Patch {
    let start = (START_MICROS / 1000).cast_signed() + day * DAY_MS;
    let initial = json!({
        "owner_id": ANA.to_string(), "series_id": null, "original_start": null, "title": title, "private": false,
        "location": null, "notes": null, "start_time": time::text_of_micros(start.cast_unsigned() * 1000), "duration": 60,
        "all_day": false, "time_zone": "UTC", "recurrence": null, "start_timestamp_ms": start,
        "end_timestamp_ms": start + 3_600_000,
    });
    Patch::create(event(number), columns(initial))
}

/// Ana keeps something of her own about an event.
#[must_use]
pub fn makes_overlay(number: u128) -> Patch {
    let initial = json!({
        "calendar_id": null, "category_id": null, "show_time_as": "busy", "time_defense_level": "normal",
        "ai_managed": false, "ai_instructions": "mine", "persona_id": null, "reminders": [10],
    });
    Patch::create(overlay(number), columns(initial))
}

/// Ana invites someone.
#[must_use]
pub fn invites(number: u128, email: &str) -> Patch {
    Patch::create(RowRef::invite(Uuid::from_u128(number), email), columns(json!({ "role": "viewer" })))
}

/// Ana changes a title.
#[must_use]
pub fn renames(number: u128, title: &str) -> Patch {
    Patch::update(event(number), Columns::new()).set("title", title)
}

/// Ana changes notes.
#[must_use]
pub fn notes(number: u128, text: &str) -> Patch {
    Patch::update(event(number), Columns::new()).set("notes", text)
}

/// Ana deletes an event.
#[must_use]
pub fn deletes(number: u128) -> Patch {
    Patch::delete(event(number))
}

/// Ana brings a deleted event back.
#[must_use]
pub fn restores(number: u128) -> Patch {
    Patch { life: Some(Life::Restore), ..Patch::update(event(number), Columns::new()) }
}

/// Ana looks a year ahead.
#[must_use]
pub fn looks_a_year_ahead() -> Nudge {
    let day = (START_MICROS / 1000).cast_signed() + 365 * DAY_MS;
    Nudge::Window(day - 3 * DAY_MS, day + 3 * DAY_MS)
}
