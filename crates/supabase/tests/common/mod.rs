//! What the tests share: a platform on tokio, a vault in memory, a server that gives canned answers.
#![allow(dead_code, reason = "each test program uses its part")]

use almanac_core::{
    platform::{BoxFuture, Platform, TaskFuture},
    session::{Session, Vault, VaultError},
};
use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Core's platform on tokio, with a wall clock that can be set wrong.
pub(crate) struct TokioPlatform {
    begin: Instant,
    random: AtomicU64,
    /// Added to the wall clock, seconds.
    pub(crate) wrong_by: AtomicI64,
}

impl TokioPlatform {
    pub(crate) fn new() -> Arc<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
        Arc::new(Self {
            begin: Instant::now(),
            random: AtomicU64::new(now.as_nanos() as u64),
            wrong_by: AtomicI64::new(0),
        })
    }
}

impl Platform for TokioPlatform {
    fn now_micros(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_micros() as u64;
        now.saturating_add_signed(self.wrong_by.load(Ordering::Relaxed) * 1_000_000)
    }

    fn monotonic_micros(&self) -> u64 {
        self.begin.elapsed().as_micros() as u64
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>) {
        tokio::spawn(task);
    }

    fn random(&self) -> u64 {
        // splitmix64
        let mut z = self.random.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A vault in memory that can be told to be full.
#[derive(Default)]
pub(crate) struct MemoryVault {
    kept: Mutex<Option<Session>>,
    pub(crate) full: AtomicBool,
}

impl MemoryVault {
    pub(crate) fn holding(session: Option<Session>) -> Arc<Self> {
        Arc::new(Self { kept: Mutex::new(session), full: AtomicBool::new(false) })
    }
}

impl Vault for MemoryVault {
    fn load(&self) -> Option<Session> {
        self.kept.lock().expect("the vault").clone()
    }

    fn store(&self, session: Option<&Session>) -> Result<(), VaultError> {
        if self.full.load(Ordering::SeqCst) {
            return Err(VaultError("full".to_owned()));
        }
        *self.kept.lock().expect("the vault") = session.cloned();
        Ok(())
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// What the canned server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Canned {
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    /// Closes the connection without a word.
    HangUp,
    /// Says nothing, ever.
    Silence,
    /// Waits for [`CannedServer::let_go`], then answers.
    Held(u16, String),
}

pub(crate) fn answer(status: u16, body: impl Into<String>) -> Canned {
    Canned::Answer { status, headers: Vec::new(), body: body.into() }
}

/// An HTTP server that gives the answers it was told, in order per path, and remembers what it was asked.
pub(crate) struct CannedServer {
    pub(crate) url: String,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    answers: Mutex<Vec<(String, VecDeque<Canned>)>>,
    asked: Mutex<Vec<Asked>>,
    told: tokio::sync::Notify,
    gate: tokio::sync::Notify,
    /// Connections whose other side went away before they were answered.
    gone: AtomicU64,
}

impl CannedServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let inner = Arc::new(Inner::default());
        let shared = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url, inner }
    }

    /// The next answer for paths that begin so. The last one told stays.
    pub(crate) fn tell(&self, path: &str, canned: Canned) -> &Self {
        let mut answers = self.inner.answers.lock().expect("answers");
        match answers.iter_mut().find(|(p, _)| p == path) {
            Some((_, queue)) => queue.push_back(canned),
            None => answers.push((path.to_owned(), VecDeque::from([canned]))),
        }
        self
    }

    /// Lets held answers go.
    pub(crate) fn let_go(&self) {
        self.inner.gate.notify_waiters();
    }

    /// What was asked of paths that begin so.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        self.inner.asked.lock().expect("asked").iter().filter(|asked| asked.path.starts_with(path)).cloned().collect()
    }

    /// Waits until so many requests of such paths came.
    pub(crate) async fn wait_asked(&self, path: &str, count: usize) {
        within(async {
            loop {
                let told = self.inner.told.notified();
                if self.asked(path).len() >= count {
                    return;
                }
                told.await;
            }
        })
        .await;
    }

    /// Waits until someone hung up on us before the answer.
    pub(crate) async fn wait_gone(&self) {
        within(async {
            loop {
                let told = self.inner.told.notified();
                if self.inner.gone.load(Ordering::SeqCst) > 0 {
                    return;
                }
                told.await;
            }
        })
        .await;
    }
}

/// Fails a test that waits for something that does not come.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("it did not come within a minute")
}

async fn serve(mut stream: TcpStream, inner: Arc<Inner>) {
    while let Some(asked) = read_request(&mut stream).await {
        let canned = {
            let mut answers = inner.answers.lock().expect("answers");
            let queue =
                answers.iter_mut().find(|(path, _)| asked.path.starts_with(path.as_str())).map(|(_, queue)| queue);
            match queue {
                Some(queue) if queue.len() > 1 => queue.pop_front(),
                Some(queue) => queue.front().cloned(),
                None => None,
            }
        };
        // The gate is waited for before the request is told of: a test may open it at once.
        let gate = inner.gate.notified();
        tokio::pin!(gate);
        gate.as_mut().enable();
        inner.asked.lock().expect("asked").push(asked);
        inner.told.notify_waiters();
        let (status, headers, body) = match canned.unwrap_or_else(|| answer(404, "")) {
            Canned::Answer { status, headers, body } => (status, headers, body),
            Canned::Held(status, body) => {
                gate.await;
                (status, Vec::new(), body)
            }
            Canned::HangUp => return,
            Canned::Silence => {
                let mut rest = [0];
                let _ = stream.read(&mut rest).await;
                inner.gone.fetch_add(1, Ordering::SeqCst);
                inner.told.notify_waiters();
                return;
            }
        };
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let text = format!("HTTP/1.1 {status} Canned\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len());
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(':')).map(|(n, v)| (n.to_lowercase(), v.trim().to_owned())).collect();
    let length =
        headers.iter().find(|(n, _)| n == "content-length").and_then(|(_, v)| v.parse::<usize>().ok()).unwrap_or(0);
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked { path, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
