//! Our server on PostgreSQL in this process, and an account.

use almanac_core::{
    platform::{BoxFuture, Platform, TaskFuture},
    session::{Auth, Session, Vault, VaultError},
};
use almanac_server::config::{Config as ServerConfig, Database as Place, Limits};
use almanac_supabase::{Client, Config};
use serde_json::Value;
use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::runtime::Runtime;
use tokio_postgres::{Client as Sql, NoTls};

/// See the module.
pub(crate) struct Account {
    runtime: Runtime,
    sql: Sql,
    config: Config,
    session: Session,
    _server: almanac_server::Server,
}

impl Account {
    /// On a new database of the PostgreSQL at `ALMANAC_TEST_DATABASE_URL`.
    pub(crate) fn on(server: ServerConfig) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (sql, config, session, server) = runtime.block_on(async {
            let url = new_database("account").await;
            let server = almanac_server::start(ServerConfig {
                listen: ([127, 0, 0, 1], 0).into(),
                database: Place::Url(url.clone()),
                limits: Limits::default(),
                ..server
            });
            let server = server.await.expect("the server starts");
            let config = Config::new(server.url(), server.anon_key());
            let client = Client::new(config.clone(), Arc::new(MemoryVault::default()), Arc::new(Tokio::default()));
            let session = client.sign_up("ana@example.org".to_owned(), "correct horse".to_owned()).await;
            (connect(&url).await, config, session.expect("signed up"), server)
        });
        Self { runtime, sql, config, session, _server: server }
    }

    /// Where it is and who is signed in, for pages in a browser.
    pub(crate) fn described(&self) -> Value {
        serde_json::json!({ "url": self.config.url, "key": self.config.key, "session": self.session })
    }

    /// Fills the account: see [`Fill`].
    pub(crate) fn fill(&self, fill: Fill, count: usize) {
        let (user, count) = (self.session.user_id.to_string(), count.to_string());
        self.runtime.block_on(async {
            self.sql.execute(fill.sql(), &[&user, &count]).await.expect("the account is filled");
            self.sql.batch_execute("analyze").await.expect("analyzed");
        });
    }
}

/// Which events an account is filled with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fill {
    /// A tenth of them within eight weeks of now, the others in the four years before.
    MostlyPast,
    /// A hundred a week, around now: by 20,000 that is four years.
    Even,
}

impl Fill {
    const fn sql(self) -> &'static str {
        match self {
            Self::MostlyPast => {
                "insert into public.events (id, owner_id, title, start_time, duration, time_zone, location, notes,
                                            start_timestamp_ms, end_timestamp_ms)
                 select gen_random_uuid(), $1::text::uuid, 'Weekly planning with the team ' || i, at, 60, 'UTC',
                        'Room 4.12, second floor', repeat('Bring the figures of last week. ', 6), 0, 0
                   from generate_series(1, $2::text::int) as x(i)
                  cross join lateral (
                    select case when i % 10 = 0 then date_trunc('hour', now()) + (i / 10 * 331 % 700 - 350) * interval '4 hours'
                                else date_trunc('hour', now()) - interval '100 days' - (i % 7000) * interval '5 hours'
                           end as at) as y"
            }
            Self::Even => {
                "insert into public.events (id, owner_id, title, start_time, duration, time_zone, location, notes,
                                            start_timestamp_ms, end_timestamp_ms)
                 select gen_random_uuid(), $1::text::uuid, 'Planning ' || i, at, 45, 'UTC', 'Room 4.12, second floor',
                        repeat('Bring the figures of last week. ', 6), 0, 0
                   from generate_series(0, $2::text::int - 1) as x(i)
                  cross join lateral (
                    select date_trunc('week', now()) + (i / 100 - $2::text::int / 200) * interval '7 days'
                           + (i % 100 / 20) * interval '1 day' + (8 + i % 10) * interval '1 hour' as at) as y"
            }
        }
    }
}

/// Makes a database of the PostgreSQL at `ALMANAC_TEST_DATABASE_URL`. Its address.
pub(crate) async fn new_database(what: &str) -> String {
    let url = std::env::var("ALMANAC_TEST_DATABASE_URL")
        .expect("ALMANAC_TEST_DATABASE_URL names no PostgreSQL; `cargo xtask bench` starts one");
    let name = format!("almanac_bench_{what}_{}", std::process::id());
    connect(&url).await.batch_execute(&format!("create database {name}")).await.expect("a database");
    let host = url.find("://").expect("an address") + 3;
    let end = url[host..].find('/').map_or(url.len(), |slash| host + slash);
    format!("{}/{name}", &url[..end])
}

async fn connect(url: &str) -> Sql {
    let (sql, connection) = tokio_postgres::connect(url, NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(connection);
    sql
}

/// Real time.
#[derive(Debug, Default)]
pub(crate) struct Tokio {
    random: AtomicU64,
}

impl Platform for Tokio {
    fn now_micros(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    fn monotonic_micros(&self) -> u64 {
        self.now_micros()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>) {
        tokio::spawn(task);
    }

    fn random(&self) -> u64 {
        // splitmix64, begun with the time and the place in memory: several may begin within a microsecond.
        let begin = self.now_micros() ^ std::ptr::from_ref(self).addr() as u64;
        let mut z = begin.wrapping_add(self.random.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A session in memory.
#[derive(Debug, Default)]
pub(crate) struct MemoryVault(Mutex<Option<Session>>);

impl MemoryVault {
    /// One that holds this session.
    pub(crate) const fn holding(session: Session) -> Self {
        Self(Mutex::new(Some(session)))
    }
}

impl Vault for MemoryVault {
    fn load(&self) -> Option<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self, session: Option<&Session>) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = session.cloned();
        Ok(())
    }
}
