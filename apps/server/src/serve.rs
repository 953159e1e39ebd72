//! Starting and stopping.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::auth::limits::SignInLimits;
use crate::auth::passwords::{Hashing, Policy};
use crate::config::{Config, find_web_dir};
use crate::db::{Db, migrate};
use crate::error::StartError;
use crate::listen;
use crate::project::Project;
use crate::state::App;
use crate::web::Web;

/// How long requests under way may take when the server stops.
const GRACE: Duration = Duration::from_secs(5);
/// Passwords hashed at the same time.
const HASHING: usize = 2;

/// A running server. Dropping it leaves it running; [`Server::stop`] ends it.
#[derive(Debug)]
pub struct Server {
    addr: SocketAddr,
    metrics: Option<SocketAddr>,
    scheme: &'static str,
    anon_key: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    db: Db,
}

impl Server {
    /// Where it listens, with the real port.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://<address>`, or `https://`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.addr)
    }

    /// Where `/metrics` is, with the real port.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// The key that clients send as `apikey`.
    #[must_use]
    pub fn anon_key(&self) -> &str {
        &self.anon_key
    }

    /// The database behind it.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Stops: no new requests, websockets are told to come back later, those under way get five seconds, then the
    /// database is closed.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        let abort = self.task.abort_handle();
        if tokio::time::timeout(GRACE, self.task).await.is_err() {
            tracing::warn!("some requests did not end in time");
            abort.abort();
        }
        self.db.close().await;
    }
}

/// Starts a server: takes the address, opens the database, applies what is missing, and listens.
///
/// # Errors
/// [`StartError`], in words for the person who starts it. Nothing keeps running then.
pub async fn start(config: Config) -> Result<Server, StartError> {
    let allow_origins = origins(&config.allow_origins)?;
    let web_dir = match &config.web_dir {
        Some(dir) if !dir.join("index.html").is_file() => return Err(StartError::WebDir { path: dir.clone() }),
        Some(dir) => Some(dir.clone()),
        None => find_web_dir(),
    };
    // First, because these are the cheapest to find out.
    let tls = config.tls.as_ref().map(listen::tls).transpose()?;
    let (listener, addr) = bind(config.listen).await?;
    let (metrics, metrics_addr) = match config.metrics {
        None => (None, None),
        Some(wanted) => bind(wanted).await.map(|(listener, addr)| (Some(listener), Some(addr)))?,
    };

    let db = Db::open(&config).await?;
    let prepared = prepare(&db).await;
    let project = match prepared {
        Ok(project) => project,
        Err(error) => {
            db.close().await;
            return Err(error);
        }
    };
    let anon_key = project.anon_key.clone();
    match &web_dir {
        Some(dir) => tracing::info!(folder = %dir.display(), "serving the web app"),
        None => tracing::warn!("no built web app found; serving the API only"),
    }

    let (stop, stopping) = watch::channel(false);
    let app = App {
        db: db.clone(),
        project: Arc::new(project),
        sign_in: Arc::new(SignInLimits::new(&config.limits)),
        policy: Policy { shortest: config.limits.shortest_password },
        secure: tls.is_some(),
        metrics: Arc::default(),
        catalog: Arc::default(),
        schema: Arc::default(),
        tables: Arc::default(),
        hashing: Hashing::new(HASHING),
        sockets: Arc::new(Semaphore::new(config.limits.sockets)),
        limits: Arc::new(config.limits),
        stopping: stopping.clone(),
    };
    let limits = app.limits.clone();
    let figures = metrics.map(|listener| {
        tokio::spawn(listen::serve(
            listener,
            None,
            crate::metrics::router(app.clone()),
            limits.clone(),
            stopping.clone(),
        ))
    });
    tokio::spawn(crate::tidy::run(db.clone(), limits.tidy, stopping.clone()));
    let router = crate::http::router(app, Web::new(web_dir), &allow_origins);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let task = tokio::spawn(async move {
        listen::serve(listener, tls, router, limits, stopping).await;
        if let Some(figures) = figures {
            let _ = figures.await;
        }
    });
    Ok(Server { addr, metrics: metrics_addr, scheme, anon_key, stop, task, db })
}

async fn bind(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind(wanted).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => StartError::PortInUse { addr: wanted },
        _ => StartError::Listen { addr: wanted, source },
    })?;
    let addr = listener.local_addr().map_err(|source| StartError::Listen { addr: wanted, source })?;
    Ok((listener, addr))
}

/// The schema, the keys, and the ear for changes.
async fn prepare(db: &Db) -> Result<Project, StartError> {
    let broken = |error: crate::db::DbError| StartError::Database(error.to_string());
    let mut session = db.session().await.map_err(broken)?;
    migrate::run(&mut session).await?;
    let project = Project::load(&session).await?;
    drop(session);
    db.listen().await.map_err(broken)?;
    Ok(project)
}

fn origins(given: &[String]) -> Result<Vec<HeaderValue>, StartError> {
    given
        .iter()
        .map(|origin| {
            let wrong = || StartError::Origin { origin: origin.clone() };
            let uri: Uri = origin.parse().map_err(|_| wrong())?;
            let plain =
                uri.scheme().is_some() && uri.authority().is_some() && !origin.ends_with('/') && uri.path() == "/";
            if plain { HeaderValue::from_str(origin).map_err(|_| wrong()) } else { Err(wrong()) }
        })
        .collect()
}
