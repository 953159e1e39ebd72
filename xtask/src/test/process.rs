//! Running a test program with a time limit, its output in the log, and reading what it achieved.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::counts::Counts;
use crate::error::{Error, Result};
use crate::sh;

/// No runner may take longer. A test that hangs must fail, not block whoever waits for the result.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// The limit of this run: a soak has more.
fn limit() -> Duration {
    let times = std::env::var("ALMANAC_SOAK").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    LIMIT * times
}

/// Runs a test program, appends its output to `log`, and counts from that output.
pub(super) fn counted(command: &mut Command, log: &Path) -> Result<Counts> {
    let before = fs::metadata(log).map_or(0, |m| m.len());
    let ok = within_limit(command, log)?;
    let text = fs::read(log).map_err(|e| Error::io("read", log, &e))?;
    let fresh = text.get(usize::try_from(before).unwrap_or(0)..).unwrap_or_default();
    Ok(Counts::read(&String::from_utf8_lossy(fresh), ok))
}

/// Whether it exited with 0 within the limit. All that it has started ends with it.
pub(super) fn within_limit(command: &mut Command, log: &Path) -> Result<bool> {
    let out = sh::append(log)?;
    let err = out.try_clone().map_err(|e| Error::io("write", log, &e))?;
    let cannot =
        |e: std::io::Error, command: &Command| Error::new(format!("cannot start `{}`: {e}", sh::shown(command)));
    // An own process group, so that its children can be ended with it.
    let mut child = command
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .process_group(0)
        .spawn()
        .map_err(|e| cannot(e, command))?;
    let group = format!("-{}", child.id());
    let started = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|e| cannot(e, command))? {
            Some(status) => break Some(status),
            None if started.elapsed() > limit() => break None,
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    // Also after a good end: a test that leaves a server behind must not disturb the next.
    sh::quiet_ok(Command::new("kill").args(["-KILL", "--", &group]));
    if status.is_none() {
        drop(child.wait());
        return Err(Error::new(format!("`{}` was ended after {} minutes", sh::shown(command), limit().as_secs() / 60)));
    }
    Ok(status.is_some_and(|s| s.success()))
}
