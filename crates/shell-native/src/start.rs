//! What every native app does before its window: the account's shell on a runtime of its own.

use crate::{DataDir, NativePlatform, NativeShell};
use almanac_data::{ShellHandle, ShellKind};
use futures::channel::mpsc::UnboundedSender;
use std::sync::Arc;

/// What the root of a native app is made from; a context of its window.
#[derive(Clone)]
pub struct Start {
    /// The shell under the UI.
    pub shell: ShellHandle,
    /// Looks at the server at once: the window has the focus again, or the app was resumed.
    pub wake: UnboundedSender<()>,
}

/// The background threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("Almanac could not start its background threads: {0}")]
pub struct StartError(#[from] std::io::Error);

impl Start {
    /// Starts the threads, which live as long as the process, and makes the shell on them.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(kind: ShellKind, server: String, dir: DataDir) -> Result<Self, StartError> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        // For ever: the window's loop never comes back, it ends the process.
        let runtime: &'static tokio::runtime::Runtime = Box::leak(Box::new(runtime));
        // Requests made by the UI's own executor, on this thread, need the runtime too.
        std::mem::forget(runtime.enter());
        let (shell, wake) = NativeShell::new(kind, server, dir, NativePlatform::new(runtime.handle().clone()));
        Ok(Self { shell: ShellHandle(Arc::new(shell)), wake })
    }

    /// Says that the person is back.
    pub fn is_back(&self) {
        // Without a receiver the app is closing.
        drop(self.wake.unbounded_send(()));
    }
}

/// The server an app syncs with unless told otherwise.
#[must_use]
pub fn usual_server() -> String {
    std::env::var("ALMANAC_SERVER").unwrap_or_else(|_| "http://127.0.0.1:8787".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt as _;

    #[test]
    fn the_shell_hears_that_the_person_is_back_and_its_thread_can_wait_for_the_runtime() {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::below(folder.path(), "http://127.0.0.1:1").unwrap();
        let start = Start::new(ShellKind::Mobile, "http://127.0.0.1:1".to_owned(), dir).unwrap();
        assert_eq!(start.shell.0.kind(), ShellKind::Mobile);
        let mut wakes = start.shell.0.wakes();
        start.is_back();
        assert_eq!(futures::executor::block_on(wakes.next()), Some(()));
        assert!(tokio::runtime::Handle::try_current().is_ok(), "also outside of the runtime's own threads");
    }
}
