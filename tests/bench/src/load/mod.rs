//! The server under load: people with two devices each, and on every device the real engine with the real client. Each device
//! edits now and then; the engine pushes, the realtime channel tells the other devices, they pull. Once on the embedded
//! PostgreSQL and once on a PostgreSQL server, each time in a process of its own, so that its memory can be told.
//!
//! Everybody shares an event with the next person in a ring, so feeds of several people move in one transaction.
//!
//! A run that loses anything fails ([`audit`]): figures of a server that loses are worth nothing.

mod audit;
mod crowd;
mod device;
mod figures;
mod host;

use crate::{Size, table::Table};
use almanac_supabase::Config;
use crowd::Crowd;
use figures::Figures;
use host::{Host, Mode};
use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// How much load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// People; each has two devices.
    pub(crate) people: usize,
    /// How long they work.
    pub(crate) time: Duration,
    /// Between two edits of a device, in the mean.
    pub(crate) pace: Duration,
}

impl Load {
    const fn of(size: Size) -> Self {
        match size {
            Size::Smoke => Self { people: 4, time: Duration::from_secs(3), pace: Duration::from_millis(400) },
            Size::Full => Self { people: 100, time: Duration::from_secs(60), pace: Duration::from_secs(4) },
        }
    }
}

/// A table for each mode.
pub(crate) fn run(size: Size) -> Vec<Table> {
    let runtime = Runtime::new().expect("a runtime");
    let modes = [(Mode::Embedded, "server-embedded"), (Mode::Postgres, "server-postgres")];
    modes.map(|(mode, part)| runtime.block_on(measure(mode, Load::of(size), Table::new(part)))).into()
}

async fn measure(mode: Mode, load: Load, mut table: Table) -> Table {
    let host = Host::start(mode).await;
    let config = Config::new(&host.url, &host.key);
    let figures = Arc::new(Figures::default());
    let crowd = Crowd::gather(&config, load, &figures).await;

    let before = host.processor();
    figures.measuring.store(true, Ordering::SeqCst);
    let begin = Instant::now();
    crowd.work().await;
    figures.measuring.store(false, Ordering::SeqCst);
    let seconds = begin.elapsed().as_secs_f64();
    let busy = (host.processor() - before) / seconds;
    let drained = crowd.settle().await;
    audit::nothing_lost(&crowd, &config).await;

    println!(
        "{} clients, an edit every {:.1} s each, {seconds:.0} s: {} edits, all of them in the database and on every device",
        load.people * 2,
        load.pace.as_secs_f64(),
        crowd.edits()
    );
    let rate = |count: u64| count as f64 / seconds;
    for (what, times) in [("pushes", &figures.pushes), ("pulls", &figures.pulls)] {
        let times = times.lock().expect("figures").clone();
        table.figure(format!("{what} a second"), rate(times.len() as u64), "/s");
        table.spread(what, times);
    }
    table.figure("notices a second", rate(figures.notices.load(Ordering::SeqCst)), "/s");
    table.spread("an edit until it is on the other device", figures.seen.lock().expect("figures").clone());
    table.figure("until the last edit was everywhere, after the end", drained.as_secs_f64() * 1000.0, "ms");
    let failed = figures.failures.lock().expect("figures").clone();
    if let Some(first) = failed.first() {
        println!("requests that failed: {}, the first one: {first}", failed.len());
    }
    table.figure("requests that failed", failed.len() as f64, "");
    table.figure("memory of the server, greatest", host.peak_memory(), "MB");
    table.figure("processors that the server kept busy", busy, "");
    host.stop().await;
    table
}
