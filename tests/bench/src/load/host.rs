//! The server in a process of its own.

use almanac_core::platform::Platform;
use almanac_supabase::discover;
use std::{path::PathBuf, process::Stdio, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// Where its rows live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// PostgreSQL in the server's process.
    Embedded,
    /// The PostgreSQL at `ALMANAC_TEST_DATABASE_URL`.
    Postgres,
}

/// See the module.
pub(crate) struct Host {
    process: Child,
    pid: u32,
    pub(crate) url: String,
    pub(crate) key: String,
    _data: tempfile::TempDir,
}

impl Host {
    /// Starts the program at `ALMANAC_SERVER_BIN` on an empty database.
    pub(crate) async fn start(mode: Mode) -> Self {
        let program = std::env::var_os("ALMANAC_SERVER_BIN")
            .map(PathBuf::from)
            .expect("ALMANAC_SERVER_BIN names no server; `cargo xtask bench` builds one");
        let data = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0", "--sign-ups-per-hour", "100000"]);
        match mode {
            Mode::Embedded => command.arg("--data-dir").arg(data.path().join("data")),
            Mode::Postgres => command.env("ALMANAC_DATABASE_URL", crate::account::new_database("load").await),
        };
        command.env("RUST_LOG", "warn").stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("the server starts");
        let pid = process.id().expect("a running process");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let line = lines.next_line().await.expect("readable").expect("the server ended before it was ready");
        let url = line.strip_prefix("Almanac is at ").expect("its address").trim().to_owned();
        let platform: Arc<dyn Platform> = Arc::new(crate::account::Tokio::default());
        let config = discover(&url, &platform).await.expect("the server tells what it is");
        Self { process, pid, url, key: config.key, _data: data }
    }

    /// The most memory it ever had, MB.
    pub(crate) fn peak_memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).expect("the server runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak memory");
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
        kilobytes / 1024.0
    }

    /// Seconds of processor time that it has used.
    pub(crate) fn processor(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).expect("the server runs");
        // After the name, which is in brackets and may hold anything: the 12th and 13th field, in ticks of 10 ms.
        let fields = stat.rsplit(')').next().expect("fields").split_whitespace();
        fields.skip(11).take(2).map(|ticks| ticks.parse::<f64>().expect("a number") / 100.0).sum()
    }

    pub(crate) async fn stop(mut self) {
        self.process.kill().await.expect("it ends");
    }
}
