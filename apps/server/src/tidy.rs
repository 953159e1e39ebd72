//! Removes what nobody needs to hear of any more: tombstones older than 90 days (docs/sync.md).
//!
//! The database does it, in steps of a bounded size; this calls it soon after the start, for a program that somebody stops
//! every evening, and then once a day. Several servers on one database may do it at the same time: they pass over what the
//! other has locked.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::db::{Db, DbError};

/// How long after the start the first time is: not while everyone comes back.
const FIRST: Duration = Duration::from_secs(60);
/// Between two steps, for those who wait for the embedded database's only connection.
const BREATH: Duration = Duration::from_millis(200);

/// Tidies every now and then, until the server stops.
pub(crate) async fn run(db: Db, every: Duration, mut stopping: watch::Receiver<bool>) {
    let work = async {
        let mut wait = FIRST.min(every);
        loop {
            sleep(wait).await;
            wait = every;
            match collect(&db).await {
                Ok(0) => {}
                Ok(removed) => tracing::info!(removed, "removed old tombstones"),
                Err(error) => tracing::warn!(%error, "old tombstones could not be removed; tried again later"),
            }
        }
    };
    tokio::select! {
        () = work => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
}

/// All that are old; how many there were.
async fn collect(db: &Db) -> Result<i64, DbError> {
    let mut removed = 0;
    loop {
        let mut session = db.session().await?;
        let tx = session.transaction().await?;
        // One step looks at whole tables, which may be longer than a request may take.
        tx.batch_execute("set local statement_timeout = 0").await?;
        let step: i32 = tx.query_one("select almanac.collect_tombstones()", &[]).await?.get(0);
        tx.commit().await?;
        drop(session);
        if step == 0 {
            return Ok(removed);
        }
        db.sync().await?;
        removed += i64::from(step);
        sleep(BREATH).await;
    }
}
