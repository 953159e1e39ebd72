//! The tables that may be asked for, as PostgreSQL declares them: what PostgREST calls its schema cache.
//!
//! Read at the first request and again when a table or column is not found (a migration may have added it), at most once
//! a second.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio_postgres::GenericClient;

use super::error::RestError;

/// How often an unknown name may cause a new look.
const RELOAD: Duration = Duration::from_secs(1);

/// One table or view of schema `public`.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// Columns of the primary key.
    pub(super) keys: Vec<String>,
    /// Foreign keys from and to it.
    pub(super) relations: Vec<Relation>,
    /// A view that cannot be written has no insert.
    pub(super) insertable: bool,
}

/// One column.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// The type as SQL writes it.
    pub(super) kind: String,
    /// The expression of its default.
    pub(super) default: Option<String>,
}

/// A foreign key, seen from one of its two tables.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// The constraint.
    pub(super) name: String,
    /// The table at the other end.
    pub(super) other: String,
    /// Column here, column there.
    pub(super) columns: Vec<(String, String)>,
    /// Whether a row here has at most one there.
    pub(super) to_one: bool,
    /// Whether the foreign key is this table's own.
    pub(super) own: bool,
}

/// The known tables.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    tables: Arc<HashMap<String, Arc<Table>>>,
    read: Option<Instant>,
}

/// All tables as they were at one moment.
pub(super) type Tables = Arc<HashMap<String, Arc<Table>>>;

impl Table {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

impl Column {
    /// Whether `->` works on it as it is.
    pub(super) fn is_json(&self) -> bool {
        matches!(self.kind.as_str(), "json" | "jsonb")
    }
}

impl Schema {
    /// All tables, `name` among them; `columns` are to be its own, else the declarations are read again first.
    pub(super) async fn with(
        &self,
        db: &impl GenericClient,
        name: &str,
        columns: &[String],
    ) -> Result<(Tables, Arc<Table>), RestError> {
        let (tables, read) = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            (known.tables.clone(), known.read)
        };
        let complete = |tables: &Tables| {
            tables.get(name).filter(|table| columns.iter().all(|column| table.column(column).is_some())).cloned()
        };
        if let Some(table) = complete(&tables) {
            return Ok((tables, table));
        }
        let tables = if read.is_none_or(|read| read.elapsed() >= RELOAD) { self.reload(db).await? } else { tables };
        let table = tables.get(name).cloned().ok_or_else(|| RestError::UnknownTable(name.to_owned()))?;
        match columns.iter().find(|column| table.column(column).is_none()) {
            Some(column) => Err(RestError::UnknownColumn { table: name.to_owned(), column: column.clone() }),
            None => Ok((tables, table)),
        }
    }

    async fn reload(&self, db: &impl GenericClient) -> Result<Tables, RestError> {
        let tables = Arc::new(read(db).await?);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) =
            Known { tables: tables.clone(), read: Some(Instant::now()) };
        Ok(tables)
    }
}

async fn read(db: &impl GenericClient) -> Result<HashMap<String, Arc<Table>>, RestError> {
    let mut tables = HashMap::<String, Table>::new();
    let columns = db
        .query(
            "select c.relname::text as table, a.attname::text as column, format_type(a.atttypid, null) as kind,
                    case when a.attgenerated = '' and a.attidentity <> 'a' then pg_get_expr(d.adbin, d.adrelid) end
                      as fallback,
                    pg_relation_is_updatable(c.oid, true) & 8 = 8 as insertable
               from pg_catalog.pg_class c
               join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
              where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
                and not c.relispartition
              order by 1, a.attnum",
            &[],
        )
        .await?;
    for row in columns {
        let name: String = row.get("table");
        let table = tables.entry(name.clone()).or_insert_with(|| Table { name, ..Table::default() });
        table.insertable = row.get("insertable");
        table.columns.push(Column { name: row.get("column"), kind: row.get("kind"), default: row.get("fallback") });
    }
    let constraints = db
        .query(
            "select k.conname::text as name, c.relname::text as table, o.relname::text as other, k.contype = 'p' as is_key,
                    array(select a.attname::text from unnest(k.conkey) with ordinality as u(n, i)
                            join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by i)
                      as columns,
                    array(select a.attname::text from unnest(k.confkey) with ordinality as u(n, i)
                            join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by i)
                      as there,
                    exists (select from pg_catalog.pg_index x where x.indrelid = k.conrelid and x.indisunique
                              and x.indpred is null and x.indkey::int2[] <@ k.conkey) as alone
               from pg_catalog.pg_constraint k
               join pg_catalog.pg_class c on c.oid = k.conrelid and c.relnamespace = 'public'::regnamespace
               left join pg_catalog.pg_class o on o.oid = k.confrelid and o.relnamespace = 'public'::regnamespace
              where k.contype = 'p' or (k.contype = 'f' and o.oid is not null and k.conparentid = 0)
              order by 1",
            &[],
        )
        .await?;
    for row in constraints {
        let (name, table): (String, String) = (row.get("name"), row.get("table"));
        let columns: Vec<String> = row.get("columns");
        if row.get("is_key") {
            if let Some(table) = tables.get_mut(&table) {
                table.keys = columns;
            }
            continue;
        }
        let there: Vec<String> = row.get("there");
        let other: String = row.get("other");
        let pairs: Vec<_> = columns.into_iter().zip(there).collect();
        let back = pairs.iter().map(|(here, there)| (there.clone(), here.clone())).collect();
        if let Some(known) = tables.get_mut(&table) {
            let (name, other) = (name.clone(), other.clone());
            known.relations.push(Relation { name, other, columns: pairs, to_one: true, own: true });
        }
        if let Some(known) = tables.get_mut(&other) {
            known.relations.push(Relation { name, other: table, columns: back, to_one: row.get("alone"), own: false });
        }
    }
    Ok(tables.into_iter().map(|(name, table)| (name, Arc::new(table))).collect())
}
