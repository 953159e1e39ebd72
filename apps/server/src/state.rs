//! What every request handler shares.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::{Semaphore, watch};

use crate::auth::limits::SignInLimits;
use crate::auth::passwords::{Hashing, Policy};
use crate::config::Limits;
use crate::db::Db;
use crate::metrics::Metrics;
use crate::project::Project;
use crate::realtime::tables::Tables;
use crate::rest::catalog::Catalog;
use crate::rest::schema::Schema;

/// The server's insides; cloned for each request, so everything in it is shared.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) project: Arc<Project>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) sign_in: Arc<SignInLimits>,
    /// What a new password must be.
    pub(crate) policy: Policy,
    /// Whether this server speaks TLS itself.
    pub(crate) secure: bool,
    /// What is counted for the operator.
    pub(crate) metrics: Arc<Metrics>,
    /// Functions that may be called, as PostgreSQL declares them.
    pub(crate) catalog: Arc<Catalog>,
    /// Tables that may be asked for, as PostgreSQL declares them.
    pub(crate) schema: Arc<Schema>,
    /// Published tables, as PostgreSQL declares them.
    pub(crate) tables: Arc<Tables>,
    /// Hashing a password takes 20 MB and a core.
    pub(crate) hashing: Hashing,
    /// One permit an open websocket.
    pub(crate) sockets: Arc<Semaphore>,
    /// Becomes true when the server stops.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// Seconds since 1970.
pub(crate) fn unix_now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
