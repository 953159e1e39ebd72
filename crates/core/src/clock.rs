//! The offset between this device's clock and the server's.
//!
//! Each answer carries the server's time. The sample with the smallest round trip is the best; samples expire, and all
//! are thrown away when the wall clock was set (wall and monotonic clock disagree about the time passed).

/// A sample lives 10 minutes.
const LIFETIME_MICROS: u64 = 10 * 60 * 1_000_000;
/// Wall and monotonic clock may drift apart by this before the wall clock counts as set: 2 s.
const SET_MICROS: u64 = 2_000_000;

#[derive(Clone, Copy, Debug)]
struct Sample {
    offset: i64,
    round_trip: u64,
    monotonic: u64,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct ServerClock {
    samples: Vec<Sample>,
    best: Option<i64>,
    last: Option<(u64, u64)>,
}

/// One exchange with the server, µs.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// Wall clock when the answer came.
    pub wall: u64,
    /// Monotonic clock when the answer came.
    pub monotonic: u64,
    /// Time from request to answer.
    pub round_trip: u64,
    /// The server's clock in the answer.
    pub server: u64,
}

impl ServerClock {
    /// Learns from an answer. The server's time is taken to be that of the middle of the round trip.
    pub fn learn(&mut self, exchange: Exchange) {
        self.forget_if_set(exchange.wall, exchange.monotonic);
        let middle = exchange.wall.saturating_sub(exchange.round_trip / 2);
        let offset = i64::try_from(i128::from(exchange.server) - i128::from(middle)).unwrap_or(0);
        self.samples.retain(|s| exchange.monotonic.saturating_sub(s.monotonic) < LIFETIME_MICROS);
        self.samples.push(Sample { offset, round_trip: exchange.round_trip, monotonic: exchange.monotonic });
        if self.samples.len() > 16 {
            self.samples.remove(0);
        }
        self.best = self.samples.iter().min_by_key(|s| s.round_trip).map(|s| s.offset);
    }

    /// The offset, if an answer told it since the clock was last set. It stays known when samples expire: an old offset
    /// is a better guess than none.
    #[must_use]
    pub const fn offset(&self) -> Option<i64> {
        self.best
    }

    /// The server's time now, and whether the offset is known.
    pub fn now(&mut self, wall: u64, monotonic: u64) -> (u64, bool) {
        self.forget_if_set(wall, monotonic);
        match self.best {
            Some(offset) => (wall.saturating_add_signed(offset), true),
            None => (wall, false),
        }
    }

    fn forget_if_set(&mut self, wall: u64, monotonic: u64) {
        if let Some((last_wall, last_monotonic)) = self.last {
            let passed_wall = i128::from(wall) - i128::from(last_wall);
            let passed = i128::from(monotonic) - i128::from(last_monotonic);
            if (passed_wall - passed).unsigned_abs() > u128::from(SET_MICROS) {
                self.samples.clear();
                self.best = None;
            }
        }
        self.last = Some((wall, monotonic));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    fn exchange(wall: u64, monotonic: u64, round_trip: u64, server: u64) -> Exchange {
        Exchange { wall, monotonic, round_trip, server }
    }

    #[test]
    fn the_smallest_round_trip_wins() {
        let mut clock = ServerClock::default();
        clock.learn(exchange(1_000 * SECOND, 0, 4 * SECOND, 1_100 * SECOND));
        clock.learn(exchange(1_001 * SECOND, SECOND, 2_000, 1_061 * SECOND));
        clock.learn(exchange(1_002 * SECOND, 2 * SECOND, 3 * SECOND, 1_200 * SECOND));
        assert_eq!(clock.offset(), Some(60 * 1_000_000 + 1_000));
    }

    #[test]
    fn setting_the_wall_clock_forgets_the_offset() {
        let mut clock = ServerClock::default();
        clock.learn(exchange(1_000 * SECOND, 0, 10, 1_000 * SECOND));
        assert_eq!(clock.now(1_010 * SECOND, 10 * SECOND), (1_010 * SECOND + 5, true));
        assert_eq!(clock.now(5_000 * SECOND, 11 * SECOND), (5_000 * SECOND, false));
    }

    #[test]
    fn old_samples_give_way_to_a_slower_new_one() {
        let mut clock = ServerClock::default();
        clock.learn(exchange(1_000 * SECOND, 0, 10, 1_000 * SECOND));
        clock.learn(exchange(1_700 * SECOND, 700 * SECOND, SECOND, 1_705 * SECOND));
        assert_eq!(clock.offset(), Some(5 * 1_000_000 + 500_000));
    }
}
