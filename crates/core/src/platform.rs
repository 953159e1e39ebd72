//! What the platform lends to core: a clock, sleep, spawning, randomness. The one module with a platform `cfg`.
//!
//! In the browser there is one thread and nothing is `Send`; elsewhere stores and engine may cross threads. The aliases
//! below say so once.

use std::{future::Future, pin::Pin, time::Duration};

#[cfg(target_family = "wasm")]
mod bounds {
    /// `Send` where there are threads, nothing in the browser.
    pub trait MaybeSend {}
    impl<T: ?Sized> MaybeSend for T {}
    /// `Sync` where there are threads, nothing in the browser.
    pub trait MaybeSync {}
    impl<T: ?Sized> MaybeSync for T {}
    /// A boxed future of this platform.
    pub type BoxFuture<'a, T> = futures::future::LocalBoxFuture<'a, T>;
    /// A boxed stream of this platform.
    pub type BoxStream<'a, T> = futures::stream::LocalBoxStream<'a, T>;
}

#[cfg(not(target_family = "wasm"))]
mod bounds {
    /// `Send` where there are threads, nothing in the browser.
    pub trait MaybeSend: Send {}
    impl<T: Send + ?Sized> MaybeSend for T {}
    /// `Sync` where there are threads, nothing in the browser.
    pub trait MaybeSync: Sync {}
    impl<T: Sync + ?Sized> MaybeSync for T {}
    /// A boxed future of this platform.
    pub type BoxFuture<'a, T> = futures::future::BoxFuture<'a, T>;
    /// A boxed stream of this platform.
    pub type BoxStream<'a, T> = futures::stream::BoxStream<'a, T>;
}

pub use bounds::{BoxFuture, BoxStream, MaybeSend, MaybeSync};

/// Time and tasks. Shells give the real ones, the simulation virtual ones.
pub trait Platform: MaybeSend + MaybeSync {
    /// The wall clock, µs since 1970 UTC. May jump.
    fn now_micros(&self) -> u64;

    /// A clock that never goes back, µs since some moment; it may stop while the machine sleeps.
    fn monotonic_micros(&self) -> u64;

    /// Completes after that time.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;

    /// Runs a task to its end in the background.
    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>);

    /// 64 random bits (device ids, jitter).
    fn random(&self) -> u64;
}

/// A future that [`Platform::spawn`] takes.
pub trait TaskFuture: Future<Output = ()> + MaybeSend {}
impl<F: Future<Output = ()> + MaybeSend> TaskFuture for F {}
