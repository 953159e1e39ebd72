//! The SQL tests of `supabase/tests` on the embedded PostgreSQL 17: all that one connection can. (`run.sh` runs them on a PostgreSQL
//! server, with the races that take two.)
//!
//! What it cannot is catching an error inside SQL, so assertions of the helper `t.state`, which tells how a statement fails, are
//! passed over here, and so are the files that catch themselves or push bad entries, which the server sorts out with
//! savepoints (`rpc`). The matrix and the pairs for merge have tests of their own here (`matrix`, `merge`).

use std::path::{Path, PathBuf};

use almanac_server::config::Limits;

use crate::common::on_postgres;
use crate::realtime_tables::Own;

/// Files of `supabase/tests`.
const FILES: &[&str] = &[
    "10_smoke",
    "20_merge",
    "40_reads",
    "60_sharing",
    "65_arrivals",
    "67_split",
    "70_sql_writers",
    "72_account_email",
    "75_account_deletion",
];

/// Instead of the helpers that catch.
const WITHOUT_CATCHING: &str = "
create or replace function t.state(statement text) returns text language sql as $$ select 'not caught here' $$;
create or replace function t.is(p_got anyelement, p_want anyelement, p_what text default '') returns void language plpgsql as $$
begin
  if p_got is distinct from p_want and p_got::text is distinct from 'not caught here' then
    raise exception '%: got %, want %', p_what, p_got, p_want;
  end if;
end
$$;";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../supabase/tests")
}

#[tokio::test]
async fn the_sql_tests_hold_on_the_embedded_database() {
    if on_postgres() {
        return;
    }
    let read = |name: &str| {
        let path = folder().join(name).with_extension("sql");
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let helpers = read("setup/helpers");
    for file in FILES {
        let own = Own::with(None, Limits::default()).await;
        let sql = read(file);
        let session = own.running.db().session().await.expect("a session");
        let mut failed = None;
        for statement in statements(&helpers).chain(statements(WITHOUT_CATCHING)).chain(statements(&sql)) {
            if let Err(error) = session.batch_execute(statement).await {
                failed = Some(format!("{file}: {error:?}\n{statement}"));
                break;
            }
        }
        drop(session);
        own.running.stop().await;
        // Not before: a database that is in use does not go.
        assert_eq!(failed, None);
    }
}

/// Each statement by itself, as psql sends them: a transaction of its own unless they say `begin`.
fn statements(sql: &str) -> impl Iterator<Item = &str> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        let end = end_of_statement(rest);
        let (statement, after) = rest.split_at(end);
        rest = after;
        (!statement.trim().is_empty()).then_some(statement)
    })
}

/// Where the first statement ends, behind its semicolon: not within text, comments and bodies of functions.
fn end_of_statement(sql: &str) -> usize {
    let mut at = 0;
    while let Some(character) = sql[at..].chars().next() {
        let here = &sql[at..];
        let skip = |mark: &str| here[mark.len()..].find(mark).map_or(here.len(), |end| end + 2 * mark.len());
        at += match character {
            ';' => return at + 1,
            '\'' => skip("'"),
            '-' if here.starts_with("--") => here.find('\n').unwrap_or(here.len()),
            '$' => match here[1..].find('$').map(|end| &here[..end + 2]) {
                Some(tag) if tag[1..tag.len() - 1].chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => skip(tag),
                _ => 1,
            },
            other => other.len_utf8(),
        };
    }
    sql.len()
}

#[test]
fn statements_are_told_apart() {
    let sql = "select 'a;b'; -- not; here\ndo $$ x; y $$; do $q$ $1; $$ $q$;\n";
    let found: Vec<_> = statements(sql).map(str::trim).collect();
    assert_eq!(found, ["select 'a;b';", "-- not; here\ndo $$ x; y $$;", "do $q$ $1; $$ $q$;"]);
}
