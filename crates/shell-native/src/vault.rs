//! The session and what is known of the server, in files that only their user can read.

use crate::files::{DataDir, replace};
use almanac_core::session::{Session, Vault, VaultError};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file.
pub(crate) struct FileVault {
    path: PathBuf,
}

impl FileVault {
    pub(crate) fn new(dir: &DataDir) -> Self {
        Self { path: dir.file("session.json") }
    }
}

impl Vault for FileVault {
    fn load(&self) -> Option<Session> {
        read(&self.path)
    }

    fn store(&self, session: Option<&Session>) -> Result<(), VaultError> {
        let result = match session {
            Some(session) => write(&self.path, session),
            None => match fs::remove_file(&self.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        };
        result.map_err(|error| VaultError(error.to_string()))
    }
}

/// The JSON in a file; what does not read counts as not there.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Puts JSON into a file.
pub(crate) fn write<T: Serialize>(path: &Path, value: &T) -> std::io::Result<()> {
    replace(path, &serde_json::to_vec(value)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_kept_and_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let data = DataDir::below(dir.path(), "http://x").unwrap();
        let vault = FileVault::new(&data);
        assert_eq!(vault.load(), None);
        let session = Session {
            user_id: uuid::Uuid::from_u128(1),
            email: "ana@example.org".into(),
            access_token: "a".into(),
            refresh_token: "r".into(),
            expires_at: 7,
        };
        vault.store(Some(&session)).unwrap();
        assert_eq!(FileVault::new(&data).load(), Some(session));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(data.file("session.json")).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "others can read the tokens");
        }
        vault.store(None).unwrap();
        assert_eq!(vault.load(), None);
        vault.store(None).unwrap();
    }
}
