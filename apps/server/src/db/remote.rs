//! A PostgreSQL server by URL: a pool for requests and one connection that only listens.

use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod};
use tokio::sync::{broadcast, watch};
use tokio_postgres::Config as PgConfig;
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::tls::Wish;
use super::{CHANGES, DbError, Signal, drive, with_session_settings};
use crate::error::{StartError, describe};

/// Connections for requests. A small machine gains nothing from more; the rest wait their turn.
const CONNECTIONS: usize = 12;

/// The pool; clones share it.
#[derive(Clone)]
pub(super) struct Remote {
    pool: Pool,
    config: PgConfig,
    tls: MakeRustlsConnect,
    closed: watch::Sender<bool>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remote({})", self.place())
    }
}

impl Remote {
    pub(super) async fn open(url: &str, statement: Duration) -> Result<Self, StartError> {
        let wish = Wish::read(url).map_err(|reason| StartError::DatabaseUrl { reason })?;
        let tls = wish.connector().map_err(|reason| StartError::DatabaseUrl { reason })?;
        let mut config =
            PgConfig::from_str(&wish.url).map_err(|error| StartError::DatabaseUrl { reason: describe(&error) })?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        let config = with_session_settings(config);
        let manager = Manager::from_config(
            config.clone(),
            tls.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let settings = format!(
            // Requests are short; compiling their plans takes longer than running them.
            "set timezone = 'UTC'; set jit = off; set statement_timeout = {}; set idle_in_transaction_session_timeout = '60s'",
            statement.as_millis()
        );
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .post_create(Hook::async_fn(move |client, _| {
                let settings = settings.clone();
                Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
            }))
            .build()
            .map_err(|error| StartError::Database(error.to_string()))?;
        let (closed, _) = watch::channel(false);
        let remote = Self { pool, config, tls, closed };
        let session = remote
            .session()
            .await
            .map_err(|error| StartError::DatabaseUnreachable { place: remote.place(), reason: error.to_string() })?;
        let row = session
            .query_one("select current_setting('server_version'), current_setting('server_version_num')::int", &[])
            .await
            .map_err(|error| StartError::Database(describe(&error)))?;
        if row.get::<_, i32>(1) < 150_000 {
            return Err(StartError::DatabaseTooOld { found: row.get(0) });
        }
        drop(session);
        Ok(remote)
    }

    pub(super) async fn session(&self) -> Result<Object, DbError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                DbError::Unavailable(describe(&error))
            }
            other => DbError::Unavailable(other.to_string()),
        })
    }

    pub(super) async fn listen(&self, signals: broadcast::Sender<Signal>) -> Result<(), DbError> {
        let mut driver = self.listener(signals.clone()).await?;
        let this = self.clone();
        let mut closed = self.closed.subscribe();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = closed.wait_for(|closed| *closed) => return,
                    () = &mut driver => {}
                }
                tracing::warn!("the connection that listens for changes was lost");
                driver = loop {
                    tokio::select! {
                        _ = closed.wait_for(|closed| *closed) => return,
                        () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    }
                    match this.listener(signals.clone()).await {
                        Ok(driver) => break driver,
                        Err(error) => tracing::debug!(%error, "still cannot listen for changes"),
                    }
                };
                tracing::info!("listening for changes again");
                let _ = signals.send(Signal::Gap);
            }
        });
        Ok(())
    }

    /// Connects and listens; the answer ends when the connection does.
    async fn listener(
        &self,
        signals: broadcast::Sender<Signal>,
    ) -> Result<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>, DbError> {
        let (client, connection) =
            self.config.connect(self.tls.clone()).await.map_err(|error| DbError::Unavailable(describe(&error)))?;
        let driver = tokio::spawn(drive(connection, signals));
        client.batch_execute(&format!("listen {CHANGES}")).await?;
        Ok(Box::pin(async move {
            let _ = driver.await;
            // The connection lives as long as its client.
            drop(client);
        }))
    }

    pub(super) fn close(&self) {
        self.closed.send_replace(true);
        self.pool.close();
    }

    /// Host, port and database, for messages; never the password.
    fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(path)) => path.display().to_string(),
            None => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        format!("{host}:{port}/{}", self.config.get_dbname().unwrap_or_default())
    }
}
