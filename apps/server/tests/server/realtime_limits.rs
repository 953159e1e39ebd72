//! What one websocket may do, and how long a dead one is kept.

use std::time::{Duration, Instant};

use almanac_server::config::Limits;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;

use crate::realtime::Client;
use crate::realtime_tables::{Own, change};

fn heads() -> Value {
    json!([{"event": "*", "schema": "public", "table": "sync_head"}])
}

fn query(own: &Own) -> String {
    format!("apikey={}&vsn=2.0.0", own.running.anon_key())
}

/// Tries until there is a place for one more websocket.
async fn place_for_one_more(own: &Own) {
    let url = format!("{}/realtime/v1/websocket?{}", own.running.url().replace("http", "ws"), query(own));
    let begun = Instant::now();
    loop {
        match connect_async(&url).await {
            Ok(_) => return,
            Err(Error::Http(response)) => assert_eq!(response.status(), 429),
            Err(other) => panic!("{other:?}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "no place becomes free");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A client that is gone without a word (its network is: no end of the connection ever comes) looks like one that says
/// nothing and reads nothing.
#[tokio::test]
async fn a_socket_that_says_nothing_is_let_go_whatever_it_is_told() {
    let silence = Duration::from_secs(3);
    let own = Own::with(None, Limits { silence, sockets: 2, ..Limits::default() }).await;
    let (_, token) = own.person().await;
    // Neither what the server sends it nor that it is not read keeps it.
    let _gone = own.listener(heads(), &token).await;
    let mut alive = own.listener(heads(), &token).await;
    let begun = Instant::now();
    while begun.elapsed() < silence * 2 {
        own.post("/rest/v1/user_categories", Some(&token), json!({"name": "News"}).to_string()).await;
        // A heartbeat, and its answer: who says something stays.
        let heard = alive.drain().await;
        assert!(heard.len() <= 2, "{heard:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // There were places for two: that of the dead one is free again.
    place_for_one_more(&own).await;
    own.post("/rest/v1/user_categories", Some(&token), json!({"name": "Later"}).to_string()).await;
    while change(&mut alive).await["record"].is_null() {}
    own.running.stop().await;
}

#[tokio::test]
async fn a_handshake_that_is_never_followed_by_a_frame_is_let_go() {
    let own = Own::with(None, Limits { silence: Duration::from_secs(1), ..Limits::default() }).await;
    let address = own.running.addr();
    for beginning in [&b""[..], b"\x81", b"\x81\xfe\x10"] {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let upgrade = format!(
            "GET /realtime/v1/websocket?{} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            query(&own)
        );
        stream.write_all(upgrade.as_bytes()).await.expect("it takes them");
        // The beginning of a frame, and no more.
        stream.write_all(beginning).await.expect("it takes them");
        let mut said = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut said)).await;
        assert!(ended.is_ok(), "{beginning:?} is waited for without end");
        assert!(said.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&said));
    }
    own.running.stop().await;
}

#[tokio::test]
async fn more_sockets_than_there_are_places_are_refused_until_one_is_free() {
    let own = Own::with(None, Limits { sockets: 1, ..Limits::default() }).await;
    let first = Client::to(&own.running.url(), &query(&own)).await;
    let url = format!("{}/realtime/v1/websocket?{}", own.running.url().replace("http", "ws"), query(&own));
    match connect_async(&url).await {
        Err(Error::Http(response)) => assert_eq!(response.status(), 429),
        other => panic!("{other:?}"),
    }
    // Gone without closing: its connection ends.
    drop(first);
    place_for_one_more(&own).await;
    own.running.stop().await;
}

#[tokio::test]
async fn one_that_says_too_much_is_told_so_and_closed() {
    let own = Own::with(None, Limits::default()).await;
    let (_, token) = own.person().await;
    let mut loud = own.listener(heads(), &token).await;
    let mut calm = own.listener(heads(), &token).await;
    for number in 0..300 {
        loud.send_text(&json!([null, number.to_string(), "phoenix", "heartbeat", {}]).to_string()).await;
    }
    let said = loud.until_closed().await;
    let why = said.iter().find(|message| message[3] == "system").expect("the reason");
    assert_eq!((&why[4]["status"], &why[4]["message"]), (&json!("error"), &json!("Too many messages per second")));
    assert!(said.iter().any(|message| message[3] == "phx_close"), "{said:?}");
    assert_eq!(calm.drain().await, Vec::<Value>::new());
    own.running.stop().await;
}

#[tokio::test]
async fn a_channel_with_too_many_wishes_gets_none_of_them() {
    let own = Own::with(None, Limits::default()).await;
    let (_, token) = own.person().await;
    let mut client = Client::to(&own.running.url(), &query(&own)).await;
    let wishes = |count: usize| Value::Array(vec![heads()[0].clone(); count]);
    assert_eq!(client.join("1", "realtime:many", wishes(101), Some(&token)).await[4]["status"], "ok");
    let said = client.event("system").await;
    assert_eq!(said[4]["status"], "error");
    assert!(said[4]["message"].as_str().is_some_and(|text| text.contains("101 bindings")), "{said}");
    assert_eq!(client.join("1", "realtime:some", wishes(100), Some(&token)).await[4]["status"], "ok");
    assert_eq!(client.event("system").await[4]["status"], "ok");
    own.post("/rest/v1/user_categories", Some(&token), json!({"name": "News"}).to_string()).await;
    let heard = client.event("postgres_changes").await;
    assert_eq!((&heard[2], heard[4]["ids"].as_array().map(Vec::len)), (&json!("realtime:some"), Some(100)));
    own.running.stop().await;
}

#[tokio::test]
async fn one_that_joins_too_many_channels_keeps_those_it_has() {
    let own = Own::with(None, Limits::default()).await;
    let mut client = Client::to(&own.running.url(), &query(&own)).await;
    for number in 0..100 {
        let topic = format!("realtime:{number}");
        assert_eq!(client.join("1", &topic, json!([]), None).await[4]["status"], "ok");
        if number == 60 {
            // Not more than a hundred messages a second.
            tokio::time::sleep(Duration::from_millis(1100)).await;
        }
    }
    let refused = client.join("1", "realtime:one-more", json!([]), None).await;
    assert_eq!(refused[4]["status"], "error");
    assert_eq!(refused[4]["response"]["reason"], "ChannelRateLimitReached: Too many channels");
    // One that it has may be joined again.
    assert_eq!(client.join("2", "realtime:7", json!([]), None).await[4]["status"], "ok");
    own.running.stop().await;
}
