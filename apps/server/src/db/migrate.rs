//! Brings a database to the schema of this program, at every start.
//!
//! In order: what a hosted project has before us (`bootstrap.sql`), what this server keeps for itself (`auth.sql`), the
//! migrations, the change triggers (`realtime.sql`). The migrations run as `almanac_owner`, which has the rights that
//! hosted Supabase gives and no more, each in its own transaction together with its entry in the Supabase CLI's table;
//! so the CLI and this server can take turns on one database. An advisory lock keeps two servers that start together
//! apart.

use tokio_postgres::error::SqlState;

use super::{DbError, Session};
use crate::error::{StartError, describe};

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

const BOOTSTRAP: &str = include_str!("../../sql/bootstrap.sql");
const AUTH: &str = include_str!("../../sql/auth.sql");
/// Installs the change triggers on all published tables; also run when a table may have been published since.
pub(crate) const REALTIME: &str = include_str!("../../sql/realtime.sql");

/// On the embedded database no table may be unlogged. After a crash PostgreSQL makes such tables anew while it lists their
/// folder, and the embedded one's list then names some of them twice: it fails to make them again, at every start, for ever.
const LOGGED: &str = "do $$
declare
  t regclass;
begin
  for t in select c.oid from pg_catalog.pg_class c where c.relpersistence = 'u' and c.relkind = 'r' loop
    execute format('alter table %s set logged', t);
  end loop;
end
$$";

/// Any number that no one else is likely to lock: "almanac" in a wide sense.
const LOCK: i64 = 0x616c_6d61_6e61_6301;

/// The newest migration this program knows; empty when it has none.
#[must_use]
pub fn latest() -> &'static str {
    MIGRATIONS.last().map_or("", |(version, ..)| version)
}

/// Applies whatever is missing.
///
/// # Errors
/// [`StartError::SchemaTooNew`] without touching anything, [`StartError::NotSuperuser`], or the step that failed.
pub async fn run(session: &mut Session) -> Result<(), StartError> {
    run_up_to(session, latest()).await
}

/// Applies whatever is missing up to the migration `last`, for a backup of that day.
///
/// # Errors
/// As [`run`].
pub(crate) async fn run_up_to(session: &mut Session, last: &str) -> Result<(), StartError> {
    refuse_newer(session).await?;
    session
        .execute("select pg_advisory_lock($1)", &[&LOCK])
        .await
        .map_err(|error| failed("taking the lock", &error))?;
    let outcome = apply(session, last).await;
    // A failed step leaves no transaction open; the lock would end with the connection, but that may live long.
    if let Err(error) = session.execute("select pg_advisory_unlock($1)", &[&LOCK]).await {
        tracing::warn!(error = %describe(&error), "the migration lock could not be given back");
    }
    outcome
}

async fn apply(session: &mut Session, last: &str) -> Result<(), StartError> {
    step(session, "bootstrap.sql", BOOTSTRAP).await?;
    step(session, "auth.sql", AUTH).await?;
    step(
        session,
        "the table of migrations",
        "create schema if not exists supabase_migrations;
         create table if not exists supabase_migrations.schema_migrations (version text not null primary key);
         alter table supabase_migrations.schema_migrations add column if not exists statements text[];
         alter table supabase_migrations.schema_migrations add column if not exists name text;",
    )
    .await?;
    // Again, now that no other server can be at it.
    refuse_newer(session).await?;
    let applied: Vec<String> = session
        .query("select version from supabase_migrations.schema_migrations", &[])
        .await
        .map_err(|error| failed("reading the table of migrations", &error))?
        .iter()
        .map(|row| row.get(0))
        .collect();
    for (version, name, sql) in MIGRATIONS {
        if *version > last || applied.iter().any(|known| known == version) {
            continue;
        }
        let file = format!("{version}_{name}.sql");
        migrate(session, version, name, sql).await.map_err(|error| failed(&file, &error))?;
        tracing::info!(migration = %file, "applied");
    }
    if !session.can_catch() {
        step(session, "logging all tables", LOGGED).await?;
    }
    step(session, "realtime.sql", REALTIME).await
}

async fn migrate(session: &mut Session, version: &str, name: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let tx = session.transaction().await?;
    // A migration may take longer than a request may.
    tx.batch_execute("set local statement_timeout = 0; set local role almanac_owner").await?;
    tx.batch_execute(sql).await?;
    tx.batch_execute("reset role").await?;
    tx.execute(
        "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, array[$3])",
        &[&version, &name, &sql],
    )
    .await?;
    tx.commit().await
}

/// A schema made by a newer program may mean things this one would break.
async fn refuse_newer(session: &Session) -> Result<(), StartError> {
    let newest = session
        .query_opt("select to_regclass('supabase_migrations.schema_migrations') is not null", &[])
        .await
        .map_err(|error| failed("looking for earlier migrations", &error))?
        .is_some_and(|row| row.get(0));
    if !newest {
        return Ok(());
    }
    let found: Option<String> = session
        .query_one("select max(version) from supabase_migrations.schema_migrations", &[])
        .await
        .map_err(|error| failed("reading the table of migrations", &error))?
        .get(0);
    match found {
        Some(found) if found.as_str() > latest() => Err(StartError::SchemaTooNew { found, known: latest().to_owned() }),
        _ => Ok(()),
    }
}

async fn step(session: &mut Session, name: &str, sql: &str) -> Result<(), StartError> {
    let run = async {
        let tx = session.transaction().await?;
        tx.batch_execute(sql).await?;
        tx.commit().await
    };
    run.await.map_err(|error| {
        if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) {
            StartError::NotSuperuser { reason: describe(&error) }
        } else {
            failed(name, &error)
        }
    })
}

fn failed(step: &str, error: &tokio_postgres::Error) -> StartError {
    StartError::Migration { step: step.to_owned(), reason: describe(error) }
}

/// Installs the change triggers on tables published since the start.
///
/// # Errors
/// Whatever PostgreSQL says.
pub(crate) async fn refresh_realtime(session: &mut Session) -> Result<(), DbError> {
    let tx = session.transaction().await?;
    tx.batch_execute(REALTIME).await?;
    tx.commit().await?;
    Ok(())
}
