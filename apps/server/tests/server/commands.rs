//! What an operator does on the command line: accounts, keys, backup and restore.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::cli::{Running, gives_up, program};
use crate::common::{client, new_database};

/// Runs a command on a folder that is expected to go well; what it said.
fn run(words: &[&str], data_dir: &Path, stdin: &str) -> String {
    run_on(words, &["--data-dir", data_dir.to_str().expect("UTF-8")], stdin)
}

/// The same on the database that is named.
fn run_on(words: &[&str], database: &[&str], stdin: &str) -> String {
    let mut command = program(words);
    command.args(database).stdin(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    child.stdin.take().expect("piped").write_all(stdin.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn fails(words: &[&str], data_dir: &Path) -> String {
    gives_up(&[words, &["--data-dir", data_dir.to_str().expect("UTF-8")]].concat())
}

/// Signs in; the answer.
async fn sign_in(server: &Running, email: &str, password: &str) -> (u16, Value) {
    let response = client()
        .post(format!("{}/auth/v1/token?grant_type=password", server.url))
        .header("apikey", server.key().await)
        .body(json!({"email": email, "password": password}).to_string())
        .send()
        .await
        .expect("an answer");
    (response.status().as_u16(), serde_json::from_str(&response.text().await.expect("text")).expect("JSON"))
}

async fn get(server: &Running, path: &str, token: &str) -> (u16, Value) {
    let request = client().get(format!("{}{path}", server.url)).header("apikey", server.key().await);
    let response = request.bearer_auth(token).send().await.expect("an answer");
    (response.status().as_u16(), serde_json::from_str(&response.text().await.expect("text")).expect("JSON"))
}

#[tokio::test]
async fn accounts_are_made_listed_given_another_password_and_deleted() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let told = run(&["user", "add", "Ann@Example.org"], &data, "");
    let password = told.strip_prefix("password: ").expect("a password").to_owned();
    assert_eq!(run(&["user", "add", "bob@example.org", "--password-stdin"], &data, "of my own\n"), "done");
    assert!(fails(&["user", "add", "ann@example.org"], &data).contains("there is an account ann@example.org already"));
    assert!(fails(&["user", "add", "nonsense"], &data).contains("email"));

    let server = Running::start(&data);
    let (status, session) = sign_in(&server, "ann@example.org", &password).await;
    assert_eq!(status, 200, "{session}");
    assert_eq!(sign_in(&server, "bob@example.org", "of my own").await.0, 200);
    // One folder, one program at a time.
    assert!(fails(&["user", "list"], &data).contains("in use by another Almanac server"));
    server.stop();

    let list = run(&["user", "list"], &data, "");
    assert!(list.contains("ann@example.org") && list.contains("bob@example.org"), "{list}");
    run(&["user", "reset-password", "ann@example.org", "--password-stdin"], &data, "another one\n");
    run(&["user", "delete", "bob@example.org"], &data, "");
    assert!(fails(&["user", "delete", "bob@example.org"], &data).contains("there is no account bob@example.org"));

    let server = Running::start(&data);
    assert_eq!(sign_in(&server, "ann@example.org", &password).await.0, 400);
    assert_eq!(sign_in(&server, "ann@example.org", "another one").await.0, 200);
    assert_eq!(sign_in(&server, "bob@example.org", "of my own").await.0, 400);
}

#[tokio::test]
async fn new_keys_sign_and_the_old_ones_stay_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    run(&["user", "add", "ann@example.org", "--password-stdin"], &data, "of my own\n");
    let server = Running::start(&data);
    let before = sign_in(&server, "ann@example.org", "of my own").await.1;
    let before = before["access_token"].as_str().expect("a token").to_owned();
    server.stop();
    let id = run(&["keys", "rotate"], &data, "").strip_prefix("new key: ").expect("an id").to_owned();
    let keys = run(&["keys", "show"], &data, "");
    assert!(keys.contains("anon: ey") && keys.contains("service_role: ey"), "{keys}");

    let server = Running::start(&data);
    let after = sign_in(&server, "ann@example.org", "of my own").await.1;
    let after = after["access_token"].as_str().expect("a token").to_owned();
    for token in [&before, &after] {
        let (status, user) = get(&server, "/auth/v1/user", token).await;
        assert_eq!((status, &user["email"]), (200, &json!("ann@example.org")));
        let (status, rows) = get(&server, "/rest/v1/user_profiles?select=email", token).await;
        assert_eq!((status, rows), (200, json!([{"email": "ann@example.org"}])));
    }
    let (_, known) = get(&server, "/auth/v1/.well-known/jwks.json", &after).await;
    assert_eq!((&known["keys"][0]["kid"], &known["keys"][0]["alg"]), (&json!(id), &json!("ES256")));
    assert_eq!(known["keys"][0].get("d"), None, "the private half stays here");
    // Whoever has the public key can check the token.
    check_as_a_stranger(&known["keys"][0], &after);
    // The service-role key sees everyone's rows.
    let service = keys.lines().find_map(|line| line.strip_prefix("service_role: ")).expect("a key");
    assert_eq!(
        get(&server, "/rest/v1/user_profiles?select=email", service).await.1,
        json!([{"email": "ann@example.org"}])
    );
}

fn check_as_a_stranger(jwk: &Value, token: &str) {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    let part = |name: &str| BASE64.decode(jwk[name].as_str().expect("a coordinate")).expect("base64");
    let point = [vec![4], part("x"), part("y")].concat();
    let (signed, signature) = token.rsplit_once('.').expect("a token");
    let signature = BASE64.decode(signature).expect("base64");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &signature)
        .expect("a good signature");
}

#[tokio::test]
async fn a_backup_is_restored_with_everything_in_it_and_a_new_epoch() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let file = folder.path().join("almanac.backup");
    let file = file.to_str().expect("UTF-8");
    run(&["user", "add", "ann@example.org", "--password-stdin"], &data, "of my own\n");
    let server = Running::start(&data);
    let session = sign_in(&server, "ann@example.org", "of my own").await.1;
    let token = session["access_token"].as_str().expect("a token").to_owned();
    let key = server.key().await;
    let post = |path: &'static str, body: Value| {
        let request =
            client().post(format!("{}/rest/v1/{path}", server.url)).header("apikey", &key).bearer_auth(&token);
        request.header("prefer", "return=representation").body(body.to_string()).send()
    };
    let event = |more: Value| {
        let mut row = json!({"title": "Lunch", "start_time": "2026-11-23T12:00:00Z", "duration": 45,
                             "start_timestamp_ms": 0, "end_timestamp_ms": 0});
        row.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        row
    };
    // The exception comes before its series in no order but by chance: names decide.
    let series = "ffffffff-0000-4000-8000-000000000000";
    let rows = post("events", event(json!({"id": series, "recurrence": "FREQ=DAILY", "notes": "\u{1f5d3} 'quoted'"})));
    assert_eq!(rows.await.expect("an answer").status(), 201);
    let exception = event(json!({"id": "00000000-0000-4000-8000-000000000000", "series_id": series,
                                 "original_start": "2026-11-24T12:00:00Z"}));
    assert_eq!(post("events", exception).await.expect("an answer").status(), 201);
    let before = get(&server, "/rest/v1/events?order=id", &token).await.1;
    let epoch = |page: &Value| page["epoch"].as_str().expect("an epoch").to_owned();
    let old = get(&server, "/rest/v1/rpc/sync_pull?p_after=0&p_limit=100", &token).await.1;
    server.stop();

    assert!(run(&["backup", file], &data, "").ends_with("rows are in the backup"));
    assert!(fails(&["backup", file], &data).contains("exists"), "a backup is never written over");
    assert!(fails(&["restore", file], &data).contains("has accounts in it already"));
    run(&["restore", file], &copy, "");

    let server = Running::start(&copy);
    assert_eq!(server.key().await, key, "clients need not be told a new key");
    assert_eq!(get(&server, "/rest/v1/events?order=id", &token).await.1, before);
    let new = get(&server, "/rest/v1/rpc/sync_pull?p_after=0&p_limit=100", &token).await.1;
    assert_ne!(epoch(&new), epoch(&old));
    // The session of before the backup goes on.
    let refreshed = client()
        .post(format!("{}/auth/v1/token?grant_type=refresh_token", server.url))
        .header("apikey", &key)
        .body(json!({"refresh_token": session["refresh_token"]}).to_string())
        .send()
        .await
        .expect("an answer");
    assert_eq!(refreshed.status(), 200);
    // And the triggers are back: what is written now is numbered.
    let request = client().post(format!("{}/rest/v1/user_categories", server.url)).header("apikey", &key);
    let made = request.bearer_auth(&token).body(json!({"name": "New"}).to_string()).send().await.expect("an answer");
    assert_eq!(made.status(), 201);
    let path = format!("/rest/v1/rpc/sync_pull?p_after={}&p_limit=100", new["at"]);
    let pulled = get(&server, &path, &token).await.1;
    assert_eq!(pulled["changes"][0]["row"]["name"], "New", "{pulled}");
}

/// Everyone's rows, as the service-role key sees them, but for the stamp with which a new epoch tells e-mails again.
async fn everything(database: &[&str]) -> Vec<Value> {
    let keys = run_on(&["keys", "show"], database, "");
    let service = keys.lines().find_map(|line| line.strip_prefix("service_role: ")).expect("a key").to_owned();
    let server = Running::on(database);
    let mut rows = Vec::new();
    for table in ["user_profiles", "user_calendars", "user_categories", "events", "event_invites"] {
        let mut found = get(&server, &format!("/rest/v1/{table}"), &service).await.1;
        for row in found.as_array_mut().into_iter().flatten().filter(|_| table == "user_profiles") {
            row["stamps"]["account"].take();
            row["updated_at"].take();
        }
        rows.push(found);
    }
    server.stop();
    rows
}

#[tokio::test]
async fn a_backup_goes_from_one_kind_of_database_to_the_other_and_back() {
    let Ok(cluster) = std::env::var("ALMANAC_TEST_DATABASE_URL") else { return };
    let url = new_database(&cluster, "restored").await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (first, last, there, back) = (path("first"), path("last"), path("there.backup"), path("back.backup"));
    let (embedded, postgres, again) = (["--data-dir", &first], ["--database-url", &url], ["--data-dir", &last]);
    run_on(&["user", "add", "ann@example.org", "--password-stdin"], &embedded, "of my own\n");
    let server = Running::on(&embedded);
    let session = sign_in(&server, "ann@example.org", "of my own").await.1;
    let (token, key) = (session["access_token"].as_str().expect("a token").to_owned(), server.key().await);
    let id = "00000000-0000-4000-8000-000000000001";
    let event = json!({"id": id, "title": "Lunch \u{1f5d3} '\\N\t", "start_time": "2026-11-23T12:00:00.000001Z",
                       "duration": 45, "start_timestamp_ms": 0, "end_timestamp_ms": 0, "recurrence": "FREQ=DAILY"});
    for (table, row) in [
        ("events", event),
        ("event_invites", json!({"event_id": id, "email": "bob@example.org"})),
        ("user_categories", json!({"name": "Sport", "position": 0.1})),
    ] {
        let request = client().post(format!("{}/rest/v1/{table}", server.url)).header("apikey", &key);
        let made = request.bearer_auth(&token).body(row.to_string()).send().await.expect("an answer");
        assert_eq!(made.status(), 201, "{table}");
    }
    server.stop();

    let rows = everything(&embedded).await;
    assert!(rows.iter().all(|rows| rows.as_array().is_some_and(|rows| !rows.is_empty())), "{rows:?}");
    run_on(&["backup", &there], &embedded, "");
    run_on(&["restore", &there], &postgres, "");
    assert_eq!(everything(&postgres).await, rows);
    // Beside a server that runs, as the guide says.
    let server = Running::on(&postgres);
    assert_eq!(sign_in(&server, "ann@example.org", "of my own").await.0, 200);
    run_on(&["backup", &back], &postgres, "");
    server.stop();
    run_on(&["restore", &back], &again, "");
    assert_eq!(everything(&again).await, rows);
}

#[test]
fn what_is_no_whole_backup_is_refused_before_anything_is_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let file = folder.path().join("half.backup");
    let path = file.to_str().expect("UTF-8");
    assert!(fails(&["restore", path], &data).contains("half.backup"));
    for (text, said) in [
        ("", "it is empty"),
        ("nonsense\n", "its first line is no header"),
        ("{\"almanac_backup\":1,\"schema\":\"20261122000001\"}\n", "its end is missing"),
        ("{\"almanac_backup\":9,\"schema\":\"\"}\n", "another format"),
        ("{\"almanac_backup\":1,\"schema\":\"20261122000001\"}\n{\"rows\":7}\n", "line 2 cannot be read"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let message = fails(&["restore", path], &data);
        assert!(message.contains(said), "{message}");
    }
    let newer = "{\"almanac_backup\":1,\"schema\":\"99990101000000\"}\n{\"rows\":0}\n";
    std::fs::write(&file, newer).expect("a file");
    assert!(fails(&["restore", path], &data).contains("newer Almanac"));
    assert!(!data.exists(), "no folder was made for it");
}
