//! The program itself: what it says when it cannot start, and what is left when it is stopped or killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::common::client;

pub(crate) fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_almanac-server"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["ALMANAC_LISTEN", "ALMANAC_DATABASE_URL", "ALMANAC_DATA_DIR", "ALMANAC_WEB_DIR", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

/// A program that is expected to give up; what it said.
pub(crate) fn gives_up(args: &[&str]) -> String {
    let output = program(args).output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{args:?} did not fail");
    assert!(output.stdout.is_empty(), "nothing but the address belongs on standard output");
    assert!(text.contains("almanac-server: "), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// A running program; killed when dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) url: String,
}

impl Running {
    pub(crate) fn start(data_dir: &Path) -> Self {
        Self::on(&["--data-dir", data_dir.to_str().expect("a path in UTF-8")])
    }

    /// On the database that is named.
    pub(crate) fn on(database: &[&str]) -> Self {
        let mut child =
            program(&[&["serve", "--listen", "127.0.0.1:0"], database].concat()).spawn().expect("the program runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let Some(url) = line.trim().strip_prefix("Almanac is at ") else {
            let mut said = String::new();
            child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
            panic!("{line:?}, {said}");
        };
        Self { url: url.to_owned(), child }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn stop(mut self) -> (bool, String) {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        Command::new("kill").args(["-TERM", &pid.to_string()]).status().expect("kill runs");
        let begun = Instant::now();
        while self.child.try_wait().expect("a child").is_none() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut said = String::new();
        self.child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
        (self.child.wait().expect("a child").success(), said)
    }

    pub(crate) async fn key(&self) -> String {
        let configuration: serde_json::Value = serde_json::from_str(
            &client()
                .get(format!("{}/almanac.json", self.url))
                .send()
                .await
                .expect("an answer")
                .text()
                .await
                .expect("text"),
        )
        .expect("JSON");
        configuration["anon_key"].as_str().expect("a key").to_owned()
    }

    /// Signs up or in; the status.
    pub(crate) async fn sign(&self, path: &str) -> u16 {
        client()
            .post(format!("{}/auth/v1/{path}", self.url))
            .header("apikey", self.key().await)
            .body(json!({"email": "ann@example.org", "password": "correct horse"}).to_string())
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn help_explains() {
    let output = program(&["--help"]).output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success());
    for word in ["--listen", "--database-url", "--data-dir", "--web-dir", "127.0.0.1:8787", "Examples:"] {
        assert!(text.contains(word), "{word} is missing in {text}");
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("an address").to_string();
    let dir = tempfile::tempdir().expect("a folder");
    let text = gives_up(&["--listen", &addr, "--data-dir", dir.path().to_str().expect("UTF-8")]);
    assert!(text.contains(&addr) && text.contains("already in use") && text.contains("--listen"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    // A folder cannot be made below a file, whoever one is.
    let file = tempfile::NamedTempFile::new().expect("a file");
    let dir = file.path().join("data");
    let text = gives_up(&["--listen", "127.0.0.1:0", "--data-dir", dir.to_str().expect("UTF-8")]);
    assert!(text.contains(dir.to_str().expect("UTF-8")) && text.contains("--data-dir"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_folder_of_another_user_is_left_as_it_is() {
    use std::os::unix::fs::chown;
    let dir = tempfile::tempdir().expect("a folder");
    // Only the superuser can give a folder away, and only the superuser could write into another's.
    if chown(dir.path(), Some(65_534), None).is_err() {
        return;
    }
    let path = dir.path().to_str().expect("UTF-8");
    for args in [&["--listen", "127.0.0.1:0", "--data-dir", path][..], &["user", "list", "--data-dir", path]] {
        let text = gives_up(args);
        assert!(text.contains(path) && text.contains("sudo -u '#65534'"), "{text}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 0, "something was written into it");
}

#[cfg(target_os = "linux")]
#[test]
fn a_user_without_a_home_is_told_what_is_missing() {
    // A folder cannot be made below a file, whoever one is.
    let home = tempfile::NamedTempFile::new().expect("a file");
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("data");
    let mut program = program(&["user", "list", "--data-dir", path.to_str().expect("UTF-8")]);
    program.env("HOME", home.path()).env_remove("XDG_CACHE_HOME");
    let output = program.output().expect("the program runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(text.contains(home.path().to_str().expect("UTF-8")) && text.contains("XDG_CACHE_HOME"), "{text}");
    let cache = dir.path().join("cache");
    let told = program.env("XDG_CACHE_HOME", &cache).output().expect("the program runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    assert!(cache.is_dir());
}

#[test]
fn a_database_that_does_not_answer_is_named_without_its_password() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let url = format!("postgres://ann:secret@{free}/almanac");
    let text = gives_up(&["--listen", "127.0.0.1:0", "--database-url", &url]);
    assert!(text.contains(&format!("{free}/almanac")) && text.contains("--database-url"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    let text = gives_up(&["--listen", "127.0.0.1:0", "--database-url", "nonsense"]);
    assert!(text.contains("postgres://"), "{text}");
}

/// What `deploy/` sets goes with the options that the documents name.
#[test]
fn a_service_and_an_image_may_be_given_a_database() {
    let unit =
        include_str!("../../deploy/almanac.service").lines().filter_map(|line| line.strip_prefix("Environment="));
    let image = include_str!("../../deploy/Dockerfile").lines().filter_map(|line| line.strip_prefix("ENV "));
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    for (what, set) in [("service", unit.collect::<Vec<_>>()), ("image", image.collect())] {
        let mut command = program(&["--listen", "127.0.0.1:0"]);
        for pair in set.iter().flat_map(|line| line.split_whitespace()) {
            let (name, value) = pair.split_once('=').expect("a name and a value");
            command.env(name, value);
        }
        assert!(!set.is_empty(), "{what}");
        // There is no web app at their place here.
        command.env_remove("ALMANAC_WEB_DIR").env("ALMANAC_DATABASE_URL", format!("postgres://ann@{free}/almanac"));
        let said = command.output().expect("the program runs");
        let text = String::from_utf8_lossy(&said.stderr);
        assert!(text.contains(&format!("{free}/almanac")), "{what}: {text}");
    }
}

#[test]
fn other_wrong_arguments_are_explained() {
    let dir = tempfile::tempdir().expect("a folder");
    let dir = dir.path().to_str().expect("UTF-8");
    let text = gives_up(&["--listen", "127.0.0.1:0", "--data-dir", dir, "--web-dir", "/nowhere"]);
    assert!(text.contains("/nowhere") && text.contains("--web-dir"), "{text}");
    let text = gives_up(&["--listen", "127.0.0.1:0", "--data-dir", dir, "--allow-origin", "example.org/path"]);
    assert!(text.contains("is not an origin"), "{text}");
}

#[tokio::test]
async fn a_folder_has_one_server_and_what_was_answered_survives_stop_and_kill() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let first = Running::start(&data);
    let key = first.key().await;
    let text = gives_up(&["--listen", "127.0.0.1:0", "--data-dir", data.to_str().expect("UTF-8")]);
    assert!(text.contains("in use by another Almanac server"), "{text}");
    assert_eq!(first.sign("signup").await, 200);
    // Killed right after the answer.
    drop(first);

    let second = Running::start(&data);
    assert_eq!(second.key().await, key, "clients keep their key");
    assert_eq!(second.sign("token?grant_type=password").await, 200);
    let (well, said) = second.stop();
    assert!(well, "{said}");
    for secret in [key.as_str(), "correct horse", "ann@example.org"] {
        assert!(!said.contains(secret), "the log holds {secret:?}");
    }

    let third = Running::start(&data);
    assert_eq!(third.sign("token?grant_type=password").await, 200);
    drop(third);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&data).expect("the folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "others of this machine stay out");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_almanac_is_left_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let server = almanac_server::start(almanac_server::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        database: almanac_server::config::Database::Embedded(data.clone()),
        ..almanac_server::Config::default()
    })
    .await
    .expect("the server starts");
    let session = server.db().session().await.expect("a session");
    session
        .batch_execute(
            "insert into supabase_migrations.schema_migrations (version, name) values ('99990101000000', 'x')",
        )
        .await
        .expect("a row");
    drop(session);
    server.stop().await;
    let text = gives_up(&["--listen", "127.0.0.1:0", "--data-dir", data.to_str().expect("UTF-8")]);
    assert!(text.contains("newer Almanac") && text.contains("99990101000000"), "{text}");
}
