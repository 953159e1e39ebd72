//! Pushes that are stopped between their statements and their commit, so that transactions truly interleave: as many at
//! once as the run likes, each let go when the run says so.

use almanac_core::{remote::RemoteError, wire::PushAnswer};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;
use tokio_postgres::Client as Sql;

/// More than this under way at once would use up the server's connections.
const MOST: usize = 8;

type Outcome = Result<PushAnswer, RemoteError>;

/// A push under way.
struct Push {
    task: JoinHandle<Outcome>,
    /// The gate held for it.
    gate: Option<i32>,
}

/// See the module.
pub(crate) struct Gates {
    /// Holds the gates, and looks who waits for whom.
    sql: Sql,
    /// PostgreSQL's number of that connection.
    pid: i32,
    under_way: BTreeMap<u64, Push>,
    last: u64,
    interleaved: Arc<Interleaved>,
}

/// How much of it happened, over all runs of a lab.
#[derive(Debug, Default)]
pub struct Interleaved {
    /// Pushes that began while another had its statements done and its commit before it.
    pub together: AtomicU64,
    /// Pushes that waited for a row of another one, after their own gate was open.
    pub waited: AtomicU64,
}

impl Gates {
    pub(crate) async fn new(sql: Sql, interleaved: Arc<Interleaved>) -> Self {
        let pid = sql.query_one("select pg_backend_pid()", &[]).await.expect("a number").get(0);
        Self { sql, pid, under_way: BTreeMap::new(), last: 0, interleaved }
    }

    /// The gate of a session.
    pub(crate) async fn of(&self, session: &str) -> i32 {
        self.sql.query_one("select hashtext($1)", &[&session]).await.expect("a number").get(0)
    }

    /// Closes the gate before a push begins. None: one that passed it already is still under way, or there are many.
    pub(crate) async fn close(&self, gate: i32) -> Option<i32> {
        if self.under_way.len() >= MOST {
            return None;
        }
        let closed = self.sql.query_one("select pg_try_advisory_lock($1)", &[&i64::from(gate)]).await;
        closed.expect("an answer").get::<_, bool>(0).then_some(gate)
    }

    /// Takes a push that has just begun, and waits until it has got as far as it can.
    pub(crate) async fn add(&mut self, task: JoinHandle<Outcome>, gate: Option<i32>) -> u64 {
        self.last += 1;
        if self.under_way.values().any(|push| !push.task.is_finished()) {
            self.interleaved.together.fetch_add(1, Ordering::Relaxed);
        }
        self.under_way.insert(self.last, Push { task, gate });
        self.settle().await;
        self.last
    }

    /// Opens the gate of a push. Its outcome, unless it waits for a row that another one holds.
    pub(crate) async fn poll(&mut self, id: u64) -> Option<Outcome> {
        let push = self.under_way.get_mut(&id)?;
        if let Some(gate) = push.gate.take() {
            self.sql.execute("select pg_advisory_unlock($1)", &[&i64::from(gate)]).await.expect("the gate opens");
        }
        self.settle().await;
        if !self.under_way.get(&id)?.task.is_finished() {
            self.interleaved.waited.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        let push = self.under_way.remove(&id)?;
        Some(push.task.await.expect("a push does not panic"))
    }

    /// Waits until every push under way is done, stands at a closed gate, or waits for one that does. (Who waits in a
    /// circle is not settled: PostgreSQL ends one of them soon.)
    async fn settle(&self) {
        let begin = Instant::now();
        loop {
            let open = self.under_way.values().filter(|push| !push.task.is_finished()).count();
            if open == 0 {
                return;
            }
            let waiting = self.sql.query(
                "select pid, pg_blocking_pids(pid) from pg_stat_activity
                  where datname = current_database() and state = 'active' and wait_event_type = 'Lock'",
                &[],
            );
            let waiting: BTreeMap<i32, Vec<i32>> =
                waiting.await.expect("who waits").into_iter().map(|row| (row.get(0), row.get(1))).collect();
            if waiting.keys().filter(|pid| self.is_held(**pid, &waiting)).count() == open {
                return;
            }
            assert!(begin.elapsed() < Duration::from_secs(30), "{open} pushes neither end nor wait: {waiting:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Whether a process waits for one of our gates, itself or through others.
    fn is_held(&self, pid: i32, waiting: &BTreeMap<i32, Vec<i32>>) -> bool {
        let (mut seen, mut todo) = (BTreeSet::new(), vec![pid]);
        while let Some(pid) = todo.pop() {
            if pid == self.pid {
                return true;
            }
            if seen.insert(pid) {
                todo.extend(waiting.get(&pid).into_iter().flatten());
            }
        }
        false
    }
}
