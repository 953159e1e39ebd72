//! How bad the network is, what the server cannot take, and how wrong clocks are.

use super::Chance;

/// How bad the network is, per mille of requests. All zero: well.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    /// Never arrive; the device waits in vain.
    pub dropped: u64,
    /// Are served, but the answer is lost.
    pub answer_lost: u64,
    /// Arrive twice.
    pub duplicated: u64,
    /// Arrive many seconds late.
    pub late: u64,
    /// Are answered 401.
    pub auth: u64,
    /// Are answered 429, with a wait.
    pub busy: u64,
    /// Are answered 409 or 5xx.
    pub failing: u64,
    /// Are answered 413 or 57014.
    pub too_much: u64,
    /// Hints that are lost.
    pub hint_lost: u64,
    /// One way at most, ms.
    pub delay_ms: u64,
    /// Between the statements of a push and its commit at most, ms.
    pub commit_ms: u64,
}

/// What the server cannot take, good weather or not.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Rows on a page.
    pub page: usize,
    /// Rows asked for at once; a request for more takes too long and is answered 57014.
    pub asked: usize,
    /// Entries of a push; more are answered 413.
    pub entries: usize,
    /// Invitations a minute; more are refused for a while.
    pub invites: usize,
}

impl Weather {
    /// A mixture of its own: some faults often, some never.
    #[must_use]
    pub fn draw(lots: &impl Chance) -> Self {
        let often = |most: u64| if lots.chance(600) { lots.below(most) } else { 0 };
        Self {
            dropped: often(150),
            answer_lost: often(250),
            duplicated: often(250),
            late: often(150),
            auth: often(60),
            busy: often(60),
            failing: often(150),
            too_much: often(150),
            hint_lost: often(1000),
            delay_ms: 5 + often(3000),
            commit_ms: often(2000),
        }
    }

    /// After the faults.
    #[must_use]
    pub fn fine() -> Self {
        Self { delay_ms: 40, commit_ms: 10, ..Self::default() }
    }
}

impl Limits {
    /// A server that takes anything.
    #[must_use]
    pub const fn none() -> Self {
        Self { page: 1000, asked: usize::MAX, entries: 500, invites: usize::MAX }
    }

    /// Half of the servers give pages of a few rows, some take pushes of a few entries only.
    #[must_use]
    pub fn draw(lots: &impl Chance) -> Self {
        let few = |lots: &dyn Fn(u64) -> u64| 1 + usize::try_from(lots(6)).unwrap_or(0);
        let below = |n| lots.below(n);
        let page = if lots.chance(500) { few(&below) } else { 1000 };
        let entries = if lots.chance(200) { few(&below) } else { 500 };
        let asked = if lots.chance(100) { 8 * few(&below) } else { usize::MAX };
        Self { page, asked, entries, ..Self::none() }
    }
}

/// A wall clock's error, µs: none, seconds, minutes or hours.
#[must_use]
pub fn skew_micros(lots: &impl Chance) -> i64 {
    const MINUTE: u64 = 60_000_000;
    let within = |span: u64| i64::try_from(lots.below(span)).unwrap_or(0) - i64::try_from(span / 2).unwrap_or(0);
    match lots.below(4) {
        0 => 0,
        1 => within(4_000_000),
        2 => within(10 * MINUTE),
        _ => within(12 * 60 * MINUTE),
    }
}
