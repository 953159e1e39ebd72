//! One device: a store in memory, the engine, the client, all real. It remembers every edit, for the audit.

use super::{
    Load,
    crowd::Unseen,
    figures::{Figures, Timed},
};
use crate::{
    account::{MemoryVault, Tokio},
    rows,
};
use almanac_core::{
    Uuid,
    database::Database,
    engine::{Engine, Nudge, Status},
    key::RowRef,
    memory::MemoryStore,
    patch::Patch,
    platform::Platform,
    remote::Remote,
    row::Columns,
    session::{Auth as _, Session},
    stamp::Stamp,
    time,
};
use almanac_supabase::{Client, Config};
use futures::StreamExt as _;
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// How long anything may take before the run is given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// One column that was written, and the stamp it was written with. Each has a group of its own.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub(crate) at: RowRef,
    pub(crate) column: &'static str,
    pub(crate) value: String,
    pub(crate) stamp: Stamp,
}

/// See the module.
pub(crate) struct Device {
    pub(crate) user: Uuid,
    pub(crate) database: Arc<Database>,
    pub(crate) remote: Arc<dyn Remote>,
    engine: Arc<Engine>,
    tasks: Vec<JoinHandle<()>>,
    /// What it did, in order.
    pub(crate) edits: Mutex<Vec<Edit>>,
    /// What its owner did on any device and no other one has shown yet.
    unseen: Arc<Unseen>,
    figures: Arc<Figures>,
    random: Tokio,
}

impl Device {
    /// A device that is signed in, with its engine running.
    pub(crate) async fn start(
        config: &Config,
        session: Session,
        figures: &Arc<Figures>,
        unseen: &Arc<Unseen>,
    ) -> Arc<Self> {
        let platform: Arc<dyn Platform> = Arc::new(Tokio::default());
        let user = session.user_id;
        let vault = Arc::new(MemoryVault::holding(session));
        let client = Client::new(config.clone(), vault, Arc::clone(&platform));
        let database = Database::open(Arc::new(MemoryStore::new()), platform).await.expect("a store");
        let remote: Arc<dyn Remote> = Arc::new(Timed { inner: client.remote(), figures: Arc::clone(figures) });
        let engine = Engine::new(Arc::clone(&database), Arc::clone(&remote));
        let tasks = vec![
            tokio::spawn(Arc::clone(&engine).run()),
            tokio::spawn(watch(Arc::clone(&database), Arc::clone(unseen), Arc::clone(figures))),
        ];
        Arc::new(Self {
            user,
            database,
            remote,
            engine,
            tasks,
            edits: Mutex::default(),
            unseen: Arc::clone(unseen),
            figures: Arc::clone(figures),
            random: Tokio::default(),
        })
    }

    /// Waits until everything is sent and fetched and the realtime channel is up.
    pub(crate) async fn ready(&self) {
        self.until("ready", |status| status.is_up_to_date() && status.realtime).await;
    }

    /// Waits until nothing waits to be sent.
    pub(crate) async fn sent(&self) {
        self.until("up to date", Status::is_up_to_date).await;
    }

    async fn until(&self, what: &str, is: impl Fn(&Status) -> bool) {
        let mut statuses = self.engine.watch();
        let found = async {
            while let Some(status) = statuses.next().await {
                if is(&status) {
                    return;
                }
            }
            panic!("the engine ended");
        };
        if tokio::time::timeout(PATIENCE, found).await.is_err() {
            let failures = self.figures.failures.lock().expect("figures").clone();
            panic!("a device is never {what}: {:?}; {failures:?}", self.engine.status());
        }
    }

    /// Makes it look again, whatever realtime told it.
    pub(crate) fn nudge(&self) {
        self.engine.nudge(Nudge::Now);
    }

    /// Edits until the load is over: makes events, renames its own, and writes notes into what it shares with others.
    pub(crate) async fn work(self: Arc<Self>, load: Load, shared: Vec<RowRef>) {
        let end = Instant::now() + load.time;
        let mut own: Vec<RowRef> = Vec::new();
        for number in 0.. {
            // Evenly spread around the pace.
            let wait = load.pace.mul_f64(2.0 * (self.random.random() % 1000) as f64 / 1000.0);
            if Instant::now() + wait >= end {
                break;
            }
            tokio::time::sleep(wait).await;
            let dice = self.random.random() % 100;
            match self.pick(&own) {
                Some(event) if dice < 50 => self.write(&event, "title", format!("Planning, again {number}")).await,
                _ if dice < 65 => {
                    let event = self.pick(&shared).expect("everybody shares");
                    self.write(&event, "notes", format!("Bring the figures of week {number}. ")).await;
                }
                _ => own.push(self.make(&format!("Weekly planning with the team {number}")).await),
            }
        }
    }

    fn pick(&self, events: &[RowRef]) -> Option<RowRef> {
        let count = u64::try_from(events.len()).ok().filter(|count| *count > 0)?;
        events.get(usize::try_from(self.random.random() % count).ok()?).cloned()
    }

    /// A new event within the standing window.
    pub(crate) async fn make(&self, title: &str) -> RowRef {
        let at = RowRef::event(Uuid::now_v7());
        let hour = i64::try_from(self.random.random() % 1000).expect("small") - 500;
        let now = i64::try_from(self.database.platform().now_micros() / 1000).expect("a time");
        let mut columns = rows::event(0, 0, self.user);
        put_at(&mut columns, (now / rows::HOUR + hour) * rows::HOUR);
        columns.insert("title".to_owned(), title.into());
        self.commit(Patch::create(at.clone(), columns), "title", title).await;
        at
    }

    /// Shares an event of one's own with somebody.
    pub(crate) async fn share(&self, event: &RowRef, with: Uuid) {
        let at = RowRef::role(event.uuid().expect("an event"), with);
        let role = rows::columns(serde_json::json!({ "role": "contributor", "rsvp": null, "following": true }));
        self.commit(Patch::create(at, role), "role", "contributor").await;
    }

    async fn write(&self, at: &RowRef, column: &'static str, text: String) {
        let text = format!("{text} by {}", Uuid::now_v7());
        self.commit(Patch::update(at.clone(), Columns::new()).set(column, text.as_str()), column, &text).await;
    }

    async fn commit(&self, patch: Patch, column: &'static str, value: &str) {
        let at = patch.at.clone();
        let done = self.database.commit(vec![patch]).await.expect("committed");
        let (_, row) = done.edits.first().expect("the row it wrote");
        let stamp = *row.stamps.get(column).expect("a stamp for what was written");
        if matches!(column, "title") {
            self.unseen.wrote(&at, stamp);
        }
        self.edits.lock().expect("edits").push(Edit { at, column, value: value.to_owned(), stamp });
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Notes when what another device of the same person wrote is here.
async fn watch(database: Arc<Database>, unseen: Arc<Unseen>, figures: Arc<Figures>) {
    let mut commits = database.listen();
    while let Some(told) = commits.next().await {
        for change in &told.changes.rows {
            let Some((stamp, device)) = unseen.wanted(&change.at) else { continue };
            let Ok(Some(stored)) = database.get(change.at.clone()).await else { continue };
            let here = stored.row().ok().and_then(|row| row.stamps.get("title").copied());
            let is_other = database.state().await.is_ok_and(|state| state.device != device);
            if is_other
                && here == Some(stamp)
                && let Some(since) = unseen.take(&change.at, stamp)
            {
                figures.took(&figures.seen, since);
            }
        }
    }
}

/// The text of a column.
pub(crate) fn text(columns: &Columns, column: &str) -> Option<String> {
    columns.get(column).and_then(Value::as_str).map(str::to_owned)
}

/// Moves an event of one hour there, ms.
fn put_at(event: &mut Columns, start: i64) {
    let text = time::text_of_micros(u64::try_from(start).unwrap_or(0) * 1000);
    event.insert("start_time".to_owned(), text.into());
    event.insert("start_timestamp_ms".to_owned(), start.into());
    event.insert("end_timestamp_ms".to_owned(), (start + rows::HOUR).into());
}
