//! Rules that chance hardly ever decides: a script shows each, with the rule and without.
//!
//! Every script holds as it stands, and must fail with its rule switched off. `README.md` lists them.

use almanac_core::{
    engine::Nudge,
    key::RowRef,
    mutation::{self, Mutation},
};
use almanac_simulation::{
    rules::{self, WorldRule},
    stage::{
        Holds, Stage, deletes, event, expect, invites, looks_a_year_ahead, makes_event, makes_overlay, notes, overlay,
        renames, restores,
    },
};

/// Must hold; must fail with the rule off.
#[track_caller]
fn shows(script: fn() -> Holds, switch: impl Fn(bool)) {
    if let Err(why) = script() {
        panic!("with all rules on: {why}");
    }
    switch(true);
    let without = script();
    switch(false);
    match without {
        Ok(()) => panic!("the rule is off and nobody notices"),
        // Shown with `--nocapture`.
        Err(why) => eprintln!("without the rule: {why}"),
    }
}

#[track_caller]
fn core(rule: Mutation, script: fn() -> Holds) {
    shows(script, |off| mutation::switch_off(off.then_some(rule)));
}

#[track_caller]
fn server(rule: WorldRule, script: fn() -> Holds) {
    shows(script, |off| rules::switch_off(off.then_some(rule)));
}

/// A request reached the server and its answer never came back; then the network is gone.
fn sent_and_cut_off(stage: &mut Stage, number: u128) -> Holds {
    stage.mute(0, true);
    stage.write(0, vec![makes_event(number, "Lunch", 1)])?;
    stage.pass(2_000)?;
    expect(stage.is_there(&event(number)), "the request arrives")?;
    stage.offline(0, true);
    stage.mute(0, false);
    Ok(())
}

#[test]
fn what_was_made_deleted_and_perhaps_sent_is_deleted_on_the_server_too() {
    core(Mutation::VanishOnlyUnattempted, made_sent_and_deleted);
}

#[test]
fn entries_are_marked_before_a_request_carries_them() {
    core(Mutation::MarkAttempted, made_sent_and_deleted);
}

fn made_sent_and_deleted() -> Holds {
    let mut stage = Stage::started(2)?;
    sent_and_cut_off(&mut stage, 1)?;
    stage.write(0, vec![deletes(1)])?;
    stage.offline(0, false);
    stage.end()?;
    expect(!stage.is_there(&event(1)), "it was deleted and lives on the server")?;
    expect(!stage.shows(0, &event(1)) && !stage.shows(1, &event(1)), "it was deleted and is shown")
}

#[test]
fn stamps_made_without_the_servers_clock_move_when_it_is_known() {
    core(Mutation::StampsShift, || {
        let mut stage = Stage::started(2)?;
        stage.write(0, vec![makes_event(1, "Lunch", 1)])?;
        stage.rest()?;
        // Device 1 starts anew with a clock two hours behind, and no network that could tell it.
        stage.stop(1);
        stage.clock(1, -120);
        stage.offline(1, true);
        stage.start(1);
        stage.pass(1_000)?;
        stage.write(0, vec![renames(1, "Dinner")])?;
        stage.rest_but(1)?;
        stage.pass(60_000)?;
        stage.write(1, vec![renames(1, "Supper")])?;
        stage.offline(1, false);
        stage.end()?;
        expect(stage.title(0, &event(1)).as_deref() == Some("Supper"), "the later edit lost to the earlier one")
    });
}

#[test]
fn stamps_of_a_tab_that_does_not_sync_move_before_they_are_sent() {
    core(Mutation::OtherTabsShift, || {
        let stage = Stage::of_two_tabs(2);
        // Device 1 is two hours behind. The tab that syncs hears of it from the server, the other one does not.
        stage.clock(1, -120);
        let mut stage = stage.start_all()?;
        stage.write(0, vec![makes_event(1, "Lunch", 1)])?;
        stage.rest()?;
        stage.offline(1, true);
        stage.write(0, vec![renames(1, "Dinner")])?;
        stage.rest_but(1)?;
        stage.pass(60_000)?;
        stage.write_in_other_tab(1, vec![renames(1, "Supper")])?;
        stage.offline(1, false);
        stage.end()?;
        expect(stage.title(0, &event(1)).as_deref() == Some("Supper"), "the later edit lost to the earlier one")
    });
}

#[test]
fn stamps_refused_as_ahead_come_down() {
    core(Mutation::RefusedStampsComeDown, || {
        let stage = Stage::of(1);
        // The server is two hours ahead, and is set right while the device is away: that still counts by what it heard.
        stage.server_clock(120);
        let mut stage = stage.start_all()?;
        stage.offline(0, true);
        stage.write(0, vec![makes_event(1, "Dinner", 1)])?;
        stage.server_clock(0);
        stage.offline(0, false);
        stage.end()?;
        expect(stage.title_there(&event(1)).as_deref() == Some("Dinner"), "the edit is not on the server")
    });
}

#[test]
fn what_hangs_on_an_event_travels_with_it_when_it_is_revived() {
    server(WorldRule::ChildrenTravel, || {
        let mut stage = Stage::of(2);
        stage.start(0);
        stage.write_when_open(0, vec![makes_event(1, "Lunch", 1), makes_overlay(1)])?;
        stage.rest()?;
        stage.write(0, vec![deletes(1)])?;
        stage.rest()?;
        // Device 1 begins without the event, because it is dead, and so without its overlay.
        stage.start(1);
        stage.rest()?;
        stage.write(0, vec![restores(1)])?;
        stage.end()?;
        expect(stage.shows(1, &event(1)) && stage.shows(1, &overlay(1)), "the event came without its overlay")
    });
}

#[test]
fn collecting_tombstones_raises_the_floor() {
    server(WorldRule::FloorIsRaised, || {
        let mut stage = Stage::started(2)?;
        stage.write(0, vec![makes_event(1, "Lunch", 1)])?;
        stage.rest()?;
        stage.offline(1, true);
        stage.write(0, vec![deletes(1)])?;
        // "90 days" pass; nobody is left to tell device 1 but the floor.
        stage.pass(90_000)?;
        stage.collect();
        stage.offline(1, false);
        stage.end()?;
        expect(!stage.shows(1, &event(1)), "a deleted event is shown for ever")
    });
}

#[test]
fn a_resync_brings_back_all_that_was_covered() {
    core(Mutation::ResyncCoversAll, || {
        let mut stage = Stage::started(2)?;
        stage.nudge(0, looks_a_year_ahead());
        stage.write(0, vec![makes_event(1, "Next year", 365)])?;
        stage.rest()?;
        // Away for longer than tombstones are kept: the place in the feed is no longer known.
        stage.offline(0, true);
        stage.write(1, vec![makes_event(2, "Lunch", 1)])?;
        stage.rest_but(0)?;
        stage.write(1, vec![deletes(2)])?;
        stage.pass(90_000)?;
        stage.collect();
        stage.offline(0, false);
        stage.end()?;
        expect(stage.shows(0, &event(1)), "what was looked at has left the screen")
    });
}

#[test]
fn a_page_that_is_too_much_is_asked_for_in_smaller_ones() {
    core(Mutation::PagesAreHalved, || {
        let mut stage = Stage::of(1);
        stage.limits(|limits| limits.asked = 20);
        stage.start(0);
        stage.rest()
    });
}

#[test]
fn a_window_of_many_pages_comes_to_its_end_though_larger_pages_fail() {
    let script = || -> Holds {
        let mut stage = Stage::started(2)?;
        stage.limits(|limits| (limits.page, limits.asked) = (1, 20));
        stage.write(0, (1..60).map(|number| makes_event(number, "Next year", 365)).collect())?;
        stage.nudge(1, looks_a_year_ahead());
        stage.end()?;
        expect((1..60).all(|number| stage.shows(1, &event(number))), "an event of the window is not here")
    };
    script().unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn what_the_server_calls_too_many_waits_and_is_sent_again() {
    core(Mutation::LimitsAreWaitedOut, || {
        let mut stage = Stage::started(1)?;
        stage.limits(|limits| limits.invites = 2);
        let mut all = vec![makes_event(1, "Lunch", 1)];
        all.extend((0..5).map(|n| invites(1, &format!("friend{n}@example.org"))));
        stage.write(0, all)?;
        stage.end()?;
        expect(stage.stuck(0) == 0, "an invitation is stuck for having been one too many")?;
        let guest = |n: u32| RowRef::invite(event(1).uuid().unwrap_or_default(), &format!("friend{n}@example.org"));
        expect((0..5).all(|n| stage.is_there(&guest(n))), "an invitation is not on the server")
    });
}

#[test]
fn an_edit_is_one_cycle_and_its_answer_is_none() {
    core(Mutation::OnlyEditsNudge, || {
        let mut stage = Stage::started(1)?;
        stage.weather(|weather| weather.hint_lost = 1000);
        stage.write(0, vec![makes_event(1, "Lunch", 1)])?;
        stage.rest()?;
        // Between two looks by the clock.
        stage.pass(5_000)?;
        let before = stage.requests(0);
        stage.write(0, vec![renames(1, "Dinner")])?;
        stage.pass(5_000)?;
        let asked = stage.requests(0) - before;
        expect(asked <= 3, &format!("{asked} requests for one edit: pull, push, and its own edit back are enough"))
    });
}

#[test]
fn what_has_an_unsent_edit_is_not_forgotten() {
    core(Mutation::PendingIsNotForgotten, || (0..40).try_for_each(room_is_made_while_someone_writes));
}

/// At whatever moment the edit comes, and whichever of the two runs first: what was written stays.
fn room_is_made_while_someone_writes(order: u64) -> Holds {
    for moment in 0..400 {
        let mut stage = Stage::ordered(1, order).start_all()?;
        stage.nudge(0, looks_a_year_ahead());
        stage.write(0, vec![makes_event(1, "Next year", 365)])?;
        stage.rest()?;
        // Looked away from long enough ago.
        for _ in 0..9 {
            stage.nudge(0, Nudge::Window(0, 1));
        }
        stage.nudge(0, Nudge::Shrink);
        let goes_on = stage.steps(moment)?;
        if !stage.shows(0, &event(1)) {
            // Room was made: the moments are all tried.
            return expect(moment > 0, "it left before anyone asked");
        }
        // It may leave before the edit is on the disk: then the person is told.
        let _ = stage.write(0, vec![notes(1, "do not forget")]);
        stage.steps(4)?;
        let kept = !stage.has_entry(0, &event(1)) || stage.shows(0, &event(1));
        expect(kept, "an edit that waits has left the screen")?;
        expect(goes_on, "room was never made")?;
    }
    Err("room was not made in 400 steps".to_owned())
}

#[test]
fn a_repair_that_could_not_begin_is_not_put_off_until_tomorrow() {
    let script = |moment: u64| -> Holds {
        let mut stage = Stage::started(1)?;
        stage.write(0, vec![makes_event(1, "Lunch", 1)])?;
        stage.rest()?;
        stage.lose(0, &event(1));
        stage.nudge(0, Nudge::Check);
        stage.full_after(0, moment);
        // Looked at, looked at again, repaired.
        stage.pass(30_000)?;
        let is_last = stage.is_yet_to_be_full(0);
        stage.nudge(0, Nudge::Check);
        stage.pass(30_000)?;
        expect(stage.shows(0, &event(1)), "what was lost is not here")?;
        expect(!is_last, "all moments were tried")
    };
    let why = (0..100).find_map(|moment| script(moment).err().map(|why| (moment, why)));
    assert!(why.as_ref().is_some_and(|(moment, why)| *moment > 10 && why == "all moments were tried"), "{why:?}");
}
