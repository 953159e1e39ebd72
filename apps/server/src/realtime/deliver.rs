//! From a change to what one subscriber gets: the row as it is now and as this subscriber may see it, or nothing.

use chrono::{SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::binding::{Binding, Operator};
use super::tables::{Column, Table};
use crate::db::{Change, Db, DbError, Kind};
use crate::rest::caller::Caller;

/// The payload of a `postgres_changes` frame for the bindings (of one channel) that may match, or `None` when the
/// subscriber is to hear nothing.
pub(super) async fn payload(
    db: &Db,
    caller: &Caller,
    table: &Table,
    change: &Change,
    bindings: &[&Binding],
) -> Result<Option<Value>, DbError> {
    let columns: Vec<_> =
        table.columns.iter().map(|column| json!({"name": column.name, "type": column.kind})).collect();
    let mut data = json!({
        "type": change.kind.as_str(),
        "schema": table.schema,
        "table": table.name,
        "commit_timestamp": Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
        "columns": columns,
        "errors": null,
    });
    let everyone = || bindings.iter().map(|binding| binding.id).collect::<Vec<_>>();
    let Some(key) = &change.key else {
        data["errors"] = json!(["Error 400: Bad Request, no primary key"]);
        return Ok(Some(json!({"ids": everyone(), "data": data})));
    };
    // Nobody can be asked about the rights on a row that is gone. Without row-level security all may hear of it; with it
    // only those who already name its key.
    let asked: Vec<&Binding> = match change.kind {
        Kind::Delete if table.rls => bindings
            .iter()
            .copied()
            .filter(|binding| binding.filter.as_ref().is_some_and(|filter| filter.pins_key(table)))
            .collect(),
        _ => bindings.to_vec(),
    };
    if asked.is_empty() {
        return Ok(None);
    }
    let found = match look(db, caller, table, change.kind, key, &asked).await {
        Err(DbError::Postgres(error)) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            data["errors"] = json!(["Error 401: Unauthorized"]);
            return Ok(Some(json!({"ids": everyone(), "data": data})));
        }
        other => other?,
    };
    let Some((row, ids)) = found else { return Ok(None) };
    let old = Value::Object(key.clone());
    match change.kind {
        Kind::Insert => data["record"] = row,
        Kind::Update => {
            data["record"] = row;
            data["old_record"] = old;
        }
        Kind::Delete => data["old_record"] = old,
    }
    Ok(Some(json!({"ids": ids, "data": data})))
}

/// The row as `caller` sees it and the ids of the bindings whose filter it passes; `None` without either.
async fn look(
    db: &Db,
    caller: &Caller,
    table: &Table,
    kind: Kind,
    key: &Map<String, Value>,
    bindings: &[&Binding],
) -> Result<Option<(Value, Vec<u32>)>, DbError> {
    let Some((sql, values)) = question(table, kind, key, bindings) else { return Ok(None) };
    let parameters: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    let mut session = db.session().await?;
    let tx = session.build_transaction().read_only(true).start().await?;
    caller.enter(&tx).await?;
    let row = tx.query_opt(&sql, &parameters).await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(None) };
    let record: Value = serde_json::from_str(row.get(0)).unwrap_or(Value::Null);
    let passed: Vec<bool> = row.get(1);
    let ids: Vec<u32> =
        bindings.iter().zip(passed).filter(|(_, passed)| *passed).map(|(binding, _)| binding.id).collect();
    Ok((!ids.is_empty()).then_some((record, ids)))
}

/// The statement: the row as JSON and one truth value a binding. All values are text parameters, cast to the column's
/// type; names come from PostgreSQL's catalogue.
fn question(
    table: &Table,
    kind: Kind,
    key: &Map<String, Value>,
    bindings: &[&Binding],
) -> Option<(String, Vec<String>)> {
    let mut values = Vec::new();
    let mut bind = |value: String, cast: &str| {
        values.push(value);
        format!("(${}::text)::{cast}", values.len())
    };
    let mut keys = Vec::new();
    for name in &table.keys {
        let column = table.column(name)?;
        let value = match key.get(name)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        keys.push((column, bind(value, &column.cast)));
    }
    let mut passed = Vec::new();
    for binding in bindings {
        let Some(filter) = &binding.filter else {
            passed.push("true".to_owned());
            continue;
        };
        // Of a deleted row only the key is left.
        let column =
            table.column(&filter.column).filter(|column| kind != Kind::Delete || table.keys.contains(&column.name));
        let Some(column) = column else {
            passed.push("false".to_owned());
            continue;
        };
        let operator = filter.operator.sql();
        let values: Vec<_> = filter.values.iter().map(|value| bind(value.clone(), &column.cast)).collect();
        let right = match filter.operator {
            Operator::In => format!("any (array[{}])", values.join(", ")),
            _ => values.join(""),
        };
        passed.push(format!("coalesce(r.{} {operator} {right}, false)", quote(&column.name)));
    }
    let source = match kind {
        Kind::Delete => {
            let columns: Vec<_> =
                keys.iter().map(|(column, value)| format!("{value} as {}", quote(&column.name))).collect();
            format!("(select {}) as r", columns.join(", "))
        }
        Kind::Insert | Kind::Update => {
            let same = |(column, value): &(&Column, String)| format!("r.{} = {value}", quote(&column.name));
            let conditions: Vec<_> = keys.iter().map(same).collect();
            format!("{}.{} as r where {}", quote(&table.schema), quote(&table.name), conditions.join(" and "))
        }
    };
    Some((format!("select to_jsonb(r)::text, array[{}]::boolean[] from {source}", passed.join(", ")), values))
}

pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
