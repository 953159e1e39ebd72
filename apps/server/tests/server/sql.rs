//! The SQL tests of `supabase/tests` on the embedded PostgreSQL 17: all that one connection can. (`run.sh` runs them on a PostgreSQL
//! server, with the races that take two.)
//!
//! What it cannot is catching an error inside SQL, so what the files catch themselves is caught here, from outside: the
//! statements of `t.asked` under a savepoint, its entries by the server, which sorts them out with savepoints too. Assertions of the helper `t.state`, which tells how a statement fails, and statements marked `(catches)`
//! are passed over. The matrix and the pairs for merge have tests of their own here (`matrix`, `merge`).

use std::path::{Path, PathBuf};

use almanac_server::config::Limits;
use serde_json::json;

use crate::common::{on_postgres, sign};
use crate::realtime_tables::Own;

/// Files of `supabase/tests`.
const FILES: &[&str] = &[
    "10_smoke",
    "20_merge",
    "30_push",
    "40_reads",
    "45_large_accounts",
    "50_rls",
    "60_sharing",
    "65_arrivals",
    "67_split",
    "70_sql_writers",
    "72_account_email",
    "75_account_deletion",
    "80_invites",
    "90_grants",
    "92_hosted",
    "95_maintenance",
];

/// Those that have tests of their own here.
const ELSEWHERE: &[&str] = &["21_merge_cases", "55_matrix"];

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
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let helpers = read(&folder().join("setup/helpers.sql"));
    let optional = read(&folder().join("../optional/publish_tables.sql"));
    let mut failed = Vec::new();
    for file in FILES {
        let own = Own::with(None, Limits::default()).await;
        // psql's own command.
        let sql = read(&folder().join(file).with_extension("sql")).replace("\\i :optional\n", &optional);
        for statement in statements(&helpers).chain(statements(WITHOUT_CATCHING)).chain(statements(&sql)) {
            if let Err(reason) = run(&own, statement).await {
                failed.push(format!("{file}: {reason}\n{statement}"));
                break;
            }
        }
        own.running.stop().await;
    }
    // Not before: a database that is in use does not go.
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

/// One statement, or what it would catch.
async fn run(own: &Own, statement: &str) -> Result<(), String> {
    let session = own.running.db().session().await.expect("a session");
    match bare(statement) {
        _ if statement.contains("-- (catches)\n") => Ok(()),
        "select t.all_as_asked();" => {
            drop(session);
            as_asked(own).await
        }
        _ => session.batch_execute(statement).await.map_err(said),
    }
}

/// What `t.all_as_asked` does, with errors caught out here.
async fn as_asked(own: &Own) -> Result<(), String> {
    let session = own.running.db().session().await.expect("a session");
    let sql = "select who, what, want, t.user(who)::text, statement, entry::text from t.asked";
    let asked = session.query(sql, &[]).await.map_err(said)?;
    let secret: Vec<u8> = session.query_one("select jwt_secret from auth.project", &[]).await.expect("a secret").get(0);
    session.batch_execute("delete from t.asked").await.map_err(said)?;
    drop(session);
    assert!(!asked.is_empty(), "nothing is asked");
    for row in asked {
        let [who, what, want, user]: [String; 4] = [0, 1, 2, 3].map(|column| row.get(column));
        let (statement, entry): (Option<String>, Option<String>) = (row.get(4), row.get(5));
        let got = match (statement, entry) {
            (Some(statement), _) => tried(own, &who, &statement).await?,
            (None, Some(entry)) => verdict(own, &user, &secret, &entry).await,
            (None, None) => return Err(format!("{what} asks for nothing")),
        };
        if got != want {
            return Err(format!("{what} as {who:?}: got {got:?}, want {want:?}"));
        }
    }
    Ok(())
}

/// A statement, undone: '' is done, 'none' touches no row, and else it is the code it fails with.
async fn tried(own: &Own, who: &str, statement: &str) -> Result<String, String> {
    let mut session = own.running.db().session().await.expect("a session");
    session.execute("select t.be($1)", &[&who]).await.map_err(said)?;
    let tx = session.transaction().await.map_err(said)?;
    let got = match tx.execute(statement, &[]).await {
        Ok(0) => "none".to_owned(),
        Ok(_) => String::new(),
        Err(error) => error.code().map(|code| code.code().to_owned()).unwrap_or_default(),
    };
    tx.rollback().await.map_err(said)?;
    session.execute("select t.be(null)", &[]).await.map_err(said)?;
    Ok(got)
}

/// What the server answers to an entry of this user: the code it is refused with, or 'done'.
async fn verdict(own: &Own, user: &str, secret: &[u8], entry: &str) -> String {
    let token = sign(&json!({"sub": user, "role": "authenticated", "exp": crate::common::now() + 600}), secret);
    let body = format!(r#"{{"p_device":"00000000000000d1","p_entries":[{entry}]}}"#);
    let answer = own.post("/rest/v1/rpc/sync_push", Some(&token), body).await;
    let result = &answer["results"][0];
    result["code"].as_str().or(result["status"].as_str()).unwrap_or_default().to_owned()
}

fn said(error: tokio_postgres::Error) -> String {
    format!("{error:?}")
}

/// A statement without the comments before it.
fn bare(statement: &str) -> &str {
    let mut rest = statement.trim();
    while rest.starts_with("--") {
        rest = rest.split_once('\n').map_or("", |(_, after)| after.trim_start());
    }
    rest
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
fn every_file_is_run() {
    let entries = std::fs::read_dir(folder()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut known: Vec<_> = FILES.iter().chain(ELSEWHERE).copied().collect();
    known.sort_unstable();
    assert_eq!(files, known);
}

#[test]
fn statements_are_told_apart() {
    let sql = "select 'a;b'; -- not; here\ndo $$ x; y $$; do $q$ $1; $$ $q$;\n";
    let found: Vec<_> = statements(sql).map(str::trim).collect();
    assert_eq!(found, ["select 'a;b';", "-- not; here\ndo $$ x; y $$;", "do $q$ $1; $$ $q$;"]);
}
