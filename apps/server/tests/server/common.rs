//! The shared server, and people who use it.

use std::future::Future;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use almanac_server::config::{Config, Database, Limits};
use almanac_server::db::{Db, Session};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sha2::Sha256;

/// Failed sign-ins that the shared server allows for one e-mail.
pub(crate) const FAILED_SIGN_INS: u32 = 4;

/// How long the shared server waits for the headers of a request.
pub(crate) const HEADERS: std::time::Duration = std::time::Duration::from_secs(3);

/// An HTTP client. Built together with other packages, reqwest has TLS, and then wants to be told whose cryptography to use before
/// the first client is made, though nothing here is encrypted.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// The server all tests share.
pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) metrics: String,
    pub(crate) web_dir: tempfile::TempDir,
    db: Db,
    runtime: tokio::runtime::Handle,
    _data_dir: tempfile::TempDir,
}

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// Whether the tests run on a PostgreSQL server and not on the embedded database.
pub(crate) fn on_postgres() -> bool {
    std::env::var_os("ALMANAC_TEST_DATABASE_URL").is_some()
}

/// The shared server, started by whoever asks first.
pub(crate) fn server() -> &'static Shared {
    static SERVER: OnceLock<Shared> = OnceLock::new();
    SERVER.get_or_init(|| {
        let (send, receive) = std::sync::mpsc::channel();
        // A runtime of its own: those of the tests end with them.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            let shared = runtime.block_on(start(runtime.handle().clone()));
            send.send(shared).expect("the first test waits");
            runtime.block_on(std::future::pending::<()>());
        });
        receive.recv().expect("the server starts")
    })
}

async fn start(runtime: tokio::runtime::Handle) -> Shared {
    let data_dir = tempfile::tempdir().expect("a folder");
    let web_dir = tempfile::tempdir().expect("a folder");
    crate::web::fill(web_dir.path());
    let database = match std::env::var("ALMANAC_TEST_DATABASE_URL") {
        Ok(url) => Database::Url(new_database(&url, "shared").await),
        Err(_) => Database::Embedded(data_dir.path().join("data")),
    };
    let server = almanac_server::start(Config {
        listen: ([127, 0, 0, 1], 0).into(),
        database,
        web_dir: Some(web_dir.path().to_owned()),
        allow_origins: Vec::new(),
        tls: None,
        metrics: Some(([127, 0, 0, 1], 0).into()),
        limits: Limits {
            failed_sign_ins: FAILED_SIGN_INS,
            failed_sign_ins_per_address: 1_000,
            sign_ups: 1_000,
            statement: std::time::Duration::from_secs(2),
            headers: HEADERS,
            ..Limits::default()
        },
    })
    .await
    .expect("the server starts");
    let shared = Shared {
        metrics: format!("http://{}", server.metrics_addr().expect("an address")),
        url: server.url(),
        key: server.anon_key().to_owned(),
        web_dir,
        db: server.db().clone(),
        runtime,
        _data_dir: data_dir,
    };
    // It runs until the process ends.
    std::mem::forget(server);
    shared
}

/// Makes a database for this process and drops those of processes that are no more.
pub(crate) async fn new_database(url: &str, what: &str) -> String {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("ALMANAC_TEST_DATABASE_URL answers");
    tokio::spawn(connection);
    let old = client
        .query("select datname from pg_database where datname like 'almanac\\_server\\_test\\_%'", &[])
        .await
        .expect("a list of databases");
    for row in old {
        let name: String = row.get(0);
        let pid = name.rsplit('_').next().unwrap_or_default();
        if !Path::new("/proc").join(pid).exists() {
            // Someone else may do the same at this moment.
            let _ = client.batch_execute(&format!("drop database if exists {name} with (force)")).await;
        }
    }
    let name = format!("almanac_server_test_{what}_{}", std::process::id());
    client.batch_execute(&format!("create database {name}")).await.expect("a new database");
    let (base, query) = url.split_once('?').map_or((url, String::new()), |(base, query)| (base, format!("?{query}")));
    let scheme_end = base.find("://").expect("a URL") + 3;
    let server = base[scheme_end..].find('/').map_or(base, |slash| &base[..scheme_end + slash]);
    format!("{server}/{name}{query}")
}

impl Shared {
    /// Works on the database as a superuser, on the server's own runtime, to which its connections belong.
    pub(crate) async fn with_db<T, F>(&self, work: impl FnOnce(Session) -> F + Send + 'static) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send,
    {
        let db = self.db.clone();
        let work = async move { work(db.session().await.expect("a session")).await };
        self.runtime.spawn(work).await.expect("the work on the database ends well")
    }

    /// Runs statements as a superuser.
    pub(crate) async fn sql(&self, sql: &str) {
        let sql = sql.to_owned();
        self.with_db(async move |session: Session| {
            session.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{error:?} in {sql}"));
        })
        .await;
    }

    /// The secret that signs tokens.
    pub(crate) async fn secret(&self) -> Vec<u8> {
        self.with_db(async |session: Session| {
            session.query_one("select jwt_secret from auth.project", &[]).await.expect("a secret").get(0)
        })
        .await
    }

    /// A token with these claims, signed like the server's own.
    pub(crate) async fn token(&self, claims: &Value) -> String {
        sign(claims, &self.secret().await)
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        send(client().get(format!("{}{path}", self.url)), headers).await
    }

    /// A request with the project key.
    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Answer {
        let request = client().post(format!("{}{path}", self.url)).header("apikey", &self.key).body(body);
        send(request, headers).await
    }

    /// Any request with the project key.
    pub(crate) async fn ask(
        &self,
        method: reqwest::Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let request = client().request(method, format!("{}{path}", self.url)).header("apikey", &self.key).body(body);
        send(request, headers).await
    }

    /// A new account.
    pub(crate) async fn person(&'static self) -> Person {
        let email = new_email();
        let body = json!({"email": email, "password": PASSWORD}).to_string();
        let session = self.post("/auth/v1/signup", &[], body).await.expect(200).json();
        Person { server: self, email, session }
    }
}

/// Everyone's password.
pub(crate) const PASSWORD: &str = "correct horse";

/// An e-mail address nobody has.
pub(crate) fn new_email() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("person{}@example.org", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Someone who is signed in.
pub(crate) struct Person {
    pub(crate) server: &'static Shared,
    pub(crate) email: String,
    pub(crate) session: Value,
}

impl Person {
    pub(crate) fn token(&self) -> &str {
        self.session["access_token"].as_str().expect("an access token")
    }

    pub(crate) fn id(&self) -> &str {
        self.session["user"]["id"].as_str().expect("an id")
    }

    /// A request for tables, `/rest/v1` left out, as this person.
    pub(crate) async fn rest(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let bearer = format!("Bearer {}", self.token());
        let mut headers = headers.to_vec();
        headers.push(("authorization", &bearer));
        let method = method.parse().expect("a method");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.server.ask(method, &format!("/rest/v1{path}"), &headers, body).await
    }

    /// Rows of a table.
    pub(crate) async fn rows(&self, path: &str) -> Value {
        self.rest("GET", path, &[], Value::Null).await.expect(200).json()
    }

    /// Calls a function.
    pub(crate) async fn call(&self, function: &str, arguments: Value) -> Answer {
        let bearer = format!("Bearer {}", self.token());
        self.server
            .post(&format!("/rest/v1/rpc/{function}"), &[("authorization", &bearer)], arguments.to_string())
            .await
    }

    /// An entry that makes a whole calendar of this name.
    pub(crate) fn calendar(&self, generation: u64, name: &Value) -> Value {
        calendar_of(self.id(), generation, name)
    }

    /// Makes a calendar through the sync function.
    pub(crate) async fn push_calendar(&self, name: &str) -> Answer {
        let entries = [self.calendar(1, &json!(name))];
        let answer = self.call("sync_push", json!({"p_device": "00c0ffee00c0ffee", "p_entries": entries})).await;
        assert_eq!(answer.json()["results"][0]["status"], "done", "{answer:?}");
        answer
    }
}

/// An entry that makes a whole calendar of this name for a person.
pub(crate) fn calendar_of(person: &str, generation: u64, name: &Value) -> Value {
    let id = uuid::Uuid::new_v4().to_string();
    let micros = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_micros();
    let stamp = format!("{micros:016}-00c0ffee00c0ffee");
    let groups = ["name", "color", "visible", "is_default", "position", "default_reminders"];
    let stamps: serde_json::Map<_, _> = groups.iter().map(|group| ((*group).to_owned(), json!(stamp))).collect();
    let row = json!({"id": id, "user_id": person, "name": name, "color": "#3366cc", "visible": true,
                     "is_default": false, "position": 1, "default_reminders": []});
    json!({"table": "user_calendars", "key": id, "generation": generation, "row": row, "stamps": stamps})
}

/// Sends a request and reads the answer.
pub(crate) async fn send(request: reqwest::RequestBuilder, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.send().await.expect("the server answers");
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        // A compressed body is no text; its length is enough.
        text: String::from_utf8_lossy(&response.bytes().await.expect("a body")).into_owned(),
    }
}

/// A JWT with HS256.
pub(crate) fn sign(claims: &Value, secret: &[u8]) -> String {
    let signed = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256","typ":"JWT"}"#), BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs() as i64
}
