//! What the badge says. The rule: never "up to date" while anything waits.

use crate::{i18n::t, time::Clock};
use almanac_core::engine::{Phase, Status};
use chrono::{DateTime, Utc};

/// The badge's words and look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// `good`, `busy`, `wait`, `off` or `bad`.
    pub(crate) tone: &'static str,
    /// The words.
    pub(crate) long: String,
    /// The words where there is little room; may be empty.
    pub(crate) short: String,
}

/// The value of `data-phase`.
pub(crate) const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Idle => "idle",
        Phase::FirstLoad => "first-load",
        Phase::Syncing => "syncing",
        Phase::UpToDate => "up-to-date",
        Phase::Offline => "offline",
        Phase::SignInAgain => "sign-in-again",
        Phase::UpdateNeeded => "update-needed",
        Phase::StoreTrouble => "store-trouble",
    }
}

/// How old the data is, in words.
pub(crate) fn as_of(status: &Status, clock: Clock, now: DateTime<Utc>) -> Option<String> {
    let at = DateTime::from_timestamp_millis(status.as_of_ms?)?;
    Some(t!("sync-as-of", time = &clock.stamp(at, now)))
}

/// When what is not on this device comes, of several things.
pub(crate) fn coming(status: &Status, clock: Clock, now: DateTime<Utc>) -> String {
    match status.phase {
        Phase::Idle | Phase::FirstLoad | Phase::Syncing | Phase::UpToDate => t!("fetching").to_owned(),
        Phase::Offline => t!("fetch-offline").to_owned(),
        Phase::SignInAgain | Phase::UpdateNeeded | Phase::StoreTrouble => {
            t!("fetch-cannot", why = &words(status, clock, now).long)
        }
    }
}

/// What the badge says without an account.
pub(crate) fn alone() -> Words {
    Words { tone: "off", long: t!("on-this-device").to_owned(), short: t!("on-this-device-short").to_owned() }
}

/// What the badge says.
pub(crate) fn words(status: &Status, clock: Clock, now: DateTime<Utc>) -> Words {
    let say = |tone, long: &str, short: &str| Words { tone, long: long.to_owned(), short: short.to_owned() };
    let waiting = (status.pending > 0).then(|| t!("sync-not-sent", count = status.pending));
    let number = if status.pending > 0 { status.pending.to_string() } else { String::new() };
    match status.phase {
        Phase::SignInAgain => return say("bad", t!("sign-in-again"), t!("sign-in")),
        Phase::UpdateNeeded => return say("bad", t!("sync-update"), t!("sync-update-short")),
        Phase::StoreTrouble => return say("bad", t!("sync-storage"), t!("sync-storage-short")),
        _ if status.stuck > 0 => {
            let long = t!("sync-to-review", count = status.stuck);
            return say("bad", &long, &status.stuck.to_string());
        }
        _ => {}
    }
    match (status.phase, waiting) {
        (Phase::Offline, Some(waiting)) => say("wait", &format!("{} · {waiting}", t!("offline")), &number),
        (Phase::Offline, None) => {
            let age = as_of(status, clock, now).map(|age| format!(" · {age}")).unwrap_or_default();
            say("off", &format!("{}{age}", t!("offline")), t!("offline"))
        }
        (Phase::FirstLoad, _) => {
            let progress = match status.progress {
                Some((here, Some(all))) if all > 0 => t!("sync-loading-of", here = here, all = all),
                _ => t!("sync-loading").to_owned(),
            };
            say("busy", &progress, t!("sync-loading-short"))
        }
        (_, Some(waiting)) => say("wait", &waiting, &number),
        (Phase::UpToDate, None) => say("good", t!("up-to-date"), ""),
        (_, None) => match as_of(status, clock, now) {
            Some(age) => say("busy", &t!("sync-checking", age = &age), ""),
            None => say("busy", t!("sync-connecting"), ""),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Zone;
    use almanac_core::domain::TimeFormat;

    fn said(status: &Status) -> String {
        let clock = Clock { zone: Zone::choose(None, "Europe/Berlin"), hours: TimeFormat::TwentyFourHour, year: 2026 };
        words(status, clock, "2026-11-22T15:00:00Z".parse().unwrap()).long
    }

    fn status(phase: Phase, pending: usize, stuck: usize) -> Status {
        Status { phase, pending, stuck, as_of_ms: Some(1_795_352_520_000), ..Status::default() }
    }

    #[test]
    fn only_with_nothing_waiting_everything_is_up_to_date() {
        assert_eq!(said(&status(Phase::UpToDate, 0, 0)), "Up to date");
        for phase in [Phase::Idle, Phase::Syncing, Phase::UpToDate, Phase::Offline, Phase::FirstLoad] {
            for (pending, stuck) in [(1, 0), (0, 1), (2, 2)] {
                assert_ne!(said(&status(phase, pending, stuck)), "Up to date", "{phase:?}");
            }
        }
    }

    #[test]
    fn offline_says_how_old_the_data_is_or_what_waits() {
        assert_eq!(said(&status(Phase::Offline, 0, 0)), "Offline · as of 14:02");
        assert_eq!(said(&status(Phase::Offline, 3, 0)), "Offline · 3 not sent");
    }

    #[test]
    fn what_a_person_must_do_comes_first() {
        assert_eq!(said(&status(Phase::Offline, 3, 1)), "1 change to review");
        assert_eq!(said(&status(Phase::SignInAgain, 3, 1)), "Sign in again");
    }

    #[test]
    fn nothing_is_called_on_its_way_that_cannot_come() {
        let clock = Clock { zone: Zone::choose(None, "Europe/Berlin"), hours: TimeFormat::TwentyFourHour, year: 2026 };
        let said = |phase| coming(&status(phase, 3, 1), clock, "2026-11-22T15:00:00Z".parse().unwrap());
        assert_eq!(said(Phase::Syncing), "Fetching them…");
        assert_eq!(said(Phase::Offline), "They come when the server can be reached.");
        assert_eq!(said(Phase::SignInAgain), "They cannot be fetched: Sign in again.");
        assert_eq!(said(Phase::UpdateNeeded), "They cannot be fetched: Update needed.");
        assert_eq!(said(Phase::StoreTrouble), "They cannot be fetched: Storage trouble.");
    }

    #[test]
    fn the_first_load_tells_how_far_it_is() {
        let mut first = status(Phase::FirstLoad, 0, 0);
        assert_eq!(said(&first), "Loading your calendar");
        first.progress = Some((120, Some(500)));
        assert_eq!(said(&first), "Loading 120 of 500");
    }
}
