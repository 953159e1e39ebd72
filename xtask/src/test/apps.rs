//! A screen that nobody sees, for programs with windows.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::error::{Error, Result};
use crate::sh;

/// A running Xvfb; ended when dropped.
#[derive(Debug)]
pub(crate) struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    /// Starts one on a free display and waits until it takes connections.
    pub(crate) fn start() -> Result<Self> {
        let mut command = Command::new("Xvfb");
        // It picks a free number and writes it to its standard output as soon as it is ready.
        command
            .args(["-displayfd", "1", "-screen", "0", "1400x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server =
            command.spawn().map_err(|e| Error::new(format!("cannot start Xvfb ({e}); run cargo xtask setup test")))?;
        let mut line = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|e| Error::new(format!("Xvfb says nothing: {e}")))?;
        }
        let number = line.trim();
        if number.is_empty() {
            sh::end(&mut server);
            return Err(Error::new("Xvfb ended before it was ready"));
        }
        Ok(Self { display: format!(":{number}"), server })
    }

    /// The value of DISPLAY.
    pub(crate) fn display(&self) -> &str {
        &self.display
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        sh::end(&mut self.server);
    }
}
