//! How often someone may fail to sign in, or sign up.
//!
//! Counted in memory of this process: enough to make guessing passwords hopeless, and forgotten with a restart. Only
//! failures count against sign-in, so that a person with the right password is never locked out by their own devices.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Limits;

const SIGN_IN_WINDOW: Duration = Duration::from_secs(300);
const SIGN_UP_WINDOW: Duration = Duration::from_secs(3600);
/// When a table of counters has this many entries, those that are over are dropped.
const SWEEP: usize = 10_000;

/// The counters of one server.
#[derive(Debug)]
pub(crate) struct SignInLimits {
    failures: Window<(IpAddr, String)>,
    failures_of_address: Window<IpAddr>,
    sign_ups: Window<IpAddr>,
}

impl SignInLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            failures: Window::new(SIGN_IN_WINDOW, limits.failed_sign_ins),
            failures_of_address: Window::new(SIGN_IN_WINDOW, limits.failed_sign_ins_per_address),
            sign_ups: Window::new(SIGN_UP_WINDOW, limits.sign_ups),
        }
    }

    /// Before a password is looked at. An attempt counts as failed until [`Self::succeeded`] says otherwise, so that
    /// many at the same moment cannot slip through.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(crate) fn attempt(&self, address: IpAddr, email: &str) -> Result<(), u64> {
        let now = Instant::now();
        self.failures_of_address.take(&address, now)?;
        self.failures.take(&(address, email.to_owned()), now)
    }

    /// The password was right: the attempt no longer counts, nor do earlier typing errors for this account.
    pub(crate) fn succeeded(&self, address: IpAddr, email: &str) {
        self.failures_of_address.give_back(&address);
        self.failures.forget(&(address, email.to_owned()));
    }

    /// Before an account is made.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(crate) fn sign_up(&self, address: IpAddr) -> Result<(), u64> {
        self.sign_ups.take(&address, Instant::now())
    }
}

/// Counts by key in windows that begin with the first count.
#[derive(Debug)]
struct Window<K> {
    length: Duration,
    most: u32,
    counts: Mutex<HashMap<K, (Instant, u32)>>,
}

impl<K: Eq + Hash + Clone> Window<K> {
    fn new(length: Duration, most: u32) -> Self {
        Self { length, most, counts: Mutex::new(HashMap::new()) }
    }

    fn take(&self, key: &K, now: Instant) -> Result<(), u64> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= SWEEP {
            counts.retain(|_, (begun, _)| now.duration_since(*begun) < self.length);
        }
        let (begun, count) = counts.entry(key.clone()).or_insert((now, 0));
        let elapsed = now.duration_since(*begun);
        if elapsed >= self.length {
            (*begun, *count) = (now, 0);
        } else if *count >= self.most {
            return Err((self.length - elapsed).as_secs().max(1));
        }
        *count += 1;
        Ok(())
    }

    fn give_back(&self, key: &K) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, count)) = counts.get_mut(key) {
            *count = count.saturating_sub(1);
        }
    }

    fn forget(&self, key: &K) {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_its_number_through_then_none_until_it_is_over() {
        let window = Window::new(Duration::from_secs(300), 2);
        let begin = Instant::now();
        assert_eq!(window.take(&"key", begin), Ok(()));
        assert_eq!(window.take(&"key", begin + Duration::from_secs(10)), Ok(()));
        assert_eq!(window.take(&"key", begin + Duration::from_secs(20)), Err(280));
        assert_eq!(window.take(&"other", begin + Duration::from_secs(20)), Ok(()));
        assert_eq!(window.take(&"key", begin + Duration::from_secs(300)), Ok(()));
    }

    #[test]
    fn a_right_password_clears_the_errors_before_it() {
        let limits = SignInLimits::new(&Limits { failed_sign_ins: 2, ..Limits::default() });
        let home = IpAddr::from([127, 0, 0, 1]);
        assert!(limits.attempt(home, "a@b.c").is_ok());
        assert!(limits.attempt(home, "a@b.c").is_ok());
        assert!(limits.attempt(home, "a@b.c").is_err());
        limits.succeeded(home, "a@b.c");
        assert!(limits.attempt(home, "a@b.c").is_ok());
    }
}
