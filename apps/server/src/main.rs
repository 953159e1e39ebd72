//! The command line of the server.

mod cli;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use almanac_server::admin::{Admin, AdminError, User};
use almanac_server::backup;
use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command, KeysCommand, Store, UserCommand};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("almanac_server=info,warn"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();

    let args = match cli.command {
        Some(Command::Serve(args)) => args,
        None => cli.serve,
        Some(other) => return operate(other).await,
    };
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

/// Carries out a command that needs no server.
async fn operate(command: Command) -> ExitCode {
    let said = match command {
        Command::Serve(_) => Ok(String::new()),
        Command::Roles => Ok(include_str!("../sql/roles.sql").to_owned()),
        Command::User(command) => user(command).await.map_err(|error| error.to_string()),
        Command::Keys(command) => keys(command).await.map_err(|error| error.to_string()),
        Command::Backup(args) => backup::backup(&args.store.into(), &args.file)
            .await
            .map(|rows| format!("{rows} rows are in the backup"))
            .map_err(|error| error.to_string()),
        Command::Restore(args) => backup::restore(&args.store.into(), &args.file)
            .await
            .map(|rows| format!("{rows} rows were restored"))
            .map_err(|error| error.to_string()),
    };
    match said {
        Ok(text) => {
            answer(&text);
            ExitCode::SUCCESS
        }
        Err(message) => {
            say_error(&message);
            ExitCode::FAILURE
        }
    }
}

async fn user(command: UserCommand) -> Result<String, AdminError> {
    let told = |made: Option<String>| made.map_or("done".to_owned(), |password| format!("password: {password}"));
    match command {
        UserCommand::List(store) => {
            with(store, async |admin| {
                let line = |user: &User| {
                    let last = user.last_sign_in.as_deref().unwrap_or("never");
                    let banned = if user.banned { "  banned" } else { "" };
                    format!("{}  {}  made {}  last signed in {last}{banned}", user.email, user.id, user.created)
                };
                Ok(admin.users().await?.iter().map(line).collect::<Vec<_>>().join("\n"))
            })
            .await
        }
        UserCommand::Add(args) => {
            let password = password(args.password_stdin)?;
            with(args.store, async |admin| admin.add_user(&args.email, password).await.map(told)).await
        }
        UserCommand::ResetPassword(args) => {
            let password = password(args.password_stdin)?;
            with(args.store, async |admin| admin.reset_password(&args.email, password).await.map(told)).await
        }
        UserCommand::Delete(args) => {
            with(args.store, async |admin| admin.delete_user(&args.email).await.map(|()| told(None))).await
        }
    }
}

async fn keys(command: KeysCommand) -> Result<String, AdminError> {
    match command {
        KeysCommand::Show(store) => {
            with(store, async |admin| {
                let keys = admin.keys().await?;
                Ok(format!("anon: {}\nservice_role: {}", keys.anon, keys.service_role))
            })
            .await
        }
        KeysCommand::Rotate(store) => {
            with(store, async |admin| Ok(format!("new key: {}", admin.rotate_keys().await?))).await
        }
    }
}

/// Opens the database, works on it, and closes it whatever comes.
async fn with<T>(store: Store, work: impl AsyncFnOnce(&Admin) -> Result<T, AdminError>) -> Result<T, AdminError> {
    let admin = Admin::open(&store.into()).await?;
    let outcome = work(&admin).await;
    admin.close().await;
    outcome
}

/// The first line of standard input, when the password is to be read from there.
fn password(from_stdin: bool) -> Result<Option<String>, AdminError> {
    if !from_stdin {
        return Ok(None);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| AdminError::Refused(error.to_string()))?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The program's answer. Whoever reads no further (`| head -1`) has what they wanted.
fn answer(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// The one line on standard output; scripts wait for it.
fn announce(url: &str) {
    answer(&format!("Almanac is at {url}"));
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
