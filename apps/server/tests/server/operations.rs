//! What an operator relies on: figures, bounds on what a connection may do, TLS, several servers on one database.

use std::time::{Duration, Instant};

use almanac_server::config::{Config, Database, Limits, Tls};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::cli::Running;
use crate::common::{HEADERS, PASSWORD, client, new_database, new_email, send, server};
use crate::realtime::Client;
use crate::realtime_tables::{Own, change};

fn address() -> String {
    server().url.strip_prefix("http://").expect("an address").to_owned()
}

/// Sends bytes; everything that comes back until the server closes.
async fn raw(bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address()).await.expect("a connection");
    stream.write_all(bytes).await.expect("it takes them");
    let mut said = Vec::new();
    let _ = tokio::time::timeout(HEADERS + Duration::from_secs(20), stream.read_to_end(&mut said))
        .await
        .expect("it closes");
    String::from_utf8_lossy(&said).into_owned()
}

async fn still_well() {
    server().get("/health", &[]).await.expect(200);
}

#[tokio::test]
async fn figures_are_told_on_their_own_address_and_nowhere_else() {
    server().get("/rest/v1/nothing", &[]).await.expect(401);
    let text = client().get(format!("{}/metrics", server().metrics)).send().await.expect("an answer");
    assert!(text.headers()["content-type"].to_str().expect("ASCII").starts_with("application/openmetrics-text"));
    let text = text.text().await.expect("text");
    assert!(text.contains("almanac_requests_total{area=\"rest\",status=\"401\"}"), "{text}");
    for name in ["almanac_request_seconds_bucket", "almanac_websockets", "almanac_realtime_slow_total"] {
        assert!(text.contains(name), "no {name} in {text}");
    }
    let health = client().get(format!("{}/health", server().metrics)).send().await.expect("an answer");
    assert_eq!(health.status(), 200);
    // Whoever can reach the app cannot read them: this is a page of the web app.
    assert!(!server().get("/metrics", &[]).await.text.contains("almanac_requests"));
}

#[tokio::test]
async fn a_client_that_never_finishes_its_headers_is_let_go() {
    let begun = Instant::now();
    let said = raw(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(begun.elapsed() >= HEADERS, "{said}");
    assert!(!said.contains("200 OK"), "{said}");
    // Nor one that says nothing at all.
    assert_eq!(raw(b"").await, "");
    still_well().await;
}

#[tokio::test]
async fn slow_clients_do_not_hold_up_the_others() {
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(address()).await.expect("a connection");
        stream.write_all(b"POST /rest/v1/rpc/x HTTP/1.1\r\n").await.expect("it takes them");
        slow.push(stream);
    }
    let begun = Instant::now();
    still_well().await;
    assert!(begun.elapsed() < HEADERS, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    for bytes in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", &[0xff; 4096]] {
        let said = raw(bytes).await;
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
    }
    let many: String = (0..2_000).map(|n| format!("x-{n}: y\r\n")).collect();
    let said = raw(format!("GET /health HTTP/1.1\r\nHost: x\r\n{many}\r\n").as_bytes()).await;
    assert!(said.starts_with("HTTP/1.1 431"), "{said}");
    let long = "x".repeat(70_000);
    let said = raw(format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await;
    assert!(said.starts_with("HTTP/1.1 414"), "{said}");
    still_well().await;
}

#[tokio::test]
async fn a_body_that_never_comes_or_is_too_large_is_refused() {
    let head = format!("POST /auth/v1/signup HTTP/1.1\r\nHost: x\r\napikey: {}\r\n", server().key);
    let large = raw(format!("{head}Content-Length: 900000000\r\nConnection: close\r\n\r\n{{}}").as_bytes()).await;
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    still_well().await;
}

/// One connection at a time: whoever comes next is served once the one before is let go.
#[tokio::test]
async fn whoever_stalls_is_let_go_and_the_next_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let web = folder.path().join("web");
    std::fs::create_dir_all(web.join("assets")).expect("a folder");
    std::fs::write(web.join("index.html"), "<!doctype html>").expect("a file");
    // More than the sockets at both ends hold.
    let large = std::fs::File::create(web.join("assets/large.bin")).expect("a file");
    large.set_len(256 * 1024 * 1024).expect("its length");
    let short = Duration::from_secs(2);
    let running = almanac_server::start(Config {
        listen: ([127, 0, 0, 1], 0).into(),
        database: Database::Embedded(folder.path().join("data")),
        web_dir: Some(web),
        limits: Limits { connections: 1, headers: short, request: short, unread: short, ..Limits::default() },
        ..Config::default()
    })
    .await
    .expect("the server starts");
    let key = running.anon_key();
    let post = format!("POST /auth/v1/signup HTTP/1.1\r\nHost: x\r\napikey: {key}\r\nContent-Length: 900\r\n\r\n{{");
    let stalling = [
        ("says nothing", String::new()),
        ("does not end its headers", "GET /health HTTP/1.1\r\nHost: x\r\n".to_owned()),
        ("does not end its body", post),
        ("asks nothing more", "GET /health HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
        ("does not read", "GET /assets/large.bin HTTP/1.1\r\nHost: x\r\n\r\n".to_owned()),
    ];
    for (what, request) in stalling {
        let mut stalled = TcpStream::connect(running.addr()).await.expect("a connection");
        stalled.write_all(request.as_bytes()).await.expect("it takes them");
        let next = client().get(format!("{}/health", running.url())).header("connection", "close").send();
        let next = tokio::time::timeout(Duration::from_secs(60), next).await;
        let next = next.unwrap_or_else(|_| panic!("one that {what} is never let go")).expect("an answer");
        assert_eq!(next.status(), 200, "{what}");
        drop(stalled);
    }
    running.stop().await;
}

#[tokio::test]
async fn only_so_many_accounts_are_made_from_one_address() {
    let own = Own::with(None, Limits { sign_ups: 2, behind_proxy: true, ..Limits::default() }).await;
    let sign_up = async |from: &str| {
        let body = json!({"email": new_email(), "password": PASSWORD}).to_string();
        let request = client().post(format!("{}/auth/v1/signup", own.running.url())).body(body);
        let request = request.header("apikey", own.running.anon_key()).header("x-forwarded-for", from);
        let answer = request.header("x-supabase-api-version", "2024-01-01").send().await.expect("an answer");
        let wait = answer.headers().get("retry-after").cloned();
        let status = answer.status().as_u16();
        let body: serde_json::Value = serde_json::from_str(&answer.text().await.expect("text")).expect("JSON");
        (status, body["code"].as_str().unwrap_or_default().to_owned(), wait)
    };
    // The proxy names the client last; what the client claims before that counts for nothing.
    for claimed in ["198.51.100.1", "203.0.113.5"] {
        assert_eq!(sign_up(&format!("{claimed}, 192.0.2.7")).await.0, 200);
    }
    let (status, code, wait) = sign_up("192.0.2.7").await;
    assert_eq!((status, code.as_str()), (429, "over_request_rate_limit"));
    let wait: u64 = wait.expect("when to come back").to_str().expect("ASCII").parse().expect("seconds");
    assert!((1..=3600).contains(&wait), "{wait}");
    assert_eq!(sign_up("192.0.2.8").await.0, 200);
    own.running.stop().await;
}

#[tokio::test]
async fn it_speaks_tls_with_a_certificate_of_ones_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])
        .expect("a certificate");
    let files = Tls { certificate: folder.path().join("cert.pem"), key: folder.path().join("key.pem") };
    std::fs::write(&files.certificate, made.cert.pem()).expect("a file");
    std::fs::write(&files.key, made.signing_key.serialize_pem()).expect("a file");
    let config = |tls: Tls| Config {
        listen: ([127, 0, 0, 1], 0).into(),
        database: Database::Embedded(folder.path().join("data")),
        tls: Some(tls),
        ..Config::default()
    };
    // A key that belongs to another certificate, or none at all, is told before anything is started.
    let other = rcgen::generate_simple_self_signed(vec!["x".to_owned()]).expect("a certificate");
    let wrong = folder.path().join("other.pem");
    std::fs::write(&wrong, other.signing_key.serialize_pem()).expect("a file");
    for key in [wrong, files.certificate.clone(), folder.path().join("missing.pem")] {
        let error = almanac_server::start(config(Tls { key, ..files.clone() })).await.expect_err("no start");
        assert!(error.to_string().contains("cannot be used for TLS"), "{error}");
    }

    let running = almanac_server::start(config(files)).await.expect("the server starts");
    assert!(running.url().starts_with("https://"), "{}", running.url());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a root");
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(running.addr()).await.expect("a connection");
    let name = rustls::pki_types::ServerName::try_from("localhost").expect("a name");
    let mut stream =
        tokio_rustls::TlsConnector::from(std::sync::Arc::new(client)).connect(name, stream).await.expect("TLS");
    stream
        .write_all(b"GET /almanac.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await
        .expect("it takes them");
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("an answer");
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("https://localhost"), "{said}");
    // In plain text there is nothing to be had.
    let mut plain = TcpStream::connect(running.addr()).await.expect("a connection");
    plain.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("it takes them");
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said).await;
    assert!(!String::from_utf8_lossy(&said).contains("HTTP/1.1 200"));
    running.stop().await;
}

/// A server of its own on a new database of the test cluster.
async fn on(url: &str) -> almanac_server::Server {
    almanac_server::start(Config {
        listen: ([127, 0, 0, 1], 0).into(),
        database: Database::Url(url.to_owned()),
        limits: Limits { sign_ups: 1_000, ..Limits::default() },
        ..Config::default()
    })
    .await
    .expect("the server starts")
}

/// The test cluster, if there is one.
fn cluster() -> Option<String> {
    std::env::var("ALMANAC_TEST_DATABASE_URL").ok()
}

#[tokio::test]
async fn tombstones_of_three_months_leave_by_themselves() {
    let database = match cluster() {
        Some(url) => Some(Database::Url(new_database(&url, "tidy").await)),
        None => None,
    };
    let own = Own::with(database, Limits { tidy: Duration::from_millis(50), ..Limits::default() }).await;
    let (ann, token) = own.person().await;
    let made = ["old", "young", "alive"]
        .map(|title| json!({"title": title, "start_time": "2026-11-22T10:00:00Z", "duration": 30}));
    own.post("/rest/v1/events", Some(&token), json!(made).to_string()).await;
    for (title, days) in [("young", 89), ("old", 91)] {
        own.sql(&format!(
            "begin;
             select set_config('almanac.push', 'on', true);
             update public.events set deleted_at = now() - interval '{days} days', stamps = stamps || jsonb_build_object('life',
                    almanac.server_stamp(almanac.micros(now() - interval '{days} days'))) where title = '{title}';
             commit;"
        ))
        .await;
    }
    let titles = async || {
        let session = own.running.db().session().await.expect("a session");
        let rows = session.query("select title from public.events order by title", &[]).await.expect("titles");
        rows.iter().map(|row| row.get::<_, String>(0)).collect::<Vec<_>>()
    };
    let patience = Instant::now();
    while titles().await.contains(&"old".to_owned()) {
        assert!(patience.elapsed() < Duration::from_secs(60), "nobody tidies");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(titles().await, ["alive", "young"]);
    // Who has not heard of the deletion yet is told to fetch all again.
    let pull = own.post("/rest/v1/rpc/sync_pull", Some(&token), json!({"p_after": 1}).to_string()).await;
    assert_eq!(pull["resync"], "floor", "{ann} {pull}");
    own.running.stop().await;
}

#[tokio::test]
async fn a_server_need_not_be_a_superuser() {
    let Some(cluster) = cluster() else { return };
    let url = new_database(&cluster, "limited").await;
    let (admin, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("a connection");
    tokio::spawn(connection);
    admin.batch_execute(include_str!("../../sql/roles.sql")).await.expect("the roles");
    // Twice is as good as once.
    admin.batch_execute(include_str!("../../sql/roles.sql")).await.expect("the roles");
    drop(admin);
    let limited = url.replacen("postgres@", "almanac_server@", 1);
    assert_ne!(limited, url, "the cluster's URL names its superuser");
    let running = on(&limited).await;
    let is_super: bool = {
        let session = running.db().session().await.expect("a session");
        session
            .query_one("select rolsuper from pg_roles where rolname = current_user", &[])
            .await
            .expect("a row")
            .get(0)
    };
    assert!(!is_super);
    let body = json!({"email": new_email(), "password": PASSWORD}).to_string();
    let request = client().post(format!("{}/auth/v1/signup", running.url())).header("apikey", running.anon_key());
    let session = request.body(body).send().await.expect("an answer");
    assert_eq!(session.status(), 200);
    let session: serde_json::Value = serde_json::from_str(&session.text().await.expect("text")).expect("JSON");
    let request =
        client().post(format!("{}/rest/v1/user_categories", running.url())).header("apikey", running.anon_key());
    let made = request.bearer_auth(session["access_token"].as_str().expect("a token")).body(r#"{"name":"A"}"#);
    assert_eq!(made.send().await.expect("an answer").status(), 201);
    running.stop().await;
    // And a second start changes nothing and fails at nothing.
    on(&limited).await.stop().await;
}

#[tokio::test]
async fn programs_on_one_database_are_one_server_to_everyone() {
    let Some(cluster) = cluster() else { return };
    let url = new_database(&cluster, "programs").await;
    let programs = [(); 3].map(|()| Running::on(&["--database-url", &url]));
    assert_eq!(programs[0].sign("signup").await, 200);
    let key = programs[0].key().await;
    let mut sessions = Vec::new();
    let mut sockets = Vec::new();
    for program in &programs {
        assert_eq!(program.key().await, key);
        let body = json!({"email": "ann@example.org", "password": "correct horse"}).to_string();
        let request = client().post(format!("{}/auth/v1/token?grant_type=password", program.url)).body(body);
        let session = send(request.header("apikey", &key), &[]).await.expect(200).json();
        let mut socket = Client::to(&program.url, &format!("apikey={key}&vsn=2.0.0")).await;
        let heads = json!([{"event": "*", "schema": "public", "table": "sync_head"}]);
        socket.join("1", "realtime:feed", heads, session["access_token"].as_str()).await;
        assert_eq!(socket.event("system").await[4]["status"], "ok");
        sessions.push(session);
        sockets.push(socket);
    }
    // Written at one with the token of another, heard at all, and each session goes on at the next.
    for (here, program) in programs.iter().enumerate() {
        let token = sessions[(here + 1) % 3]["access_token"].as_str().expect("a token");
        let request = client().post(format!("{}/rest/v1/user_categories", program.url)).header("apikey", &key);
        send(request.bearer_auth(token).body(r#"{"name":"News"}"#), &[]).await.expect(201);
        let mut heard = Vec::new();
        for socket in &mut sockets {
            heard.push(change(socket).await["record"].clone());
        }
        assert!(heard[0]["seq"].is_number() && heard.iter().all(|record| *record == heard[0]), "{heard:?}");
        let body = json!({"refresh_token": sessions[(here + 1) % 3]["refresh_token"]}).to_string();
        let request = client().post(format!("{}/auth/v1/token?grant_type=refresh_token", program.url)).body(body);
        send(request.header("apikey", &key), &[]).await.expect(200);
    }
}

#[tokio::test]
async fn two_servers_that_start_together_on_one_database_agree() {
    let Some(cluster) = cluster() else { return };
    let url = new_database(&cluster, "together").await;
    let (a, b) = tokio::join!(on(&url), on(&url));
    assert_eq!(a.anon_key(), b.anon_key());
    // Signed up at one, signed in at the other.
    let body = json!({"email": new_email(), "password": PASSWORD}).to_string();
    for (running, path) in [(&a, "signup"), (&b, "token?grant_type=password")] {
        let request = client().post(format!("{}/auth/v1/{path}", running.url())).header("apikey", running.anon_key());
        assert_eq!(request.body(body.clone()).send().await.expect("an answer").status(), 200);
    }
    a.stop().await;
    b.stop().await;
}
