//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use almanac_server::config::{Config, Database, Limits, Tls, default_data_dir};
use clap::{Args, Parser, Subcommand};

/// Almanac's server: the calendar's web app, accounts and sync, for you or a small team.
///
/// Started without anything else it keeps its data in your own data folder, in a database inside this program, and
/// listens on this machine only. Open the address it prints in a browser and sign up.
#[derive(Debug, Parser)]
#[command(name = "almanac-server", version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) serve: Serve,
}

const EXAMPLES: &str = "Examples:
  almanac-server
      A private server on this machine.
  almanac-server --listen 0.0.0.0:8787
      For the machines of your network. Put a proxy with HTTPS in front before it faces the internet.
  almanac-server --database-url postgres://postgres:secret@localhost/almanac
      On a PostgreSQL server (15 or later).
  almanac-server user add ann@example.org
      Makes an account and prints its password. The database inside the program is used by one at a time: stop the server first.
  almanac-server backup almanac.backup
      Everything in one file; `restore` reads it into an empty database.

Logs go to standard error; RUST_LOG=almanac_server=debug says more. Stop it with Ctrl-C.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the server; the same as giving no command.
    Serve(Serve),
    /// Accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// The project's keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Prints what a superuser runs once on a PostgreSQL server, so that Almanac itself need not be one.
    Roles,
    /// Writes everything that is in the database into a file. It holds secrets.
    Backup(BackupArgs),
    /// Reads a backup into an empty database. Devices then fetch everything again, and send what the backup does not have.
    Restore(BackupArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Makes an account. Without --password-stdin it gets a password, which is printed.
    Add(UserArgs),
    /// Lists the accounts.
    List(Store),
    /// Gives an account another password and signs it out everywhere.
    ResetPassword(UserArgs),
    /// Deletes an account and everything it owns. There is no way back but a backup.
    Delete(UserArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Prints the anon key and the service-role key. The second has all rights.
    Show(Store),
    /// Signs access tokens with a new key pair (ES256) from the next start on. Nobody is signed out.
    Rotate(Store),
}

#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    /// The account's e-mail.
    pub(crate) email: String,
    /// Read the password from the first line of standard input.
    #[arg(long)]
    pub(crate) password_stdin: bool,
    #[command(flatten)]
    pub(crate) store: Store,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The file.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) store: Store,
}

/// Where the rows live.
#[derive(Debug, Args)]
pub(crate) struct Store {
    /// Use this PostgreSQL server instead of the database inside the program.
    // In the environment it is not seen by other users of the machine, as an argument it is.
    #[arg(long, value_name = "URL", env = "ALMANAC_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// Folder for the database inside the program [default: almanac/server in your data folder].
    #[arg(long, value_name = "FOLDER", env = "ALMANAC_DATA_DIR", conflicts_with = "database_url")]
    data_dir: Option<PathBuf>,
}

impl From<Store> for Database {
    fn from(store: Store) -> Self {
        match store.database_url {
            Some(url) => Self::Url(url),
            None => Self::Embedded(store.data_dir.unwrap_or_else(default_data_dir)),
        }
    }
}

impl From<Store> for Config {
    fn from(store: Store) -> Self {
        Self { database: store.into(), ..Self::default() }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on. Port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787", env = "ALMANAC_LISTEN")]
    listen: SocketAddr,

    #[command(flatten)]
    store: Store,

    /// Folder with the built web app [default: web beside this program, or dist/web].
    #[arg(long, value_name = "FOLDER", env = "ALMANAC_WEB_DIR")]
    web_dir: Option<PathBuf>,

    /// Let pages of this origin call the API, for example https://calendar.example.org. May be given more than once.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,

    /// New accounts from one network address in an hour.
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().sign_ups)]
    sign_ups_per_hour: u32,

    /// Let nobody sign up: accounts are made with `almanac-server user add`.
    #[arg(long)]
    no_sign_up: bool,

    /// Fewest characters of a new password.
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().shortest_password)]
    min_password_length: usize,

    /// Speak HTTPS with this certificate (PEM, with those between it and the authority's).
    #[arg(long, value_name = "FILE", requires = "tls_key", env = "ALMANAC_TLS_CERT")]
    tls_cert: Option<PathBuf>,

    /// The certificate's private key (PEM).
    #[arg(long, value_name = "FILE", requires = "tls_cert", env = "ALMANAC_TLS_KEY")]
    tls_key: Option<PathBuf>,

    /// Address for Prometheus: /metrics and /health, plain HTTP. Keep it to this machine.
    #[arg(long, value_name = "ADDRESS:PORT", env = "ALMANAC_METRICS_LISTEN")]
    metrics_listen: Option<SocketAddr>,

    /// A proxy stands before the server: count sign-ins by the address that its X-Forwarded-For names last.
    #[arg(long)]
    behind_proxy: bool,
}

impl From<Serve> for Config {
    fn from(args: Serve) -> Self {
        Self {
            listen: args.listen,
            database: args.store.into(),
            web_dir: args.web_dir,
            allow_origins: args.allow_origin,
            tls: args.tls_cert.zip(args.tls_key).map(|(certificate, key)| Tls { certificate, key }),
            metrics: args.metrics_listen,
            limits: Limits {
                sign_ups: args.sign_ups_per_hour,
                sign_up_open: !args.no_sign_up,
                shortest_password: args.min_password_length,
                behind_proxy: args.behind_proxy,
                ..Limits::default()
            },
        }
    }
}
