//! Waits between tries: 1, 2, 5, then always 10 s, a quarter more or less so that clients do not come in step.

/// Waits, ms.
const STEPS: [u64; 4] = [1_000, 2_000, 5_000, 10_000];

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Backoff {
    tries: usize,
}

impl Backoff {
    /// The next wait, ms; `random` is 64 random bits.
    pub(crate) fn next(&mut self, random: u64) -> u64 {
        let step = STEPS[self.tries.min(STEPS.len() - 1)];
        self.tries = self.tries.saturating_add(1);
        step - step / 4 + random % (step / 2)
    }

    pub(crate) const fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_ten_seconds_and_begin_anew_after_success() {
        let mut backoff = Backoff::default();
        for (step, random) in [(1_000, 0), (2_000, u64::MAX), (5_000, 12_345), (10_000, 7), (10_000, 1 << 40)] {
            let wait = backoff.next(random);
            assert!(wait >= step * 3 / 4 && wait < step * 5 / 4, "{wait} for {step}");
        }
        backoff.reset();
        assert!(backoff.next(1) < 1_250);
    }
}
