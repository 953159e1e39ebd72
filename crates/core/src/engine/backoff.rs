//! Waiting longer each time the server cannot be reached.

use std::time::Duration;

/// min(30 s, attempts × 1 s), full jitter, never less than the server asked for.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    pub(super) const fn reset(&mut self) {
        self.attempts = 0;
    }

    pub(super) const fn is_waiting(&self) -> bool {
        self.attempts > 0
    }

    /// The next wait; `random` is 64 random bits.
    pub(super) fn next(&mut self, retry_after: Option<Duration>, random: u64) -> Duration {
        self.attempts = self.attempts.saturating_add(1);
        let most = u64::from(self.attempts.min(30)) * 1000;
        // A floor of 100 ms, so that a lucky draw does not spin.
        let jittered = Duration::from_millis(100 + random % most);
        retry_after.map_or(jittered, |asked| asked.min(Duration::from_secs(300)).max(jittered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_thirty_seconds_and_no_further() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..100).map(|_| backoff.next(None, u64::MAX / 7 * 6)).collect();
        assert!(waits[0] <= Duration::from_millis(1100));
        assert!(waits.iter().all(|w| *w <= Duration::from_millis(30_100)));
        assert!(backoff.is_waiting());
        backoff.reset();
        assert!(!backoff.is_waiting());
    }

    #[test]
    fn the_servers_wish_is_honoured() {
        let wait = Backoff::default().next(Some(Duration::from_secs(20)), 0);
        assert_eq!(wait, Duration::from_secs(20));
    }
}
