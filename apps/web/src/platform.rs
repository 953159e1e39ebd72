//! Time, tasks and randomness of the browser.

use almanac_core::platform::{BoxFuture, Platform, TaskFuture};
use std::{pin::Pin, time::Duration};

/// The browser.
pub(crate) struct WebPlatform;

impl Platform for WebPlatform {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ms since 1970 times 1000 fits 64 bits")]
    fn now_micros(&self) -> u64 {
        (js_sys::Date::now() * 1000.0) as u64
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ms since the page began")]
    fn monotonic_micros(&self) -> u64 {
        let performance = web_sys::window().and_then(|window| window.performance());
        performance.map_or(0, |performance| (performance.now() * 1000.0) as u64)
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let ms = u32::try_from(time.as_millis()).unwrap_or(i32::MAX as u32);
        Box::pin(gloo_timers::future::TimeoutFuture::new(ms))
    }

    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>) {
        wasm_bindgen_futures::spawn_local(task);
    }

    fn random(&self) -> u64 {
        // Version and variant bits are fixed: mixing both halves leaves 64 that are not.
        let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
        high.rotate_left(20) ^ low
    }
}
