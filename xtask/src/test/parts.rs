//! What each part of the tests runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::apps::Screen;
use super::counts::Counts;
use super::process::{counted, within_limit};
use super::{LIBRARIES, Session};
use crate::bench::{self, Bench};
use crate::error::{Error, Result};
use crate::postgres::Cluster;
use crate::toolchain::WASM;
use crate::{ci, paths, setup, sh};

/// The goal for everything a first visit downloads, bytes. It is said with the figure, and missed for now.
const WANTED_DOWNLOAD: u64 = 700 * 1024;

/// What the download must not grow beyond until the goal is met again: lowered with every change that makes it smaller.
const LARGEST_DOWNLOAD: u64 = 724 * 1024;

/// Tests of the libraries on the host, the SQLite store and this program among them.
pub(super) fn units(session: &mut Session) -> Result<Counts> {
    let mut counts = Counts::default();
    for package in LIBRARIES {
        counts += package_tests(session, package, &[])?;
    }
    Ok(counts)
}

/// Examples in the documentation.
pub(super) fn doc(session: &mut Session) -> Result<Counts> {
    let mut cargo = session.toolchain.cargo();
    cargo.args(["test", "--quiet", "--doc"]);
    // The whole set that was built, with the same features, else it would be compiled again.
    cargo.args(session.host.package_arguments());
    counted(&mut cargo, &session.log)
}

/// The engine over a simulated network.
pub(super) fn simulation(session: &mut Session) -> Result<Counts> {
    let mut cargo = session.toolchain.cargo();
    // Optimised, since it runs thousands of seeds.
    cargo.args(["test", "-p", "almanac-simulation", "--profile", "sim"]);
    at_least_one(counted(&mut cargo, &session.log)?)
}

/// The migrations and functions, on a cluster of this machine.
pub(super) fn sql(session: &mut Session) -> Result<Counts> {
    let script = paths::root().join("supabase/tests/run.sh");
    if !script.exists() {
        return Ok(Counts::broken("supabase/tests/run.sh is missing"));
    }
    let log = session.log.clone();
    let cluster = session.cluster()?;
    let path = with_programs_of(cluster);
    counted(Command::new("bash").arg(script).arg(cluster.url()).env("PATH", path).current_dir(paths::root()), &log)
}

/// The simulation's runs on the real server over a cluster, the real client and the SQLite store.
pub(super) fn scenarios(session: &mut Session) -> Result<Counts> {
    let url = session.cluster()?.url();
    at_least_one(package_tests(session, "almanac-scenarios", &[("ALMANAC_TEST_DATABASE_URL", url)])?)
}

/// The benchmarks run, at a small size. How fast they are is for `cargo xtask bench`.
pub(super) fn bench(session: &mut Session) -> Result<Counts> {
    let log = session.log.clone();
    let step = |command: &mut Command| match sh::logged(command, &log)? {
        true => Ok(()),
        false => Err(Error::new(format!("`{}` failed", sh::shown(command)))),
    };
    let bench = Bench {
        program: session.host.program("almanac-bench")?,
        database: session.cluster()?.url(),
        page: Some(bench::build_page(&session.toolchain, "dev", &step)?),
        app: Some(session.web_dir()?),
        smoke: true,
    };
    let mut counts = Counts::default();
    for (name, mut command) in Bench::parts().flat_map(|part| bench.commands(part)) {
        counts.check(&name, within_limit(&mut command, &session.log)?);
    }
    Ok(counts)
}

/// The server on its embedded PostgreSQL, then once more on a cluster.
pub(super) fn server(session: &mut Session) -> Result<Counts> {
    let mut counts = at_least_one(package_tests(session, "almanac-server", &[])?)?;
    let url = session.cluster()?.url();
    counts += package_tests(session, "almanac-server", &[("ALMANAC_TEST_DATABASE_URL", url)])?;
    Ok(counts)
}

/// The network's client: its own rules, and with core's engine on the real server.
pub(super) fn supabase(session: &mut Session) -> Result<Counts> {
    let server = session.host.program("almanac-server")?.display().to_string();
    at_least_one(package_tests(session, "almanac-supabase", &[("ALMANAC_SERVER_BIN", server)])?)
}

/// The conformance suite of the stores on IndexedDB, in Chromium.
pub(super) fn indexeddb(session: &mut Session) -> Result<Counts> {
    let runner = setup::wasm_bindgen_dir()?.join("wasm-bindgen-test-runner");
    let driver = paths::which("chromedriver")
        .ok_or_else(|| Error::new("chromedriver is missing; run cargo xtask setup test"))?;
    let mut cargo = session.toolchain.cargo();
    cargo
        .args(["test", "-p", "almanac-store-indexeddb", "--lib", "--tests", "--target", WASM])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300");
    counted(&mut cargo, &session.log)
}

/// The web app can be built and is small enough to download.
pub(super) fn bundle(session: &mut Session) -> Result<Counts> {
    let dist = session.web_dir()?;
    let mut counts = Counts::default();
    let size = download_size(&dist)?;
    counts.notes.push(format!(
        "the web app is a download of {} KB (goal: at most {} KB; more than {} KB fails)",
        size / 1024,
        WANTED_DOWNLOAD / 1024,
        LARGEST_DOWNLOAD / 1024
    ));
    counts.check("size of the download", size <= LARGEST_DOWNLOAD);
    let needed = ["index.html", "sw.js", "boot.js"];
    counts.check("page, loader and service worker are there", needed.iter().all(|name| dist.join(name).is_file()));
    Ok(counts)
}

/// The official clients, for JavaScript and for Python, against our server.
pub(super) fn contract(session: &mut Session) -> Result<Counts> {
    let Some(folder) = setup::tests_folder("contract") else {
        return Ok(Counts::broken("tests/contract is missing"));
    };
    let mut node = Command::new(setup::node());
    node.args(["--test", "--test-reporter=tap"]).current_dir(folder);
    // Nothing is passed over because something is missing.
    node.env("CI", "1").env("ALMANAC_PYTHON", setup::python()?);
    let cluster = session.cluster()?;
    node.env("ALMANAC_TEST_DATABASE_URL", cluster.url()).env("PATH", with_programs_of(cluster));
    node.env("ALMANAC_SERVER_BIN", session.host.program("almanac-server")?);
    counted(&mut node, &session.log)
}

/// Whole journeys: the web app in Chromium, the desktop app on an invisible screen, and the server between them.
pub(super) fn e2e(session: &mut Session) -> Result<Counts> {
    let Some(folder) = setup::tests_folder("e2e") else {
        return Ok(Counts::broken("tests/e2e is missing"));
    };
    let screen = Screen::start()?;
    let mut playwright = Command::new(setup::node());
    playwright
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .args(filter())
        .current_dir(&folder)
        .env("CI", "1")
        .env("DISPLAY", screen.display())
        .env("ALMANAC_WEB_DIR", session.web_dir()?)
        .env("ALMANAC_SERVER_BIN", session.host.program("almanac-server")?)
        .env("ALMANAC_DESKTOP_BIN", session.host.program("almanac-desktop")?)
        .env("ALMANAC_MOBILE_BIN", session.host.program("almanac-mobile")?)
        .env("ALMANAC_GALLERY_BIN", session.host.program("gallery")?);
    counted(&mut playwright, &session.log)
}

/// The desktop app's own tests, on an invisible screen.
pub(super) fn desktop(session: &mut Session) -> Result<Counts> {
    let screen = Screen::start()?;
    let env = [
        ("DISPLAY", screen.display().to_owned()),
        ("ALMANAC_SERVER_BIN", session.host.program("almanac-server")?.display().to_string()),
        ("ALMANAC_DESKTOP_BIN", session.host.program("almanac-desktop")?.display().to_string()),
    ];
    at_least_one(package_tests(session, "almanac-desktop", &env)?)
}

/// The mobile app's own tests on the host (its window is part of `e2e`), and its type check for Android.
pub(super) fn mobile(session: &mut Session) -> Result<Counts> {
    let mut counts = package_tests(session, "almanac-mobile", &[])?;
    counts.check("builds for the host", session.host.program("almanac-mobile").is_ok());
    let mut check = session.toolchain.cargo();
    check.args(["check", "--quiet", "-p", "almanac-mobile", "--features", "mobile"]);
    setup::for_android(&session.toolchain, &mut check)?;
    counts.check("type check for Android", within_limit(&mut check, &session.log)?);
    Ok(counts)
}

/// What `cargo xtask ci` checks.
pub(super) fn lints(session: &mut Session) -> Result<Counts> {
    ci::run(&session.toolchain, &session.log)
}

/// Runs the test programs of a package, which are already built, in its folder.
fn package_tests(session: &Session, package: &str, env: &[(&str, String)]) -> Result<Counts> {
    let mut counts = Counts::default();
    for (target, program, dir) in session.host.tests_of(package) {
        let mut command = Command::new(program);
        command
            .args(filter())
            .current_dir(&dir)
            .env("CARGO_MANIFEST_DIR", &dir)
            .envs(env.iter().map(|(k, v)| (*k, v.as_str())));
        let mut result = counted(&mut command, &session.log)?;
        for note in &mut result.notes {
            *note = format!("{package} ({target}): {note}");
        }
        counts += result;
    }
    Ok(counts)
}

/// `ALMANAC_TESTS`: which tests are run.
fn filter() -> Option<std::ffi::OsString> {
    std::env::var_os("ALMANAC_TESTS")
}

/// No test at all means that something is missing, not that all is well.
fn at_least_one(counts: Counts) -> Result<Counts> {
    if counts.passed + counts.failed == 0 { Ok(Counts::broken("there are no tests")) } else { Ok(counts) }
}

/// Bytes of a first visit: each file as its smallest stored form.
fn download_size(dist: &Path) -> Result<u64> {
    let mut todo: Vec<PathBuf> = vec![dist.to_owned()];
    let mut bytes = 0;
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(&dir).map_err(|e| Error::io("read", &dir, &e))?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == "br") || !with_br(&path).exists() {
                bytes += entry.metadata().map_or(0, |m| m.len());
            }
        }
    }
    Ok(bytes)
}

fn with_br(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    PathBuf::from(name)
}

/// This program's PATH, with `psql` and its companions before it.
fn with_programs_of(cluster: &Cluster) -> std::ffi::OsString {
    let mut path = cluster.programs().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}
