//! Time, tasks and randomness of the browser, and a session in memory.

use almanac_core::{
    platform::{BoxFuture, Platform, TaskFuture},
    session::{Session, Vault, VaultError},
};
use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// The browser.
pub(crate) struct Browser;

impl Platform for Browser {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "ms since 1970 times 1000 fits 64 bits")]
    fn now_micros(&self) -> u64 {
        (js_sys::Date::now() * 1000.0) as u64
    }

    fn monotonic_micros(&self) -> u64 {
        self.now_micros()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let ms = u32::try_from(time.as_millis()).unwrap_or(i32::MAX as u32);
        Box::pin(gloo_timers::future::TimeoutFuture::new(ms))
    }

    fn spawn(&self, task: Pin<Box<dyn TaskFuture>>) {
        wasm_bindgen_futures::spawn_local(task);
    }

    fn random(&self) -> u64 {
        let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
        high.rotate_left(20) ^ low
    }
}

/// A session in memory.
pub(crate) struct Memory(Mutex<Option<Session>>);

impl Memory {
    pub(crate) const fn new(session: Session) -> Self {
        Self(Mutex::new(Some(session)))
    }
}

impl Vault for Memory {
    fn load(&self) -> Option<Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self, session: Option<&Session>) -> Result<(), VaultError> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = session.cloned();
        Ok(())
    }
}
