//! `/realtime/v1/websocket`, over real websockets.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::common::{Person, now, server, sign};

/// So long a test waits before it says that something never came.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client that speaks vsn 2.0.0.
pub(crate) struct Client {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    count: u32,
}

impl Client {
    async fn connect() -> Self {
        Self::with_query(&format!("apikey={}&vsn=2.0.0", server().key)).await
    }

    async fn with_query(query: &str) -> Self {
        Self::to(&server().url, query).await
    }

    pub(crate) async fn to(server: &str, query: &str) -> Self {
        let url = format!("{}/realtime/v1/websocket?{query}", server.replace("http", "ws"));
        let (stream, _) = connect_async(url).await.expect("the websocket opens");
        Self { stream, count: 0 }
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("the server listens");
    }

    /// Sends a message on a topic and returns its reference.
    async fn send(&mut self, join_ref: &str, topic: &str, event: &str, payload: Value) -> String {
        self.count += 1;
        let reference = format!("r{}", self.count);
        self.send_text(&json!([join_ref, reference, topic, event, payload]).to_string()).await;
        reference
    }

    /// The next message, whatever it is, but for the news of the account's own making: it was committed before the subscription
    /// and may or may not still be on its way when that stands.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let message = self.next_of_all().await;
            let news = &message[4]["data"];
            let of_sign_up =
                message[3] == "postgres_changes" && news["table"] == "sync_head" && news["type"] == "INSERT";
            if !of_sign_up {
                return message;
            }
        }
    }

    async fn next_of_all(&mut self) -> Value {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("a message comes");
            match message.expect("the socket is open").expect("a good frame") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Close(_) => panic!("the server closed the socket"),
                _ => {}
            }
        }
    }

    /// Reads until the server closes the socket; what it said before.
    pub(crate) async fn until_closed(&mut self) -> Vec<Value> {
        let mut said = Vec::new();
        loop {
            match tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("the socket is closed in time") {
                Some(Ok(Message::Text(text))) => said.push(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return said,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The next message of this event.
    pub(crate) async fn event(&mut self, event: &str) -> Value {
        loop {
            let message = self.next().await;
            if message[3] == event {
                return message;
            }
        }
    }

    pub(crate) async fn join(&mut self, join_ref: &str, topic: &str, changes: Value, token: Option<&str>) -> Value {
        let mut payload = json!({"config": {"postgres_changes": changes}});
        if let Some(token) = token {
            payload["access_token"] = json!(token);
        }
        self.send(join_ref, topic, "phx_join", payload).await;
        self.event("phx_reply").await
    }

    /// Joins for the person's head of the feed and waits until the subscription stands.
    async fn subscribe(&mut self, person: &Person) {
        let reply = self.join("1", "realtime:feed", json!([head(person)]), Some(person.token())).await;
        assert_eq!(reply[4]["status"], "ok", "{reply}");
        let system = self.event("system").await;
        assert_eq!(system[4]["status"], "ok", "{system}");
    }

    /// Everything that came before the answer to a heartbeat: what did not come by then was not sent.
    pub(crate) async fn drain(&mut self) -> Vec<Value> {
        self.count += 1;
        let reference = format!("h{}", self.count);
        self.send_text(&json!([null, reference, "phoenix", "heartbeat", {}]).to_string()).await;
        let mut seen = Vec::new();
        loop {
            let message = self.next().await;
            if message[1] == json!(reference) {
                assert_eq!(message, json!([null, reference, "phoenix", "phx_reply", {"status": "ok", "response": {}}]));
                return seen;
            }
            seen.push(message);
        }
    }
}

fn head(person: &Person) -> Value {
    json!({"event": "*", "schema": "public", "table": "sync_head", "filter": format!("user_id=eq.{}", person.id())})
}

#[tokio::test]
async fn a_push_is_heard_by_a_subscriber() {
    let person = server().person().await;
    let mut client = Client::connect().await;
    let reply = client.join("7", "realtime:feed", json!([head(&person)]), Some(person.token())).await;
    assert_eq!((&reply[0], &reply[2], &reply[4]["status"]), (&json!("7"), &json!("realtime:feed"), &json!("ok")));
    let mut echo = reply[4]["response"]["postgres_changes"][0].clone();
    let id = echo.as_object_mut().expect("an object").remove("id").expect("an id");
    assert_eq!(echo, head(&person));
    let system = client.event("system").await;
    assert_eq!(
        system,
        json!(["7", null, "realtime:feed", "system",
               {"extension": "postgres_changes", "status": "ok", "message": "Subscribed to PostgreSQL", "channel": "feed"}])
    );

    person.push_calendar("Heard").await;
    let message = client.event("postgres_changes").await;
    assert_eq!((&message[0], &message[1], &message[2]), (&Value::Null, &Value::Null, &json!("realtime:feed")));
    assert_eq!(message[4]["ids"], json!([id]));
    let data = &message[4]["data"];
    assert_eq!(
        (&data["type"], &data["schema"], &data["table"]),
        (&json!("UPDATE"), &json!("public"), &json!("sync_head"))
    );
    assert_eq!(data["record"]["user_id"], json!(person.id()));
    assert!(data["record"]["seq"].is_number(), "{data}");
    assert_eq!(data["old_record"], json!({"user_id": person.id()}));
    assert_eq!(data["errors"], Value::Null);
    assert!(
        data["columns"].as_array().expect("columns").contains(&json!({"name": "user_id", "type": "uuid"})),
        "{data}"
    );
    chrono::DateTime::parse_from_rfc3339(data["commit_timestamp"].as_str().expect("a time")).expect("RFC 3339");
}

#[tokio::test]
async fn a_plain_sql_writer_is_heard_too() {
    let person = server().person().await;
    let mut client = Client::connect().await;
    client.subscribe(&person).await;
    server().sql(&format!("update public.user_calendars set name = 'By hand' where user_id = '{}'", person.id())).await;
    assert_eq!(client.event("postgres_changes").await[4]["data"]["record"]["user_id"], json!(person.id()));
}

#[tokio::test]
async fn nobody_hears_of_anothers_rows() {
    let (ann, bob) = (server().person().await, server().person().await);
    let mut client = Client::connect().await;
    // Bob asks for everything, and for Ann's by name.
    let all = json!({"event": "*", "schema": "public", "table": "sync_head"});
    client.join("1", "realtime:all", json!([all, head(&ann)]), Some(bob.token())).await;
    assert_eq!(client.event("system").await[4]["status"], "ok");
    ann.push_calendar("Ann's").await;
    bob.push_calendar("Bob's").await;
    // Changes come in the order of their commits, so Ann's would be first.
    let message = client.event("postgres_changes").await;
    assert_eq!(message[4]["data"]["record"]["user_id"], json!(bob.id()));
    assert_eq!(message[4]["ids"].as_array().map(Vec::len), Some(1), "{message}");

    let mut nobody = Client::connect().await;
    nobody.join("1", "realtime:all", json!([{"event": "*", "schema": "public", "table": "sync_head"}]), None).await;
    ann.push_calendar("Ann's second").await;
    bob.push_calendar("Bob's second").await;
    client.event("postgres_changes").await;
    assert!(
        nobody
            .drain()
            .await
            .iter()
            .all(|message| message[3] != "postgres_changes" || message[4]["data"]["record"].is_null())
    );
}

#[tokio::test]
async fn a_rolled_back_write_is_not_heard() {
    let person = server().person().await;
    let mut client = Client::connect().await;
    client.subscribe(&person).await;
    let update = format!("update public.user_calendars set name = 'Undone' where user_id = '{}'", person.id());
    server().sql(&format!("begin; {update}; set constraints all immediate; rollback")).await;
    person.push_calendar("Real").await;
    client.event("postgres_changes").await;
    assert!(client.drain().await.iter().all(|message| message[3] != "postgres_changes"));
}

#[tokio::test]
async fn the_older_form_is_spoken_too() {
    let person = server().person().await;
    let mut client = Client::with_query(&format!("apikey={}", server().key)).await;
    client.send_text(r#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}"#).await;
    assert_eq!(
        client.next().await,
        json!({"topic": "phoenix", "event": "phx_reply", "payload": {"status": "ok", "response": {}}, "ref": "1"})
    );
    let payload = json!({"config": {"postgres_changes": [head(&person)]}, "access_token": person.token()});
    let join = json!({"topic": "realtime:x", "event": "phx_join", "payload": payload, "ref": "2", "join_ref": "2"});
    client.send_text(&join.to_string()).await;
    assert_eq!(client.next().await["payload"]["status"], "ok");
    assert_eq!(client.next().await["event"], "system");
    person.push_calendar("Heard").await;
    assert_eq!(client.next().await["event"], "postgres_changes");
}

#[tokio::test]
async fn a_token_that_ends_ends_its_channel() {
    let person = server().person().await;
    let token = server().token(&json!({"sub": person.id(), "role": "authenticated", "exp": now() + 2})).await;
    let mut client = Client::connect().await;
    client.join("1", "realtime:feed", json!([head(&person)]), Some(&token)).await;
    assert_eq!(client.event("system").await[4]["status"], "ok");
    let over = client.event("system").await;
    assert_eq!((&over[4]["extension"], &over[4]["status"]), (&json!("system"), &json!("error")));
    assert!(over[4]["message"].as_str().is_some_and(|text| text.starts_with("Token has expired")), "{over}");
    assert_eq!(client.event("phx_close").await, json!(["1", "1", "realtime:feed", "phx_close", {}]));
}

#[tokio::test]
async fn a_new_token_keeps_the_channel() {
    let person = server().person().await;
    let short = server().token(&json!({"sub": person.id(), "role": "authenticated", "exp": now() + 3})).await;
    let mut client = Client::connect().await;
    client.join("1", "realtime:feed", json!([head(&person)]), Some(&short)).await;
    client.event("system").await;
    client.send("1", "realtime:feed", "access_token", json!({"access_token": person.token()})).await;
    assert_eq!(client.event("system").await[4]["status"], "ok");
    // Until after the end of the first token.
    while now() <= client_expiry(&short) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    person.push_calendar("Still here").await;
    let next = client.next().await;
    assert_eq!(next[3], "postgres_changes", "{next}");
}

fn client_expiry(token: &str) -> i64 {
    use base64::Engine as _;
    let body = token.split('.').nth(1).expect("a body");
    let body = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(body).expect("base64");
    let claims: Value = serde_json::from_slice(&body).expect("JSON");
    claims["exp"].as_i64().expect("an end")
}

#[tokio::test]
async fn joins_that_cannot_be_are_refused_with_a_reason() {
    let person = server().person().await;
    let mut client = Client::connect().await;
    let expired = server().token(&json!({"role": "authenticated", "exp": now() - 100})).await;
    let forged = sign(&json!({"role": "authenticated", "exp": now() + 100}), b"another secret");
    let endless = server().token(&json!({"role": "authenticated"})).await;
    let roleless = server().token(&json!({"exp": now() + 100})).await;
    for (topic, token, reason) in [
        ("realtime:a", expired.as_str(), "InvalidJWTToken: Token has expired 10"),
        ("realtime:a", endless.as_str(), "InvalidJWTToken: Fields `role` and `exp` are required"),
        ("realtime:a", roleless.as_str(), "InvalidJWTToken: Fields `role` and `exp` are required"),
        ("realtime:a", forged.as_str(), "JwtSignatureError:"),
        ("realtime:a", "garbage", "MalformedJWT:"),
        ("realtime:", person.token(), "TopicNameRequired:"),
        ("other:a", person.token(), "unmatched topic"),
    ] {
        let reply = client.join("1", topic, json!([]), Some(token)).await;
        assert_eq!(reply[4]["status"], "error", "{reply}");
        assert!(reply[4]["response"]["reason"].as_str().is_some_and(|text| text.starts_with(reason)), "{reply}");
    }
}

#[tokio::test]
async fn what_cannot_be_subscribed_to_is_told_and_the_channel_stays_silent() {
    let person = server().person().await;
    let mut client = Client::connect().await;
    for (number, wish) in [
        json!({"event": "*", "schema": "public", "table": "no_such_table"}),
        // There, but not published.
        json!({"event": "*", "schema": "auth", "table": "users"}),
        json!({"event": "*", "schema": "public", "table": "sync_head", "filter": "nothing=eq.1"}),
        json!({"event": "*", "schema": "public", "table": "sync_head", "filter": "user_id=eq.not-a-uuid"}),
        json!({"event": "*", "schema": "public", "table": "sync_head", "filter": "user_id=like.x"}),
    ]
    .into_iter()
    .enumerate()
    {
        let topic = format!("realtime:{number}");
        let reply = client.join("1", &topic, json!([wish]), Some(person.token())).await;
        assert_eq!(reply[4]["status"], "ok", "{reply}");
        let system = client.event("system").await;
        assert_eq!((&system[2], &system[4]["status"]), (&json!(topic), &json!("error")), "{system}");
    }
    person.push_calendar("Unheard").await;
    let mut other = Client::connect().await;
    other.subscribe(&person).await;
    person.push_calendar("Heard").await;
    other.event("postgres_changes").await;
    assert_eq!(client.drain().await, Vec::<Value>::new());
}

#[tokio::test]
async fn who_waits_for_an_answer_to_a_broadcast_is_told_that_there_are_none() {
    let person = server().person().await;
    let mut client = Client::connect().await;
    let join = |ack: bool| json!({"config": {"broadcast": {"ack": ack}}, "access_token": person.token()});
    client.send("1", "realtime:quiet", "phx_join", join(false)).await;
    client.event("phx_reply").await;
    client.send("1", "realtime:quiet", "broadcast", json!({"event": "x"})).await;
    client.send("2", "realtime:asking", "phx_join", join(true)).await;
    client.event("phx_reply").await;
    let reference = client.send("2", "realtime:asking", "broadcast", json!({"event": "x"})).await;
    let bytes = [&[3, 1, 1, 15, 1, 0, 1][..], b"2", b"9", b"realtime:asking", b"x", b"{}"].concat();
    client.stream.send(Message::binary(bytes)).await.expect("the server listens");
    for reference in [reference.as_str(), "9"] {
        let reply = client.next().await;
        assert_eq!((&reply[0], &reply[1], &reply[2]), (&json!("2"), &json!(reference), &json!("realtime:asking")));
        assert_eq!(reply[4]["status"], "error");
        assert_eq!(reply[4]["response"]["reason"], "UnsupportedEvent: this server carries no broadcasts");
    }
    assert_eq!(client.drain().await, Vec::<Value>::new());
}

#[tokio::test]
async fn leaving_and_joining_again() {
    let person = server().person().await;
    let mut client = Client::connect().await;
    client.subscribe(&person).await;
    // A second join of the topic closes the first.
    client.send("2", "realtime:feed", "phx_join", json!({"config": {}, "access_token": person.token()})).await;
    assert_eq!(client.next().await, json!(["1", "1", "realtime:feed", "phx_close", {}]));
    assert_eq!(client.event("phx_reply").await[4]["status"], "ok");

    let reference = client.send("2", "realtime:feed", "phx_leave", json!({})).await;
    assert_eq!(client.next().await[1], json!(reference));
    assert_eq!(client.next().await, json!(["2", "2", "realtime:feed", "phx_close", {}]));
    let reference = client.send("2", "realtime:feed", "access_token", json!({"access_token": "x"})).await;
    let reply = client.next().await;
    assert_eq!((&reply[1], &reply[4]["response"]["reason"]), (&json!(reference), &json!("unmatched topic")));
}

#[tokio::test]
async fn garbage_is_ignored_and_the_socket_lives() {
    let mut client = Client::connect().await;
    for garbage in ["", "null", "{}", "[]", "[1,2]", r#"["1","1","realtime:x"]"#, r#"[null,null,null,null,null]"#] {
        client.send_text(garbage).await;
    }
    client.stream.send(Message::binary(vec![3, 0, 0, 0, 255])).await.expect("the server listens");
    let deep = format!(r#"["1","1","realtime:x","phx_join",{}1{}]"#, "[".repeat(5_000), "]".repeat(5_000));
    client.send_text(&deep).await;
    client.send("1", "realtime:x", "phx_join", json!({"config": {"postgres_changes": [1, "x", null, {}]}})).await;
    assert_eq!(client.event("phx_reply").await[4]["status"], "ok");
    assert_eq!(client.event("system").await[4]["status"], "error");
    client.drain().await;
}

/// After the upgrade anyone may send any bytes.
#[tokio::test]
async fn bytes_that_are_no_frame_end_their_socket_and_no_other() {
    let mut other = Client::connect().await;
    let address = server().url.strip_prefix("http://").expect("an address");
    for bytes in [
        &b"\x81\x02hi"[..],                                        // not masked
        b"\x8f\x80\0\0\0\0",                                       // a kind of frame that there is not
        b"\xf1\x80\0\0\0\0",                                       // reserved bits
        b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",       // as long as can be said
        b"\x81\x82\0\0\0\0\xc3\x28",                               // no UTF-8
        &[&b"\x89\xfe\x04\0\0\0\0\0"[..], &[b'x'; 1024]].concat(), // a ping with more than a ping may hold
        b"GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let upgrade = format!(
            "GET /realtime/v1/websocket?vsn=2.0.0&apikey={} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            server().key
        );
        stream.write_all(upgrade.as_bytes()).await.expect("it takes them");
        let mut said = Vec::new();
        while !said.ends_with(b"\r\n\r\n") {
            said.push(stream.read_u8().await.expect("an answer"));
        }
        assert!(said.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&said));
        stream.write_all(bytes).await.expect("it takes them");
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said)).await;
        assert!(ended.is_ok(), "{bytes:?} left the socket open");
    }
    other.send("1", "realtime:x", "phx_join", json!({"config": {}})).await;
    assert_eq!(other.event("phx_reply").await[4]["status"], "ok");
}

#[tokio::test]
async fn without_a_good_key_the_door_stays_shut() {
    let person = server().person().await;
    for (query, status) in [
        ("vsn=2.0.0".to_owned(), 401),
        ("apikey=garbage&vsn=2.0.0".to_owned(), 401),
        (format!("apikey={}&vsn=9.9.9", server().key), 400),
    ] {
        let url = format!("{}/realtime/v1/websocket?{query}", server().url.replace("http", "ws"));
        match connect_async(&url).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), status, "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
    // A user's token is good enough as a key.
    Client::with_query(&format!("apikey={}&vsn=2.0.0", person.token())).await;
}
