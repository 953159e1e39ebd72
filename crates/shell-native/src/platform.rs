//! Time, tasks and randomness of a native process, on tokio.

use almanac_core::platform::{BoxFuture, Platform, TaskFuture};
use std::{
    pin::Pin,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::runtime::Handle;

/// A native process. Tasks run on the runtime it was made in.
pub struct NativePlatform {
    runtime: Handle,
    began: Instant,
}

impl NativePlatform {
    /// On this runtime.
    #[must_use]
    pub fn new(runtime: Handle) -> Self {
        Self { runtime, began: Instant::now() }
    }
}

impl Platform for NativePlatform {
    fn now_micros(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    fn monotonic_micros(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        // Entered, because the UI's own executor polls outside of the runtime.
        let _entered = self.runtime.enter();
        Box::pin(tokio::time::sleep(time))
    }

    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>) {
        self.runtime.spawn(task);
    }

    fn random(&self) -> u64 {
        // Version and variant bits are fixed: mixing both halves leaves 64 that are not.
        let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
        high.rotate_left(20) ^ low
    }
}
