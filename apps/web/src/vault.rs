//! The session, what is known of the server and other small things, in localStorage. `public/kept.js` copies it to where it survives the
//! browser's crash.

use crate::window;
use almanac_core::session::{Session, Vault, VaultError};
use almanac_supabase::Config;
use web_sys::Storage;

const SESSION: &str = "almanac.session";
const CONFIG: &str = "almanac.server";

/// localStorage.
pub(crate) struct LocalVault;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

impl Vault for LocalVault {
    fn load(&self) -> Option<Session> {
        let text = storage()?.get_item(SESSION).ok().flatten()?;
        serde_json::from_str(&text).ok()
    }

    fn store(&self, session: Option<&Session>) -> Result<(), VaultError> {
        let failed = |why: &str| VaultError(why.to_owned());
        let storage = storage().ok_or_else(|| failed("the browser lets this page keep nothing"))?;
        match session {
            Some(session) => {
                let text = serde_json::to_string(session).map_err(|e| VaultError(e.to_string()))?;
                storage.set_item(SESSION, &text).map_err(|_| failed("the browser's storage is full"))?;
            }
            None => storage.remove_item(SESSION).map_err(|_| failed("the browser refused"))?,
        }
        window::tell("almanac-kept");
        Ok(())
    }
}

/// A text kept under `almanac.<name>`.
pub(crate) fn recall(name: &str) -> Option<String> {
    storage()?.get_item(&format!("almanac.{name}")).ok().flatten()
}

/// Keeps or forgets it.
pub(crate) fn remember(name: &str, text: Option<&str>) -> Result<(), VaultError> {
    let failed = |why: &str| VaultError(why.to_owned());
    let storage = storage().ok_or_else(|| failed("the browser lets this page keep nothing"))?;
    let key = format!("almanac.{name}");
    match text {
        Some(text) => storage.set_item(&key, text).map_err(|_| failed("the browser's storage is full"))?,
        None => storage.remove_item(&key).map_err(|_| failed("the browser refused"))?,
    }
    window::tell("almanac-kept");
    Ok(())
}

/// What an earlier start learnt of the server.
pub(crate) fn known_server() -> Option<Config> {
    let text = storage()?.get_item(CONFIG).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

/// Keeps it for the next start. Where that fails the next start asks again.
pub(crate) fn keep_server(config: &Config) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(config)) {
        let _ = storage.set_item(CONFIG, &text);
        window::tell("almanac-kept");
    }
}

/// A choice of this device.
pub(crate) fn choice(name: &str) -> Option<String> {
    storage()?.get_item(&format!("almanac.choice.{name}")).ok().flatten()
}

/// Keeps a choice, or forgets it. Where that fails it holds until the tab is closed.
pub(crate) fn keep_choice(name: &str, value: Option<&str>) {
    let Some(storage) = storage() else { return };
    let name = format!("almanac.choice.{name}");
    let _ = match value {
        Some(value) => storage.set_item(&name, value),
        None => storage.remove_item(&name),
    };
}
