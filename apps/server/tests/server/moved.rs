//! `supabase/move_to_server.sh`: from a hosted project to a server of one's own, between two databases of a PostgreSQL.

use std::path::Path;
use std::process::{Command, Output};

use almanac_server::admin::Admin;
use almanac_server::config::{Config, Database};
use serde_json::{Value, json};

use crate::common::{client, new_database, new_email, on_postgres};
use crate::realtime_tables::Own;

fn script(from: &str, to: &str) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../supabase/move_to_server.sh");
    Command::new("bash").arg(script).args([from, to]).output().expect("bash runs")
}

fn refused(output: &Output, because: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(because), "{said}");
}

async fn server_on(url: &str) -> Own {
    Own::with(Some(Database::Url(url.to_owned())), almanac_server::config::Limits::default()).await
}

/// Everyone's events and the epoch, as the database has them.
async fn state(own: &Own) -> (Vec<String>, String) {
    let db = own.running.db().session().await.expect("a session");
    let events = db.query("select to_jsonb(e)::text from public.events e order by id", &[]).await.expect("rows");
    let epoch = db.query_one("select epoch::text from almanac.sync_meta", &[]).await.expect("an epoch").get(0);
    (events.iter().map(|row| row.get(0)).collect(), epoch)
}

#[tokio::test]
async fn a_project_moves_with_its_accounts_and_rows() {
    if !on_postgres() {
        return;
    }
    let superuser = std::env::var("ALMANAC_TEST_DATABASE_URL").expect("an address");
    let (from, to) = (new_database(&superuser, "from").await, new_database(&superuser, "to").await);
    let old = server_on(&from).await;
    let email = new_email();
    let body = json!({"email": email, "password": "of the old days"}).to_string();
    let session = old.post("/auth/v1/signup", None, body).await;
    let token = session["access_token"].as_str().expect("a token").to_owned();
    let event = json!({"title": "Lunch\t\\N \u{1f5d3}", "start_time": "2026-11-23T12:00:00Z", "duration": 45,
                       "start_timestamp_ms": 0, "end_timestamp_ms": 0});
    old.post("/rest/v1/events", Some(&token), event.to_string()).await;
    // GoTrue has columns that we have not, and computes some.
    old.sql(
        "alter table auth.users add phone text unique,
           add confirmed_at timestamptz generated always as (email_confirmed_at) stored",
    )
    .await;
    // Its address was never confirmed there.
    old.sql("update auth.users set email_confirmed_at = null").await;
    let (events, epoch) = state(&old).await;
    assert_eq!(events.len(), 1);
    old.running.stop().await;

    refused(&script(&from, &to), "start almanac-server on it once");
    server_on(&to).await.running.stop().await;
    let moved = script(&from, &to);
    assert!(moved.status.success(), "{}", String::from_utf8_lossy(&moved.stderr));
    assert_eq!(String::from_utf8_lossy(&moved.stdout).trim(), "1 accounts and 1 events were copied");
    refused(&script(&from, &to), "has accounts in it already");

    let admin =
        Admin::open(&Config { database: Database::Url(to.clone()), ..Config::default() }).await.expect("it opens");
    admin.reset_password(&email, Some("of today".to_owned())).await.expect("a new password");
    admin.close().await;
    let new = server_on(&to).await;
    let (moved_events, new_epoch) = state(&new).await;
    assert_eq!(moved_events, events);
    assert_ne!(new_epoch, epoch, "devices must see that it is another database");
    let sign_in = async |password: &str| {
        let request = client().post(format!("{}/auth/v1/token?grant_type=password", new.running.url()));
        let body = json!({"email": email, "password": password}).to_string();
        let answer = request.header("apikey", new.running.anon_key()).body(body).send().await.expect("an answer");
        (answer.status().as_u16(), serde_json::from_str::<Value>(&answer.text().await.expect("text")).expect("JSON"))
    };
    assert_eq!(sign_in("of the old days").await.0, 400);
    let (status, session) = sign_in("of today").await;
    assert_eq!((status, &session["user"]["email"]), (200, &json!(email)));
    // The feed goes on: what is written now is numbered after what came along.
    let token = session["access_token"].as_str().expect("a token");
    let pulled =
        new.post("/rest/v1/rpc/sync_pull", Some(token), json!({"p_after": 0, "p_limit": 100}).to_string()).await;
    let tables: Vec<_> = pulled["changes"].as_array().expect("changes").iter().map(|change| &change["table"]).collect();
    assert!(tables.contains(&&json!("events")), "{pulled}");
    new.post("/rest/v1/user_categories", Some(token), json!({"name": "New"}).to_string()).await;
    let after = json!({"p_after": pulled["at"], "p_limit": 100}).to_string();
    let next = new.post("/rest/v1/rpc/sync_pull", Some(token), after).await;
    assert_eq!(next["changes"][0]["row"]["name"], "New", "{next}");
    new.running.stop().await;
}
