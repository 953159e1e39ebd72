//! One behaviour suite for every store: what [`Store`](almanac_core::store::Store) promises, as tests.
//!
//! Core's policy (merge, stamps, outbox) has its own tests. Here the question is whether a store reads what a batch asks for,
//! writes all of its plan or nothing, and finds again what it wrote. So a behaviour goes through the store's public face only,
//! and the model test compares random histories with the in-memory store, which is the plainest reading of the contract.
//!
//! A store makes each behaviour a test of its own:
//!
//! ```ignore
//! macro_rules! each {
//!     ($($name:ident)*) => { $( #[test] fn $name() {
//!         block_on(almanac_store_conformance::behaviours::$name(&MyFixture::new()));
//!     } )* };
//! }
//! almanac_store_conformance::for_each_behaviour!(each);
//! ```
//!
//! Nothing here needs a particular executor, and all of it compiles for the browser.

mod commits;
mod connections;
mod data;
mod keeping;
mod lifecycle;
mod model;
mod outbox;
mod overlap;
mod queries;
mod remote;
mod resync;
pub mod timing;

use almanac_core::{
    platform::{BoxFuture, MaybeSend, MaybeSync},
    store::Store,
};
use std::sync::Arc;

/// One database for one behaviour, empty at first.
pub trait Fixture: MaybeSend + MaybeSync {
    /// Opens a connection to the database, another one at each call. Connections live side by side, and what one was closed
    /// with, the next one finds.
    fn connect(&self) -> BoxFuture<'_, Arc<dyn Store>>;

    /// From now on every commit fails inside its transaction, after rows and outbox entries were written.
    fn poison(&self) -> BoxFuture<'_, ()>;

    /// Ends [`Fixture::poison`].
    fn heal(&self) -> BoxFuture<'_, ()>;

    /// How many random histories the model test tries.
    fn histories(&self) -> u64;
}

/// Names all behaviours once: as documented functions in [`behaviours`], and as the list that [`for_each_behaviour`] hands on.
/// A behaviour that is forgotten here is an unused function, which the compiler reports.
macro_rules! suite {
    ($d:tt $( $module:ident { $( $(#[$doc:meta])* $name:ident, )* } )*) => {
        /// The behaviours. Each takes a fresh [`Fixture`] and panics where the store does not behave.
        pub mod behaviours {
            use crate::Fixture;
            $($(
                $(#[$doc])*
                pub async fn $name(fixture: &dyn Fixture) {
                    crate::$module::$name(fixture).await;
                }
            )*)*
        }

        /// Calls the macro of that name with the names of all behaviours.
        #[macro_export]
        macro_rules! for_each_behaviour {
            ($d each:ident) => { $d each! { $($($name)*)* } };
        }
    };
}

suite! { $
    commits {
        /// An edit writes its row, its outbox entry and the clock together.
        a_commit_writes_row_entry_and_clock,
        /// A second edit joins the entry of the first, under a new generation.
        a_later_edit_joins_the_entry,
        /// The outcome tells each row before and after, and the spans that live queries compare.
        the_outcome_tells_what_changed,
        /// A batch that fails inside its transaction leaves no row, no entry and no trace in the state.
        a_poisoned_batch_leaves_nothing,
        /// A batch that fails while it edits leaves the old version of everything.
        a_poisoned_edit_keeps_the_old_version,
        /// One bad patch refuses the whole batch.
        a_refused_patch_leaves_nothing,
        /// What was created and deleted before anyone heard of it is gone.
        created_and_deleted_leaves_no_row_and_no_entry,
        /// A deleted row stays as a tombstone with an entry, and can be restored.
        a_deletion_is_a_tombstone_until_restored,
    }
    lifecycle {
        /// A new database holds nothing and says so.
        a_new_database_is_empty,
        /// Rows, entries and state are there after closing and opening.
        reopening_keeps_everything,
        /// A closed store answers "closed" to everything, and goes on after reopening.
        a_closed_store_says_so_and_can_be_reopened,
        /// Wiping leaves an empty database that works.
        a_wipe_leaves_an_empty_database,
        /// The device is named once and keeps its name.
        the_device_is_named_once,
    }
    connections {
        /// What one connection commits, the other reads.
        two_connections_see_each_others_commits,
        /// Commits on two connections at once are all there, each under its own generation and stamp.
        concurrent_commits_lose_nothing,
        /// Edits of one row on two connections at once all end in the row and in its one entry.
        concurrent_edits_of_one_row_are_joined,
        /// Entries are taken by one connection, not by two.
        an_entry_taken_on_one_connection_is_attempted_on_the_other,
    }
    overlap {
        /// An event that began before the range and ends in it is found.
        an_event_that_began_before_the_range_is_found,
        /// Ranges and events are half-open: what ends where the range begins is not in it.
        touching_is_not_overlapping,
        /// An event without length counts as its start.
        an_event_without_length_is_found_at_its_start,
        /// An all-day event is found on its day only.
        an_all_day_event_is_found_on_its_day,
        /// A series without end is found in every later range and in none before.
        a_series_without_end_is_found_ever_after,
        /// Lengths from minutes to decades: the same events as by comparing each.
        every_length_is_found_where_it_overlaps,
        /// A moved event is found at its new place only, also when its length class changed.
        a_moved_event_is_found_at_its_new_place_only,
        /// Tombstones are not found.
        tombstones_are_hidden,
        /// The own overlay and role come with an event, those of others do not.
        own_overlay_and_role_come_along,
        /// What hangs on an event may arrive before it.
        children_may_arrive_before_their_event,
        /// The answer is sorted by table, then key.
        the_answer_is_sorted,
    }
    queries {
        /// A table's live rows, in the order of their keys.
        a_table_is_listed_by_key,
        /// An event with everything that hangs on it, tombstones too, and nothing of its neighbours.
        an_event_comes_with_all_that_hangs_on_it,
        /// Invitations are listed, also those to events that are not here, until the last of an event is gone.
        invitations_are_listed_until_they_are_gone,
        /// Text is found in title, location and notes, whatever its case, and not in names of columns.
        search_looks_at_words_of_people,
        /// The newest come first, as many as were asked for.
        search_answers_the_newest_first,
        /// Quotes, backslashes, line ends and letters beyond ASCII are found.
        search_finds_any_letter,
        /// A row that is not there is none.
        a_missing_row_is_none,
    }
    outbox {
        /// What is taken is marked as attempted, parents before children, and the mark lasts.
        taking_marks_entries_in_push_order,
        /// Not more entries and bytes than asked for, but at least one.
        taking_keeps_to_its_limits,
        /// What is due after a row is taken while what comes before it is under way.
        taking_goes_on_after_a_row,
        /// What was taken and not sent loses the mark, unless an earlier request may have carried it.
        what_was_not_sent_after_all_is_not_marked,
        /// What may not be sent yet, or is stuck, does not stand before what may.
        waiting_entries_do_not_block_others,
        /// A long queue is taken piece by piece, each entry once, in order.
        a_long_queue_is_taken_piece_by_piece,
        /// An answer clears only the edit it answers.
        an_answer_clears_only_the_edit_it_answers,
        /// What was answered with what is here already reads as synced, of few and of many, wherever it is asked for; what
        /// was edited since reads as pending.
        what_is_settled_reads_as_synced,
        /// A refused entry is set aside with its reason; what the user wrote stays.
        a_refused_entry_is_set_aside,
        /// Retrying sends a stuck entry again; discarding brings back the server's version.
        a_stuck_entry_can_be_retried_or_discarded,
        /// An answer older than what was applied settles its entry and leaves the row alone.
        a_late_answer_settles_without_its_row,
        /// Stamps made without knowing the server's clock are moved, on rows and entries alike.
        stamps_made_in_the_dark_are_shifted,
    }
    remote {
        /// An arriving row is merged with a pending edit group by group.
        an_arriving_row_is_merged_with_a_pending_edit,
        /// The same page twice changes nothing the second time.
        the_same_page_twice_changes_nothing,
        /// Rows and cursor come together or not at all.
        a_poisoned_page_moves_no_cursor,
        /// A snapshot older than the cursor is left out whole, and the caller is told.
        a_late_snapshot_is_left_out,
        /// A tombstone hides its row; one of a row never seen is not kept.
        an_arriving_tombstone_hides_its_row,
        /// A row one may no longer see leaves; what was written about it is set aside.
        a_row_that_is_gone_leaves,
        /// Columns and stamps of a newer version pass through edits and merges.
        unknown_columns_and_stamps_survive,
        /// Coverage grows and joins.
        coverage_grows_with_windows,
        /// A large page over many old rows, all tables mixed.
        a_large_page_is_merged_into_a_large_database,
    }
    resync {
        /// At its end, and not before, what the server did not confirm leaves, but for what waits to be sent.
        a_resync_sweeps_at_its_end,
        /// On a new database of the server, what it lost is pending again.
        a_new_epoch_makes_lost_rows_pending_again,
        /// What only a newer version could send is kept and not sent.
        a_new_epoch_sends_only_groups_that_are_known,
        /// A resync goes on after closing and opening.
        a_resync_survives_reopening,
        /// Pages of a resync that was given up are not applied.
        pages_of_an_abandoned_resync_are_left_out,
    }
    keeping {
        /// What waits is counted: things, stuck entries, the oldest edit, what is put off.
        what_waits_is_counted,
        /// A survey is shown state, entries and rows, tombstones too.
        a_survey_sees_everything,
        /// Rows are forgotten, but none with an unsent edit.
        what_waits_is_never_forgotten,
        /// The log keeps the newest lines, in order, and leaves with the rest.
        the_log_is_a_ring,
    }
    model {
        /// Random histories end as in the in-memory store, batch by batch.
        random_histories_end_as_in_memory,
    }
}
