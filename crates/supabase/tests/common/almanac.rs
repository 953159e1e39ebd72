//! The real server, and devices with core's engine on it.
#![allow(dead_code, reason = "each test program uses its part")]

use super::{MemoryVault, TokioPlatform, within};
use almanac_core::{
    Uuid,
    database::Database,
    engine::{Engine, Status},
    key::RowRef,
    memory::MemoryStore,
    outbox::RowState,
    patch::Patch,
    platform::Platform,
    row::Columns,
    session::{Auth, Session},
    stamp::Stamp,
};
use almanac_supabase::{Client, Config, discover};
use futures::StreamExt;
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The program to test against: `ALMANAC_SERVER_BIN`, else the one built beside these tests.
fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("ALMANAC_SERVER_BIN") {
        return path.into();
    }
    let here = std::env::current_exe().expect("this program");
    let built = here.ancestors().nth(2).expect("target/debug").join("almanac-server");
    assert!(
        built.exists(),
        "no {}: build it with `cargo build -p almanac-server`, or name it in ALMANAC_SERVER_BIN",
        built.display()
    );
    built
}

/// A running `almanac-server` with a database of its own.
pub(crate) struct Server {
    process: Child,
    data: tempfile::TempDir,
    pub(crate) url: String,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let (process, url) = spawn("127.0.0.1:0", &data).await;
        Self { process, data, url }
    }

    /// Kills it as a power cut would.
    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.expect("killed");
    }

    /// Starts it again at the same address.
    pub(crate) async fn start_again(&mut self) {
        let listen = self.url.trim_start_matches("http://").to_owned();
        let (process, url) = spawn(&listen, &self.data).await;
        assert_eq!(url, self.url);
        self.process = process;
    }

    pub(crate) async fn config(&self) -> Config {
        let platform: Arc<dyn Platform> = TokioPlatform::new();
        within(discover(&self.url, &platform)).await.expect("the server tells what it is")
    }
}

async fn spawn(listen: &str, data: &tempfile::TempDir) -> (Child, String) {
    let mut command = Command::new(program());
    command.args(["--listen", listen, "--data-dir"]).arg(data.path()).stdout(Stdio::piped()).kill_on_drop(true);
    if std::env::var_os("RUST_LOG").is_none() {
        command.env("RUST_LOG", "error");
    }
    let mut process = command.spawn().expect("the server starts");
    let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
    let line = within(lines.next_line())
        .await
        .expect("readable")
        .expect("the server ended before it was ready; its log says why");
    let url = line.strip_prefix("Almanac is at ").expect("its address").trim().to_owned();
    (process, url)
}

/// One device of an account: a vault, a store in memory and a running engine.
pub(crate) struct Device {
    pub(crate) client: Arc<Client>,
    pub(crate) vault: Arc<MemoryVault>,
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) database: Arc<Database>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) user: Uuid,
    pub(crate) task: tokio::task::JoinHandle<()>,
}

impl Device {
    /// A device that already has this session.
    pub(crate) async fn with(config: &Config, session: Session) -> Self {
        let platform: Arc<dyn Platform> = TokioPlatform::new();
        let user = session.user_id;
        let vault = MemoryVault::holding(Some(session));
        let client = Client::new(config.clone(), vault.clone(), platform.clone());
        let memory = Arc::new(MemoryStore::new());
        let database = Database::open(memory.clone(), platform).await.expect("a store");
        let engine = Engine::new(database.clone(), client.remote());
        let task = tokio::spawn(engine.clone().run());
        Self { client, vault, memory, database, engine, user, task }
    }

    /// Waits for a status of the engine.
    pub(crate) async fn wait_status(&self, what: &str, is: impl Fn(&Status) -> bool) -> Status {
        let mut statuses = self.engine.watch();
        let found = tokio::time::timeout(std::time::Duration::from_secs(60), async {
            while let Some(status) = statuses.next().await {
                if is(&status) {
                    return status;
                }
            }
            panic!("the engine ended");
        });
        found.await.unwrap_or_else(|_| panic!("never {what}: {:?}", self.engine.status()))
    }

    /// Waits until the sync log has the line.
    pub(crate) async fn wait_logged(&self, line: &str) {
        let mut statuses = self.engine.watch();
        let logged = async {
            while !self.database.log().await.expect("a store").iter().any(|l| l.what.to_string() == line) {
                // Each look at the server changes the status.
                statuses.next().await.expect("the engine goes on");
            }
        };
        if tokio::time::timeout(std::time::Duration::from_secs(60), logged).await.is_err() {
            panic!("never logged {line:?}: {:?}", self.database.log().await);
        }
    }

    /// Waits until all is sent and fetched and the realtime channel is up.
    pub(crate) async fn wait_ready(&self) {
        self.wait_status("up to date with realtime", |status| status.is_up_to_date() && status.realtime).await;
    }

    /// Makes an event of one hour, with the maker's role.
    pub(crate) async fn make_event(&self, title: &str) -> RowRef {
        let id = Uuid::now_v7();
        let begin = i64::try_from(self.database.platform().now_micros() / 60_000_000 * 60_000).expect("a time");
        let start = chrono::DateTime::from_timestamp_millis(begin).expect("a time");
        let Value::Object(event) = json!({
            "owner_id": self.user, "series_id": null, "original_start": null, "split_from": null, "ical_uid": null,
            "title": title, "start_time": start.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(), "duration": 60, "all_day": false,
            "time_zone": "UTC", "recurrence": null, "start_timestamp_ms": begin, "end_timestamp_ms": begin + 3_600_000,
            "private": false, "location": null, "notes": null,
        }) else {
            unreachable!()
        };
        let at = RowRef::event(id);
        self.database.commit(vec![Patch::create(at.clone(), event)]).await.expect("committed");
        at
    }

    /// Changes the title of an event.
    pub(crate) async fn rename(&self, at: &RowRef, title: &str) {
        let patch = Patch::update(at.clone(), Columns::new()).set("title", title);
        self.database.commit(vec![patch]).await.expect("committed");
    }

    /// The title of a row and how it stands to the server.
    pub(crate) async fn title(&self, at: &RowRef) -> Option<(String, RowState)> {
        let stored = self.database.get(at.clone()).await.expect("a store")?;
        let row = stored.row().expect("a row");
        Some((row.columns["title"].as_str().expect("text").to_owned(), stored.state))
    }

    /// When the title was last written, as this device knows it.
    pub(crate) async fn title_stamp(&self, at: &RowRef) -> Stamp {
        let stored = self.database.get(at.clone()).await.expect("a store").expect("a row");
        stored.row().expect("a row").stamps["title"]
    }

    /// Waits until the row has this title and is in step with the server.
    pub(crate) async fn wait_title(&self, at: &RowRef, title: &str) {
        let mut commits = self.database.listen();
        let wanted = Some((title.to_owned(), RowState::Synced));
        let arrives = async {
            while self.title(at).await != wanted {
                commits.next().await.expect("announcements go on");
            }
        };
        if tokio::time::timeout(std::time::Duration::from_secs(60), arrives).await.is_err() {
            panic!("{at} is {:?} and not {title:?}; {:?}", self.title(at).await, self.engine.status());
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.task.abort();
    }
}
