//! From a request to SQL. Names are quoted, values are bound, and the text of a request is in the statement in no other way;
//! casts alone are written out, and those are letters, digits, underscores and spaces.

mod read;
mod statement;
mod write;

pub(super) use read::{Plan, plan};
pub(super) use statement::Statement;
pub(super) use write::{Change, change};

use super::request::{Count, Media};

/// The columns of every main statement's answer, in order.
///
/// * `total`: rows there are, when that was asked;
/// * `page`: rows in this answer;
/// * `body`: the answer, as text;
/// * `location`: for one inserted row, its key as `column=eq.value`;
/// * `inserted`: how many rows of an upsert were new.
pub(super) fn read_statement(plan: &Plan<'_>, count: Option<Count>, most: i64, media: Media) -> Statement {
    let mut sql = Statement::default();
    sql.text("with pgrst_source as (");
    plan.write(&mut sql);
    sql.text(")");
    let counted = matches!(count, Some(Count::Exact | Count::Estimated));
    if counted {
        sql.text(", pgrst_source_count as (");
        plan.write_count(&mut sql);
        if count == Some(Count::Estimated) {
            sql.text(" limit ").value((most + 1).to_string());
        }
        sql.text(")");
    }
    sql.text(" select ");
    sql.text(if counted { "(select pg_catalog.count(*) from pgrst_source_count)" } else { "null::bigint" });
    sql.text(" as total, pg_catalog.count(_postgrest_t) as page, ").text(body(media));
    sql.text(
        " as body, null::text[] as location, null::int as inserted from (select * from pgrst_source) _postgrest_t",
    );
    sql
}

/// The statement of which PostgreSQL's planner tells how many rows it expects.
pub(super) fn explain_statement(plan: &Plan<'_>) -> Statement {
    let mut sql = Statement::default();
    sql.text("explain (format json) ");
    plan.write_count(&mut sql);
    sql
}

/// The expression that makes the answer of all rows.
fn body(media: Media) -> &'static str {
    match media {
        Media::Json => "coalesce(json_agg(_postgrest_t), '[]')::text",
        Media::Stripped => "coalesce(json_strip_nulls(json_agg(_postgrest_t)), '[]')::text",
        Media::Object { stripped: false } => "coalesce(json_agg(_postgrest_t)->0, 'null')::text",
        Media::Object { stripped: true } => "coalesce(json_strip_nulls(json_agg(_postgrest_t)->0), 'null')::text",
        Media::Csv => {
            "(select coalesce(string_agg(a.k, ','), '') from (select json_object_keys(r)::text as k from
               (select row_to_json(h) as r from pgrst_source as h limit 1) s) a) || E'\\n' ||
             coalesce(string_agg(substring(_postgrest_t::text, 2, length(_postgrest_t::text) - 2), E'\\n'), '')"
        }
    }
}
