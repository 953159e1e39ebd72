//! Runs components without a renderer, over a memory store and a server that is always away.

#![allow(dead_code, reason = "each test file uses its part")]

mod watched;

use almanac_core::{
    Uuid,
    key::RowRef,
    memory::MemoryStore,
    outbox::Entry,
    platform::{BoxFuture, BoxStream, Platform, TaskFuture},
    remote::{Hint, Remote, RemoteError},
    row::Span,
    session::{Auth, AuthError, Session, VaultError},
    stamp::DeviceId,
    store::{OpenError, Store},
    wire::{DigestAnswer, InvitedTo, PageAnswer, Person, PullAnswer, PushAnswer},
};
use almanac_data::{
    Account, DataProvider, Lead, Mutations, NewEvent, PeerSend, Peers, Shell, ShellHandle, ShellKind, use_account,
};
use chrono::{DateTime, TimeZone as _, Utc};
use dioxus::prelude::*;
use futures::{
    StreamExt as _,
    channel::mpsc::{UnboundedSender, unbounded},
};
use std::{
    any::Any,
    cell::RefCell,
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

thread_local! {
    /// What the components saw, by name, in order.
    static SEEN: RefCell<HashMap<&'static str, Vec<Box<dyn Any>>>> = RefCell::default();
}

/// Called by components: notes what a hook gave.
pub(crate) fn seen<T: 'static>(name: &'static str, value: T) {
    SEEN.with_borrow_mut(|seen| seen.entry(name).or_default().push(Box::new(value)));
}

/// Whether anything was noted under that name.
pub(crate) fn was_seen(name: &str) -> bool {
    SEEN.with_borrow(|seen| seen.contains_key(name))
}

/// Makes an event; returns its id.
pub(crate) fn made(mutations: &Mutations, new: NewEvent) -> Uuid {
    mutations.create_event(new).expect("an account is open").event.id
}

/// An app without a renderer.
pub(crate) struct Harness {
    dom: VirtualDom,
}

/// The component under test. Never replaced by another, so all compare equal.
#[derive(Clone, Copy)]
struct RootFn(fn() -> Element);

impl PartialEq for RootFn {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[component]
fn App(shell: ShellHandle, root: RootFn) -> Element {
    let Root = root.0;
    rsx! {
        DataProvider { shell, Root {} }
    }
}

impl Harness {
    /// Starts the app on a device of its own, signed in.
    pub(crate) fn start(root: fn() -> Element) -> Self {
        let device = Device::new();
        device.set_session(Some(ana()));
        Self::start_on(&device, root)
    }

    /// Starts the app on a device that may have been used before.
    pub(crate) fn start_on(device: &Device, root: fn() -> Element) -> Self {
        SEEN.with_borrow_mut(HashMap::clear);
        let shell = ShellHandle(Arc::new(TestShell { platform: Arc::new(TokioPlatform), device: device.clone() }));
        let mut dom = VirtualDom::new_with_props(App, AppProps { shell, root: RootFn(root) });
        dom.rebuild_in_place();
        Self { dom }
    }

    /// The last value seen.
    pub(crate) fn last<T: Clone + 'static>(&self, name: &'static str) -> T {
        SEEN.with_borrow(|seen| {
            seen[name].last().and_then(|value| value.downcast_ref::<T>()).cloned().expect("never seen")
        })
    }

    /// Does something in the app's runtime, as an event handler does.
    pub(crate) fn spawn(&mut self, task: impl Future<Output = ()> + 'static) {
        self.dom.in_scope(ScopeId::ROOT, || {
            dioxus::core::spawn_forever(task);
        });
    }

    /// Lets the app work until something outside of it is so.
    pub(crate) async fn idle_until(&mut self, wanted: impl Fn() -> bool) {
        let worked = async {
            while !wanted() {
                let tick = tokio::time::sleep(Duration::from_millis(10));
                tokio::select! {
                    () = self.dom.wait_for_work() => self.dom.render_immediate(&mut dioxus::core::NoOpMutations),
                    () = tick => {}
                }
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(20), worked).await.is_ok(), "never as wanted");
    }

    /// How often the value changed from one drawing to the next.
    pub(crate) fn changes<T: PartialEq + 'static>(&self, name: &'static str) -> usize {
        SEEN.with_borrow(|seen| {
            let values: Vec<&T> = seen[name].iter().filter_map(|value| value.downcast_ref()).collect();
            values.windows(2).filter(|pair| pair[0] != pair[1]).count()
        })
    }

    /// Draws until a value is as wanted, and returns it.
    pub(crate) async fn until<T: Clone + std::fmt::Debug + 'static>(
        &mut self,
        name: &'static str,
        wanted: impl Fn(&T) -> bool,
    ) -> T {
        let now = || SEEN.with_borrow(|seen| seen.get(name)?.last()?.downcast_ref::<T>().cloned());
        let drawn = async {
            loop {
                if let Some(value) = now().filter(|value| wanted(value)) {
                    return value;
                }
                self.dom.wait_for_work().await;
                self.dom.render_immediate(&mut dioxus::core::NoOpMutations);
            }
        };
        match tokio::time::timeout(Duration::from_secs(20), drawn).await {
            Ok(value) => value,
            Err(_) => panic!("never as wanted; last: {:?}", now()),
        }
    }
}

struct TokioPlatform;

impl Platform for TokioPlatform {
    fn now_micros(&self) -> u64 {
        u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros())
            .expect("before the year 500000")
    }

    fn monotonic_micros(&self) -> u64 {
        self.now_micros()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>) {
        tokio::spawn(task);
    }

    fn random(&self) -> u64 {
        Uuid::new_v4().as_u64_pair().0
    }
}

/// What stays when the app ends: databases, the kept session, small notes.
#[derive(Clone, Default)]
pub(crate) struct Device(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    stores: HashMap<Uuid, Arc<MemoryStore>>,
    session: Option<Session>,
    notes: HashMap<String, String>,
    choices: HashMap<String, String>,
    files: HashMap<String, String>,
    asked: Vec<Span>,
    holds: tokio::sync::watch::Sender<bool>,
    slow_sign_out: bool,
    words: Option<UnboundedSender<String>>,
    invitations_asked: Option<usize>,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_session(&self, session: Option<Session>) {
        self.kept().session = session;
    }

    pub(crate) fn session(&self) -> Option<Session> {
        self.kept().session.clone()
    }

    pub(crate) fn note(&self) -> serde_json::Value {
        self.kept().notes.get("device").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    pub(crate) fn set_note(&self, note: &serde_json::Value) {
        self.kept().notes.insert("device".into(), note.to_string());
    }

    /// What the device keeps by the shell's `keep`.
    pub(crate) fn choice(&self, name: &str) -> Option<String> {
        self.kept().choices.get(name).cloned()
    }

    /// The files the person saved, by name.
    pub(crate) fn files(&self) -> HashMap<String, String> {
        self.kept().files.clone()
    }

    /// From now on the server answers, but is too old to know `invitations`.
    pub(crate) fn set_old_server(&self) {
        self.kept().invitations_asked = Some(0);
    }

    /// How often that server was asked for `invitations`.
    pub(crate) fn invitations_asked(&self) -> usize {
        self.kept().invitations_asked.unwrap_or(0)
    }

    /// How often events of that span were read from a database.
    pub(crate) fn count_asked(&self, span: Span) -> usize {
        self.kept().asked.iter().filter(|asked| **asked == span).count()
    }

    /// From now on questions are answered only once this is called with `false`.
    pub(crate) fn hold(&self, hold: bool) {
        self.kept().holds.send_replace(hold);
    }

    /// From now on the server never answers to a signing out.
    pub(crate) fn set_slow_sign_out(&self) {
        self.kept().slow_sign_out = true;
    }

    /// Another tab says it to this one.
    pub(crate) fn hear(&self, word: &str) {
        let words = self.kept().words.clone();
        words.expect("an account is open").unbounded_send(word.to_owned()).expect("somebody listens");
    }

    fn holds(&self) -> tokio::sync::watch::Receiver<bool> {
        self.kept().holds.subscribe()
    }

    /// A copy of a database.
    pub(crate) async fn snapshot_of(&self, user: Uuid) -> MemoryStore {
        self.store(user).copy()
    }

    /// Puts a copy back.
    pub(crate) async fn restore(&self, user: Uuid, copy: MemoryStore) {
        self.kept().stores.insert(user, Arc::new(copy));
    }

    /// The database of an account, as it lies on the disk.
    pub(crate) fn store(&self, user: Uuid) -> Arc<MemoryStore> {
        self.kept().stores.entry(user).or_default().clone()
    }
}

struct TestShell {
    platform: Arc<dyn Platform>,
    device: Device,
}

impl Shell for TestShell {
    fn kind(&self) -> ShellKind {
        ShellKind::Desktop
    }

    fn zone(&self) -> String {
        "Europe/Berlin".into()
    }

    fn server(&self) -> String {
        "nowhere".into()
    }

    fn platform(&self) -> Arc<dyn Platform> {
        self.platform.clone()
    }

    fn auth(&self) -> BoxFuture<'_, Result<Arc<dyn Auth>, AuthError>> {
        Box::pin(async { Ok(Arc::new(TestAuth(self.device.clone())) as Arc<dyn Auth>) })
    }

    fn open_store(&self, user: Uuid) -> BoxFuture<'_, Result<Arc<dyn Store>, OpenError>> {
        Box::pin(async move {
            let store = self.device.store(user);
            store.reopen().await.map_err(|error| OpenError::Backend(error.to_string()))?;
            Ok(Arc::new(watched::Watched { store, device: self.device.clone() }) as Arc<dyn Store>)
        })
    }

    fn kept(&self, name: &str) -> Option<String> {
        self.device.choice(name)
    }

    fn keep(&self, name: &str, value: Option<&str>) {
        let choices = &mut self.device.kept().choices;
        match value {
            Some(value) => drop(choices.insert(name.to_owned(), value.to_owned())),
            None => drop(choices.remove(name)),
        }
    }

    fn recall(&self, name: &str) -> Option<String> {
        self.device.kept().notes.get(name).cloned()
    }

    fn remember(&self, name: &str, text: Option<&str>) -> Result<(), VaultError> {
        let mut kept = self.device.kept();
        match text {
            Some(text) => drop(kept.notes.insert(name.to_owned(), text.to_owned())),
            None => drop(kept.notes.remove(name)),
        }
        Ok(())
    }

    fn save_file(&self, name: &str, text: &str) -> Result<Option<String>, String> {
        self.device.kept().files.insert(name.to_owned(), text.to_owned());
        Ok(Some(format!("/downloads/{name}")))
    }

    fn lead(&self, _user: Uuid) -> BoxFuture<'static, Lead> {
        Box::pin(async { Lead(Box::new(())) })
    }

    fn peers(&self, _user: Uuid) -> Option<Peers> {
        let (words, heard) = unbounded();
        self.device.kept().words = Some(words);
        Some(Peers { send: Arc::new(Nobody), receive: heard.boxed() })
    }

    fn wakes(&self) -> BoxStream<'static, ()> {
        futures::stream::pending().boxed()
    }

    fn updates(&self) -> BoxStream<'static, ()> {
        futures::stream::pending().boxed()
    }
}

/// Its children, once the account is open.
#[component]
pub(crate) fn WhenOpen(children: Element) -> Element {
    let account = use_account();
    rsx! {
        if matches!(account(), Account::Open { .. }) {
            {children}
        }
    }
}

/// That hour of a day of November 2026.
pub(crate) fn at(day: u32, hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, hour, 0, 0).single().expect("UTC has each hour once")
}

/// The week from that day of November 2026.
pub(crate) fn week(monday: u32) -> Span {
    Span { start: at(monday, 0).timestamp_millis(), end: at(monday + 7, 0).timestamp_millis() }
}

/// Who owns the database of nobody's account.
pub(crate) fn nobody() -> Uuid {
    Uuid::from_u128(0x8000_8000_0000_0000_0001)
}

/// The account of the tests.
pub(crate) fn ana() -> Session {
    Session {
        user_id: Uuid::from_u128(7),
        email: "ana@example.org".into(),
        access_token: String::new(),
        refresh_token: String::new(),
        expires_at: 0,
    }
}

/// No other tab hears what is said.
struct Nobody;

impl PeerSend for Nobody {
    fn send(&self, _message: &str) {}
}

/// Signing in works; everything else of the server is away.
struct TestAuth(Device);

impl Auth for TestAuth {
    fn current(&self) -> Option<Session> {
        self.0.session()
    }

    fn sign_up(&self, email: String, password: String) -> BoxFuture<'_, Result<Session, AuthError>> {
        self.sign_in(email, password)
    }

    fn sign_in(&self, _email: String, _password: String) -> BoxFuture<'_, Result<Session, AuthError>> {
        self.0.set_session(Some(ana()));
        Box::pin(async { Ok(ana()) })
    }

    fn sign_out(&self) -> BoxFuture<'_, Result<(), AuthError>> {
        self.0.set_session(None);
        let slow = self.0.kept().slow_sign_out;
        Box::pin(async move { if slow { std::future::pending().await } else { Ok(()) } })
    }

    fn change_password(&self, _current: String, _new: String) -> BoxFuture<'_, Result<(), AuthError>> {
        Box::pin(async { Err(AuthError::Offline("away".into())) })
    }

    fn delete_account(&self, password: String) -> BoxFuture<'_, Result<(), AuthError>> {
        Box::pin(async move { if password == "right" { Ok(()) } else { Err(AuthError::InvalidCredentials) } })
    }

    fn remote(&self) -> Arc<dyn Remote> {
        Arc::new(Away(self.0.clone()))
    }
}

/// A server that cannot be reached, or only for the names of others.
struct Away(Device);

fn away<T>() -> BoxFuture<'static, Result<T, RemoteError>>
where
    T: Send + 'static,
{
    Box::pin(async { Err(RemoteError::transport("away")) })
}

impl Remote for Away {
    fn bootstrap(&self, _: (i64, i64), _: Option<String>, _: u32) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        away()
    }

    fn pull(&self, _: u64, _: u32) -> BoxFuture<'_, Result<PullAnswer, RemoteError>> {
        away()
    }

    fn push(&self, _: DeviceId, _: Vec<Entry>) -> BoxFuture<'_, Result<PushAnswer, RemoteError>> {
        away()
    }

    fn window(&self, _: (i64, i64), _: Option<String>, _: u32) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        away()
    }

    fn rows(&self, _: Vec<RowRef>) -> BoxFuture<'_, Result<PageAnswer, RemoteError>> {
        away()
    }

    fn digest(&self, _: Vec<(i64, i64)>) -> BoxFuture<'_, Result<DigestAnswer, RemoteError>> {
        away()
    }

    fn people(&self) -> BoxFuture<'_, Result<Vec<Person>, RemoteError>> {
        Box::pin(async move {
            let old = self.0.kept().invitations_asked;
            old.map(|_| Vec::new()).ok_or_else(|| RemoteError::transport("away"))
        })
    }

    fn invitations(&self) -> BoxFuture<'_, Result<Vec<InvitedTo>, RemoteError>> {
        Box::pin(async move {
            match &mut self.0.kept().invitations_asked {
                Some(asked) => *asked += 1,
                None => return Err(RemoteError::transport("away")),
            }
            Err(RemoteError::Schema("there is no function invitations".into()))
        })
    }

    fn subscribe(&self) -> BoxStream<'static, Hint> {
        futures::stream::pending().boxed()
    }
}
