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
use crate::auth::passwords::Policy;
use crate::config::{Config, find_web_dir};
use crate::db::{Db, migrate};
use crate::error::StartError;
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

    /// `http://<address>`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
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
    // First, because it is the cheapest to find out.
    let listener = TcpListener::bind(config.listen).await.map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => StartError::PortInUse { addr: config.listen },
        _ => StartError::Listen { addr: config.listen, source },
    })?;
    let addr = listener.local_addr().map_err(|source| StartError::Listen { addr: config.listen, source })?;

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
        secure: false,
        catalog: Arc::default(),
        schema: Arc::default(),
        tables: Arc::default(),
        hashing: Arc::new(Semaphore::new(HASHING)),
        sockets: Arc::new(Semaphore::new(config.limits.sockets)),
        limits: Arc::new(config.limits),
        stopping: stopping.clone(),
    };
    let router = crate::http::router(app, Web::new(web_dir), &allow_origins);
    let task = tokio::spawn(async move {
        let mut stopping = stopping;
        let served = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(async move {
                // An error means that the server was dropped: it goes on.
                if stopping.wait_for(|stop| *stop).await.is_err() {
                    std::future::pending::<()>().await;
                }
            });
        if let Err(error) = served.await {
            tracing::error!(%error, "listening ended");
        }
    });
    Ok(Server { addr, anon_key, stop, task, db })
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
