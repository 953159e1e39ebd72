//! The shell of a gallery outside of any app: no server, no database, and a clock that stands still.

use crate::sample;
use almanac_core::{
    Uuid,
    platform::{BoxFuture, BoxStream, Platform, TaskFuture},
    session::{Auth, AuthError, VaultError},
    store::{OpenError, Store},
};
use almanac_data::{Lead, Peers, Shell, ShellHandle, ShellKind};
use futures::StreamExt as _;
use std::{pin::Pin, sync::Arc, time::Duration};

/// A shell that gives nothing.
pub(crate) fn shell() -> ShellHandle {
    ShellHandle(Arc::new(Nowhere { address: None }))
}

/// One that was opened at an address.
#[cfg(test)]
pub(super) fn shell_at(address: &str) -> ShellHandle {
    ShellHandle(Arc::new(Nowhere { address: Some(address.to_owned()) }))
}

struct Nowhere {
    address: Option<String>,
}

impl Shell for Nowhere {
    fn kind(&self) -> ShellKind {
        ShellKind::Web
    }

    fn zone(&self) -> String {
        "Europe/Berlin".to_owned()
    }

    fn address(&self) -> Option<String> {
        self.address.clone()
    }

    fn server(&self) -> String {
        "calendar.example.org".to_owned()
    }

    fn platform(&self) -> Arc<dyn Platform> {
        Arc::new(Still)
    }

    fn auth(&self) -> BoxFuture<'_, Result<Arc<dyn Auth>, AuthError>> {
        Box::pin(std::future::pending())
    }

    fn open_store(&self, _user: Uuid) -> BoxFuture<'_, Result<Arc<dyn Store>, OpenError>> {
        Box::pin(std::future::pending())
    }

    fn lead(&self, _user: Uuid) -> BoxFuture<'static, Lead> {
        Box::pin(std::future::pending())
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

    fn recall(&self, _name: &str) -> Option<String> {
        None
    }

    fn remember(&self, _name: &str, _text: Option<&str>) -> Result<(), VaultError> {
        Ok(())
    }
}

/// Time that stands still.
struct Still;

impl Platform for Still {
    fn now_micros(&self) -> u64 {
        u64::try_from(sample::now().timestamp_micros()).unwrap_or_default()
    }

    fn monotonic_micros(&self) -> u64 {
        self.now_micros()
    }

    fn sleep(&self, _time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn spawn(&self, _task: Pin<Box<dyn TaskFuture>>) {}

    fn random(&self) -> u64 {
        4
    }
}
