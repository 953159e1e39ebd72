//! Checking the data: digests are compared with the server's, and what differs twice is repaired (`docs/sync.md`).
//!
//! Nothing should ever differ once the feed is read to its end and nothing waits. Where it does, by a fault of this program,
//! of the disk or of the server, nobody would see it otherwise.

use super::{Engine, Phase, Trouble, pull::standing_window};
use crate::{
    log::Happened,
    mutation::{Mutation, off},
    platform::BoxFuture,
    remote::RemoteError,
    store::{Batch, Checks, Outcome, StoreError},
    survey::Survey,
    table::Table,
    wire::{DigestAnswer, TableDigest},
};
use std::time::Duration;

/// A second look follows the first difference after this: 5 s.
const SECOND_LOOK: Duration = Duration::from_secs(5);
/// At most one repair a day.
const DAY_MS: i64 = 86_400_000;
/// What the server lacks is given back if it was written within this time, 80 days in µs: its tombstone, had it been deleted,
/// would still be there.
const GIVEN_BACK_MICROS: u64 = 80 * 86_400 * 1_000_000;

impl Engine {
    /// Compares when it is time to; called at the end of a cycle that reached the end of the feed.
    pub(super) async fn check_data(&self) -> Result<(), Trouble> {
        let state = self.database.state().await?;
        let now_ms = self.database.local_time().wall_ms;
        let asked = self.shared().check_asked;
        let Some(checked_ms) = state.checks.checked_ms.filter(|ms| *ms <= now_ms) else {
            // The first load is the newest there can be (and a clock set back must not put off the next look for long).
            let checks = Checks { checked_ms: Some(now_ms), ..state.checks };
            self.checked(checks).await?;
            return Ok(());
        };
        let is_due = asked || !state.checks.suspects.is_empty() || now_ms - checked_ms >= self.keeping.check_every_ms;
        if !is_due || self.database.waiting().await?.things > 0 {
            return Ok(());
        }
        let Some(unlike) = self.compare().await? else { return Ok(()) };
        self.shared().check_asked = false;
        self.note(Happened::Compared { unlike: unlike.clone() });
        let state = self.database.state().await?;
        let twice: Vec<Table> = unlike.iter().copied().filter(|table| state.checks.suspects.contains(table)).collect();
        let may_repair = state.checks.repaired_ms.is_none_or(|ms| now_ms - ms >= DAY_MS || ms > now_ms);
        let mut checks = Checks { checked_ms: Some(now_ms), ..state.checks };
        if unlike.is_empty() {
            checks.suspects.clear();
            checks.unlike.clear();
        } else if twice.is_empty() || off(Mutation::DifferencesAreRepaired) {
            checks.suspects = unlike;
        } else if may_repair {
            tracing::warn!("the data differ from the server's; fetching them again");
            checks = Checks { repaired_ms: Some(now_ms), repaired: twice, ..checks };
            checks.suspects.clear();
            return self.repair(checks).await;
        } else {
            // Repaired today already, in vain: said, and tried again tomorrow.
            checks.suspects.clear();
            checks.unlike = twice;
        }
        self.checked(checks).await?;
        Ok(())
    }

    #[inline(never)]
    fn checked(&self, checks: Checks) -> BoxFuture<'_, Result<Outcome, StoreError>> {
        self.database.execute(Batch::Checked(checks))
    }

    /// When the next look is due, if soon.
    pub(super) fn second_look(&self, checks: &Checks) -> Option<Duration> {
        (!checks.suspects.is_empty() || self.shared().check_asked).then_some(SECOND_LOOK)
    }

    /// The tables that differ; none when the two cannot be compared now.
    async fn compare(&self) -> Result<Option<Vec<Table>>, Trouble> {
        let state = self.database.state().await?;
        let answer = match self.ask(self.remote.digest(state.coverage.clone()), |a: &DigestAnswer| &a.head).await {
            Ok(answer) => answer,
            // A server without the function, or too busy for it: the data are none the worse.
            Err(Trouble::Remote(why @ (RemoteError::Schema(_) | RemoteError::TooMuch(_)))) => {
                self.note(Happened::trouble(&why.to_string()));
                self.shared().check_asked = false;
                let checked_ms = Some(self.database.local_time().wall_ms);
                self.checked(Checks { checked_ms, ..state.checks }).await?;
                return Ok(None);
            }
            Err(trouble) => return Err(trouble),
        };
        let survey = self.database.survey(Survey::new()).await?;
        let here = survey.surveyed();
        let comparable = here.epoch.as_deref() == Some(answer.head.epoch.as_str())
            && (here.cursor == answer.at || off(Mutation::ComparedAtOnePlace))
            && here.coverage == state.coverage
            && here.resyncing.is_none()
            && !survey.is_pending();
        if !comparable {
            return Ok(None);
        }
        // A table that the server does not know cannot be compared.
        let differs = |(table, here): (Table, TableDigest)| {
            answer.table(table).is_some_and(|there| here != there).then_some(table)
        };
        Ok(Some(survey.digest()?.into_iter().filter_map(differs).collect()))
    }

    /// Fetches everything again; what is newer here, or missing there, is sent again.
    async fn repair(&self, checks: Checks) -> Result<(), Trouble> {
        let time = self.database.local_time();
        let window = standing_window(time.wall_ms);
        let repair_since = Some(time.now.saturating_sub(GIVEN_BACK_MICROS));
        self.note(Happened::Resync { why: "the data differ from the server's".to_owned() });
        // First begun, then noted: what could not begin (the disk is full) is not put off until tomorrow.
        self.database.execute(Batch::BeginResync { window, new_epoch: false, repair_since }).await?;
        self.checked(checks).await?;
        self.set_status(|status| status.phase = Phase::Syncing);
        // Looked at once more soon, to tell whether it helped.
        self.shared().check_asked = true;
        self.pull_all().await
    }

    /// Old windows and old tombstones leave.
    pub(super) async fn tidy(&self) -> Result<(), Trouble> {
        let state = self.database.state().await?;
        let time = self.database.local_time();
        let is_short = self.database.is_short_of_room();
        let asked = std::mem::take(&mut self.shared().shrink_asked);
        let due = state.tidied_ms.is_none_or(|ms| time.wall_ms - ms >= self.keeping.tidy_every_ms || ms > time.wall_ms);
        if !(is_short || asked || due) || state.epoch.is_none() || state.resyncing.is_some() {
            return Ok(());
        }
        let makes_room = is_short || asked;
        if makes_room {
            let mut keep = vec![standing_window(time.wall_ms)];
            keep.extend(self.shared().looked_at.iter().copied());
            self.database.execute(Batch::Uncover { keep }).await?;
        }
        let survey = self.database.survey(Survey::new()).await?;
        let spare = survey.spare(time.now.saturating_sub(self.keeping.tombstones_micros), makes_room);
        let mut forgotten = 0;
        for rows in spare.chunks(500) {
            let outcome = self.database.execute(Batch::Forget { rows: rows.to_vec() }).await?;
            forgotten += outcome.changes.rows.len() as u64;
        }
        if forgotten > 0 {
            self.note(Happened::Forgot { rows: forgotten });
        }
        self.database.execute(Batch::Tidied { local_ms: time.wall_ms }).await?;
        self.database.has_room();
        Ok(())
    }

    /// Keeps a line for the log; [`Self::write_log`] writes it.
    pub(super) fn note(&self, what: Happened) {
        let at_ms = self.database.local_time().wall_ms;
        let lines = &mut self.shared().lines;
        // A cycle that goes on and on must not eat memory.
        if lines.len() < 100 {
            lines.push((at_ms, what));
        }
    }

    /// Writes the lines of a cycle, in one go. What cannot be written is left out: the log is a help, not a truth.
    pub(super) async fn write_log(&self) {
        let lines = std::mem::take(&mut self.shared().lines);
        if lines.is_empty() {
            return;
        }
        let written: Result<_, StoreError> = self.database.execute(Batch::Log { lines }).await;
        if let Err(why) = written {
            tracing::debug!(%why, "the sync log was not written");
        }
    }
}
