//! Rules that can be switched off, to check that the simulation would notice (`tests/simulation/README.md`).
//!
//! Without the feature `mutations`, which only that check turns on, [`off`] is a constant `false` and nothing remains.

/// A rule of sync. Each is one line of `docs/sync.md` that looks as if it could be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Merge goes by group, not by row.
    MergeByGroup,
    /// A later edit of content revives a deleted row.
    ContentRevives,
    /// A new stamp is greater than the version its author saw.
    StampBeatsSeen,
    /// Stamps made without the server's clock move when it is known.
    StampsShift,
    /// So do those of another tab, which does not know it, before they are sent.
    OtherTabsShift,
    /// Stamps refused as ahead come down.
    RefusedStampsComeDown,
    /// Made and deleted vanishes only if never attempted.
    VanishOnlyUnattempted,
    /// Entries are marked before a request carries them.
    MarkAttempted,
    /// An answer clears only the edit it answers.
    AnswerClearsItsGeneration,
    /// What arrives is merged with what waits, not put in its place.
    PendingIsMerged,
    /// The cursor goes no further than the last number on the page.
    CursorIsTheLastNumber,
    /// The cursor after a resync is the first page's head.
    ResyncCursorIsTheFirst,
    /// A resync sweeps what the server did not confirm.
    ResyncSweeps,
    /// A resync fetches everything that was covered, not only the window around now.
    ResyncCoversAll,
    /// A resync sweeps nothing that waits to be sent.
    SweepSparesPending,
    /// What a restored server lost is sent again.
    RestoredGetsItBack,
    /// An edit that waits takes what else a restored server lost along.
    RestoredWidensEntries,
    /// Another epoch means a resync.
    EpochIsNoticed,
    /// Gone takes the row from the device.
    GoneTakesTheRow,
    /// What has an unsent edit is not forgotten.
    PendingIsNotForgotten,
    /// Digests are compared only where device and server stand at the same feed number.
    ComparedAtOnePlace,
    /// What the server last had of a stuck row is compared, not the row.
    BaseSpeaksForStuck,
    /// Digests that differ twice lead to a repair.
    DifferencesAreRepaired,
    /// A tombstone collected elsewhere gives way to a row made again.
    CollectedGivesWay,
    /// Too much is halved.
    TooMuchIsHalved,
    /// A page that is too much is halved, too.
    PagesAreHalved,
    /// What the server calls too many waits and is sent again.
    LimitsAreWaitedOut,
    /// A single entry that fails five times is set aside.
    HopelessIsSetAside,
    /// Only something new to send makes the engine look again, not what it settles itself.
    OnlyEditsNudge,
    /// The status counts an edit before the debounce.
    StatusAtOnce,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::MergeByGroup,
        Self::ContentRevives,
        Self::StampBeatsSeen,
        Self::StampsShift,
        Self::OtherTabsShift,
        Self::RefusedStampsComeDown,
        Self::VanishOnlyUnattempted,
        Self::MarkAttempted,
        Self::AnswerClearsItsGeneration,
        Self::PendingIsMerged,
        Self::CursorIsTheLastNumber,
        Self::ResyncCursorIsTheFirst,
        Self::ResyncSweeps,
        Self::ResyncCoversAll,
        Self::SweepSparesPending,
        Self::RestoredGetsItBack,
        Self::RestoredWidensEntries,
        Self::EpochIsNoticed,
        Self::GoneTakesTheRow,
        Self::PendingIsNotForgotten,
        Self::ComparedAtOnePlace,
        Self::BaseSpeaksForStuck,
        Self::DifferencesAreRepaired,
        Self::CollectedGivesWay,
        Self::TooMuchIsHalved,
        Self::PagesAreHalved,
        Self::LimitsAreWaitedOut,
        Self::HopelessIsSetAside,
        Self::OnlyEditsNudge,
        Self::StatusAtOnce,
    ];
}

#[cfg(feature = "mutations")]
thread_local! {
    static OFF: std::cell::Cell<Option<Mutation>> = const { std::cell::Cell::new(None) };
}

/// Switches a rule off on this thread, or all on again.
#[cfg(feature = "mutations")]
pub fn switch_off(mutation: Option<Mutation>) {
    OFF.with(|off| off.set(mutation));
}

/// Whether the rule is switched off.
#[cfg(feature = "mutations")]
pub(crate) fn off(mutation: Mutation) -> bool {
    OFF.with(std::cell::Cell::get) == Some(mutation)
}

/// Whether the rule is switched off.
#[cfg(not(feature = "mutations"))]
pub(crate) const fn off(_: Mutation) -> bool {
    false
}
