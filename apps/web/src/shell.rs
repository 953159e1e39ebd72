//! The browser's shell.

use crate::{leader, peers, platform::WebPlatform, vault, window};
use almanac_core::{
    Uuid,
    platform::{BoxFuture, BoxStream, Platform},
    session::{Auth, AuthError, VaultError},
    store::{OpenError, Store},
};
use almanac_data::{Lead, Peers, Shell, ShellKind, Storage};
use almanac_store_indexeddb::IndexedDbStore;
use almanac_supabase::{Client, discover};
use std::{sync::Arc, time::Duration};

/// See the module.
pub(crate) struct WebShell {
    platform: Arc<dyn Platform>,
    zone: String,
}

/// When a start is long over.
const UNHURRIED: Duration = Duration::from_secs(5);

impl WebShell {
    pub(crate) fn new() -> Self {
        Self { platform: Arc::new(WebPlatform), zone: zone() }
    }
}

/// The browser's IANA zone.
fn zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    let zone = js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|zone| zone.as_string());
    zone.unwrap_or_else(|| "UTC".to_owned())
}

/// The server's key may have changed since it was kept. What is found now serves the next start: this one has better to do.
async fn learn_for_next_time(platform: Arc<dyn Platform>) {
    platform.sleep(UNHURRIED).await;
    if let Ok(found) = discover(&window::origin(), &platform).await {
        vault::keep_server(&found);
    }
}

impl Shell for WebShell {
    fn kind(&self) -> ShellKind {
        ShellKind::Web
    }

    fn zone(&self) -> String {
        self.zone.clone()
    }

    fn languages(&self) -> Vec<String> {
        window::languages()
    }

    fn address(&self) -> Option<String> {
        window::address()
    }

    fn visit(&self, address: &str, in_place: bool) {
        window::visit(address, in_place);
    }

    fn visits(&self) -> BoxStream<'static, String> {
        window::visits()
    }

    fn kept(&self, name: &str) -> Option<String> {
        vault::choice(name)
    }

    fn keep(&self, name: &str, value: Option<&str>) {
        vault::keep_choice(name, value);
    }

    fn server(&self) -> String {
        window::origin()
    }

    fn platform(&self) -> Arc<dyn Platform> {
        self.platform.clone()
    }

    fn auth(&self) -> BoxFuture<'_, Result<Arc<dyn Auth>, AuthError>> {
        Box::pin(async move {
            let config = match vault::known_server() {
                Some(config) => {
                    self.platform.spawn(Box::pin(learn_for_next_time(self.platform.clone())));
                    config
                }
                None => {
                    let found = discover(&window::origin(), &self.platform).await?;
                    vault::keep_server(&found);
                    found
                }
            };
            let client: Arc<dyn Auth> = Client::new(config, Arc::new(vault::LocalVault), self.platform.clone());
            Ok(client)
        })
    }

    fn open_store(&self, user: Uuid) -> BoxFuture<'_, Result<Arc<dyn Store>, OpenError>> {
        Box::pin(async move {
            let store = IndexedDbStore::open(&format!("almanac-{user}")).await?;
            // Another tab runs a newer version, or the browser took the database away.
            store.on_lost(|_| window::offer_reload());
            let store: Arc<dyn Store> = store;
            Ok(store)
        })
    }

    fn lead(&self, user: Uuid) -> BoxFuture<'static, Lead> {
        Box::pin(leader::lead(format!("almanac-leader-{user}")))
    }

    fn peers(&self, user: Uuid) -> Option<Peers> {
        peers::join(&format!("almanac-{user}"))
    }

    fn wakes(&self) -> BoxStream<'static, ()> {
        window::wakes()
    }

    fn recall(&self, name: &str) -> Option<String> {
        vault::recall(name)
    }

    fn remember(&self, name: &str, text: Option<&str>) -> Result<(), VaultError> {
        vault::remember(name, text)
    }

    fn save_file(&self, name: &str, text: &str) -> Result<Option<String>, String> {
        window::download(name, text).map(|()| None).ok_or_else(|| "the browser refused the download".to_owned())
    }

    fn storage(&self, _user: Uuid) -> BoxFuture<'static, Option<Storage>> {
        Box::pin(window::storage())
    }

    fn updates(&self) -> BoxStream<'static, ()> {
        window::updates()
    }

    fn reload(&self) {
        window::take_update();
    }
}
