//! How often someone may fail to sign in, or sign up.
//!
//! Counted in memory of this process: enough to make guessing passwords hopeless, and forgotten with a restart. Only
//! failures count against sign-in, so that people with the right password are never locked out by their own devices,
//! nor by each other when all of an office comes at once.
//!
//! What fails is known only when the password was looked at, and a burst of guesses must not be looked at meanwhile. So
//! failures and attempts under way together never exceed what may fail: an attempt that could be one too many waits until
//! those before it have ended, and is refused when they failed.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::config::Limits;

const SIGN_IN_WINDOW: Duration = Duration::from_secs(300);
const SIGN_UP_WINDOW: Duration = Duration::from_secs(3600);
/// When a table of counters has this many entries, those that are over are dropped.
const SWEEP: usize = 10_000;

/// The counters of one server.
#[derive(Debug)]
pub(crate) struct SignInLimits {
    failures: Arc<Failures>,
    sign_ups: Mutex<Window<IpAddr>>,
}

impl SignInLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            failures: Arc::new(Failures {
                counted: Mutex::new(Counted {
                    of_account: Window::new(SIGN_IN_WINDOW, limits.failed_sign_ins),
                    of_address: Window::new(SIGN_IN_WINDOW, limits.failed_sign_ins_per_address),
                }),
                ended: Notify::new(),
            }),
            sign_ups: Mutex::new(Window::new(SIGN_UP_WINDOW, limits.sign_ups)),
        }
    }

    /// Before a password is looked at. Waits while the attempts under way could use up what may fail.
    ///
    /// # Errors
    /// Seconds to wait until failures of today are forgotten.
    pub(crate) async fn attempt(&self, address: IpAddr, email: &str) -> Result<Attempt, u64> {
        let account = (one_client(address), email.to_owned());
        loop {
            let ended = self.failures.ended.notified();
            let mut ended = std::pin::pin!(ended);
            // From here on no end is missed.
            ended.as_mut().enable();
            let begun = self.failures.lock().begin(&account, Instant::now());
            match begun {
                Ok(()) => return Ok(Attempt { account, failures: Arc::clone(&self.failures), verdict: None }),
                Err(Full::Failed(wait)) => return Err(wait),
                Err(Full::UnderWay) => ended.await,
            }
        }
    }

    /// Before an account is made.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(crate) fn sign_up(&self, address: IpAddr) -> Result<(), u64> {
        let address = one_client(address);
        let mut sign_ups = self.sign_ups.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        match sign_ups.room(&address, now) {
            // Whether it succeeds or not, it is one.
            Ok(()) => sign_ups.count(&address, now),
            Err(Full::Failed(wait)) => return Err(wait),
            Err(Full::UnderWay) => {}
        }
        Ok(())
    }
}

/// What one client has at its disposal: of IPv6 a network of 64 bits, as every home and every rented machine gets one; an
/// IPv4 address is one however it is written.
fn one_client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// Failures, and attempts that may become failures.
#[derive(Debug)]
struct Failures {
    counted: Mutex<Counted>,
    /// Some attempt ended.
    ended: Notify,
}

impl Failures {
    fn lock(&self) -> std::sync::MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An account is counted for each address apart: nobody can lock out someone elsewhere.
type Account = (IpAddr, String);

#[derive(Debug)]
struct Counted {
    of_account: Window<Account>,
    of_address: Window<IpAddr>,
}

impl Counted {
    fn begin(&mut self, account: &Account, now: Instant) -> Result<(), Full> {
        let (by_address, by_account) = (self.of_address.room(&account.0, now), self.of_account.room(account, now));
        // A refusal is certain, whatever the attempts under way come to.
        match (by_address, by_account) {
            (Err(Full::Failed(one)), Err(Full::Failed(other))) => return Err(Full::Failed(one.max(other))),
            (Err(failed @ Full::Failed(_)), _) | (_, Err(failed @ Full::Failed(_))) => return Err(failed),
            (Err(full), _) | (_, Err(full)) => return Err(full),
            (Ok(()), Ok(())) => {}
        }
        self.of_address.begin(&account.0, now);
        self.of_account.begin(account, now);
        Ok(())
    }
}

/// One attempt under way. It ends when dropped: as a failure when [`Self::failed`] was said, else as if it had never been,
/// for who is turned away before their password was looked at has not guessed.
///
/// It goes along with the work of hashing, which goes on when the client hangs up: a guess counts whether or not someone
/// waits to hear of it.
#[derive(Debug)]
pub(crate) struct Attempt {
    account: Account,
    failures: Arc<Failures>,
    verdict: Option<Verdict>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    Wrong,
}

impl Attempt {
    /// Ends it: whether the password was right. If so, earlier typing errors for this account are forgotten.
    pub(crate) fn end(mut self, right: bool) {
        self.verdict = Some(if right { Verdict::Right } else { Verdict::Wrong });
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let mut counted = self.failures.lock();
        let now = Instant::now();
        counted.of_address.end(&self.account.0);
        counted.of_account.end(&self.account);
        match self.verdict {
            Some(Verdict::Wrong) => {
                counted.of_address.count(&self.account.0, now);
                counted.of_account.count(&self.account, now);
            }
            Some(Verdict::Right) => counted.of_account.forget(&self.account),
            None => {}
        }
        drop(counted);
        self.failures.ended.notify_waiters();
    }
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Full {
    /// The number is reached; seconds until the window is over.
    Failed(u64),
    /// It would be, if all that are under way were counted.
    UnderWay,
}

/// Counts by key in windows that begin with the first count.
#[derive(Debug)]
struct Window<K> {
    length: Duration,
    most: u32,
    counts: HashMap<K, Count>,
}

#[derive(Debug)]
struct Count {
    begun: Instant,
    counted: u32,
    under_way: u32,
}

impl<K: Eq + Hash + Clone> Window<K> {
    fn new(length: Duration, most: u32) -> Self {
        Self { length, most, counts: HashMap::new() }
    }

    /// Whether one more may be begun.
    fn room(&self, key: &K, now: Instant) -> Result<(), Full> {
        let Some(count) = self.counts.get(key) else {
            return if self.most > 0 { Ok(()) } else { Err(self.over(now, now)) };
        };
        let counted = if self.is_over(count, now) { 0 } else { count.counted };
        match counted {
            counted if counted >= self.most => Err(self.over(count.begun, now)),
            counted if counted.saturating_add(count.under_way) >= self.most => Err(Full::UnderWay),
            _ => Ok(()),
        }
    }

    fn over(&self, begun: Instant, now: Instant) -> Full {
        Full::Failed(self.length.saturating_sub(now.duration_since(begun)).as_secs().max(1))
    }

    fn is_over(&self, count: &Count, now: Instant) -> bool {
        now.duration_since(count.begun) >= self.length
    }

    fn begin(&mut self, key: &K, now: Instant) {
        self.entry(key, now).under_way += 1;
    }

    fn end(&mut self, key: &K) {
        if let Some(count) = self.counts.get_mut(key) {
            count.under_way = count.under_way.saturating_sub(1);
            if count.under_way == 0 && count.counted == 0 {
                self.counts.remove(key);
            }
        }
    }

    fn count(&mut self, key: &K, now: Instant) {
        let length = self.length;
        let count = self.entry(key, now);
        if count.counted == 0 || now.duration_since(count.begun) >= length {
            (count.begun, count.counted) = (now, 0);
        }
        count.counted += 1;
    }

    fn forget(&mut self, key: &K) {
        if let Some(count) = self.counts.get_mut(key) {
            count.counted = 0;
            if count.under_way == 0 {
                self.counts.remove(key);
            }
        }
    }

    fn entry(&mut self, key: &K, now: Instant) -> &mut Count {
        if self.counts.len() >= SWEEP {
            let length = self.length;
            self.counts.retain(|_, count| count.under_way > 0 || now.duration_since(count.begun) < length);
        }
        self.counts.entry(key.clone()).or_insert(Count { begun: now, counted: 0, under_way: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn limits(failed_sign_ins: u32, failed_sign_ins_per_address: u32) -> SignInLimits {
        SignInLimits::new(&Limits { failed_sign_ins, failed_sign_ins_per_address, ..Limits::default() })
    }

    /// What an attempt comes to at once; `None` waits.
    fn attempt(limits: &SignInLimits, email: &str) -> Option<Result<Attempt, u64>> {
        limits.attempt(HOME, email).now_or_never()
    }

    fn begun(limits: &SignInLimits, email: &str) -> Attempt {
        attempt(limits, email).expect("no need to wait").expect("not refused")
    }

    #[test]
    fn a_window_lets_its_number_through_then_none_until_it_is_over() {
        let mut window = Window::new(Duration::from_secs(300), 2);
        let begin = Instant::now();
        let mut take = |key, after| {
            let now = begin + Duration::from_secs(after);
            window.room(&key, now).map(|()| window.count(&key, now))
        };
        assert_eq!(take("key", 0), Ok(()));
        assert_eq!(take("key", 10), Ok(()));
        assert_eq!(take("key", 20), Err(Full::Failed(280)));
        assert_eq!(take("other", 20), Ok(()));
        assert_eq!(take("key", 300), Ok(()));
        assert_eq!(take("key", 310), Ok(()));
        assert_eq!(take("key", 320), Err(Full::Failed(280)));
    }

    #[test]
    fn a_right_password_clears_the_errors_before_it() {
        let limits = limits(2, 60);
        begun(&limits, "a@b.c").end(false);
        begun(&limits, "a@b.c").end(true);
        begun(&limits, "a@b.c").end(false);
        begun(&limits, "a@b.c").end(false);
        assert!(attempt(&limits, "a@b.c").expect("no need to wait").is_err());
        begun(&limits, "d@e.f").end(false);
    }

    #[test]
    fn what_could_be_one_too_many_waits_for_those_before_it() {
        let limits = limits(2, 60);
        let (first, second) = (begun(&limits, "a@b.c"), begun(&limits, "a@b.c"));
        let mut third = std::pin::pin!(limits.attempt(HOME, "a@b.c"));
        assert!(third.as_mut().now_or_never().is_none());
        // Another account need not wait.
        begun(&limits, "d@e.f").end(true);
        first.end(true);
        let third = third.now_or_never().expect("there is room").expect("nobody failed");
        assert!(attempt(&limits, "a@b.c").is_none());
        second.end(false);
        assert!(attempt(&limits, "a@b.c").is_none());
        third.end(false);
        assert!(attempt(&limits, "a@b.c").expect("no need to wait").is_err());
    }

    #[test]
    fn an_address_has_only_so_many_failures_for_all_accounts() {
        let limits = limits(2, 3);
        let others: Vec<_> = ["1", "2", "3"].map(|email| begun(&limits, email)).into();
        assert!(attempt(&limits, "4").is_none());
        others.into_iter().for_each(|other| other.end(false));
        assert!(attempt(&limits, "4").expect("no need to wait").is_err());
        let elsewhere = limits.attempt([192, 0, 2, 1].into(), "4").now_or_never();
        assert!(elsewhere.expect("no need to wait").is_ok());
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_are_one_client() {
        let limits = limits(1, 1);
        let attempt = |address: &str| {
            let address: IpAddr = address.parse().expect("an address");
            limits.attempt(address, "a@b.c").now_or_never().expect("no need to wait")
        };
        attempt("2001:db8:0:1::1").expect("not refused").end(false);
        assert!(attempt("2001:db8:0:1:ffff::2").is_err());
        attempt("2001:db8:0:2::1").expect("not refused").end(false);
        attempt("192.0.2.1").expect("not refused").end(false);
        assert!(attempt("::ffff:192.0.2.1").is_err());
        attempt("192.0.2.2").expect("not refused").end(false);
    }

    #[test]
    fn who_was_turned_away_before_their_password_was_looked_at_has_not_failed() {
        let limits = limits(1, 1);
        drop(begun(&limits, "a@b.c"));
        begun(&limits, "a@b.c").end(true);
        // Nothing is remembered of those who never failed.
        assert!(limits.failures.lock().of_account.counts.is_empty());
        assert!(limits.failures.lock().of_address.counts.is_empty());
    }
}
