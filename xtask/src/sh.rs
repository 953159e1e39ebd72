//! Running other programs: shown, captured, or logged into a file, with or without a time limit.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// The command as one would type it, for messages.
pub(crate) fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn start_failure(command: &Command, source: &std::io::Error) -> Error {
    Error::new(format!("cannot start `{}`: {source}", shown(command)))
}

/// Runs with the terminal's input and output; fails unless it exits with 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|e| start_failure(command, &e))?;
    if status.success() { Ok(()) } else { Err(Error::new(format!("`{}` failed ({status})", shown(command)))) }
}

/// Runs and returns its standard output; errors go to the terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().map_err(|e| start_failure(command, &e))?;
    if !output.status.success() {
        return Err(Error::new(format!("`{}` failed ({})", shown(command), output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs without output; whether it could be started and exited with 0.
pub(crate) fn quiet_ok(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs with both outputs appended to `log`; whether it exited with 0.
pub(crate) fn logged(command: &mut Command, log: &Path) -> Result<bool> {
    let file = append(log)?;
    let copy = file.try_clone().map_err(|e| Error::io("write", log, &e))?;
    let status =
        command.stdin(Stdio::null()).stdout(file).stderr(copy).status().map_err(|e| start_failure(command, &e))?;
    Ok(status.success())
}

/// Opens a log to append to.
pub(crate) fn append(log: &Path) -> Result<File> {
    File::options().create(true).append(true).open(log).map_err(|e| Error::io("write", log, &e))
}

/// Runs, showing its output, and ends it when it takes longer than `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command.stdin(Stdio::null()).spawn().map_err(|e| start_failure(command, &e))?;
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(Error::new(format!("`{}` failed ({status})", shown(command)))),
            Ok(None) if started.elapsed() > limit => {
                end(&mut child);
                return Err(Error::new(format!("`{}` did not end within {} s", shown(command), limit.as_secs())));
            }
            // A child's end cannot be waited for with a limit in std: look again soon.
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(e) => return Err(start_failure(command, &e)),
        }
    }
}

/// Kills and reaps a child.
pub(crate) fn end(child: &mut Child) {
    drop(child.kill());
    drop(child.wait());
}
