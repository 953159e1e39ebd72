//! `cargo xtask run`: prepare, build, start, and say what to do next.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::error::{Error, Result};
use crate::setup;
use crate::test::Screen;
use crate::toolchain::Toolchain;
use crate::{bundle, paths, sh};

/// The server's own default.
const PORT: u16 = 8787;

/// A first start creates the embedded database.
const SERVER_START: Duration = Duration::from_secs(60);

/// `cargo xtask run [web|desktop|mobile]`.
pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let args = Args::parse(arguments, &["release", "xvfb"], &["port"])?;
    let shell = args.words.first().map_or("web", String::as_str);
    if !["web", "desktop", "mobile"].contains(&shell) {
        return Err(Error::usage(format!("run knows web, desktop and mobile, not `{shell}`")));
    }
    if shell != "web"
        && !args.has("xvfb")
        && std::env::var_os("DISPLAY").is_none()
        && std::env::var_os("WAYLAND_DISPLAY").is_none()
    {
        return Err(Error::new(format!(
            "there is no screen here (DISPLAY is not set), so the {shell} app cannot show its window.\n\
             Start this in a desktop session, or try it on an invisible screen: cargo xtask run {shell} --xvfb"
        )));
    }
    let toolchain = setup::prepare(setup::needs_of(shell))?;
    if shell == "web" { run_web(&toolchain, &args) } else { run_window(&toolchain, &args, shell) }
}

/// The server with the web app on its own address, in the foreground.
fn run_web(toolchain: &Toolchain, args: &Args) -> Result<()> {
    // Asked before the long build, and by the server again.
    let address = address(args)?;
    TcpListener::bind(address).map(drop).map_err(|e| {
        Error::new(format!("cannot listen on {address}: {e}\nIs another server running? End it, or take another port: cargo xtask run --port {}", address.port() + 1))
    })?;
    let web_dir = bundle::build(toolchain, None)?;
    let mut server = server(toolchain, args, address)?;
    server.arg("--web-dir").arg(web_dir).args(&args.rest);
    println!(
        "\nStarting the server. Open the address it names and sign up. Ctrl+C stops it; what you entered is kept.\n"
    );
    // In place of this program, so that Ctrl+C and the exit code are the server's own.
    let error = server.exec();
    Err(Error::new(format!("cannot start `{}`: {error}", sh::shown(&server))))
}

/// A shell with a window, with a server unless one already answers.
fn run_window(toolchain: &Toolchain, args: &Args, shell: &str) -> Result<()> {
    let package = format!("almanac-{shell}");
    let own = std::env::var("ALMANAC_SERVER").ok();
    let address = address(args)?;
    let url = own.clone().unwrap_or_else(|| format!("http://{address}"));
    let answers = own.is_some() || TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
    let app = program(toolchain, args, &package)?;
    let mut started = None;
    if answers {
        println!("\nUsing the server at {url}");
    } else {
        let log = paths::target().join("server.log");
        let mut command = server(toolchain, args, address)?;
        // The web app too, if it has been built: both show the same account.
        if paths::web_dist().join("index.html").exists() {
            command.arg("--web-dir").arg(paths::web_dist());
        }
        let file = sh::append(&log)?;
        let copy = file.try_clone().map_err(|e| Error::io("write", &log, &e))?;
        command.args(&args.rest).stdout(file).stderr(copy);
        let child = command.spawn().map_err(|e| Error::new(format!("cannot start the server: {e}")))?;
        let server = started.insert(Running(child));
        wait_for(address, &mut server.0, &log)?;
        println!("\nStarted a server at {url} (its log: {}); it ends with the app.", log.display());
    }
    let screen = if args.has("xvfb") { Some(Screen::start()?) } else { None };
    let mut window = Command::new(app);
    window.env("ALMANAC_SERVER", &url);
    if let Some(screen) = &screen {
        println!(
            "The window is on the invisible display {}; look at it with: DISPLAY={0} import -window root picture.png",
            screen.display()
        );
        window.env("DISPLAY", screen.display());
    }
    println!("Close the window or press Ctrl+C to end.");
    let result = sh::run(&mut window);
    drop(started);
    result
}

/// A child that must not outlive this program.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGTERM, so that the embedded database is closed properly; it is safe to kill too.
        sh::quiet_ok(Command::new("kill").args(["-TERM", &self.0.id().to_string()]));
        drop(self.0.wait());
    }
}

fn address(args: &Args) -> Result<SocketAddr> {
    let port = match args.value("port") {
        Some(text) => {
            text.parse().map_err(|_| Error::usage(format!("--port takes a number up to 65535, not `{text}`")))?
        }
        None => PORT,
    };
    Ok(SocketAddr::from(([127, 0, 0, 1], port)))
}

fn server(toolchain: &Toolchain, args: &Args, address: SocketAddr) -> Result<Command> {
    let mut command = Command::new(program(toolchain, args, "almanac-server")?);
    // What is given after `--` goes before our own choice.
    if !args.rest.iter().any(|a| a.starts_with("--listen")) {
        command.arg("--listen").arg(address.to_string());
    }
    Ok(command)
}

/// Builds a package and returns its program.
fn program(toolchain: &Toolchain, args: &Args, package: &str) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo();
    cargo.args(["build", "-p", package]);
    if args.has("release") {
        cargo.arg("--release");
    }
    if package == "almanac-mobile" {
        cargo.args(["--features", "mobile"]);
    }
    sh::run(&mut cargo)?;
    Ok(paths::target().join(if args.has("release") { "release" } else { "debug" }).join(package))
}

/// Waits until the server answers a request.
fn wait_for(address: SocketAddr, server: &mut Child, log: &std::path::Path) -> Result<()> {
    let started = Instant::now();
    loop {
        if answers(address) {
            return Ok(());
        }
        if let Ok(Some(status)) = server.try_wait() {
            return Err(Error::new(format!("the server ended at once ({status}); see {}", log.display())));
        }
        if started.elapsed() > SERVER_START {
            return Err(Error::new(format!("the server does not answer at {address}; see {}", log.display())));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(500))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /health HTTP/1.0\r\n\r\n")?;
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        Ok(&head == b"HTTP/")
    };
    ask().unwrap_or(false)
}
