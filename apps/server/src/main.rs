//! The command line of the server.

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use almanac_server::config::{Config, Database, Limits, default_data_dir};
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Almanac's server: the calendar's web app, accounts and sync, for you or a small team.
///
/// Started without anything else it keeps its data in your own data folder, in a database inside this program, and
/// listens on this machine only. Open the address it prints in a browser and sign up.
#[derive(Debug, Parser)]
#[command(name = "almanac-server", version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

const EXAMPLES: &str = "Examples:
  almanac-server
      A private server on this machine.
  almanac-server --listen 0.0.0.0:8787
      For the machines of your network. Put a proxy with HTTPS in front before it faces the internet.
  almanac-server --database-url postgres://postgres:secret@localhost/almanac
      On a PostgreSQL server (15 or later). The user must be a superuser: roles are made at the first start.

Logs go to standard error; RUST_LOG=almanac_server=debug says more. Stop it with Ctrl-C.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server; the same as giving no command.
    Serve(Serve),
}

#[derive(Debug, Args)]
struct Serve {
    /// Address to listen on. Port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787", env = "ALMANAC_LISTEN")]
    listen: SocketAddr,

    /// Use this PostgreSQL server instead of the database inside the program.
    // In the environment it is not seen by other users of the machine, as an argument it is.
    #[arg(long, value_name = "URL", env = "ALMANAC_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// Folder for the database inside the program [default: almanac/server in your data folder].
    #[arg(long, value_name = "FOLDER", env = "ALMANAC_DATA_DIR", conflicts_with = "database_url")]
    data_dir: Option<PathBuf>,

    /// Folder with the built web app [default: web beside this program, or dist/web].
    #[arg(long, value_name = "FOLDER", env = "ALMANAC_WEB_DIR")]
    web_dir: Option<PathBuf>,

    /// Let pages of this origin call the API, for example https://calendar.example.org. May be given more than once.
    #[arg(long, value_name = "ORIGIN")]
    allow_origin: Vec<String>,

    /// New accounts from one network address in an hour.
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().sign_ups)]
    sign_ups_per_hour: u32,
}

impl From<Serve> for Config {
    fn from(args: Serve) -> Self {
        Self {
            listen: args.listen,
            database: match args.database_url {
                Some(url) => Database::Url(url),
                None => Database::Embedded(args.data_dir.unwrap_or_else(default_data_dir)),
            },
            web_dir: args.web_dir,
            allow_origins: args.allow_origin,
            limits: Limits { sign_ups: args.sign_ups_per_hour, ..Limits::default() },
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let args = match cli.command {
        Some(Command::Serve(args)) => args,
        None => cli.serve,
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("almanac_server=info,warn"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();

    // Before anything is started, so that Ctrl-C during a slow start is not lost.
    let mut stop = std::pin::pin!(stop_signal());
    let server = tokio::select! {
        started = almanac_server::start(args.into()) => match started {
            Ok(server) => server,
            Err(error) => {
                say_error(&error.to_string());
                return ExitCode::FAILURE;
            }
        },
        () = &mut stop => return ExitCode::SUCCESS,
    };
    announce(&server.url());
    stop.await;
    tracing::info!("stopping");
    server.stop().await;
    ExitCode::SUCCESS
}

/// The one line on standard output; scripts wait for it.
#[expect(clippy::print_stdout, reason = "this line is the program's answer, not a log")]
fn announce(url: &str) {
    println!("Almanac is at {url}");
}

#[expect(clippy::print_stderr, reason = "the reason to give up is for the person at the terminal, not a log line")]
fn say_error(message: &str) {
    eprintln!("almanac-server: {message}");
}

/// Ends at the first Ctrl-C or SIGTERM.
async fn stop_signal() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                () = ctrl_c => {}
                _ = terminate.recv() => {}
            },
            Err(_) => ctrl_c.await,
        }
    }
    #[cfg(not(unix))]
    ctrl_c.await;
}
