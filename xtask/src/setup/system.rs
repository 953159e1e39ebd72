//! Packages of the system, on Debian and its relatives; elsewhere it says what is missing.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::{Need, as_root, say, took};
use crate::error::{Error, Result};
use crate::{paths, postgres, sh};

/// Something the system may lack: how to see that it is there, and the package that has it.
struct Package {
    need: Need,
    name: &'static str,
    found: fn() -> bool,
    why: &'static str,
}

const PACKAGES: &[Package] = &[
    Package {
        need: Need::Compiler,
        name: "build-essential",
        found: || paths::which("cc").is_some(),
        why: "Rust links with the C compiler",
    },
    Package {
        need: Need::Compiler,
        name: "pkg-config",
        found: || paths::which("pkg-config").is_some(),
        why: "finds the system's libraries",
    },
    Package {
        need: Need::Webview,
        name: "libwebkit2gtk-4.1-dev",
        found: || pkg_config("webkit2gtk-4.1"),
        why: "shows the desktop app",
    },
    Package {
        need: Need::Webview,
        name: "libxdo-dev",
        found: || Path::new("/usr/include/xdo.h").exists(),
        why: "menus of the desktop app",
    },
    Package {
        need: Need::Webview,
        name: "libssl-dev",
        found: || pkg_config("openssl"),
        why: "Dioxus' desktop renderer links it",
    },
    Package {
        need: Need::Webview,
        name: "libayatana-appindicator3-dev",
        found: || pkg_config("ayatana-appindicator3-0.1"),
        why: "tray icon of the desktop app",
    },
    Package {
        need: Need::Xvfb,
        name: "xvfb",
        found: || paths::which("Xvfb").is_some(),
        why: "desktop tests without a screen",
    },
    Package {
        need: Need::Xvfb,
        name: "xdotool",
        found: || paths::which("xdotool").is_some(),
        why: "finds and drives the window in desktop tests",
    },
    Package {
        need: Need::Xvfb,
        name: "imagemagick",
        found: || paths::which("import").is_some(),
        why: "pictures of the window",
    },
    Package {
        need: Need::Xvfb,
        name: "python3",
        found: || paths::which("python3").is_some(),
        why: "looks into the desktop app's SQLite from the end-to-end tests",
    },
    Package {
        need: Need::Python,
        name: "python3-venv",
        found: || sh::quiet_ok(Command::new("python3").args(["-c", "import venv, ensurepip"])),
        why: "an environment of its own for the contract tests in Python",
    },
    Package {
        need: Need::Chromium,
        name: "chromium",
        found: || paths::which("chromium").is_some(),
        why: "browser of the tests",
    },
    Package {
        need: Need::Chromium,
        name: "chromium-driver",
        found: || paths::which("chromedriver").is_some(),
        why: "runs the IndexedDB tests in the browser",
    },
    Package {
        need: Need::Postgres,
        name: "postgresql",
        found: || postgres::programs().is_some(),
        why: "tests on a real PostgreSQL cluster",
    },
];

/// Installs the packages of `needs` that are missing, with one call of apt-get.
pub(super) fn install(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Package> = PACKAGES.iter().filter(|p| needs.contains(&p.need) && !(p.found)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|p| p.name).collect();
    let why: Vec<String> = missing.iter().map(|p| format!("{}: {}", p.name, p.why)).collect();
    say(&format!("installing system packages: {}", names.join(" ")), &why.join("; "));
    apt_install(&names)?;
    match missing.iter().find(|p| !(p.found)()) {
        None => Ok(()),
        Some(p) => Err(Error::new(format!("{} was installed, but what it should bring is not found", p.name))),
    }
}

/// `apt-get install`, with `apt-get update` first because a fresh machine knows no packages.
pub(super) fn apt_install(names: &[&str]) -> Result<()> {
    if paths::which("apt-get").is_none() {
        return Err(Error::new(format!(
            "this system has no apt-get; install what corresponds to these Debian packages and try again: {}",
            names.join(" ")
        )));
    }
    let started = Instant::now();
    // Installing PostgreSQL must not start a cluster on the default port: tests make their own, and a user may have another.
    let no_cluster = names.contains(&"postgresql") && !Path::new("/etc/postgresql-common/createcluster.conf").exists();
    if no_cluster {
        sh::run(as_root("sh").args([
            "-c",
            "mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf",
        ]))?;
    }
    // A registry that does not answer must not end the attempt: the package lists may be recent enough.
    if sh::run(&mut quiet_apt(&["update"])).is_err() {
        println!("       apt-get update failed; going on with the package lists that are here");
    }
    let mut arguments = vec!["install", "--no-install-recommends"];
    arguments.extend_from_slice(names);
    sh::run(&mut quiet_apt(&arguments))?;
    took(started);
    Ok(())
}

fn quiet_apt(arguments: &[&str]) -> Command {
    let mut command = as_root("env");
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0"]).args(arguments);
    command.stdout(std::process::Stdio::null());
    command
}

fn pkg_config(library: &str) -> bool {
    sh::quiet_ok(Command::new("pkg-config").args(["--exists", library]))
}
