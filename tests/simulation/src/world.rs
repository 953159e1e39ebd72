//! What all parts of a run share: time, server, weather, hints, the devices' switches and the books of what was written.

use crate::{
    exec::{Exec, lock},
    real::Real,
    scenario::{Chance, Limits, Temper, Weather, books::Books},
    server::Server,
    trace::Trace,
};
use almanac_core::{Uuid, remote::Hint};
use futures::channel::mpsc::UnboundedSender;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

/// The server's clock at the start of a run: 2026-11-01.
pub const START_MICROS: u64 = 1_793_491_200_000_000;

/// A device's switches.
#[derive(Default)]
pub(crate) struct Switches {
    pub(crate) offline: bool,
    /// Wall clock minus the server's, µs.
    pub(crate) skew: i64,
    /// Store transactions until the next crash.
    pub(crate) fuse: Option<u64>,
    /// Store transactions until the disk is full for once.
    pub(crate) full: Option<u64>,
    pub(crate) running: bool,
    pub(crate) booted: u64,
    /// The answers to pushes are lost, those to nothing else.
    pub(crate) mute: bool,
    /// Requests sent so far.
    pub(crate) requests: u64,
}

struct Channel {
    device: usize,
    user: Uuid,
    sender: UnboundedSender<Hint>,
}

/// What goes wrong in a run: drawn by its seed.
pub(crate) struct Faults {
    pub(crate) weather: Weather,
    pub(crate) limits: Limits,
    pub(crate) temper: Temper,
}

/// See the module.
pub(crate) struct World {
    pub(crate) exec: Arc<Exec>,
    pub(crate) server: Mutex<Server>,
    pub(crate) users: Vec<Uuid>,
    pub(crate) books: Mutex<Books>,
    pub(crate) switches: Mutex<Vec<Switches>>,
    pub(crate) trace: Mutex<Trace>,
    /// Whether a script says what happens: no person acts by chance, no disk is full by chance.
    pub(crate) is_staged: bool,
    /// Tabs of each device; none: by chance.
    pub(crate) tabs: Option<usize>,
    /// The real server and disks of this run; without them it has simulated ones.
    pub(crate) real: Option<Arc<dyn Real>>,
    /// How far the server's clock is ahead of the time that passes, µs: a script may set it wrong.
    pub(crate) server_ahead: AtomicU64,
    weather: Mutex<Weather>,
    limits: Mutex<Limits>,
    channels: Mutex<Vec<Channel>>,
    pub(crate) temper: Temper,
    healed: Mutex<bool>,
    failure: Mutex<Option<String>>,
}

impl World {
    pub(crate) fn new(
        exec: Arc<Exec>,
        users: Vec<Uuid>,
        devices: usize,
        faults: Faults,
        keep_trace: bool,
        real: Option<Arc<dyn Real>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            exec,
            server: Mutex::new(Server::new(&users)),
            users,
            books: Mutex::default(),
            switches: Mutex::new((0..devices).map(|_| Switches::default()).collect()),
            trace: Mutex::new(Trace::new(keep_trace)),
            is_staged: false,
            tabs: real.is_some().then_some(1),
            real,
            server_ahead: AtomicU64::new(0),
            weather: Mutex::new(faults.weather),
            limits: Mutex::new(faults.limits),
            channels: Mutex::default(),
            temper: faults.temper,
            healed: Mutex::new(false),
            failure: Mutex::default(),
        })
    }

    /// The server's clock, µs since 1970.
    pub(crate) fn server_now(&self) -> u64 {
        START_MICROS + self.exec.now() + self.server_ahead.load(Ordering::Relaxed)
    }

    pub(crate) fn weather(&self) -> Weather {
        lock(&self.weather).clone()
    }

    pub(crate) fn limits(&self) -> Limits {
        lock(&self.limits).clone()
    }

    pub(crate) fn change_weather(&self, change: impl FnOnce(&mut Weather)) {
        change(&mut lock(&self.weather));
    }

    pub(crate) fn change_limits(&self, change: impl FnOnce(&mut Limits)) {
        change(&mut lock(&self.limits));
    }

    pub(crate) fn is_healed(&self) -> bool {
        *lock(&self.healed)
    }

    /// Faults stop.
    pub(crate) fn heal(&self) {
        *lock(&self.healed) = true;
        *lock(&self.weather) = Weather::fine();
        for switches in lock(&self.switches).iter_mut() {
            switches.offline = false;
            switches.fuse = None;
        }
        self.trace(|| "---- healed".to_owned());
    }

    pub(crate) fn is_offline(&self, device: usize) -> bool {
        lock(&self.switches)[device].offline
    }

    /// A guarantee does not hold. The first failure counts.
    pub(crate) fn fail(&self, why: impl Into<String>) {
        let why = why.into();
        self.trace(|| format!("FAILED: {why}"));
        lock(&self.failure).get_or_insert(why);
    }

    pub(crate) fn failure(&self) -> Option<String> {
        lock(&self.failure).clone()
    }

    /// Notes a line; the text is only made when the trace is kept.
    pub(crate) fn trace(&self, line: impl FnOnce() -> String) {
        let mut trace = lock(&self.trace);
        trace.count(self.exec.now());
        if trace.keeps() {
            let at = self.exec.now();
            trace.line(format!("{:>10.3} {}", at as f64 / 1e6, line()));
        }
    }

    pub(crate) fn name(&self, user: Uuid) -> String {
        let index = self.users.iter().position(|u| *u == user).unwrap_or(usize::MAX);
        ["Ana", "Ben", "Cleo"].get(index).copied().unwrap_or("nobody").to_owned()
    }

    pub(crate) fn subscribe(self: &Arc<Self>, device: usize, user: Uuid, sender: UnboundedSender<Hint>) {
        let mut channels = lock(&self.channels);
        channels.retain(|channel| channel.device != device);
        channels.push(Channel { device, user, sender: sender.clone() });
        drop(channels);
        let world = Arc::clone(self);
        self.exec.spawn(async move {
            world.exec.sleep(world.exec.between_ms(1, 400)).await;
            let _ = sender.unbounded_send(Hint::Subscribed);
        });
    }

    /// The channel of a device falls, and rises again.
    pub(crate) fn drop_channel(self: &Arc<Self>, device: usize) {
        let sender = lock(&self.channels).iter().find(|c| c.device == device).map(|c| c.sender.clone());
        let Some(sender) = sender else { return };
        let _ = sender.unbounded_send(Hint::Down);
        let world = Arc::clone(self);
        self.exec.spawn(async move {
            world.exec.sleep(world.exec.between_ms(100, 20_000)).await;
            let _ = sender.unbounded_send(Hint::Subscribed);
        });
    }

    /// Tells the users' devices that something changed, late or not at all.
    pub(crate) fn hint(self: &Arc<Self>, users: &[Uuid]) {
        let weather = self.weather();
        let senders: Vec<(usize, UnboundedSender<Hint>)> = lock(&self.channels)
            .iter()
            .filter(|c| users.contains(&c.user))
            .map(|c| (c.device, c.sender.clone()))
            .collect();
        for (device, sender) in senders {
            if self.exec.chance(weather.hint_lost) || self.is_offline(device) {
                continue;
            }
            let world = Arc::clone(self);
            let delay = self.exec.between_ms(1, 2 + weather.delay_ms);
            self.exec.spawn(async move {
                world.exec.sleep(delay).await;
                let _ = sender.unbounded_send(Hint::Changed);
            });
        }
    }
}
