//! Runs components without a renderer, over a memory store and a server that is always away.

use almanac_core::{
    Uuid,
    key::RowRef,
    memory::MemoryStore,
    outbox::Entry,
    platform::{BoxFuture, BoxStream, Platform, TaskFuture},
    remote::{Hint, Remote, RemoteError},
    session::{Auth, AuthError, Session},
    stamp::DeviceId,
    store::{OpenError, Store},
    wire::{PageAnswer, PullAnswer, PushAnswer},
};
use almanac_data::{DataProvider, Lead, Peers, Shell, ShellHandle, ShellKind};
use dioxus::prelude::*;
use futures::StreamExt as _;
use std::{
    any::Any,
    cell::RefCell,
    collections::HashMap,
    pin::Pin,
    sync::Arc,
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
    /// Starts the app.
    pub(crate) fn start(root: fn() -> Element) -> Self {
        SEEN.with_borrow_mut(HashMap::clear);
        let shell =
            ShellHandle(Arc::new(TestShell { platform: Arc::new(TokioPlatform), store: Arc::new(MemoryStore::new()) }));
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

struct TestShell {
    platform: Arc<dyn Platform>,
    store: Arc<dyn Store>,
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
        Box::pin(async { Ok(Arc::new(SignedIn) as Arc<dyn Auth>) })
    }

    fn open_store(&self, _user: Uuid) -> BoxFuture<'_, Result<Arc<dyn Store>, OpenError>> {
        Box::pin(async { Ok(self.store.clone()) })
    }

    fn lead(&self, _user: Uuid) -> BoxFuture<'static, Lead> {
        Box::pin(async { Lead(Box::new(())) })
    }

    fn peers(&self, _user: Uuid) -> Option<Peers> {
        None
    }

    fn wakes(&self) -> BoxStream<'static, ()> {
        futures::stream::pending().boxed()
    }

    fn updates(&self) -> BoxStream<'static, ()> {
        futures::stream::pending().boxed()
    }
}

/// A session from an earlier start.
struct SignedIn;

fn session() -> Session {
    Session {
        user_id: Uuid::from_u128(7),
        email: "ana@example.org".into(),
        access_token: String::new(),
        refresh_token: String::new(),
        expires_at: 0,
    }
}

impl Auth for SignedIn {
    fn current(&self) -> Option<Session> {
        Some(session())
    }

    fn sign_up(&self, _email: String, _password: String) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(async { Err(AuthError::Offline("away".into())) })
    }

    fn sign_in(&self, _email: String, _password: String) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(async { Err(AuthError::Offline("away".into())) })
    }

    fn sign_out(&self) -> BoxFuture<'_, Result<(), AuthError>> {
        Box::pin(async { Ok(()) })
    }

    fn remote(&self) -> Arc<dyn Remote> {
        Arc::new(Away)
    }
}

/// A server that cannot be reached.
struct Away;

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

    fn subscribe(&self) -> BoxStream<'static, Hint> {
        futures::stream::pending().boxed()
    }
}
