//! What fsync does elsewhere, for the embedded database.
//!
//! PostgreSQL writes its log to the file at each commit, so a killed process loses nothing. A power cut is another
//! matter: the system may hold written data in memory for half a minute. PostgreSQL's own fsync cannot be used (its
//! WebAssembly host cannot sync folders, and then no checkpoint succeeds), so the server syncs the files itself: the log
//! after each transaction that writes, before its answer is sent, and everything around a checkpoint.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// File times are coarse: a file written in the same tick as the last sync must not be taken for synced.
const SLACK: Duration = Duration::from_secs(2);

/// The cluster's files.
#[derive(Debug)]
pub(super) struct Files {
    cluster: PathBuf,
    synced: Mutex<SystemTime>,
}

impl Files {
    /// The files of the embedded database under `root`, the folder it was given.
    pub(super) fn new(root: &Path) -> Self {
        Self { cluster: root.join("tmp/pglite/base"), synced: Mutex::new(SystemTime::UNIX_EPOCH) }
    }

    /// Makes everything committed so far survive a power cut.
    pub(super) fn sync_log(&self) -> io::Result<()> {
        let since = *self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        sync_changed(&self.cluster.join("pg_wal"), since, false)?;
        // Only older files become known as synced here; what was just written is looked at once more.
        Ok(())
    }

    /// Syncs every file that changed since the last time, and the folders.
    pub(super) fn sync_all(&self) -> io::Result<()> {
        let begun = SystemTime::now();
        let since = *self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        sync_changed(&self.cluster, since, true)?;
        *self.synced.lock().unwrap_or_else(PoisonError::into_inner) = begun - SLACK;
        Ok(())
    }

    /// Bytes of log now on disk.
    pub(super) fn log_size(&self) -> u64 {
        let files = fs::read_dir(self.cluster.join("pg_wal")).into_iter().flatten().flatten();
        files.filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum()
    }
}

fn sync_changed(folder: &Path, since: SystemTime, deep: bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A file may vanish between the listing and the look.
        let Ok(data) = entry.metadata() else { continue };
        if data.is_dir() {
            if deep {
                sync_changed(&path, since, true)?;
            }
        } else if data.modified().is_ok_and(|modified| modified >= since) {
            match File::open(&path) {
                Ok(file) => file.sync_data()?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    // A new file is only safe when its folder is.
    #[cfg(unix)]
    if deep {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
