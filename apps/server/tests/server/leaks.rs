//! Bad input leaves nothing behind: no memory, no connection, no websocket.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::cli::Running;
use crate::common::client;

/// More than the server may keep of what was thrown at it.
const MEMORY: u64 = 48 * 1024 * 1024;

/// Bytes in memory.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// Open files and sockets.
fn open_files(pid: u32) -> usize {
    std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd")).expect("a process").count()
}

/// One of each kind of nonsense.
async fn nonsense(server: &Running, key: &str) {
    let address = server.url.strip_prefix("http://").expect("an address");
    let raw = async |bytes: Vec<u8>| {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        // It may be refused before all of it is sent.
        let _ = stream.write_all(&bytes).await;
        let mut said = Vec::new();
        let _ = tokio::time::timeout(Duration::from_millis(200), stream.read_to_end(&mut said)).await;
    };
    let upgrade = format!(
        "GET /realtime/v1/websocket?vsn=2.0.0&apikey={key} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let post = |path: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\napikey: {key}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
    };
    let whole = |path: &str, body: Vec<u8>| [post(path, body.len()).into_bytes(), body].concat();
    let megabytes = 1_900_000;
    join_all([
        // A whole body that is no JSON, one that is half there, one that is said to be longer than it may be.
        raw(whole("/rest/v1/rpc/sync_push", vec![b'['; megabytes])),
        raw(whole("/rest/v1/user_categories", vec![b'{'; megabytes])),
        raw([post("/rest/v1/user_categories", megabytes).into_bytes(), vec![b' '; megabytes / 2]].concat()),
        raw(post("/auth/v1/signup", usize::MAX / 2).into_bytes()),
        raw(whole("/auth/v1/signup", vec![0xff; 60_000])),
        raw(b"GET /rest/v1/user_categories?name=in.(".repeat(900)),
        raw([upgrade.as_bytes(), b"\x81\xfe\xff\xff\0\0\0\0", &[b'x'; 5_000]].concat()),
        raw([upgrade.as_bytes(), b"\x8f\x80\0\0\0\0"].concat()),
        raw(vec![0xff; 100_000]),
        raw(Vec::new()),
    ])
    .await;
}

#[tokio::test]
async fn nonsense_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Running::start(&folder.path().join("data"));
    let (key, pid) = (server.key().await, server.pid());
    let well = async || {
        // On a connection of its own, which is closed.
        let request = client().get(format!("{}/health", server.url)).header("connection", "close");
        assert_eq!(request.send().await.expect("an answer").status(), 200);
    };
    // What is taken once and kept: buffers, threads.
    for _ in 0..5 {
        nonsense(&server, &key).await;
    }
    well().await;
    let (memory, files) = (resident(pid), open_files(pid));
    for _ in 0..30 {
        nonsense(&server, &key).await;
    }
    let begun = Instant::now();
    loop {
        well().await;
        let (memory_now, files_now) = (resident(pid), open_files(pid));
        if files_now <= files && memory_now <= memory + MEMORY {
            break;
        }
        let grown = format!("{memory} to {memory_now} bytes, {files} to {files_now} open files");
        assert!(begun.elapsed() < Duration::from_secs(60), "it grew from {grown}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
