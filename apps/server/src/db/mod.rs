//! The database behind the server: PostgreSQL in this process with its one connection, or a PostgreSQL server by URL
//! with a pool. Callers see neither: they take a [`Session`], use it for one transaction and drop it.
//!
//! Changes of published tables arrive as notifications (see `realtime`), on the embedded database over that same
//! connection, otherwise over one of their own; both end in [`Db::signals`].

mod change;
#[cfg(feature = "embedded")]
mod durable;
#[cfg(feature = "embedded")]
mod embedded;
pub mod migrate;
mod remote;
mod tls;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio_postgres::{AsyncMessage, Client, Config as PgConfig, Connection};

use crate::config::{Config, Database};
use crate::error::StartError;
pub use change::{Change, Kind};

/// The channel on which the triggers of published tables tell what changed.
pub const CHANGES: &str = "almanac_changes";
/// How many signals may wait for a slow listener before it is told that it missed some.
const SIGNALS: usize = 4096;
/// How long a request waits for a connection.
const WAIT: Duration = Duration::from_secs(10);

/// What the database tells without being asked.
#[derive(Debug, Clone)]
pub enum Signal {
    /// A row of a published table changed.
    Changed(Arc<Change>),
    /// The listening connection was lost and is back: changes may have been missed.
    Gap,
}

/// Why no session, or why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// All connections stayed busy for ten seconds.
    #[error("timed out waiting for a database connection")]
    Busy,
    /// There is no connection and none can be made now.
    #[error("the database is not reachable: {0}")]
    Unavailable(String),
    /// PostgreSQL refused.
    #[error("{}", crate::error::describe_without_values(.0))]
    Postgres(#[from] tokio_postgres::Error),
}

/// A handle to the database; clones share it.
#[derive(Debug, Clone)]
pub struct Db {
    inner: Inner,
    signals: broadcast::Sender<Signal>,
}

#[derive(Debug, Clone)]
enum Inner {
    #[cfg(feature = "embedded")]
    Embedded(embedded::Embedded),
    Remote(Box<remote::Remote>),
}

impl Db {
    /// Connects, and starts the embedded database if that is what `config` names. No schema is touched.
    ///
    /// # Errors
    /// Whatever keeps the database from being used, in words for the person who starts the server.
    pub async fn open(config: &Config) -> Result<Self, StartError> {
        let (signals, _) = broadcast::channel(SIGNALS);
        let inner = match &config.database {
            #[cfg(feature = "embedded")]
            Database::Embedded(dir) => Inner::Embedded(embedded::Embedded::open(dir, signals.clone()).await?),
            #[cfg(not(feature = "embedded"))]
            Database::Embedded(_) => return Err(StartError::NoEmbedded),
            Database::Url(url) => Inner::Remote(Box::new(remote::Remote::open(url, config.limits.statement).await?)),
        };
        Ok(Self { inner, signals })
    }

    /// Takes a connection, waiting for one up to ten seconds.
    ///
    /// # Errors
    /// [`DbError::Busy`] or [`DbError::Unavailable`].
    pub async fn session(&self) -> Result<Session, DbError> {
        let take = async {
            match &self.inner {
                #[cfg(feature = "embedded")]
                Inner::Embedded(embedded) => embedded.session().await.map(Session::Embedded),
                Inner::Remote(remote) => remote.session().await.map(|object| Session::Pooled(Box::new(object))),
            }
        };
        tokio::time::timeout(WAIT, take).await.map_err(|_| DbError::Busy)?
    }

    /// Waits until everything committed so far would survive a power cut. To be called after a transaction that wrote,
    /// when its session was dropped, before the answer. A PostgreSQL server does this at commit by itself.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the disk refuses.
    pub async fn sync(&self) -> Result<(), DbError> {
        match &self.inner {
            #[cfg(feature = "embedded")]
            Inner::Embedded(embedded) => embedded.sync().await,
            Inner::Remote(_) => Ok(()),
        }
    }

    /// Whether the database itself stops a statement that takes too long. The embedded one has no timers.
    #[must_use]
    pub fn has_timers(&self) -> bool {
        matches!(self.inner, Inner::Remote(_))
    }

    /// Starts listening for changes. On PostgreSQL by URL this takes a connection of its own, kept alive until `close`.
    ///
    /// # Errors
    /// [`DbError`] when listening fails the first time.
    pub async fn listen(&self) -> Result<(), DbError> {
        match &self.inner {
            #[cfg(feature = "embedded")]
            Inner::Embedded(embedded) => embedded.listen().await,
            Inner::Remote(remote) => remote.listen(self.signals.clone()).await,
        }
    }

    /// A receiver of everything the database tells from now on.
    #[must_use]
    pub fn signals(&self) -> broadcast::Receiver<Signal> {
        self.signals.subscribe()
    }

    /// Disconnects; the embedded database writes everything out and stops.
    pub async fn close(&self) {
        match &self.inner {
            #[cfg(feature = "embedded")]
            Inner::Embedded(embedded) => embedded.close().await,
            Inner::Remote(remote) => remote.close(),
        }
    }
}

/// A connection, ours until dropped.
pub enum Session {
    /// The embedded database's only one: everyone else waits for it.
    #[cfg(feature = "embedded")]
    Embedded(embedded::Held),
    /// One of the pool.
    Pooled(Box<deadpool_postgres::Object>),
}

impl Session {
    /// Whether SQL on this connection can catch errors (a block with a handler in plpgsql). The embedded PostgreSQL's
    /// cannot: such an error leaves it unusable. Savepoints from outside work everywhere.
    #[must_use]
    pub fn can_catch(&self) -> bool {
        match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(_) => false,
            Self::Pooled(_) => true,
        }
    }

    /// To be told how many statements failed within a transaction that went on.
    pub fn failed(&mut self, statements: u32) {
        match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(held) => held.failed(statements),
            // A server does not mind.
            Self::Pooled(_) => {}
        }
    }

    /// To be called after a transaction failed: makes sure that the next caller finds a connection that works.
    pub async fn after_failure(&mut self) {
        match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(held) => held.check().await,
            // The pool looks after its own.
            Self::Pooled(_) => {}
        }
    }
}

impl Deref for Session {
    type Target = Client;
    fn deref(&self) -> &Client {
        match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(held) => held,
            Self::Pooled(object) => object,
        }
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        match self {
            #[cfg(feature = "embedded")]
            Self::Embedded(held) => held,
            Self::Pooled(object) => object,
        }
    }
}

/// Drives a connection to its end and passes its notifications on.
async fn drive<S, T>(mut connection: Connection<S, T>, signals: broadcast::Sender<Signal>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        match std::future::poll_fn(|cx| connection.poll_message(cx)).await {
            Some(Ok(AsyncMessage::Notification(note))) if note.channel() == CHANGES => {
                match serde_json::from_str(note.payload()) {
                    // No receiver is no error: nobody is subscribed.
                    Ok(change) => drop(signals.send(Signal::Changed(Arc::new(change)))),
                    // Anyone with access to the database may notify; it is not ours then.
                    Err(error) => tracing::warn!(%error, "a notification of a change cannot be read"),
                }
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(error = %crate::error::describe_without_values(&error), "a database connection ended");
                return;
            }
            None => return,
        }
    }
}

/// Settings every connection starts with: answers must not depend on how the database server is set up.
fn with_session_settings(mut config: PgConfig) -> PgConfig {
    config.application_name("almanac-server");
    config
}
