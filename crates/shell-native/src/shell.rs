//! The native shell: SQLite beside a session file, one folder per server.

use crate::{
    files::{self, DataDir, replace},
    leader,
    platform::NativePlatform,
    vault::{self, FileVault},
};
use almanac_core::{
    Uuid,
    platform::{BoxFuture, BoxStream, Platform},
    session::{Auth, AuthError, VaultError},
    store::{OpenError, Store},
};
use almanac_data::{Lead, Peers, Shell, ShellKind, Storage};
use almanac_store_sqlite::SqliteStore;
use almanac_supabase::{Client, Config, discover};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The file of what was chosen on this device: theme, language.
const CHOICES: &str = "choices.json";

/// See the module.
pub struct NativeShell {
    kind: ShellKind,
    server: String,
    dir: DataDir,
    platform: Arc<dyn Platform>,
    wakes: Mutex<Option<UnboundedReceiver<()>>>,
}

impl NativeShell {
    /// A shell for a server, its files in `dir`. The sender wakes the sync (focus, resumed).
    #[must_use]
    pub fn new(kind: ShellKind, server: String, dir: DataDir, platform: NativePlatform) -> (Self, UnboundedSender<()>) {
        let (wake, wakes) = unbounded();
        let shell = Self { kind, server, dir, platform: Arc::new(platform), wakes: Mutex::new(Some(wakes)) };
        (shell, wake)
    }

    fn choices(&self) -> BTreeMap<String, String> {
        vault::read(&self.dir.file(CHOICES)).unwrap_or_default()
    }
}

async fn find_server(url: &str, dir: &DataDir, platform: &Arc<dyn Platform>) -> Result<Config, AuthError> {
    let found = discover(url, platform).await?;
    if let Err(error) = vault::write(&dir.file("server.json"), &found) {
        tracing::warn!(%error, "what was learnt of the server could not be kept; the next start asks again");
    }
    Ok(found)
}

impl Shell for NativeShell {
    fn kind(&self) -> ShellKind {
        self.kind
    }

    fn zone(&self) -> String {
        iana_time_zone::get_timezone().unwrap_or_else(|_| "UTC".to_owned())
    }

    fn languages(&self) -> Vec<String> {
        // As gettext reads them: the list first, then the first variable that says anything.
        let said = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let list = said("LANGUAGE").into_iter().flat_map(|list| list.split(':').map(str::to_owned).collect::<Vec<_>>());
        list.chain(["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(said)).collect()
    }

    fn kept(&self, name: &str) -> Option<String> {
        self.choices().remove(name)
    }

    fn keep(&self, name: &str, value: Option<&str>) {
        let mut choices = self.choices();
        match value {
            Some(value) => drop(choices.insert(name.to_owned(), value.to_owned())),
            None => drop(choices.remove(name)),
        }
        if let Err(error) = vault::write(&self.dir.file(CHOICES), &choices) {
            tracing::warn!(%error, "a choice of this device could not be kept");
        }
    }

    fn server(&self) -> String {
        self.server.clone()
    }

    fn platform(&self) -> Arc<dyn Platform> {
        self.platform.clone()
    }

    fn auth(&self) -> BoxFuture<'_, Result<Arc<dyn Auth>, AuthError>> {
        Box::pin(async move {
            let config = match vault::read(&self.dir.file("server.json")) {
                Some(config) => {
                    // Its key may have changed: what is found now serves the next start.
                    let (url, dir, platform) = (self.server.clone(), self.dir.clone(), self.platform.clone());
                    self.platform.spawn(Box::pin(async move { drop(find_server(&url, &dir, &platform).await) }));
                    config
                }
                None => find_server(&self.server, &self.dir, &self.platform).await?,
            };
            let client: Arc<dyn Auth> = Client::new(config, Arc::new(FileVault::new(&self.dir)), self.platform.clone());
            Ok(client)
        })
    }

    fn open_store(&self, user: Uuid) -> BoxFuture<'_, Result<Arc<dyn Store>, OpenError>> {
        Box::pin(async move {
            let store: Arc<dyn Store> = SqliteStore::open(self.dir.database(user))?;
            Ok(store)
        })
    }

    fn lead(&self, user: Uuid) -> BoxFuture<'static, Lead> {
        Box::pin(leader::lead(self.dir.file(&format!("{user}.leader"))))
    }

    fn peers(&self, _user: Uuid) -> Option<Peers> {
        None
    }

    fn wakes(&self) -> BoxStream<'static, ()> {
        let wakes = self.wakes.lock().unwrap_or_else(PoisonError::into_inner).take();
        wakes.map_or_else(|| futures::stream::empty().boxed(), StreamExt::boxed)
    }

    fn recall(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.dir.file(&format!("{name}.json"))).ok()
    }

    fn remember(&self, name: &str, text: Option<&str>) -> Result<(), VaultError> {
        let path = self.dir.file(&format!("{name}.json"));
        let result = match text {
            Some(text) => replace(&path, text.as_bytes()),
            None => match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        };
        result.map_err(|error| VaultError(error.to_string()))
    }

    fn save_file(&self, name: &str, text: &str) -> Result<Option<String>, String> {
        let path = files::free_name(&files::downloads().unwrap_or_else(|| self.dir.file("exports")), name)
            .map_err(|error| error.to_string())?;
        replace(&path, text.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Some(path.display().to_string()))
    }

    fn storage(&self, user: Uuid) -> BoxFuture<'static, Option<Storage>> {
        let used = files::size_of(&self.dir.database(user));
        Box::pin(std::future::ready(used.map(|used| Storage { used, most: None })))
    }

    fn updates(&self) -> BoxStream<'static, ()> {
        futures::stream::pending().boxed()
    }
}

/// Logs to standard error; `RUST_LOG` says how much.
pub fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}
