//! Why a server did not start. Each message says what happened and what to do about it: it is the last thing a person
//! reads before they give up or get it to work.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why [`crate::start`] gave up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Someone else listens there.
    #[error(
        "{addr} is already in use by another program.\n\
         Stop that program (is an Almanac server already running?), or choose another address: --listen 127.0.0.1:8788"
    )]
    PortInUse {
        /// The address asked for.
        addr: SocketAddr,
    },
    /// The address cannot be listened on for another reason.
    #[error(
        "cannot listen on {addr}: {source}.\nChoose an address of this machine and a port above 1023: --listen 127.0.0.1:8787"
    )]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The folder for the database cannot be made or written.
    #[error("cannot write to the data folder {}: {source}.\nGive this user the right to write there, or choose another folder: --data-dir <folder>", path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server holds the folder.
    #[error("the data folder {} is in use by another Almanac server.\nStop that one, or choose another folder: --data-dir <folder>", path.display())]
    DataDirInUse {
        /// The folder.
        path: PathBuf,
    },
    /// The folder belongs to another user, who could not open it any more after this one wrote into it.
    #[error("the data folder {} belongs to another user (number {owner}), and files made by this one (number {user}) would be closed to them.\nRun this as that user, for example: sudo -u '#{owner}' almanac-server … Nothing was changed", path.display())]
    DataDirOwner {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who runs this program.
        user: u32,
    },
    /// The embedded database unpacks itself into the user's cache, once.
    #[error("cannot write to {}, where the embedded database unpacks itself: {source}.\nName a folder that this user may write to: XDG_CACHE_HOME=<folder>", path.display())]
    CacheDir {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The embedded database did not come up.
    #[error("the embedded database in {} did not start: {reason}.\nIf the disk is full, make room and start again. Otherwise keep a copy of the folder and report this; `--database-url` works without it", path.display())]
    Embedded {
        /// Its folder.
        path: PathBuf,
        /// What it said.
        reason: String,
    },
    /// This program was built without the embedded database.
    #[error(
        "this program was built without the embedded database.\nGive a PostgreSQL server: --database-url postgres://user:password@host/database"
    )]
    NoEmbedded,
    /// The URL is not one.
    #[error(
        "--database-url is not a PostgreSQL URL: {reason}.\nIt looks like postgres://user:password@host:5432/database"
    )]
    DatabaseUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// The database does not answer.
    #[error(
        "cannot reach the database at {place}: {reason}.\nCheck that PostgreSQL runs there and that host, port, user and password in --database-url are right"
    )]
    DatabaseUnreachable {
        /// Host, port and database name, without the password.
        place: String,
        /// What the driver or the server said.
        reason: String,
    },
    /// PostgreSQL is older than 15.
    #[error(
        "the database is PostgreSQL {found}; Almanac needs 15 or later.\nUpgrade it, or leave out --database-url to use the embedded database"
    )]
    DatabaseTooOld {
        /// Its version.
        found: String,
    },
    /// Roles and schemas cannot be made with these rights.
    #[error(
        "the database user may not set up roles and the auth schema: {reason}.\nConnect as a superuser (for example postgres) in --database-url, or let one run what `almanac-server roles` prints once"
    )]
    NotSuperuser {
        /// What PostgreSQL said.
        reason: String,
    },
    /// The database was used by a newer Almanac.
    #[error(
        "the database has the schema of a newer Almanac (migration {found}, this program knows up to {known}).\nInstall the newer version; nothing was changed"
    )]
    SchemaTooNew {
        /// The newest migration in the database.
        found: String,
        /// The newest migration in this program.
        known: String,
    },
    /// A migration failed.
    #[error(
        "setting up the database failed in {step}: {reason}.\nNothing of that step was kept. Please report this with the text above"
    )]
    Migration {
        /// Which file.
        step: String,
        /// What PostgreSQL said.
        reason: String,
    },
    /// The database failed otherwise while starting.
    #[error("the database failed while starting: {0}")]
    Database(String),
    /// Certificate or key cannot be used.
    #[error("{} cannot be used for TLS: {reason}.\nGive files in PEM: --tls-cert fullchain.pem --tls-key privkey.pem", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder given with `--web-dir` is not there.
    #[error("the web app's folder {} has no index.html.\nBuild it (cargo xtask run), or leave out --web-dir", path.display())]
    WebDir {
        /// The folder.
        path: PathBuf,
    },
    /// An origin given with `--allow-origin` cannot be one.
    #[error("{origin:?} is not an origin.\nIt looks like https://calendar.example.org, without a path")]
    Origin {
        /// What was given.
        origin: String,
    },
    /// The system gave no random bytes.
    #[error("the system's random generator failed: {0}")]
    Random(String),
}

/// What a PostgreSQL error says, without what it quotes of rows: for the log, which holds no contents. Refused values stand in
/// the message (class 22), refused rows in the details, password hashes included.
#[must_use]
pub fn describe_without_values(error: &tokio_postgres::Error) -> String {
    let Some(db) = error.as_db_error() else { return describe(error) };
    let code = db.code().code();
    let message = if code.starts_with("22") { "a value was refused" } else { db.message() };
    let place = [db.table(), db.column(), db.constraint()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    if place.is_empty() { format!("{message} ({code})") } else { format!("{message} ({code}; {place})") }
}

/// Everything a PostgreSQL error says in one line: `tokio_postgres` itself prints only "db error". For the operator at the
/// terminal.
#[must_use]
pub fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => {
            let mut text = format!("{} ({})", db.message(), db.code().code());
            if let Some(detail) = db.detail() {
                text.push_str("; ");
                text.push_str(detail);
            }
            if let Some(place) = db.where_() {
                text.push_str("; ");
                text.push_str(&place.replace('\n', "; "));
            }
            text
        }
        None => {
            let mut text = error.to_string();
            let mut source = std::error::Error::source(error);
            while let Some(cause) = source {
                text = format!("{text}: {cause}");
                source = cause.source();
            }
            text
        }
    }
}
