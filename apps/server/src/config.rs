//! Everything about a server that can be set, with the defaults a person gets who sets nothing.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a server runs. `Config::default()` is a private server on this machine with the embedded database.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address to listen on. Port 0 takes any free port; [`crate::Server::addr`] tells which.
    pub listen: SocketAddr,
    /// Where the rows live.
    pub database: Database,
    /// Folder with the built web app; `None` looks in the usual places (see [`find_web_dir`]).
    pub web_dir: Option<PathBuf>,
    /// Other origins (`https://host`) whose pages may call the API. Empty: none but our own.
    pub allow_origins: Vec<String>,
    /// Certificate and key, when the server is to speak TLS itself.
    pub tls: Option<Tls>,
    /// Address for `/metrics`, in plain HTTP; `None` is nowhere.
    pub metrics: Option<SocketAddr>,
    /// How the server defends itself.
    pub limits: Limits,
}

/// Files in PEM.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The certificate, and those of the authorities between it and the client's.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Where the rows live.
#[derive(Debug, Clone)]
pub enum Database {
    /// PostgreSQL inside this process, its files in this folder.
    Embedded(PathBuf),
    /// A PostgreSQL server (15 or later) by URL.
    Url(String),
}

/// Bounds that keep one client from taking the server from the others.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest body of a call to a function, in bytes.
    pub rpc_body: usize,
    /// Most rows in one answer; Supabase's figure. Who wants more asks for the next page.
    pub rows: i64,
    /// Longest time PostgreSQL may work on one statement. The embedded database has no timers: its statement is given up,
    /// and whoever comes next waits until it is over.
    pub statement: Duration,
    /// Longest time any request but a websocket may take.
    pub request: Duration,
    /// Longest time from taking a connection, or from the last answer on it, to the last header of the next request.
    pub headers: Duration,
    /// Longest time a client may leave what it was sent unread.
    pub unread: Duration,
    /// Open connections, websockets included.
    pub connections: usize,
    /// Failed sign-ins for one e-mail address from one network address in five minutes.
    pub failed_sign_ins: u32,
    /// Failed sign-ins from one network address in five minutes, whatever the e-mail.
    pub failed_sign_ins_per_address: u32,
    /// New accounts from one network address in an hour.
    pub sign_ups: u32,
    /// Whether people may make accounts themselves.
    pub sign_up_open: bool,
    /// Fewest characters of a new password.
    pub shortest_password: usize,
    /// Whether a proxy stands before the server, whose `X-Forwarded-For` is to be believed.
    pub behind_proxy: bool,
    /// How long an access token is good for.
    pub access_token: Duration,
    /// Open websockets.
    pub sockets: usize,
    /// Longest time a websocket may say nothing before it counts as dead: its client may be gone without a word. Clients
    /// send a heartbeat every 25 s.
    pub silence: Duration,
    /// How often tombstones older than 90 days are removed.
    pub tidy: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rpc_body: 2 * 1024 * 1024,
            rows: 1_000,
            statement: Duration::from_secs(15),
            request: Duration::from_secs(30),
            headers: Duration::from_secs(30),
            unread: Duration::from_secs(30),
            connections: 8_000,
            failed_sign_ins: 10,
            failed_sign_ins_per_address: 60,
            sign_ups: 100,
            sign_up_open: true,
            shortest_password: 6,
            behind_proxy: false,
            access_token: Duration::from_secs(3600),
            sockets: 2_000,
            silence: Duration::from_secs(60),
            tidy: Duration::from_secs(24 * 3600),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8787)),
            database: Database::Embedded(default_data_dir()),
            web_dir: None,
            allow_origins: Vec::new(),
            tls: None,
            metrics: None,
            limits: Limits::default(),
        }
    }
}

/// The user's data folder for this server, by the platform's convention
/// (`$XDG_DATA_HOME/almanac/server`, `~/Library/Application Support/almanac/server`, `%APPDATA%\almanac\server`).
#[must_use]
pub fn default_data_dir() -> PathBuf {
    dirs::data_dir().unwrap_or_else(std::env::temp_dir).join("almanac").join("server")
}

/// Looks for the built web app: `web/` beside the program, then `dist/web` in the folder the program was started in or
/// was built in. A folder counts when it holds an `index.html`.
#[must_use]
pub fn find_web_dir() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok();
    let beside = beside.as_deref().and_then(Path::parent);
    let mut candidates = Vec::new();
    if let Some(dir) = beside {
        candidates.push(dir.join("web"));
    }
    candidates.push(PathBuf::from("dist/web"));
    // target/<profile>/almanac-server, or deps/ for a test.
    candidates
        .extend(beside.into_iter().flat_map(|dir| dir.ancestors().skip(1).take(3)).map(|dir| dir.join("dist/web")));
    candidates.into_iter().find(|dir| dir.join("index.html").is_file())
}
