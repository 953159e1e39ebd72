//! Writing rows: insert, upsert, update, delete.

use super::body;
use super::read::Plan;
use super::statement::{Source, Statement};
use crate::rest::error::RestError;
use crate::rest::request::{Filter, Item, Media, Payload, Query, Resolution, Return, Test};
use crate::rest::schema::{Column, Table};

/// What is done to the rows of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    Insert {
        payload: &'a Payload,
        resolution: Option<Resolution>,
        defaults: bool,
    },
    /// `PUT`: one row, named by its key.
    Replace {
        payload: &'a Payload,
    },
    Update {
        payload: &'a Payload,
        defaults: bool,
    },
    Delete,
}

/// The main statement of a write; its answer has the columns of [`super::read_statement`].
pub(crate) fn change(
    table: &Table,
    change: Change<'_>,
    query: &Query,
    returns: Option<Return>,
    plan: &Plan<'_>,
    media: Media,
) -> Result<Statement, RestError> {
    let mut sql = Statement::default();
    sql.text("with pgrst_source as (");
    let wanted = match returns {
        None | Some(Return::Minimal) => Vec::new(),
        Some(Return::HeadersOnly) => table.keys.clone(),
        Some(Return::Representation) => needed(table, query),
    };
    let upsert = match change {
        Change::Insert { payload, resolution, defaults } => {
            let conflict = query.on_conflict.as_deref().unwrap_or(&table.keys);
            let resolution = resolution.filter(|_| !conflict.is_empty());
            insert(&mut sql, table, payload, defaults);
            match resolution {
                Some(Resolution::Merge) => {
                    sql.text(" where ").text(INSERTED);
                    on_conflict(&mut sql, conflict, payload, Resolution::Merge);
                }
                Some(Resolution::Ignore) => on_conflict(&mut sql, conflict, payload, Resolution::Ignore),
                None => {}
            }
            resolution == Some(Resolution::Merge)
        }
        Change::Replace { payload } => {
            let keys = key_filters(table, query)?;
            insert(&mut sql, table, payload, false);
            sql.text(" where ").text(INSERTED);
            for filter in keys {
                let Test::Compare(_, value) = &filter.test else { continue };
                sql.text(" and pgrst_body.").name(&filter.field.column).text(" = ").value(value.as_str());
            }
            on_conflict(&mut sql, &table.keys, payload, Resolution::Merge);
            true
        }
        Change::Update { payload, .. } if payload.columns.is_empty() => {
            // Nothing to set is no statement; no row is changed.
            sql.text("select ");
            if wanted.is_empty() {
                sql.text("null")
            } else {
                columns(&mut sql, table, &wanted)
            };
            sql.text(" from \"public\".").name(&table.name).text(" where false");
            false
        }
        Change::Update { payload, defaults } => {
            sql.text("update \"public\".").name(&table.name).text(" set ");
            sql.list(&payload.columns, ", ", |sql, column| {
                sql.name(column).text(" = pgrst_body.").name(column);
            });
            sql.text(" ");
            from_body(&mut sql, table, payload, defaults);
            conditions(&mut sql, table, query);
            false
        }
        Change::Delete => {
            sql.text("delete from \"public\".").name(&table.name);
            conditions(&mut sql, table, query);
            false
        }
    };
    if !matches!(change, Change::Update { payload, .. } if payload.columns.is_empty()) {
        sql.text(" returning ");
        if wanted.is_empty() {
            sql.text("1")
        } else {
            columns(&mut sql, table, &wanted)
        };
    }
    sql.text(") select null::bigint as total, pg_catalog.count(_postgrest_t) as page, ");
    let shown = returns == Some(Return::Representation);
    sql.text(if shown { body(media) } else { "''" }).text(" as body, ");
    let located = returns == Some(Return::HeadersOnly)
        && !table.keys.is_empty()
        && matches!(change, Change::Insert { .. } | Change::Replace { .. });
    if located {
        location(&mut sql, table)
    } else {
        sql.text("null::text[]")
    };
    sql.text(" as location, ");
    sql.text(if upsert { "nullif(current_setting('pgrst.inserted', true), '')::int" } else { "null::int" });
    sql.text(" as inserted from (");
    if shown {
        plan.write(&mut sql);
    } else {
        sql.text("select * from pgrst_source");
    }
    sql.text(") _postgrest_t");
    Ok(sql)
}

/// Counts a row that is about to be inserted. Its counterpart in `on conflict` takes the count back for one that was there.
const INSERTED: &str = "set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) + 1)::text, true) <> '0'";
const NOT_INSERTED: &str = "set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) - 1)::text, true) <> '-1'";

fn insert(sql: &mut Statement, table: &Table, payload: &Payload, defaults: bool) {
    sql.text("insert into \"public\".").name(&table.name);
    if !payload.columns.is_empty() {
        sql.text("(").list(&payload.columns, ", ", |sql, column| {
            sql.name(column);
        });
        sql.text(")");
    }
    sql.text(" select ").list(&payload.columns, ", ", |sql, column| {
        sql.text("pgrst_body.").name(column);
    });
    sql.text(" ");
    from_body(sql, table, payload, defaults);
}

fn on_conflict(sql: &mut Statement, conflict: &[String], payload: &Payload, resolution: Resolution) {
    sql.text(" on conflict(").list(conflict, ", ", |sql, column| {
        sql.name(column);
    });
    sql.text(")");
    if resolution == Resolution::Ignore || payload.columns.is_empty() {
        sql.text(" do nothing");
        return;
    }
    sql.text(" do update set ").list(&payload.columns, ", ", |sql, column| {
        sql.name(column).text(" = excluded.").name(column);
    });
    sql.text(" where ").text(NOT_INSERTED);
}

/// `from … pgrst_body`: the rows of the body, each value read by its column's type.
fn from_body(sql: &mut Statement, table: &Table, payload: &Payload, defaults: bool) {
    let columns: Vec<&Column> = payload.columns.iter().filter_map(|name| table.column(name)).collect();
    let json = if defaults { "jsonb" } else { "json" };
    sql.text("from (select ").value(payload.text.as_str()).text("::").text(json).text(" as json_data) pgrst_payload, ");
    let mut source = "pgrst_payload.json_data";
    if defaults {
        source = "pgrst_json_defs.val";
        sql.text(if payload.is_object { "lateral (select " } else { "lateral (select jsonb_agg(" });
        sql.text("jsonb_build_object(");
        let with_default = columns.iter().filter_map(|column| Some((column, column.default.as_ref()?)));
        sql.list(with_default, ", ", |sql, (column, default)| {
            // The name as a value, the expression as PostgreSQL itself wrote it.
            sql.value(column.name.as_str()).text("::text, ").text(default);
        });
        sql.text(if payload.is_object {
            ") || pgrst_payload.json_data as val) pgrst_json_defs, "
        } else {
            ") || elem) as val from jsonb_array_elements(pgrst_payload.json_data) elem) pgrst_json_defs, "
        });
    }
    sql.text("lateral (select ");
    sql.list(&columns, ", ", |sql, column| {
        sql.name(&column.name);
    });
    sql.text(" from ");
    match (columns.is_empty(), payload.is_object) {
        (true, true) => {
            sql.text("(values(1)) _");
        }
        (true, false) => {
            sql.text(json).text("_array_elements(").text(source).text(") _");
        }
        (false, is_object) => {
            sql.text(json).text(if is_object { "_to_record(" } else { "_to_recordset(" }).text(source).text(") as _(");
            sql.list(&columns, ", ", |sql, column| {
                sql.name(&column.name).text(" ").text(&column.kind);
            });
            sql.text(")");
        }
    }
    sql.text(") pgrst_body");
}

fn conditions(sql: &mut Statement, table: &Table, query: &Query) {
    let source = Source::Table(table.name.clone());
    let mut word = " where ";
    for logic in query.own_filters() {
        sql.text(word).logic(table, &source, logic);
        word = " and ";
    }
}

/// The filters of a PUT: the key's columns, all of them and nothing else, with `eq`.
fn key_filters<'a>(table: &Table, query: &'a Query) -> Result<Vec<&'a Filter>, RestError> {
    let filters = query.plain_filters().ok_or(RestError::KeyFilters)?;
    let plain =
        |filter: &&Filter| !filter.not && filter.field.path.is_empty() && matches!(filter.test, Test::Compare("=", _));
    let all = table.keys.iter().all(|key| filters.iter().any(|filter| filter.field.column == *key));
    let only = filters.iter().all(|filter| plain(filter) && table.keys.contains(&filter.field.column));
    if all && only && !table.keys.is_empty() { Ok(filters) } else { Err(RestError::KeyFilters) }
}

/// The columns that a write must give back for what is selected of it.
fn needed(table: &Table, query: &Query) -> Vec<String> {
    let mut wanted = Vec::new();
    let mut want = |name: &str| {
        if !wanted.iter().any(|known| known == name) {
            wanted.push(name.to_owned());
        }
    };
    for item in &query.select {
        match item {
            Item::All => return vec!["*".to_owned()],
            Item::Field { field, .. } if field.column == "*" => return vec!["*".to_owned()],
            Item::Field { field, .. } => want(&field.column),
            Item::Embed(_) => {
                table.relations.iter().flat_map(|relation| &relation.columns).for_each(|(here, _)| want(here));
            }
        }
    }
    query
        .order
        .iter()
        .filter(|(path, _)| path.is_empty())
        .flat_map(|(_, terms)| terms)
        .for_each(|term| want(&term.field.column));
    table.keys.iter().for_each(|key| want(key));
    if wanted.is_empty() { vec!["*".to_owned()] } else { wanted }
}

fn columns<'s>(sql: &'s mut Statement, table: &Table, names: &[String]) -> &'s mut Statement {
    sql.list(names, ", ", |sql, name| {
        sql.text("\"public\".").name(&table.name).text(".");
        if name == "*" {
            sql.text("*")
        } else {
            sql.name(name)
        };
    })
}

/// The key of the row, when it is one, as an array of `column=eq.value`.
fn location<'s>(sql: &'s mut Statement, table: &Table) -> &'s mut Statement {
    sql.text(
        "case when pg_catalog.count(_postgrest_t) = 1 then coalesce((
           with data as (select row_to_json(_) as row from pgrst_source as _ limit 1)
           select array_agg(j.key || '=' || coalesce('eq.' || j.value, 'is.null'))
             from data cross join json_each_text(data.row) as j where j.key in (",
    );
    sql.list(&table.keys, ", ", |sql, key| {
        sql.value(key.as_str());
    });
    sql.text(")), array[]::text[]) else array[]::text[] end")
}
