//! A server with a database of its own, made ready for runs: its clock is theirs, and a push can be stopped between its
//! statements and its commit.

use crate::{gate::Interleaved, scene::Scene};
use almanac_core::{
    platform::{BoxFuture, Platform, TaskFuture},
    session::{Auth, Session, Vault, VaultError},
};
use almanac_server::config::{Config as ServerConfig, Database, Limits};
use almanac_simulation::{Failure, Report, Setting};
use almanac_supabase::{Client, Config};
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

/// The password of all accounts.
pub(crate) const PASSWORD: &str = "correct horse";

/// Exchanges SQL's clock for one that runs set, and stops pushes at a gate: after each statement that writes a synced row,
/// a push takes a lock named after its session. Who holds that lock holds the gate.
const PREPARE: &str = r"
create schema scenario;
grant usage on schema scenario to public;
create sequence scenario.micros;
create function scenario.clock() returns timestamptz language sql volatile security definer as
  $$ select almanac.from_micros(last_value) from scenario.micros $$;
do $$
declare
  found regprocedure;
begin
  for found in select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where n.nspname in ('almanac', 'public') and p.prosrc like '%clock_timestamp()%'
  loop
    execute replace(pg_get_functiondef(found), 'clock_timestamp()', 'scenario.clock()');
  end loop;
end
$$;
create function scenario.gate() returns trigger language plpgsql security definer as $$
declare
  session text := nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'session_id';
begin
  if session is not null then
    perform pg_advisory_xact_lock_shared(hashtext(session));
  end if;
  return null;
end
$$;
do $$
declare
  t text;
begin
  foreach t in array array['user_profiles', 'ai_personas', 'user_calendars', 'user_categories', 'events',
                           'event_details_personal', 'event_user_roles', 'event_invites']
  loop
    execute format('create trigger scenario_gate after insert or update on public.%I
                    for each statement execute function scenario.gate()', t);
  end loop;
end
$$;
";

/// See the module.
pub struct Lab {
    pub(crate) runtime: Runtime,
    pub(crate) config: Config,
    pub(crate) password_hash: String,
    /// How much truly interleaved.
    pub interleaved: Arc<Interleaved>,
    url: String,
    _server: almanac_server::Server,
}

impl Lab {
    /// Makes a database on the PostgreSQL server at `url`, as its superuser, and starts a server on it. Its name holds
    /// this process and `number`.
    #[must_use]
    pub fn new(url: &str, number: usize) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let (server, config, url, password_hash) = runtime.block_on(async {
            let name = format!("almanac_scenarios_{}_{number}", std::process::id());
            let admin = connect(url).await;
            admin.batch_execute(&format!("create database {name}")).await.expect("a new database");
            // Deadlocks are meant to happen here; nobody has to wait a second for each. Nor for the disk: power cuts are
            // tried elsewhere.
            let settings = format!(
                "alter database {name} set deadlock_timeout = '50ms'; alter database {name} set synchronous_commit = off"
            );
            admin.batch_execute(&settings).await.expect("settings of the new database");
            let url = at_database(url, &name);
            let limits = Limits {
                sign_ups: 1_000_000,
                access_token: Duration::from_secs(10 * 365 * 86_400),
                ..Limits::default()
            };
            let server = almanac_server::start(ServerConfig {
                listen: ([127, 0, 0, 1], 0).into(),
                database: Database::Url(url.clone()),
                limits,
                ..ServerConfig::default()
            });
            let server = server.await.expect("the server starts");
            let sql = connect(&url).await;
            sql.batch_execute(PREPARE).await.expect("the database is made ready");
            let config = Config::new(server.url(), server.anon_key());
            // Hashing a password is slow on purpose: it is done once, and all accounts get this hash.
            let client = Client::new(config.clone(), Arc::new(MemoryVault::default()), Arc::new(Tokio::default()));
            client.sign_up("first@example.org".to_owned(), PASSWORD.to_owned()).await.expect("signed up");
            let hash = sql.query_one("select encrypted_password from auth.users", &[]).await.expect("a hash").get(0);
            (server, config, url, hash)
        });
        Self { runtime, config, password_hash, interleaved: Arc::default(), url, _server: server }
    }

    /// Runs a seed.
    ///
    /// # Errors
    /// The first guarantee that did not hold, with the trace.
    pub fn run(&self, seed: u64) -> Result<Report, Failure> {
        let setting = Setting::crowded(seed);
        let scene = Arc::new(Scene::new(self, &setting));
        almanac_simulation::run_on(&setting, scene)
    }

    /// Runs statements as superuser: what a mistake in the SQL would do.
    pub fn spoil(&self, statements: &str) {
        self.runtime.block_on(async { self.connect().await.batch_execute(statements).await.expect("statements run") });
    }

    /// A connection as superuser.
    pub(crate) async fn connect(&self) -> Sql {
        connect(&self.url).await
    }
}

async fn connect(url: &str) -> Sql {
    let (sql, connection) = tokio_postgres::connect(url, NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(connection);
    sql
}

/// The address of another database of the same server.
fn at_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, String::new()), |(base, query)| (base, format!("?{query}")));
    let host = base.find("://").expect("an address") + 3;
    let server = base[host..].find('/').map_or(base, |slash| &base[..host + slash]);
    format!("{server}/{name}{query}")
}

/// Real time, for the client's own needs.
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
        // Only for jitter.
        self.random.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed)
    }
}

/// A session in memory.
#[derive(Debug, Default)]
pub(crate) struct MemoryVault(Mutex<Option<Session>>);

impl Vault for MemoryVault {
    fn load(&self) -> Option<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self, session: Option<&Session>) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = session.cloned();
        Ok(())
    }
}
