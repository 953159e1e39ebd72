//! PostgreSQL in this process.
//!
//! `pglite-oxide` runs one PostgreSQL backend compiled to WebAssembly and offers it on a socket. One backend is one
//! connection: requests take turns on it, in the order they came. The socket lies in the data folder, which only this
//! user may enter, because whoever connects is a superuser.
//!
//! PostgreSQL runs with fsync off here; [`super::durable`] does that work. A single backend also has no helpers beside it,
//! so nobody checkpoints or vacuums unless this module says so: [`Embedded::keep`].

use std::fs::{self, File, TryLockError};
use std::io;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pglite_oxide::PgliteServer;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard, broadcast};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config as PgConfig, NoTls};

use super::durable::Files;
use super::{CHANGES, DbError, Signal, drive, with_session_settings};
use crate::error::{StartError, describe};

/// The embedded database; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Embedded {
    slot: Arc<Mutex<Slot>>,
    place: Arc<Place>,
    signals: broadcast::Sender<Signal>,
    /// Transactions that wrote, since the server started.
    writes: Arc<AtomicU64>,
    /// Wakes [`Self::keep`] when there is nothing left to keep.
    closing: Arc<Notify>,
}

/// Where it lives.
#[derive(Debug)]
struct Place {
    dir: PathBuf,
    files: Files,
}

#[derive(Debug, Default)]
struct Slot {
    live: Option<Live>,
    /// The lock on the folder, let go when the database is closed.
    folder: Option<File>,
    listening: bool,
    closed: bool,
    /// Its backend answers no more statements; it is started again for the next caller.
    broken: bool,
    /// Statements that failed since it was started.
    errors: u32,
}

/// Statements that may fail before the backend is started anew. An error leaves a WebAssembly backend by a long jump, and of
/// some hundred one in a while leaves its memory in disorder: it then traps in the middle of somebody's request.
const ERRORS: u32 = 64;

#[derive(Debug)]
struct Live {
    client: Client,
    driver: JoinHandle<()>,
    server: PgliteServer,
}

/// The connection, held for one caller.
pub struct Held(OwnedMutexGuard<Slot>);

impl Held {
    /// After a failed transaction: sees whether the backend still answers. An error in the wrong place leaves it in a
    /// transaction that nothing ends; then it must be started again.
    pub(super) async fn check(&mut self) {
        self.failed(1);
        let answers = self.batch_execute("rollback").await.is_ok() && self.batch_execute("select 1").await.is_ok();
        if !answers {
            tracing::error!("the embedded database no longer answers after an error");
            self.0.broken = true;
        }
    }

    /// So many statements failed on it.
    pub(super) fn failed(&mut self, statements: u32) {
        self.0.errors += statements;
    }
}

impl Deref for Held {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.0.live.as_ref().expect("a session is handed out only with a live connection").client
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.0.live.as_mut().expect("a session is handed out only with a live connection").client
    }
}

impl Embedded {
    /// Takes the folder, starts the database and connects.
    pub(super) async fn open(dir: &Path, signals: broadcast::Sender<Signal>) -> Result<Self, StartError> {
        let lock = take_folder(dir)?;
        cache_is_there()?;
        let place = Arc::new(Place { dir: dir.to_owned(), files: Files::new(&cluster_root(dir)) });
        let live = boot(&place.dir, signals.clone())
            .await
            .map_err(|reason| StartError::Embedded { path: dir.to_owned(), reason })?;
        let slot = Slot { live: Some(live), folder: Some(lock), ..Slot::default() };
        let this =
            Self { slot: Arc::new(Mutex::new(slot)), place, signals, writes: Arc::default(), closing: Arc::default() };
        tokio::spawn(this.clone().keep());
        Ok(this)
    }

    pub(super) async fn session(&self) -> Result<Held, DbError> {
        let mut slot = self.slot.clone().lock_owned().await;
        if slot.closed {
            return Err(DbError::Unavailable("the server is shutting down".to_owned()));
        }
        let stopped = slot.broken || slot.live.as_ref().is_none_or(|live| live.client.is_closed());
        if stopped || slot.errors >= ERRORS {
            self.start_again(&mut slot, stopped).await?;
        }
        Ok(Held(slot))
    }

    pub(super) async fn listen(&self) -> Result<(), DbError> {
        let mut held = self.session().await?;
        held.batch_execute(&format!("listen {CHANGES}")).await?;
        held.0.listening = true;
        Ok(())
    }

    pub(super) async fn close(&self) {
        let mut slot = self.slot.lock().await;
        slot.closed = true;
        if let Some(live) = slot.live.take() {
            halt(live).await;
            if let Err(error) = self.on_disk(Files::sync_all).await {
                tracing::warn!(%error, "the database was closed but could not be written out");
            }
        }
        slot.folder = None;
        self.closing.notify_one();
    }

    /// Makes what was committed survive a power cut. Called after a transaction that wrote, without the connection.
    pub(super) async fn sync(&self) -> Result<(), DbError> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.on_disk(Files::sync_log).await.map_err(|error| {
            tracing::error!(%error, "the database's log could not be written to disk");
            DbError::Unavailable(error.to_string())
        })
    }

    async fn on_disk(&self, work: fn(&Files) -> io::Result<()>) -> io::Result<()> {
        let place = self.place.clone();
        tokio::task::spawn_blocking(move || work(&place.files)).await.map_err(io::Error::other)?
    }

    /// Checkpoints (else the log grows without end and a crash takes long to recover from) and vacuums (else dead rows
    /// pile up), now and then, when there was something to do it for.
    async fn keep(self) {
        let mut written = 0;
        let mut vacuumed = 0;
        let mut minutes = 0_u32;
        loop {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(60)) => {}
                () = self.closing.notified() => return,
            }
            minutes += 1;
            let writes = self.writes.load(Ordering::Relaxed);
            let due = writes > written && (minutes >= 10 || self.place.files.log_size() > LOG_LIMIT);
            if !due {
                continue;
            }
            minutes = 0;
            written = writes;
            let vacuum = writes > vacuumed + VACUUM_AFTER;
            let work = async {
                if vacuum {
                    self.session().await?.batch_execute("vacuum (analyze)").await?;
                }
                // Most pages are on disk before the checkpoint says so, the few that it writes right after.
                self.on_disk(Files::sync_all).await.map_err(|error| DbError::Unavailable(error.to_string()))?;
                self.session().await?.batch_execute("checkpoint").await?;
                self.on_disk(Files::sync_all).await.map_err(|error| DbError::Unavailable(error.to_string()))
            };
            match work.await {
                Ok(()) if vacuum => vacuumed = writes,
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "keeping the embedded database in order failed"),
            }
        }
    }

    /// A crash of the backend (it runs out of memory, say) ends its connection, not this process: then, and before its errors
    /// are too many, it is started again.
    async fn start_again(&self, slot: &mut Slot, stopped: bool) -> Result<(), DbError> {
        if stopped {
            tracing::warn!("the embedded database stopped; starting it again");
        } else {
            tracing::debug!(errors = slot.errors, "the embedded database is started anew");
        }
        if let Some(live) = slot.live.take() {
            halt(live).await;
        }
        let live = boot(&self.place.dir, self.signals.clone()).await.map_err(DbError::Unavailable)?;
        if slot.listening {
            live.client.batch_execute(&format!("listen {CHANGES}")).await?;
        }
        slot.live = Some(live);
        slot.broken = false;
        slot.errors = 0;
        // One that was ended in order had told all it had to tell.
        if stopped {
            let _ = self.signals.send(Signal::Gap);
        }
        Ok(())
    }
}

/// Makes the folder, private to this user, and locks it against a second server.
fn take_folder(dir: &Path) -> Result<File, StartError> {
    let failed = |source| StartError::DataDir { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
        // The superuser may write anywhere, and the server, back as its own user, would not get past what they left.
        let owner = fs::metadata(dir).map_err(failed)?.uid();
        let user = user_of_this_process(dir).map_err(failed)?;
        if owner != user {
            return Err(StartError::DataDirOwner { path: dir.to_owned(), owner, user });
        }
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    let lock =
        File::options().create(true).truncate(false).write(true).open(dir.join("server.lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StartError::DataDirInUse { path: dir.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// A user without a home, as services have, may have nowhere to unpack it. Asked beforehand, because what the database says
/// itself helps nobody.
#[cfg(target_os = "linux")]
fn cache_is_there() -> Result<(), StartError> {
    let path = dirs::cache_dir().unwrap_or_default().join("pglite-oxide/runtime/.locks");
    fs::create_dir_all(&path).map_err(|source| StartError::CacheDir { path, source })
}

/// Elsewhere every user has one.
#[cfg(not(target_os = "linux"))]
fn cache_is_there() -> Result<(), StartError> {
    Ok(())
}

/// Whose files this process makes, seen at one that is made for it.
#[cfg(unix)]
fn user_of_this_process(dir: &Path) -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let probe = dir.join(format!("probe-{}", std::process::id()));
    let user = File::create(&probe)?.metadata()?.uid();
    fs::remove_file(&probe)?;
    Ok(user)
}

/// Bytes of log after which a checkpoint does not wait for its turn.
const LOG_LIMIT: u64 = 96 * 1024 * 1024;
/// Writing transactions after which dead rows are worth a vacuum.
const VACUUM_AFTER: u64 = 500;

/// The folder that the embedded database gets for itself.
fn cluster_root(dir: &Path) -> PathBuf {
    dir.join("postgres")
}

/// Starts the backend and connects to it.
async fn boot(dir: &Path, signals: broadcast::Sender<Signal>) -> Result<Live, String> {
    let root = cluster_root(dir);
    let socket = socket_path(dir).map_err(|error| format!("no place for its socket: {error}"))?;
    let (server, config) = tokio::task::spawn_blocking(move || {
        let builder = PgliteServer::builder()
            .path(root)
            .postgres_config("fsync", "off")
            .postgres_config("synchronous_commit", "on")
            .postgres_config("timezone", "UTC");
        let mut config = PgConfig::new();
        config.user("postgres").dbname("template1");
        let server = match &socket {
            #[cfg(unix)]
            Some(socket) => {
                config.host_path(socket.parent().unwrap_or(Path::new("/"))).port(SOCKET_PORT);
                builder.unix(socket).start()
            }
            _ => {
                let server = builder.start();
                if let Some(addr) = server.as_ref().ok().and_then(PgliteServer::tcp_addr) {
                    config.host(addr.ip().to_string()).port(addr.port());
                }
                server
            }
        };
        server.map(|server| (server, with_session_settings(config))).map_err(|error| format!("{error:#}"))
    })
    .await
    .map_err(|error| error.to_string())??;
    let (client, connection) = config.connect(NoTls).await.map_err(|error| describe(&error))?;
    let driver = tokio::spawn(drive(connection, signals));
    Ok(Live { client, driver, server })
}

/// Only part of the socket's name; nothing listens on such a TCP port.
const SOCKET_PORT: u16 = 5432;

/// The socket in the data folder; a path too long for the system (108 bytes) gets a private folder elsewhere.
#[cfg(unix)]
fn socket_path(dir: &Path) -> io::Result<Option<PathBuf>> {
    use std::os::unix::fs::DirBuilderExt;
    let name = format!(".s.PGSQL.{SOCKET_PORT}");
    // The driver tells folders from host names by the leading slash.
    let socket = std::path::absolute(dir)?.join(&name);
    if socket.as_os_str().len() < 100 {
        return Ok(Some(socket));
    }
    let dir = std::env::temp_dir().join(format!("almanac-{}", uuid::Uuid::new_v4().simple()));
    fs::DirBuilder::new().mode(0o700).create(&dir)?;
    Ok(Some(dir.join(name)))
}

/// Elsewhere the backend listens on a free loopback port.
#[cfg(not(unix))]
fn socket_path(_dir: &Path) -> io::Result<Option<PathBuf>> {
    Ok(None)
}

/// Ends the connection, then the backend. The order matters: the backend waits for its client to leave.
async fn halt(live: Live) {
    let Live { client, driver, server } = live;
    drop(client);
    if tokio::time::timeout(Duration::from_secs(5), driver).await.is_err() {
        tracing::warn!("the embedded database did not let go of its connection");
    }
    let stopped = tokio::task::spawn_blocking(move || server.shutdown()).await;
    if let Ok(Err(error)) = stopped {
        tracing::warn!("the embedded database did not stop cleanly: {error:#}");
    }
}
