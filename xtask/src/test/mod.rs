//! `cargo xtask test`: every kind of test there is, each a part with its own log, and one table at the end.

mod apps;
mod counts;
mod failures;
mod host;
mod parts;
mod process;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(crate) use apps::Screen;
pub(crate) use counts::Counts;

use crate::args::Args;
use crate::error::{Error, Result};
use crate::paths;
use crate::setup::{self, Need};
use crate::toolchain::Toolchain;

/// A kind of tests.
struct Part {
    name: &'static str,
    /// What must be installed for it.
    needs: &'static [Need],
    /// Packages whose programs and tests are built for the host before it starts.
    builds: &'static [&'static str],
    run: fn(&mut Session) -> Result<Counts>,
}

/// Libraries, tested on the host.
const LIBRARIES: &[&str] = &[
    "almanac-core",
    "almanac-store-conformance",
    "almanac-store-sqlite",
    "almanac-data",
    "almanac-ui",
    "almanac-shell-native",
    "xtask",
];
const SERVER: &[&str] = &["almanac-server"];
// With the server, which it runs: cargo wants a library among what it builds.
const BENCH: &[&str] = &["almanac-bench", "almanac-server"];
const SCENARIOS: &[&str] = &["almanac-scenarios"];
const CLIENT: &[&str] = &["almanac-supabase", "almanac-server"];
const APPS: &[&str] = &["almanac-server", "almanac-desktop", "almanac-mobile"];
// With the gallery, an example of the UI's.
const JOURNEYS: &[&str] = &["almanac-server", "almanac-desktop", "almanac-mobile", "almanac-ui"];
const WEB_NEEDS: &[Need] = &[Need::Compiler, Need::WasmTarget, Need::WasmBindgen, Need::WasmOpt];

/// All parts, cheap ones first, in the order in which they run.
const PARTS: &[Part] = &[
    Part { name: "units", needs: &[Need::Compiler], builds: LIBRARIES, run: parts::units },
    Part { name: "doc", needs: &[Need::Compiler], builds: LIBRARIES, run: parts::doc },
    Part { name: "simulation", needs: &[Need::Compiler], builds: &[], run: parts::simulation },
    Part { name: "sql", needs: &[Need::Postgres], builds: &[], run: parts::sql },
    Part { name: "scenarios", needs: &[Need::Compiler, Need::Postgres], builds: SCENARIOS, run: parts::scenarios },
    Part { name: "server", needs: &[Need::Compiler, Need::Postgres], builds: SERVER, run: parts::server },
    Part { name: "supabase", needs: &[Need::Compiler], builds: CLIENT, run: parts::supabase },
    Part {
        name: "indexeddb",
        needs: &[Need::Compiler, Need::WasmTarget, Need::WasmBindgen, Need::Chromium],
        builds: &[],
        run: parts::indexeddb,
    },
    Part { name: "bundle", needs: WEB_NEEDS, builds: &[], run: parts::bundle },
    Part { name: "bench", needs: crate::bench::NEEDS, builds: BENCH, run: parts::bench },
    Part {
        name: "contract",
        needs: &[Need::Compiler, Need::Postgres, Need::TestPackages, Need::Python],
        builds: SERVER,
        run: parts::contract,
    },
    Part {
        name: "e2e",
        needs: &[
            Need::Compiler,
            Need::WasmTarget,
            Need::WasmBindgen,
            Need::WasmOpt,
            Need::Chromium,
            Need::Xvfb,
            Need::Webview,
            Need::TestPackages,
        ],
        builds: JOURNEYS,
        run: parts::e2e,
    },
    Part { name: "desktop", needs: &[Need::Compiler, Need::Webview, Need::Xvfb], builds: APPS, run: parts::desktop },
    Part { name: "mobile", needs: &[Need::Compiler, Need::Webview, Need::Android], builds: APPS, run: parts::mobile },
    Part {
        name: "lints",
        needs: &[Need::Compiler, Need::WasmTarget, Need::Webview, Need::Lints],
        builds: &[],
        run: parts::lints,
    },
];

/// What the parts share while they run.
struct Session {
    toolchain: Toolchain,
    /// The log of the part that runs now.
    log: PathBuf,
    host: host::Built,
    cluster: Option<crate::postgres::Cluster>,
    web_dir: Option<PathBuf>,
}

impl Session {
    /// The PostgreSQL cluster of this run, started by the first part that asks.
    fn cluster(&mut self) -> Result<&crate::postgres::Cluster> {
        if self.cluster.is_none() {
            self.cluster = Some(crate::postgres::Cluster::start(&self.log)?);
        }
        self.cluster.as_ref().ok_or_else(|| Error::new("the cluster has just been started"))
    }

    /// The web app of this run, built by the first part that asks.
    fn web_dir(&mut self) -> Result<PathBuf> {
        if self.web_dir.is_none() {
            self.web_dir = Some(crate::bundle::build(&self.toolchain, Some(&self.log))?);
        }
        self.web_dir.clone().ok_or_else(|| Error::new("the bundle has just been built"))
    }
}

/// A line of the table.
struct Row {
    name: &'static str,
    counts: Counts,
    took: Duration,
}

/// `cargo xtask test [part…]`. Whether all tests passed.
pub(crate) fn command(arguments: &[String]) -> Result<bool> {
    let args = Args::parse(arguments, &[], &[])?;
    if let Some(unknown) = args.words.iter().find(|w| !PARTS.iter().any(|p| p.name == **w)) {
        let names: Vec<&str> = PARTS.iter().map(|p| p.name).collect();
        return Err(Error::usage(format!("no part `{unknown}`; there are: {}", names.join(" "))));
    }
    let chosen: Vec<&Part> =
        PARTS.iter().filter(|p| args.words.is_empty() || args.words.iter().any(|w| w == p.name)).collect();

    let logs = paths::target().join("test-logs");
    fs::create_dir_all(&logs).map_err(|e| Error::io("create", &logs, &e))?;
    let mut rows = Vec::new();

    let started = Instant::now();
    let needs: Vec<Need> = chosen.iter().flat_map(|p| p.needs.iter().copied()).collect();
    // What could not be prepared fails the parts that need it; the others still tell something.
    let (toolchain, mut broken) = match setup::prepare(&needs) {
        Ok(toolchain) => (toolchain, Counts::default()),
        Err(error) => (Toolchain::any()?, Counts::broken(error.to_string())),
    };
    println!("Rust: {}; logs: {}", toolchain.version().unwrap_or_default(), logs.display());

    // All that is tested on the host is built in one go: separate builds would resolve other features and compile everything again.
    let log = fresh_log(&logs, "build")?;
    let packages: Vec<&str> = chosen.iter().flat_map(|p| p.builds.iter().copied()).collect();
    println!("build …");
    let host = host::build(&toolchain, &packages, &log)?;
    if !host.ok {
        broken += Counts::broken("the build failed: what did build is tested");
        tell(&log);
    }
    rows.push(Row { name: "setup, build", counts: broken, took: started.elapsed() });

    let mut session = Session { toolchain, log, host, cluster: None, web_dir: None };
    for part in chosen {
        rows.push(run_part(part, &mut session, &logs)?);
    }
    drop(session);
    Ok(table(&rows))
}

fn run_part(part: &Part, session: &mut Session, logs: &std::path::Path) -> Result<Row> {
    println!("{} …", part.name);
    session.log = fresh_log(logs, part.name)?;
    let started = Instant::now();
    let counts = (part.run)(session).unwrap_or_else(|error| Counts::broken(error.to_string()));
    let row = Row { name: part.name, counts, took: started.elapsed() };
    if row.counts.failed > 0 {
        tell(&session.log);
    }
    println!("{} … {} passed, {} failed, {} s", part.name, row.counts.passed, row.counts.failed, row.took.as_secs());
    Ok(row)
}

fn fresh_log(logs: &std::path::Path, name: &str) -> Result<PathBuf> {
    let log = logs.join(format!("{name}.log"));
    fs::write(&log, "").map_err(|e| Error::io("write", &log, &e))?;
    Ok(log)
}

/// Shows what a log says of the tests that failed, and its end.
fn tell(log: &std::path::Path) {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    for failure in failures::failures(&text) {
        println!("---- failed: {}", failure.name);
        for line in failure.lines {
            println!("{line}");
        }
    }
    let lines: Vec<&str> = text.lines().collect();
    println!("---- the end of {}", log.display());
    for line in &lines[lines.len().saturating_sub(60)..] {
        println!("{line}");
    }
    println!("----");
}

/// Prints the table, the remarks, and the closing line, which is always the last. Whether nothing failed.
fn table(rows: &[Row]) -> bool {
    println!("\n{:<14} {:>8} {:>8} {:>8}", "part", "passed", "failed", "seconds");
    for row in rows {
        println!("{:<14} {:>8} {:>8} {:>8}", row.name, row.counts.passed, row.counts.failed, row.took.as_secs());
    }
    for row in rows {
        for note in &row.counts.notes {
            println!("{}: {note}", row.name);
        }
    }
    let passed: u64 = rows.iter().map(|r| r.counts.passed).sum();
    let failed: u64 = rows.iter().map(|r| r.counts.failed).sum();
    println!("\n{passed} passed, {failed} failed");
    failed == 0
}

/// Every package is tested somewhere: this fails when a new member of the workspace is forgotten.
#[cfg(test)]
mod tests {
    use super::PARTS;
    use crate::ci;

    #[test]
    fn no_member_of_the_workspace_is_forgotten() {
        let mut tested: Vec<&str> =
            PARTS.iter().flat_map(|p| p.builds.iter().copied()).chain(ci::BROWSER.iter().copied()).collect();
        // Built by its part, with a profile of its own.
        tested.push("almanac-simulation");
        let root = crate::paths::root();
        let folders =
            ["crates", "apps"].iter().flat_map(|d| std::fs::read_dir(root.join(d)).unwrap()).map(|e| e.unwrap().path());
        for folder in folders.chain([
            root.join("tests/bench"),
            root.join("tests/scenarios"),
            root.join("tests/simulation"),
            root.join("xtask"),
        ]) {
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
            let name = manifest.split("name = \"").nth(1).unwrap().split('"').next().unwrap();
            assert!(tested.contains(&name), "{name} is tested by no part");
        }
    }
}
