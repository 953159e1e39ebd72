//! What an app shell plugs in: its store, its server connection, and what only the platform knows.

use almanac_core::{
    platform::{BoxFuture, BoxStream, MaybeSend, MaybeSync, Platform},
    session::{Auth, AuthError, VaultError},
    store::{OpenError, Store},
};
use dioxus::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

/// Which kind of app this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellKind {
    /// In a browser.
    Web,
    /// A window on a desktop.
    Desktop,
    /// On a phone.
    Mobile,
}

/// Leadership: whoever holds it syncs. Dropping it lets another tab take over.
pub struct Lead(
    /// Whatever keeps the lock.
    pub Box<dyn MaybeSend>,
);

/// The other tabs of the same account.
pub struct Peers {
    /// Tells them something.
    pub send: Arc<dyn PeerSend>,
    /// What they tell.
    pub receive: BoxStream<'static, String>,
}

/// Sends text to the other tabs.
pub trait PeerSend: MaybeSend + MaybeSync {
    /// Never blocks; a message may be lost only when no other tab is there.
    fn send(&self, message: &str);
}

/// An app shell.
pub trait Shell: MaybeSend + MaybeSync {
    /// The kind of app.
    fn kind(&self) -> ShellKind;

    /// The device's IANA zone.
    fn zone(&self) -> String;

    /// The languages the person reads, best first, as the system names them (`de-AT`, `en_GB.UTF-8`).
    fn languages(&self) -> Vec<String> {
        Vec::new()
    }

    /// A choice of this device, such as the theme, kept by [`Shell::keep`].
    fn kept(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// Keeps a choice of this device, or with none forgets it. Where that fails it holds until the app ends.
    fn keep(&self, name: &str, value: Option<&str>) {
        let _ = (name, value);
    }

    /// The address the app was opened at or stands at, a path from `/`; none where apps have no address.
    fn address(&self) -> Option<String> {
        None
    }

    /// Shows the address, as a step one can go back from, or in place of the present one.
    fn visit(&self, address: &str, in_place: bool) {
        let _ = (address, in_place);
    }

    /// An item whenever the person went back or forward: the address they are at now.
    fn visits(&self) -> BoxStream<'static, String> {
        Box::pin(futures::stream::empty())
    }

    /// The server as a person would name it.
    fn server(&self) -> String;

    /// Clock, sleep, tasks.
    fn platform(&self) -> Arc<dyn Platform>;

    /// Connects to the server. With what was learnt at an earlier start this needs no network.
    fn auth(&self) -> BoxFuture<'_, Result<Arc<dyn Auth>, AuthError>>;

    /// Opens the account's local database.
    fn open_store(&self, user: Uuid) -> BoxFuture<'_, Result<Arc<dyn Store>, OpenError>>;

    /// Waits until this tab (or process) is the account's leader.
    fn lead(&self, user: Uuid) -> BoxFuture<'static, Lead>;

    /// The other tabs of the account; none where there can be none.
    fn peers(&self, user: Uuid) -> Option<Peers>;

    /// An item whenever it is worth looking at the server at once: focus, visible again, network back.
    fn wakes(&self) -> BoxStream<'static, ()>;

    /// An item once a new version of the app is there and only a reload away.
    fn updates(&self) -> BoxStream<'static, ()>;

    /// A short text this device keeps beside the accounts' databases, at once; none if it was never kept.
    fn recall(&self, name: &str) -> Option<String>;

    /// Keeps such a text durably, or forgets it.
    ///
    /// # Errors
    /// When it could not be kept.
    fn remember(&self, name: &str, text: Option<&str>) -> Result<(), VaultError>;

    /// Gives a file to the person: where it was saved, if that is known here.
    ///
    /// # Errors
    /// Why not, in words.
    fn save_file(&self, name: &str, text: &str) -> Result<Option<String>, String> {
        let _ = (name, text);
        Err("this app cannot save files".to_owned())
    }

    /// How much room the account's data takes on this device; none where that is not known.
    fn storage(&self, user: Uuid) -> BoxFuture<'static, Option<Storage>> {
        let _ = user;
        Box::pin(std::future::ready(None))
    }

    /// Takes the new version: reloads.
    fn reload(&self) {}
}

/// Room on this device, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Taken.
    pub used: u64,
    /// What there may be at most, where the platform sets a limit.
    pub most: Option<u64>,
}

/// A shell that components can take as a property.
#[derive(Clone)]
pub struct ShellHandle(pub Arc<dyn Shell>);

impl PartialEq for ShellHandle {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What the UI may know of its shell.
#[derive(Clone, PartialEq)]
pub struct ShellInfo {
    /// The kind of app.
    pub kind: ShellKind,
    /// The device's IANA zone.
    pub zone: String,
    /// The languages the person reads, best first.
    pub languages: Vec<String>,
    /// Whether a new version is only a reload away.
    pub update_ready: ReadSignal<bool>,
    pub(crate) shell: ShellHandle,
}

impl ShellInfo {
    /// Takes the new version.
    pub fn reload(&self) {
        self.shell.0.reload();
    }

    /// The address the app stands at, where apps have one.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        self.shell.0.address()
    }

    /// Shows an address, as a step one can go back from, or in place of the present one.
    pub fn visit(&self, address: &str, in_place: bool) {
        self.shell.0.visit(address, in_place);
    }

    /// The addresses of going back and forward.
    #[must_use]
    pub fn visits(&self) -> BoxStream<'static, String> {
        self.shell.0.visits()
    }

    /// Waits.
    pub async fn sleep(&self, time: std::time::Duration) {
        self.shell.0.platform().sleep(time).await;
    }

    /// Gives a file to the person: where it was saved, if that is known here.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn save_file(&self, name: &str, text: &str) -> Result<Option<String>, String> {
        self.shell.0.save_file(name, text)
    }

    /// A choice of this device.
    #[must_use]
    pub fn kept(&self, name: &str) -> Option<String> {
        self.shell.0.kept(name)
    }

    /// Keeps a choice of this device, or with none forgets it.
    pub fn keep(&self, name: &str, value: Option<&str>) {
        self.shell.0.keep(name, value);
    }
}
