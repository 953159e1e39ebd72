//! One run on a lab: its accounts, each device's signed-in client, and the files of their databases.

use crate::{
    gate::Gates,
    lab::{Lab, MemoryVault, PASSWORD, Tokio},
    seen::Eye,
};
use almanac_core::{
    Uuid,
    key::RowRef,
    outbox::Entry,
    remote::{Remote, RemoteError},
    session::Auth,
    stamp::DeviceId,
    store::{OpenError, Store},
    wire::PushAnswer,
};
use almanac_simulation::{
    Answer, Request, START_MICROS, Setting,
    real::{Real, Seen},
};
use almanac_store_sqlite::SqliteStore;
use almanac_supabase::Client;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio_postgres::{Client as Sql, error::SqlState};

/// A device's way to the server.
struct Device {
    remote: Arc<dyn Remote>,
    gate: i32,
}

/// See the module.
pub(crate) struct Scene {
    runtime: Handle,
    disks: tempfile::TempDir,
    devices: Vec<Device>,
    gates: Mutex<Gates>,
    /// For all that is asked of the database beside the server.
    sql: Sql,
    eye: Eye,
}

impl Scene {
    /// Makes the accounts of a run and signs its devices in.
    pub(crate) fn new(lab: &Lab, setting: &Setting) -> Self {
        let runtime = lab.runtime.handle().clone();
        let disks = tempfile::tempdir().expect("a folder");
        let (devices, gates, sql, eye) = runtime.block_on(async {
            let sql = lab.connect().await;
            sql.batch_execute("set lock_timeout = '50ms'").await.expect("a setting");
            set_time(&sql, START_MICROS).await;
            for user in &setting.users {
                let add = "insert into auth.users (id, email, encrypted_password, email_confirmed_at) values ($1, $2, $3, now())";
                sql.execute(add, &[user, &email(*user), &lab.password_hash]).await.expect("an account");
            }
            let gates = Gates::new(lab.connect().await, Arc::clone(&lab.interleaved)).await;
            let mut devices = Vec::new();
            for index in 0..setting.devices {
                let user = setting.users[index % setting.users.len()];
                let client =
                    Client::new(lab.config.clone(), Arc::new(MemoryVault::default()), Arc::new(Tokio::default()));
                let session = client.sign_in(email(user), PASSWORD.to_owned()).await.expect("signed in");
                let gate = gates.of(&session_id(&session.access_token)).await;
                devices.push(Device { remote: client.remote(), gate });
            }
            let eye = Eye::new(&sql, &setting.users).await;
            (devices, gates, sql, eye)
        });
        Self { runtime, disks, devices, gates: Mutex::new(gates), sql, eye }
    }

    fn gates(&self) -> MutexGuard<'_, Gates> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn email(user: Uuid) -> String {
    format!("{user}@example.org")
}

/// What the server calls the session of a token.
fn session_id(token: &str) -> String {
    let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok()).expect("a token");
    let claims: Value = serde_json::from_slice(&claims).expect("claims");
    claims["session_id"].as_str().expect("a session").to_owned()
}

async fn set_time(sql: &Sql, micros: u64) {
    let micros = i64::try_from(micros).expect("a time");
    sql.execute("select setval('scenario.micros', $1)", &[&micros]).await.expect("the clock is set");
}

/// Whether a statement failed because another transaction holds the row.
fn is_held(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::T_R_DEADLOCK_DETECTED))
}

impl Real for Scene {
    fn open_disk(&self, device: usize) -> Result<Arc<dyn Store>, OpenError> {
        Ok(SqliteStore::open(self.disks.path().join(format!("device-{device}.db")))?)
    }

    fn set_time(&self, micros: u64) {
        self.runtime.block_on(set_time(&self.sql, micros));
    }

    fn ask(&self, device: usize, request: &Request) -> Result<Answer, RemoteError> {
        let remote = &self.devices[device].remote;
        let limit = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
        self.runtime.block_on(async {
            match request.clone() {
                Request::Pull(after, most) => remote.pull(after, limit(most)).await.map(Answer::Pull),
                Request::Push(sender, entries) => remote.push(sender, entries).await.map(Answer::Push),
                Request::Page { window, after, limit: most, only_events: true } => {
                    remote.window(window, after, limit(most)).await.map(Answer::Page)
                }
                Request::Page { window, after, limit: most, only_events: false } => {
                    remote.bootstrap(window, after, limit(most)).await.map(Answer::Page)
                }
                Request::Rows(refs) => remote.rows(refs).await.map(Answer::Page),
                Request::Digest(coverage) => remote.digest(coverage).await.map(Answer::Digest),
            }
        })
    }

    fn begin_push(&self, device: usize, sender: DeviceId, entries: &[Entry]) -> u64 {
        let Device { remote, gate } = &self.devices[device];
        let (remote, entries) = (Arc::clone(remote), entries.to_vec());
        let mut gates = self.gates();
        self.runtime.block_on(async {
            let closed = gates.close(*gate).await;
            gates.add(tokio::spawn(async move { remote.push(sender, entries).await }), closed).await
        })
    }

    fn poll_push(&self, push: u64) -> Option<Result<PushAnswer, RemoteError>> {
        self.runtime.block_on(self.gates().poll(push))
    }

    fn seen(&self) -> Seen {
        self.runtime.block_on(self.eye.look(&self.sql))
    }

    fn sql_edit(&self, at: &RowRef, column: &str, value: &str) -> bool {
        let id = at.uuid().expect("an event");
        let edit = format!("update public.events set {column} = $1 where id = $2");
        match self.runtime.block_on(self.sql.execute(&edit, &[&value, &id])) {
            Ok(count) => count == 1,
            Err(error) if is_held(&error) => false,
            Err(error) => panic!("SQL may write what it likes: {error:?}"),
        }
    }

    fn collect(&self, older_than: u64) {
        let collect = format!("select almanac.collect_tombstones(interval '{older_than} seconds', 1000)");
        if let Err(error) = self.runtime.block_on(self.sql.batch_execute(&collect))
            && !is_held(&error)
        {
            panic!("tombstones are collected: {error:?}");
        }
    }
}
