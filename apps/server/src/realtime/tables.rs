//! The published tables, as PostgreSQL declares them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::db::{Db, DbError, migrate};

/// How often a table not known may cause a new look.
const RELOAD: Duration = Duration::from_secs(1);

/// One published table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// Columns of the primary key.
    pub(super) keys: Vec<String>,
    /// Whether row-level security is on.
    pub(super) rls: bool,
}

/// One column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// PostgreSQL's own name of the type (`timestamptz`), for clients.
    pub(super) kind: String,
    /// The type as SQL writes it (`timestamp with time zone`), for casts.
    pub(super) cast: String,
}

impl Table {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The type of a column.
    pub(super) fn kind(&self, name: &str) -> Option<&str> {
        self.column(name).map(|column| column.kind.as_str())
    }
}

/// What is known of them.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    known: Mutex<Known>,
    /// Held while the declarations are read: who asks meanwhile waits for what is found, and is not told that there is none.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    tables: HashMap<(String, String), Arc<Table>>,
    read: Option<Instant>,
}

impl Tables {
    /// A table, if it is published.
    pub(super) fn get(&self, schema: &str, name: &str) -> Option<Arc<Table>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.tables.get(&(schema.to_owned(), name.to_owned())).cloned()
    }

    /// The tables that a binding of this schema and table (`*` is any) is about. When there are none, the database is
    /// asked again: one may have been published since.
    pub(super) async fn matching(&self, db: &Db, schema: &str, name: &str) -> Result<Vec<Arc<Table>>, DbError> {
        let look = || {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let fits = |table: &Table| (schema == "*" || table.schema == schema) && (name == "*" || table.name == name);
            let found: Vec<_> = known.tables.values().filter(|table| fits(table)).cloned().collect();
            (!found.is_empty() || known.read.is_some_and(|read| read.elapsed() < RELOAD)).then_some(found)
        };
        if let Some(found) = look() {
            return Ok(found);
        }
        let _reading = self.reading.lock().await;
        if let Some(found) = look() {
            return Ok(found);
        }
        let tables = read(db).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Known { tables, read: Some(Instant::now()) };
        drop(known);
        Ok(look().unwrap_or_default())
    }
}

/// Installs triggers that are missing and reads the declarations.
async fn read(db: &Db) -> Result<HashMap<(String, String), Arc<Table>>, DbError> {
    let mut session = db.session().await?;
    migrate::refresh_realtime(&mut session).await?;
    let rows = session
        .query(
            "select n.nspname::text as schema, c.relname::text as name, c.relrowsecurity as rls,
                    a.attname::text as column, t.typname::text as kind, format_type(a.atttypid, null) as cast,
                    coalesce(a.attnum = any (i.indkey), false) as is_key
               from pg_catalog.pg_publication_tables p
               join pg_catalog.pg_namespace n on n.nspname = p.schemaname
               join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
               join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               join pg_catalog.pg_type t on t.oid = a.atttypid
               left join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisprimary
              where p.pubname = 'supabase_realtime'
              order by 1, 2, a.attnum",
            &[],
        )
        .await?;
    let mut tables = HashMap::<(String, String), Table>::new();
    for row in rows {
        let (schema, name): (String, String) = (row.get("schema"), row.get("name"));
        let table = tables.entry((schema.clone(), name.clone())).or_insert_with(|| Table {
            schema,
            name,
            columns: Vec::new(),
            keys: Vec::new(),
            rls: row.get("rls"),
        });
        let column = Column { name: row.get("column"), kind: row.get("kind"), cast: row.get("cast") };
        if row.get("is_key") {
            table.keys.push(column.name.clone());
        }
        table.columns.push(column);
    }
    Ok(tables.into_iter().map(|(key, table)| (key, Arc::new(table))).collect())
}
