//! A database that is away for a while, or busy: clients are told to come back, and when they do all is as before.

use almanac_server::config::{Database, Limits};
use serde_json::json;

use crate::common::{Answer, PASSWORD, calendar_of, client, new_database, new_email, on_postgres, send, server};
use crate::realtime_tables::{Own, change};

async fn get(own: &Own, path: &str, token: &str) -> Answer {
    let request = client().get(format!("{}{path}", own.running.url())).header("apikey", own.running.anon_key());
    send(request.bearer_auth(token), &[]).await
}

async fn sign_up(own: &Own) -> Answer {
    let body = json!({"email": new_email(), "password": PASSWORD}).to_string();
    let request = client().post(format!("{}/auth/v1/signup", own.running.url())).body(body);
    send(request.header("apikey", own.running.anon_key()), &[]).await
}

/// A superuser's connection to the cluster, by its address.
async fn superuser(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("a connection");
    tokio::spawn(connection);
    client
}

fn name_of(url: &str) -> &str {
    url.rsplit('/').next().expect("a database")
}

#[tokio::test]
async fn while_the_database_is_away_clients_are_told_to_come_back() {
    let Ok(cluster) = std::env::var("ALMANAC_TEST_DATABASE_URL") else { return };
    let url = new_database(&cluster, "away").await;
    let own = Own::with(Some(Database::Url(url.clone())), Limits::default()).await;
    let (_, token) = own.person().await;
    let admin = superuser(&cluster).await;
    let allow = async |yes: bool| {
        let name = name_of(&url);
        let sql = format!(
            "alter database {name} allow_connections {yes};
             select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
        );
        admin.batch_execute(&sql).await.expect("a superuser may");
    };
    allow(false).await;
    // Whoever has a connection as it ends is told by PostgreSQL itself; after those there is none.
    let mut without = 0;
    while without < 5 {
        let answer = get(&own, "/rest/v1/user_categories", &token).await.expect(503);
        without = if answer.json()["code"] == "57P01" { 0 } else { without + 1 };
        crate::rpc::refused(&answer, 503, if without > 0 { "PGRST001" } else { "57P01" });
    }
    let refused = sign_up(&own).await.expect(503).json();
    assert_eq!(refused["error_code"], "unexpected_failure");
    assert_eq!(get(&own, "/health", &token).await.status, 503);
    allow(true).await;
    get(&own, "/rest/v1/user_categories", &token).await.expect(200);
    sign_up(&own).await.expect(200);
    assert_eq!(get(&own, "/health", &token).await.status, 200);
    own.running.stop().await;
}

#[tokio::test]
async fn who_may_have_missed_a_change_is_told_to_pull() {
    let Ok(cluster) = std::env::var("ALMANAC_TEST_DATABASE_URL") else { return };
    let url = new_database(&cluster, "gap").await;
    let own = Own::with(Some(Database::Url(url.clone())), Limits::default()).await;
    let (_, token) = own.person().await;
    let mut socket = own.listener(json!([{"event": "*", "schema": "public", "table": "sync_head"}]), &token).await;
    let admin = superuser(&cluster).await;
    let ended = admin
        .query_one(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity
              where datname = $1 and query ilike 'listen%'",
            &[&name_of(&url)],
        )
        .await
        .expect("a superuser may");
    assert_eq!(ended.get::<_, i64>(0), 1, "one connection listens");
    // `system ok` makes clients pull; whatever was written meanwhile comes by that.
    let said = socket.event("system").await;
    assert_eq!((&said[4]["extension"], &said[4]["status"]), (&json!("postgres_changes"), &json!("ok")));
    // And from here on it is heard again.
    own.post("/rest/v1/user_categories", Some(&token), json!({"name": "News"}).to_string()).await;
    assert!(change(&mut socket).await["record"]["seq"].is_number());
    own.running.stop().await;
}

#[tokio::test]
async fn who_finds_no_free_connection_in_time_is_told_to_come_back() {
    let own = Own::with(None, Limits::default()).await;
    let (_, token) = own.person().await;
    // The embedded database has one connection.
    let held = own.running.db().session().await.expect("a session");
    let answer = get(&own, "/rest/v1/user_categories", &token).await;
    crate::rpc::refused(&answer, 504, "PGRST003");
    assert_eq!(answer.json()["message"], "Timed out acquiring connection from connection pool.");
    drop(held);
    get(&own, "/rest/v1/user_categories", &token).await.expect(200);
    own.running.stop().await;
}

#[tokio::test]
async fn nothing_in_the_embedded_database_has_to_be_made_anew_after_a_crash() {
    if on_postgres() {
        return;
    }
    let unlogged = server().with_db(async |session| {
        let sql = "select coalesce(string_agg(relname, ', '), '') from pg_catalog.pg_class where relpersistence = 'u'";
        session.query_one(sql, &[]).await.expect("an answer").get::<_, String>(0)
    });
    assert_eq!(unlogged.await, "");
}

/// Errors wear the embedded backend out: of some hundred, one in a while ended it in the middle of somebody's request.
#[tokio::test]
async fn after_many_errors_the_embedded_database_has_a_fresh_backend_and_nobody_notices() {
    if on_postgres() {
        return;
    }
    let own = Own::with(None, Limits::default()).await;
    let (id, token) = own.person().await;
    let mut socket = own.listener(json!([{"event": "*", "schema": "public", "table": "sync_head"}]), &token).await;
    own.sql("create temporary table of_this_backend ()").await;
    let entries: Vec<_> = (0..100).map(|number| calendar_of(&id, number, &json!(null))).collect();
    let push = json!({"p_device": "00c0ffee00c0ffee", "p_entries": entries}).to_string();
    let answer = own.post("/rest/v1/rpc/sync_push", Some(&token), push).await;
    let results = answer["results"].as_array().expect("results");
    assert!(results.len() == 100 && results.iter().all(|result| result["status"] == "refused"), "{answer}");
    let session = own.running.db().session().await.expect("a session");
    let old = session.query_one("select to_regclass('pg_temp.of_this_backend')::text", &[]).await.expect("an answer");
    assert_eq!(old.get::<_, Option<String>>(0), None, "it is another backend");
    drop(session);
    own.post("/rest/v1/user_categories", Some(&token), json!({"name": "News"}).to_string()).await;
    assert!(change(&mut socket).await["record"]["seq"].is_number(), "and it is listened to");
    own.running.stop().await;
}

/// What goes into the log says what failed and nothing of what is in the rows.
#[tokio::test]
async fn errors_of_the_database_are_logged_without_what_they_quote() {
    let own = Own::with(None, Limits::default()).await;
    own.person().await;
    for sql in [
        "select 'ann@example.org'::uuid",
        "insert into auth.users (id, email, encrypted_password) values (null, 'ann@example.org', '$argon2id$ann@example.org')",
        "insert into auth.users (id, email)
         select gen_random_uuid(), 'ann@example.org' from generate_series(1, 2)",
        "select '{\"ann@example.org\": x}'::jsonb",
    ] {
        let session = own.running.db().session().await.expect("a session");
        let error = session.batch_execute(sql).await.expect_err("it is refused");
        assert!(almanac_server::error::describe(&error).contains("ann@"), "nothing to leave out: {error:?}");
        let logged = almanac_server::error::describe_without_values(&error);
        let code = error.code().expect("a code").code();
        assert!(logged.contains(code) && !logged.contains("ann"), "{logged}");
    }
    own.post("/auth/v1/signup", None, json!({"email": new_email(), "password": PASSWORD}).to_string()).await;
    own.running.stop().await;
}
