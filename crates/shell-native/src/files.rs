//! Where things are kept: one folder per user of the machine, in it one per server.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// The folder of one server's accounts.
#[derive(Clone, Debug)]
pub struct DataDir {
    dir: PathBuf,
}

/// The folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// This user has no home.
    #[error("there is no home folder to keep data in; set ALMANAC_DATA_DIR")]
    NoHome,
    /// It cannot be made.
    #[error("the data folder {dir} cannot be made: {source}")]
    Make {
        /// The folder.
        dir: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl DataDir {
    /// The folder for a server, made if need be: below `ALMANAC_DATA_DIR`, else below the platform's data folder.
    ///
    /// # Errors
    /// [`DataDirError`] when there is no place for it.
    pub fn open(server: &str) -> Result<Self, DataDirError> {
        let base = match std::env::var_os("ALMANAC_DATA_DIR") {
            Some(dir) => PathBuf::from(dir),
            None => home()?,
        };
        Self::below(&base, server)
    }

    /// The folder for a server below another.
    ///
    /// # Errors
    /// [`DataDirError::Make`].
    pub fn below(base: &Path, server: &str) -> Result<Self, DataDirError> {
        let dir = base.join(folder_name(server));
        make_private(&dir).map_err(|source| DataDirError::Make { dir: dir.clone(), source })?;
        Ok(Self { dir })
    }

    /// The local database of an account.
    #[must_use]
    pub fn database(&self, user: Uuid) -> PathBuf {
        self.dir.join(format!("{user}.sqlite3"))
    }

    /// A file in the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// Android gives each app one folder and no home.
#[cfg(target_os = "android")]
fn home() -> Result<PathBuf, DataDirError> {
    Ok(PathBuf::from("/data/data/app.almanac.mobile/files"))
}

#[cfg(not(target_os = "android"))]
fn home() -> Result<PathBuf, DataDirError> {
    let dirs = directories::ProjectDirs::from("", "", "almanac").ok_or(DataDirError::NoHome)?;
    Ok(dirs.data_dir().to_owned())
}

/// `http://127.0.0.1:8787` → `127.0.0.1_8787`.
fn folder_name(server: &str) -> String {
    let bare = server.split_once("://").map_or(server, |(_, rest)| rest);
    let safe = bare
        .trim_end_matches('/')
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') { c } else { '_' });
    safe.collect()
}

#[cfg(unix)]
fn make_private(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(not(unix))]
fn make_private(dir: &Path) -> std::io::Result<()> {
    fs::create_dir_all(dir)
}

/// The bytes of a database, with the log beside it; none if there is no such file.
pub(crate) fn size_of(database: &Path) -> Option<u64> {
    let size = |path: &Path| fs::metadata(path).ok().map(|file| file.len());
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    Some(size(database)? + size(Path::new(&log)).unwrap_or(0))
}

/// Where a person looks for files they saved.
#[cfg(target_os = "android")]
pub(crate) fn downloads() -> Option<PathBuf> {
    None
}

/// Where a person looks for files they saved.
#[cfg(not(target_os = "android"))]
pub(crate) fn downloads() -> Option<PathBuf> {
    let dirs = directories::UserDirs::new()?;
    Some(dirs.download_dir().unwrap_or(dirs.home_dir()).to_owned())
}

/// A path in the folder that no file has: `name.json`, `name-2.json` and so on.
///
/// # Errors
/// When the folder cannot be made.
pub(crate) fn free_name(dir: &Path, name: &str) -> std::io::Result<PathBuf> {
    fs::create_dir_all(dir)?;
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let numbered = (2_u32..).map(|n| format!("{stem}-{n}.{ending}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    Ok(names.find(|name| !dir.join(name).exists()).map_or_else(|| dir.join(name), |free| dir.join(free)))
}

/// Replaces a file's content so that after a crash either the old or the new is there, readable by its user only.
///
/// # Errors
/// Those of the file system; then the old content stands.
pub(crate) fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    #[cfg(unix)]
    if let Some(dir) = path.parent() {
        fs::File::open(dir)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_has_a_folder_of_its_own() {
        assert_eq!(folder_name("http://127.0.0.1:8787/"), "127.0.0.1_8787");
        assert_eq!(folder_name("https://cal.example.org"), "cal.example.org");
        assert_eq!(folder_name("https://x/../../etc"), "x_.._.._etc");
    }

    #[test]
    fn a_file_that_is_saved_overwrites_none() {
        let dir = tempfile::tempdir().unwrap();
        let below = dir.path().join("exports");
        for expected in ["all.json", "all-2.json", "all-3.json"] {
            let path = free_name(&below, "all.json").unwrap();
            assert_eq!(path, below.join(expected));
            fs::write(path, "x").unwrap();
        }
    }

    #[test]
    fn a_database_is_as_large_as_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("x.sqlite3");
        assert_eq!(size_of(&database), None);
        fs::write(&database, [0; 700]).unwrap();
        assert_eq!(size_of(&database), Some(700));
        fs::write(dir.path().join("x.sqlite3-wal"), [0; 30]).unwrap();
        assert_eq!(size_of(&database), Some(730));
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("session.json");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left behind");
    }
}
