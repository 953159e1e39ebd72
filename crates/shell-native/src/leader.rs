//! Leadership by a file lock: of several processes on one account, one syncs. The system frees the lock when the
//! process ends, however it ends.

use almanac_data::Lead;
use futures::channel::oneshot;
use std::{fs::File, path::PathBuf};

/// Waits for the lock on that file.
pub(crate) async fn lead(path: PathBuf) -> Lead {
    let (won, wait) = oneshot::channel();
    let waiting = std::thread::Builder::new().name("almanac-leader".to_owned()).spawn(move || {
        let locked = File::create(&path).and_then(|file| file.lock().map(|()| file));
        match locked {
            Ok(file) => drop(won.send(Some(file))),
            Err(error) => {
                tracing::warn!(%error, "no leader lock; syncing without one");
                let _ = won.send(None);
            }
        }
    });
    match waiting {
        Ok(_) => Lead(Box::new(wait.await.ok().flatten())),
        Err(_) => Lead(Box::new(())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt as _, executor::block_on};

    #[test]
    fn the_second_leads_once_the_first_lets_go() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("leader");
        let first = block_on(lead(path.clone()));
        let mut second = Box::pin(lead(path));
        assert!(second.as_mut().now_or_never().is_none(), "two lead at once");
        drop(first);
        block_on(second);
    }
}
