//! `cargo xtask bench [part…] [--smoke]`: the benchmarks of `tests/bench`, on a throw-away PostgreSQL. The tables are printed
//! and written to `target/bench/*.json`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Args;
use crate::error::{Error, Result};
use crate::postgres::Cluster;
use crate::setup::{self, Need};
use crate::toolchain::{Toolchain, WASM};
use crate::{bundle, paths, sh};

/// What runs a part, or one half of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runner {
    /// The program of `tests/bench`, on this machine.
    Native,
    /// `tests/bench/web` with our store and engine in a page of Chromium.
    Page,
    /// `tests/bench/web` with the whole web app in Chromium.
    App,
}

/// What can be measured, and what runs it.
const PARTS: &[(&str, &[Runner])] = &[
    ("store", &[Runner::Native, Runner::Page]),
    ("server", &[Runner::Native]),
    ("sync", &[Runner::Page]),
    ("newdevice", &[Runner::App]),
    ("notice", &[Runner::App]),
    ("ui", &[Runner::App]),
];

/// What must be installed.
pub(crate) const NEEDS: &[Need] = &[
    Need::Compiler,
    Need::Postgres,
    Need::TestPackages,
    Need::WasmTarget,
    Need::WasmBindgen,
    Need::WasmOpt,
    Need::Chromium,
];

/// All that the parts run on, built.
pub(crate) struct Bench {
    /// The program of `tests/bench`, with that of our server beside it.
    pub(crate) program: PathBuf,
    /// The PostgreSQL.
    pub(crate) database: String,
    /// Our store and engine for a page, after wasm-bindgen.
    pub(crate) page: Option<PathBuf>,
    /// The finished web app.
    pub(crate) app: Option<PathBuf>,
    /// Only to see that they run.
    pub(crate) smoke: bool,
}

impl Bench {
    /// The names of all parts.
    pub(crate) fn parts() -> impl Iterator<Item = &'static str> {
        PARTS.iter().map(|(name, _)| *name)
    }

    /// The commands that run a part, each with its name.
    pub(crate) fn commands(&self, part: &str) -> Vec<(String, Command)> {
        let runners = PARTS.iter().find(|(name, _)| *name == part).map_or(&[][..], |(_, runners)| *runners);
        runners.iter().map(|runner| (format!("{part} ({runner:?})"), self.command(part, *runner))).collect()
    }

    fn command(&self, part: &str, runner: Runner) -> Command {
        let mut command = match runner {
            Runner::Native => Command::new(&self.program),
            Runner::Page | Runner::App => {
                let mut node = Command::new(setup::node());
                node.arg(paths::root().join("tests/bench/web/run.mjs"));
                node
            }
        };
        command.arg(part).env("ALMANAC_TEST_DATABASE_URL", &self.database);
        command
            .env("ALMANAC_BENCH_BIN", &self.program)
            .env("ALMANAC_SERVER_BIN", self.program.with_file_name("almanac-server"));
        if let Some(page) = &self.page {
            command.env("ALMANAC_BENCH_PAGE", page);
        }
        if let Some(app) = &self.app {
            command.env("ALMANAC_WEB_DIR", app);
        }
        if self.smoke {
            command.arg("--smoke");
        } else {
            command.arg(format!("--json={}", paths::target().join("bench").display()));
        }
        command
    }
}

/// Runs those named, or all.
pub(crate) fn command(arguments: &[String]) -> Result<bool> {
    let args = Args::parse(arguments, &["smoke"], &[])?;
    if let Some(unknown) = args.words.iter().find(|word| Bench::parts().all(|part| part != **word)) {
        let all: Vec<&str> = Bench::parts().collect();
        return Err(Error::usage(format!("no benchmark `{unknown}`; there are: {}", all.join(" "))));
    }
    let chosen: Vec<&str> =
        Bench::parts().filter(|part| args.words.is_empty() || args.words.iter().any(|word| word == part)).collect();
    let uses = |runner| PARTS.iter().any(|(name, runners)| chosen.contains(name) && runners.contains(&runner));

    let toolchain = setup::prepare(NEEDS)?;
    // Optimised as the simulation is: with the checks of a debug build, so that the figures are rather too bad than too good.
    sh::run(toolchain.cargo().args(["build", "-p", "almanac-bench", "-p", "almanac-server", "--profile", "sim"]))?;
    let page = if uses(Runner::Page) { Some(build_page(&toolchain, bundle::PROFILE, &sh::run)?) } else { None };
    let app = if uses(Runner::App) { Some(bundle::build(&toolchain, None)?) } else { None };
    let logs = paths::target().join("test-logs");
    std::fs::create_dir_all(&logs).map_err(|e| Error::io("create", &logs, &e))?;
    let cluster = Cluster::start(&logs.join("bench.log"))?;
    let program = paths::target().join("sim/almanac-bench");
    let bench = Bench { program, database: cluster.url(), page, app, smoke: args.has("smoke") };
    for part in chosen {
        for (_, mut command) in bench.commands(part) {
            sh::run(&mut command)?;
        }
    }
    Ok(true)
}

/// Our store and engine for a page, made as the web app is.
pub(crate) fn build_page(
    toolchain: &Toolchain,
    profile: &str,
    step: &dyn Fn(&mut Command) -> Result<()>,
) -> Result<PathBuf> {
    step(toolchain.cargo().args(["build", "-p", "almanac-bench-page", "--target", WASM, "--profile", profile]))?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let compiled: &Path = &paths::target().join(WASM).join(folder).join("almanac_bench_page.wasm");
    let bound = paths::target().join("bench-page").join(folder);
    bundle::bind(compiled, &bound, "page", profile == bundle::PROFILE, step)?;
    Ok(bound)
}
