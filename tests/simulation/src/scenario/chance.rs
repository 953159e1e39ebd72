//! Seeded randomness: the one source of chance in a run.

use std::time::Duration;

/// Whatever draws lots. The same seed draws the same ones.
pub trait Chance {
    /// 64 random bits.
    fn random(&self) -> u64;

    /// A number in `0..n`; 0 where there is none.
    fn below(&self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.random() % n }
    }

    /// True that often in a thousand.
    fn chance(&self, per_mille: u64) -> bool {
        per_mille > 0 && self.below(1000) < per_mille
    }

    /// A time in `from..to`, in ms.
    fn between_ms(&self, from: u64, to: u64) -> Duration {
        Duration::from_micros(from * 1000 + self.below((to - from) * 1000))
    }

    /// One of them, if there is one.
    fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        from.get(usize::try_from(self.below(from.len() as u64)).unwrap_or(0))
    }
}

/// splitmix64: small, fast, good enough to choose faults.
#[derive(Debug)]
pub struct Rng(u64);

impl Rng {
    /// The lots of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
