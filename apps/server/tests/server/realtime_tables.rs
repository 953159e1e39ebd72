//! Realtime beyond the heads of the feed: the tables themselves when they are published, a subscriber that does not read,
//! and several servers on one database.

use std::time::{Duration, Instant};

use almanac_server::config::{Config, Database, Limits};
use serde_json::{Value, json};

use crate::common::{PASSWORD, client, new_database, new_email};
use crate::realtime::Client;

/// A server of its own.
pub(crate) struct Own {
    pub(crate) running: almanac_server::Server,
    _folder: tempfile::TempDir,
}

impl Own {
    async fn start(database: Option<Database>) -> Self {
        Self::with(database, Limits { sign_ups: 1_000, ..Limits::default() }).await
    }

    pub(crate) async fn with(database: Option<Database>, limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = database.unwrap_or_else(|| Database::Embedded(folder.path().join("data")));
        let config = Config {
            listen: ([127, 0, 0, 1], 0).into(),
            database,
            metrics: Some(([127, 0, 0, 1], 0).into()),
            limits,
            ..Config::default()
        };
        Self { running: almanac_server::start(config).await.expect("the server starts"), _folder: folder }
    }

    pub(crate) async fn sql(&self, sql: &str) {
        let session = self.running.db().session().await.expect("a session");
        session.batch_execute(sql).await.unwrap_or_else(|error| panic!("{error:?} in {sql}"));
    }

    /// Signs up; id and token.
    pub(crate) async fn person(&self) -> (String, String) {
        let body = json!({"email": new_email(), "password": PASSWORD}).to_string();
        let session = self.post("/auth/v1/signup", None, body).await;
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&session["user"]["id"]), text(&session["access_token"]))
    }

    pub(crate) async fn post(&self, path: &str, token: Option<&str>, body: String) -> Value {
        let request = client().post(format!("{}{path}", self.running.url())).header("apikey", self.running.anon_key());
        let request = token.iter().fold(request, |request, token| request.bearer_auth(token));
        let answer = request.header("prefer", "return=representation").body(body).send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("text"));
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// A socket that hears of `changes`.
    pub(crate) async fn listener(&self, changes: Value, token: &str) -> Client {
        let query = format!("apikey={}&vsn=2.0.0", self.running.anon_key());
        let mut socket = Client::to(&self.running.url(), &query).await;
        let reply = socket.join("1", "realtime:tables", changes, Some(token)).await;
        assert_eq!(reply[4]["status"], "ok", "{reply}");
        let system = socket.event("system").await;
        assert_eq!(system[4]["status"], "ok", "{system}");
        socket
    }
}

/// The next change of a table.
pub(crate) async fn change(socket: &mut Client) -> Value {
    socket.event("postgres_changes").await[4]["data"].clone()
}

fn everything() -> Value {
    json!([{"event": "*", "schema": "public", "table": "*"}])
}

#[tokio::test]
async fn published_tables_are_heard_by_those_who_may_see_the_rows() {
    let own = Own::start(None).await;
    own.sql(include_str!("../../../../supabase/optional/publish_tables.sql")).await;
    let ((ann, ann_token), (bob, bob_token)) = (own.person().await, own.person().await);
    let mut hers = own
        .listener(
            json!([{"event": "*", "schema": "public", "table": "user_categories"},
                                       {"event": "INSERT", "schema": "public", "table": "events"}]),
            &ann_token,
        )
        .await;
    let mut his =
        own.listener(json!([{"event": "*", "schema": "public", "table": "user_categories"}]), &bob_token).await;

    own.post("/rest/v1/user_categories", Some(&ann_token), json!({"name": "Hers"}).to_string()).await;
    let heard = change(&mut hers).await;
    assert_eq!((&heard["type"], &heard["table"]), (&json!("INSERT"), &json!("user_categories")));
    assert_eq!((&heard["record"]["name"], &heard["record"]["user_id"]), (&json!("Hers"), &json!(ann)));
    assert!(
        heard["columns"]
            .as_array()
            .is_some_and(|columns| columns.contains(&json!({"name": "visible", "type": "bool"})))
    );
    // He hears his own first: of hers nothing came before.
    own.post("/rest/v1/user_categories", Some(&bob_token), json!({"name": "His"}).to_string()).await;
    let heard = change(&mut his).await;
    assert_eq!((&heard["record"]["name"], &heard["record"]["user_id"]), (&json!("His"), &json!(bob)));

    // A plain SQL writer, one row at a time, and a deletion, which leaves a tombstone.
    own.sql(&format!("update public.user_categories set color = 'red' where user_id = '{ann}'")).await;
    let heard = change(&mut hers).await;
    assert_eq!((&heard["type"], &heard["record"]["color"]), (&json!("UPDATE"), &json!("red")));
    own.sql(&format!("delete from public.user_categories where user_id = '{ann}'")).await;
    let heard = change(&mut hers).await;
    assert_eq!((&heard["type"], heard["record"]["deleted_at"].is_string()), (&json!("UPDATE"), true));

    // An event shared with him is heard by her alone as long as he does not listen to events.
    let event = json!({"title": "Lunch", "start_time": "2026-11-23T12:00:00Z", "duration": 45, "start_timestamp_ms": 0, "end_timestamp_ms": 0});
    own.post("/rest/v1/events", Some(&ann_token), event.to_string()).await;
    let heard = change(&mut hers).await;
    assert_eq!((&heard["table"], &heard["record"]["title"]), (&json!("events"), &json!("Lunch")));
    own.running.stop().await;
}

#[tokio::test]
async fn the_first_subscribers_may_come_all_at_once() {
    let own = Own::start(None).await;
    let (_, token) = own.person().await;
    let heads = json!([{"event": "*", "schema": "public", "table": "sync_head"}]);
    // Each is told that its subscription stands, though the server reads the published tables only now.
    futures::future::join_all((0..4).map(|_| own.listener(heads.clone(), &token))).await;
    own.running.stop().await;
}

#[tokio::test]
async fn a_subscriber_that_does_not_read_is_dropped_and_harms_nobody() {
    let own = Own::start(None).await;
    own.sql(include_str!("../../../../supabase/optional/publish_tables.sql")).await;
    let (ann, token) = own.person().await;
    // It joins, and is never read again.
    let _asleep = own.listener(everything(), &token).await;
    let mut awake = own.listener(json!([{"event": "*", "schema": "public", "table": "user_categories"}]), &token).await;
    own.sql(&format!(
        "insert into public.ai_personas (user_id, name, system_prompt)
         select '{ann}', 'Long', repeat('y', 190000) from generate_series(1, 120)"
    ))
    .await;
    let begun = Instant::now();
    own.post("/rest/v1/user_categories", Some(&token), json!({"name": "News"}).to_string()).await;
    assert_eq!(change(&mut awake).await["record"]["name"], "News");
    assert!(begun.elapsed() < Duration::from_secs(9), "it was held up for {:?}", begun.elapsed());
    let metrics = format!("http://{}/metrics", own.running.metrics_addr().expect("an address"));
    let begun = Instant::now();
    loop {
        let text = client().get(&metrics).send().await.expect("an answer").text().await.expect("text");
        if text.contains("almanac_realtime_slow_total 1") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it was never dropped: {text}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    own.running.stop().await;
}

#[tokio::test]
async fn a_change_made_at_one_server_is_heard_at_the_other() {
    let Ok(cluster) = std::env::var("ALMANAC_TEST_DATABASE_URL") else { return };
    let url = new_database(&cluster, "several").await;
    let (a, b) = (Own::start(Some(Database::Url(url.clone()))).await, Own::start(Some(Database::Url(url))).await);
    let (ann, token) = a.person().await;
    let head = json!([{"event": "*", "schema": "public", "table": "sync_head", "filter": format!("user_id=eq.{ann}")}]);
    let mut at_a = a.listener(head.clone(), &token).await;
    let mut at_b = b.listener(head, &token).await;
    for server in [&a, &b] {
        server.post("/rest/v1/user_categories", Some(&token), json!({"name": "News"}).to_string()).await;
        let (heard_a, heard_b) = (change(&mut at_a).await, change(&mut at_b).await);
        assert_eq!(heard_a["record"], heard_b["record"]);
    }
    a.running.stop().await;
    b.running.stop().await;
}
