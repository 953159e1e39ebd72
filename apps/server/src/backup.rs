//! Backup and restore: all rows of the database as lines of JSON, of one moment.
//!
//! A backup can be restored into either kind of database, whichever it came from. It holds password hashes and the
//! project's secret: the file is made readable for its owner alone.
//!
//! Restoring goes to the schema of the backup first, then lays down the rows with the triggers off, then applies the
//! migrations that came later. At its end the database says that it is another one than before (`sync_new_epoch`), so that
//! devices fetch everything again and send what the backup did not have yet.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use futures::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio_postgres::{IsolationLevel, Transaction};

use crate::config::Config;
use crate::db::{Db, DbError, migrate};
use crate::error::{StartError, describe};

/// The form of the file.
const FORMAT: u32 = 1;
/// Rows that are written with one statement.
const ROWS: usize = 500;
/// Where there is something to keep.
const SCHEMAS: [&str; 3] = ["auth", "public", "almanac"];

/// Why there is no backup, or why it was not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The file cannot be written or read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no backup, or not a whole one.
    #[error("{path} is not a whole backup of Almanac ({reason}).\nNothing was restored")]
    NoBackup {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The backup comes from a newer program.
    #[error("the backup was made by a newer Almanac (migration {0}).\nInstall the newer version; nothing was changed")]
    TooNew(String),
    /// The database is in use.
    #[error(
        "the database has accounts in it already.\nA backup is restored into an empty one: give a new --data-dir or an empty --database-url. Nothing was changed"
    )]
    NotEmpty,
    /// The database failed.
    #[error("the database failed: {0}.\nNothing was kept of it")]
    Database(String),
}

impl From<DbError> for BackupError {
    fn from(error: DbError) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<tokio_postgres::Error> for BackupError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(describe(&error))
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Header {
    almanac_backup: u32,
    /// The newest migration.
    schema: String,
}

/// All others: a row of a table, or, last, how many rows there were.
#[derive(Serialize, Deserialize, Default)]
struct Line<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    table: Option<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    row: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
}

/// Writes everything into `path`, which must not exist yet; returns how many rows.
///
/// # Errors
/// [`BackupError`]; half a file is removed.
pub async fn backup(config: &Config, path: &Path) -> Result<u64, BackupError> {
    let failed = |source| BackupError::File { path: path.display().to_string(), source };
    let file = private(path).map_err(failed)?;
    let db = match Db::open(config).await {
        Ok(db) => db,
        Err(error) => {
            drop(std::fs::remove_file(path));
            return Err(error.into());
        }
    };
    let outcome = write_all(&db, file, path).await;
    db.close().await;
    if outcome.is_err() {
        drop(std::fs::remove_file(path));
    }
    outcome
}

/// Makes a new file that nobody else can read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

async fn write_all(db: &Db, file: File, path: &Path) -> Result<u64, BackupError> {
    let failed = |source| BackupError::File { path: path.display().to_string(), source };
    let mut session = db.session().await?;
    migrate::run(&mut session).await?;
    let tx =
        session.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start().await?;
    tx.batch_execute("set local statement_timeout = 0").await?;
    let mut out = BufWriter::new(file);
    line(&mut out, &Header { almanac_backup: FORMAT, schema: migrate::latest().to_owned() }).map_err(failed)?;
    let mut rows = 0;
    for table in tables(&tx).await? {
        // What refers to rows of its own table comes after them.
        let order = table.own_references.iter().map(|column| format!("t.{column} nulls first")).collect::<Vec<_>>();
        let order = if order.is_empty() { String::new() } else { format!(" order by {}", order.join(", ")) };
        let sql = format!("select to_jsonb(t)::text from {} t{order}", table.name);
        let mut stream = std::pin::pin!(tx.query_raw(&sql, std::iter::empty::<i32>()).await?);
        while let Some(row) = stream.try_next().await? {
            let text: &str = row.get(0);
            let row: &RawValue =
                serde_json::from_str(text).map_err(|error| BackupError::Database(error.to_string()))?;
            let entry = Line { table: Some(Cow::Borrowed(&table.name)), row: Some(row), rows: None };
            line(&mut out, &entry).map_err(failed)?;
            rows += 1;
        }
    }
    line(&mut out, &Line { rows: Some(rows), ..Line::default() }).map_err(failed)?;
    tx.commit().await?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(rows)
}

fn line(out: &mut BufWriter<File>, value: &impl Serialize) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Reads everything from `path` into an empty database; returns how many rows.
///
/// # Errors
/// [`BackupError`]; the database is left without rows.
pub async fn restore(config: &Config, path: &Path) -> Result<u64, BackupError> {
    let header = check(path)?;
    if header.schema.as_str() > migrate::latest() {
        return Err(BackupError::TooNew(header.schema));
    }
    let db = Db::open(config).await?;
    let outcome = async {
        let mut session = db.session().await?;
        migrate::run_up_to(&mut session, &header.schema).await?;
        let rows = read_all(&mut session, path).await?;
        migrate::run(&mut session).await?;
        drop(session);
        db.sync().await?;
        Ok(rows)
    };
    let outcome = outcome.await;
    db.close().await;
    outcome
}

/// Sees that the file is whole before anything is touched.
fn check(path: &Path) -> Result<Header, BackupError> {
    let wrong = |reason: &str| BackupError::NoBackup { path: path.display().to_string(), reason: reason.to_owned() };
    let failed = |source| BackupError::File { path: path.display().to_string(), source };
    let mut lines = BufReader::new(File::open(path).map_err(failed)?).lines();
    let first = lines.next().ok_or_else(|| wrong("it is empty"))?.map_err(failed)?;
    let header: Header = serde_json::from_str(&first).map_err(|_| wrong("its first line is no header"))?;
    if header.almanac_backup != FORMAT {
        return Err(wrong("another format"));
    }
    let mut seen = 0;
    for line in lines {
        let line = line.map_err(failed)?;
        match serde_json::from_str(&line) {
            Ok(Line { table: Some(_), row: Some(_), .. }) => seen += 1,
            Ok(Line { rows: Some(rows), .. }) if rows == seen => return Ok(header),
            _ => return Err(wrong(&format!("line {} cannot be read", seen + 2))),
        }
    }
    Err(wrong("its end is missing"))
}

async fn read_all(session: &mut crate::db::Session, path: &Path) -> Result<u64, BackupError> {
    let failed = |source| BackupError::File { path: path.display().to_string(), source };
    let tx = session.transaction().await?;
    tx.batch_execute("set local statement_timeout = 0").await?;
    let taken: bool = tx.query_one("select exists (select from auth.users)", &[]).await?.get(0);
    if taken {
        return Err(BackupError::NotEmpty);
    }
    let tables = tables(&tx).await?;
    for table in tables.iter().rev() {
        // What the migrations themselves put there: the epoch, the project's keys.
        tx.batch_execute(&format!("alter table {0} disable trigger user; delete from {0}", table.name)).await?;
    }
    let mut rows = 0;
    let mut waiting: (String, Vec<String>) = Default::default();
    let lines = BufReader::new(File::open(path).map_err(failed)?).lines().skip(1);
    for line in lines {
        let line = line.map_err(failed)?;
        let Ok(Line { table: Some(table), row: Some(row), .. }) = serde_json::from_str(&line) else { break };
        if waiting.0 != table || waiting.1.len() >= ROWS {
            insert(&tx, &tables, &mut waiting).await?;
            waiting.0 = table.into_owned();
        }
        waiting.1.push(row.get().to_owned());
        rows += 1;
    }
    insert(&tx, &tables, &mut waiting).await?;
    for table in &tables {
        tx.batch_execute(&format!("alter table {} enable trigger user", table.name)).await?;
    }
    tx.execute("select public.sync_new_epoch()", &[]).await?;
    tx.commit().await?;
    Ok(rows)
}

/// Inserts the rows that wait.
async fn insert(
    tx: &Transaction<'_>,
    tables: &[Table],
    (name, rows): &mut (String, Vec<String>),
) -> Result<(), BackupError> {
    if rows.is_empty() {
        return Ok(());
    }
    // Names come from the catalogue, not from the file.
    let table = tables
        .iter()
        .find(|table| table.name == *name)
        .ok_or_else(|| BackupError::Database(format!("the backup has rows of {name}, which is no table here")))?;
    let sql = format!(
        "insert into {0} overriding system value select * from jsonb_populate_recordset(null::{0}, $1::text::jsonb)",
        table.name
    );
    tx.execute(&sql, &[&format!("[{}]", rows.join(","))]).await?;
    rows.clear();
    Ok(())
}

/// A table with something to keep.
struct Table {
    /// Schema and name, quoted.
    name: String,
    /// Columns that refer to the table itself, quoted.
    own_references: Vec<String>,
}

/// All of them, those that are referred to first.
async fn tables(tx: &Transaction<'_>) -> Result<Vec<Table>, BackupError> {
    let rows = tx
        .query(
            "select format('%I.%I', n.nspname, c.relname) as name,
                    array(select distinct format('%I.%I', rn.nspname, r.relname) from pg_catalog.pg_constraint k
                            join pg_catalog.pg_class r on r.oid = k.confrelid
                            join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
                           where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as refers,
                    array(select format('%I', a.attname) from pg_catalog.pg_constraint k
                            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = any (k.conkey)
                           where k.conrelid = c.oid and k.contype = 'f' and k.confrelid = c.oid) as own
               from pg_catalog.pg_class c
               join pg_catalog.pg_namespace n on n.oid = c.relnamespace
              where n.nspname = any ($1) and c.relkind = 'r' and c.relpersistence = 'p'
              order by 1",
            &[&&SCHEMAS[..]],
        )
        .await?;
    let mut left: Vec<(Table, Vec<String>)> = rows
        .iter()
        .map(|row| (Table { name: row.get("name"), own_references: row.get("own") }, row.get("refers")))
        .collect();
    let mut sorted: Vec<Table> = Vec::new();
    while !left.is_empty() {
        let free = left.iter().position(|(_, refers)| refers.iter().all(|name| sorted.iter().any(|t| t.name == *name)));
        let free = free.ok_or_else(|| BackupError::Database("tables refer to each other in a circle".to_owned()))?;
        sorted.push(left.remove(free).0);
    }
    Ok(sorted)
}
