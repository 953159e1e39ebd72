//! One run: set up by the seed, faults, healing, checks.

use crate::{
    device::Device,
    exec::{Exec, Runner, Step, lock},
    quiet,
    real::{self, Real},
    scenario::{Chance, Limits, Mischief, Temper, Weather, check, short, skew_micros},
    server::Server,
    world::{Faults, World},
};
use almanac_core::{Uuid, key::RowRef, row::Row, table::Table};
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};

/// A run that held every guarantee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// Edits made by persons, counted by group.
    pub edits: u64,
    /// Entries stuck at the end, on all devices.
    pub stuck: u64,
    /// Virtual time from healing to quiet, ms.
    pub settled_ms: u64,
    /// Tasks polled.
    pub polls: u64,
    /// Equal for two runs of one seed.
    pub hash: u64,
    /// What happened, line by line, if asked for.
    pub trace: Vec<String>,
}

/// A run that broke one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// Which guarantee, and where.
    pub why: String,
    /// What happened, line by line, if asked for.
    pub trace: Vec<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for line in &self.trace {
            writeln!(f, "{line}")?;
        }
        write!(f, "seed {}: {}", self.seed, self.why)
    }
}

pub(crate) const MINUTE: u64 = 60_000_000;
/// Everything must be quiet so long after healing, virtual µs.
const PATIENCE: u64 = 40 * MINUTE;
/// A run that polls more than this spins.
const MOST_POLLS: u64 = 400_000;

/// Runs a seed.
///
/// # Errors
/// [`Failure`] with the first guarantee that did not hold.
pub fn run(seed: u64) -> Result<Report, Failure> {
    simulate(&Setting::of(seed), None, false)
}

/// Runs a seed and keeps the trace.
///
/// # Errors
/// As [`run`].
pub fn run_traced(seed: u64) -> Result<Report, Failure> {
    simulate(&Setting::of(seed), None, true)
}

/// Runs a seed on a real server and real disks, and keeps the trace. Everyone hurries: it lasts some virtual seconds and not
/// minutes.
///
/// # Errors
/// As [`run`].
pub fn run_on(setting: &Setting, real: Arc<dyn Real>) -> Result<Report, Failure> {
    simulate(setting, Some(real), true)
}

/// Who takes part in a run: drawn by its seed.
#[derive(Debug)]
pub struct Setting {
    seed: u64,
    exec: Arc<Exec>,
    /// The accounts.
    pub users: Vec<Uuid>,
    /// How many devices; each is of the account `users[index % users.len()]`.
    pub devices: usize,
}

impl Setting {
    /// That of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let exec = Exec::new(seed);
        let users = (0..=exec.below(2)).map(|n| Uuid::from_u128(FIRST_USER + u128::from(n)));
        Self { seed, users: users.collect(), devices: 2 + exec.below(4) as usize, exec }
    }

    /// That of a seed, with several people of its own who share: short runs must meet often.
    #[must_use]
    pub fn crowded(seed: u64) -> Self {
        let exec = Exec::new(seed);
        let users =
            (0..2 + exec.below(2)).map(|n| Uuid::from_u128(FIRST_USER + (u128::from(seed) << 16) + u128::from(n)));
        Self { seed, users: users.collect(), devices: 3 + exec.below(3) as usize, exec }
    }
}

const FIRST_USER: u128 = 0xa0_0000_0000_0000_0000_0000_0000;

fn simulate(setting: &Setting, real: Option<Arc<dyn Real>>, keep: bool) -> Result<Report, Failure> {
    let (seed, exec) = (setting.seed, Arc::clone(&setting.exec));
    let (world, devices) = set_up(setting, real, keep);
    let mut runner = Runner::new(Arc::clone(&exec));
    let result = story(&world, &devices, &mut runner);
    let trace = lock(&world.trace).take();
    // Tasks hold the world and the world holds the engines: let go, or every run would leak.
    for device in &devices {
        device.let_go();
    }
    match result {
        Err(why) => Err(Failure { seed, why, trace }),
        Ok(settled_ms) => Ok(Report {
            seed,
            edits: lock(&world.books).count,
            stuck: devices.iter().map(|device| device.entries().len() as u64).sum(),
            settled_ms,
            polls: runner.polls,
            hash: lock(&world.trace).hash(),
            trace,
        }),
    }
}

fn set_up(setting: &Setting, real: Option<Arc<dyn Real>>, keep: bool) -> (Arc<World>, Vec<Arc<Device>>) {
    let (exec, users, count) = (&setting.exec, &setting.users, setting.devices);
    let mut weather = Weather::draw(&**exec);
    if real.is_some() {
        weather.commit_ms += exec.below(1500);
    }
    let (limits, temper) = (Limits::draw(&**exec), Temper::draw(&**exec));
    let world = World::new(Arc::clone(exec), users.clone(), count, Faults { weather, limits, temper }, keep, real);
    real::refresh(&world);
    let devices: Vec<Arc<Device>> =
        (0..count).map(|index| Device::new(&world, index, users[index % users.len()])).collect();
    for device in &devices {
        set_clock(&world, device.index);
        device.boot();
    }
    (world, devices)
}

fn set_clock(world: &World, device: usize) {
    let skew = skew_micros(&*world.exec);
    lock(&world.switches)[device].skew = skew;
    world.trace(|| format!("d{device}: clock off by {:.1} s", skew as f64 / 1e6));
}

fn story(world: &Arc<World>, devices: &[Arc<Device>], runner: &mut Runner) -> Result<u64, String> {
    let exec = Arc::clone(&world.exec);
    let is_real = world.real.is_some();
    // Few are long enough for tombstones to be collected: a real server takes its time.
    let end = match is_real {
        true if exec.chance(950) => MINUTE / 20 + exec.below(MINUTE / 7),
        _ => MINUTE / 2 + exec.below(2 * MINUTE),
    };
    let mischief = exec.spawn(mischief(Arc::clone(world), devices.to_vec()));
    until(world, devices, runner, end)?;
    exec.kill(mischief);
    world.heal();
    let healed = exec.now();
    settle(world, devices, runner, healed)?;
    let settled = (exec.now() - healed) / 1000;
    // Requests that were long under way arrive after all, and are worked off.
    // So long, too, that every device has compared its data with the server's.
    until(world, devices, runner, exec.now() + if is_real { MINUTE / 2 } else { 3 * MINUTE })?;
    let again = exec.now();
    settle(world, devices, runner, again)?;
    check_all(world, devices)?;
    Ok(settled)
}

/// The guarantees that are checked when all is at rest.
pub(crate) fn check_all(world: &World, devices: &[Arc<Device>]) -> Result<(), String> {
    devices.iter().try_for_each(|device| quiet::no_false_alarm(world, device))?;
    let server = lock(&world.server);
    let truth = ServerNow { server: &server, now: world.server_now() };
    let held: Vec<&Device> = devices.iter().map(|device| &**device).collect();
    check::at_rest(&truth, &lock(&world.books), &held)
}

/// Runs until all is sent or stuck and all devices say so.
pub(crate) fn settle(
    world: &Arc<World>,
    devices: &[Arc<Device>],
    runner: &mut Runner,
    since: u64,
) -> Result<(), String> {
    loop {
        until(world, devices, runner, world.exec.now() + 500_000)?;
        let Err(why) = quiet::is_quiet(world, devices) else { return Ok(()) };
        if world.exec.now() - since > PATIENCE {
            return Err(format!("guarantee 5: not quiet {} min after healing: {why}", PATIENCE / MINUTE));
        }
    }
}

/// Runs until that virtual time.
pub(crate) fn until(world: &Arc<World>, devices: &[Arc<Device>], runner: &mut Runner, end: u64) -> Result<(), String> {
    loop {
        while runner.step() == Step::Ran {
            if let Some(why) = world.failure() {
                return Err(why);
            }
            if runner.polls > MOST_POLLS {
                return Err("guarantee 5: spins".to_owned());
            }
        }
        for device in devices {
            quiet::honest(device)?;
        }
        if !runner.advance(end) {
            return Ok(());
        }
    }
}

/// Crashes, lost networks, clocks, revived backups.
async fn mischief(world: Arc<World>, devices: Vec<Arc<Device>>) {
    let exec = Arc::clone(&world.exec);
    loop {
        exec.sleep(exec.between_ms(200, 6_000)).await;
        let Some(device) = exec.pick(&devices) else { return };
        if let Some(what) = world.temper.next(&*exec) {
            befall(&world, device, what);
        }
    }
}

fn befall(world: &Arc<World>, device: &Arc<Device>, what: Mischief) {
    let (exec, index) = (&world.exec, device.index);
    match what {
        Mischief::Crash(fuse) => {
            let mut switches = lock(&world.switches);
            if switches[index].running && switches[index].fuse.is_none() {
                switches[index].fuse = Some(fuse);
            }
        }
        Mischief::Partition => {
            let mut switches = lock(&world.switches);
            switches[index].offline = !switches[index].offline;
            let offline = switches[index].offline;
            drop(switches);
            world.trace(|| format!("d{index} is {}", if offline { "offline" } else { "online" }));
            if !offline && exec.chance(500) {
                device.nudge(almanac_core::engine::Nudge::Now);
            }
        }
        Mischief::SetClock => set_clock(world, index),
        Mischief::DropChannel => world.drop_channel(index),
        // Backups of a real server are the operator's.
        Mischief::BackUp | Mischief::Restore if world.real.is_some() => {}
        Mischief::BackUp => {
            lock(&world.server).back_up();
            world.trace(|| "server: backed up".to_owned());
        }
        Mischief::Restore => {
            let restored = lock(&world.server).restore();
            if restored {
                world.trace(|| "server: restored from the backup".to_owned());
            }
        }
        Mischief::Collect => {
            collect(world);
        }
        Mischief::SqlEdit => sql_edit(world),
        Mischief::CloseTab => device.close_tab(),
        Mischief::Rot => device.rot(),
        Mischief::SwitchAccount => device.switch_account(),
        Mischief::Poison => {
            let events = lock(&world.books).events.clone();
            if let Some(id) = events.last() {
                lock(&world.server).poison.insert(RowRef::event(*id));
                world.trace(|| format!("server: {} is poison", short(&RowRef::event(*id))));
            }
        }
    }
}

/// The simulated server when everything is quiet.
struct ServerNow<'a> {
    server: &'a Server,
    now: u64,
}

impl check::Truth for ServerNow<'_> {
    fn rows(&self) -> &BTreeMap<RowRef, Row> {
        self.server.rows()
    }

    fn sees(&self, user: Uuid, at: &RowRef) -> bool {
        self.server.sees(user, at)
    }

    fn collected(&self, at: &RowRef) -> Option<&Row> {
        self.server.collected.get(at)
    }

    fn restores(&self) -> u64 {
        self.server.restores
    }

    fn now_micros(&self) -> u64 {
        self.now
    }
}

fn collect(world: &Arc<World>) {
    if let Some(real) = &world.real {
        real.set_time(world.server_now());
        real.collect(60);
        real::refresh(world);
        world.trace(|| "server: collected tombstones".to_owned());
        return;
    }
    let count = lock(&world.server).collect(world.server_now());
    world.trace(|| format!("server: collected {count} tombstones"));
}

/// Someone edits by plain SQL.
fn sql_edit(world: &Arc<World>) {
    let number = lock(&world.books).fresh();
    let mut server = lock(&world.server);
    let events: Vec<RowRef> = server.rows().keys().filter(|at| at.table == Table::Events).cloned().collect();
    let Some(at) = events.get(world.exec.below(events.len() as u64) as usize) else { return };
    if let Some(real) = &world.real {
        drop(server);
        real.set_time(world.server_now());
        if real.sql_edit(at, "title", &format!("s{number}")) {
            world.trace(|| format!("server: SQL sets the title of {} to s{number}", short(at)));
            real::refresh(world);
        }
        return;
    }
    let step = 1 + world.exec.below(1000);
    let moved = server.sql_edit(at, ("title", Value::from(format!("s{number}"))), world.server_now(), step);
    drop(server);
    if let Some(moved) = moved {
        world.trace(|| format!("server: SQL sets the title of {} to s{number}", short(at)));
        world.hint(&moved);
    }
}
