//! The hooks over a real local database, without a server: what a component sees when things are written.

mod common;

use almanac_core::{
    domain::ShowTimeAs,
    engine::Phase,
    log::{Happened, Line},
    outbox::RowState,
    row::Span,
};
use almanac_data::{
    Account, CalendarEdit, EventEdit, Events, Mutations, NewEvent, Said, use_account, use_calendars, use_events,
    use_mutations, use_notice, use_sync_log, use_sync_status,
};
use common::{Harness, WhenOpen, at, made, seen};
use dioxus::prelude::*;

fn week() -> Span {
    common::week(16)
}

/// A component that shows the week and notes what it saw.
#[component]
fn Week() -> Element {
    let events = use_events(use_signal(week).into(), use_signal(Vec::new).into());
    seen("events", events());
    seen("mutations", use_mutations());
    seen("calendars", use_calendars()());
    seen("notice", use_notice()());
    seen("status", use_sync_status()());
    seen("log", use_sync_log()());
    rsx! {}
}

#[component]
fn Root() -> Element {
    let account = use_account();
    seen("account", account());
    rsx! {
        WhenOpen { Week {} }
    }
}

fn lunch() -> NewEvent {
    NewEvent { title: "Lunch".into(), start: at(18, 12), duration_minutes: 45, ..NewEvent::default() }
}

async fn opened() -> (Harness, Mutations) {
    let mut app = Harness::start(Root);
    app.until("events", |events: &Events| events.ready).await;
    let mutations = app.last::<Mutations>("mutations");
    (app, mutations)
}

#[tokio::test]
async fn the_account_kept_on_the_device_opens_without_a_server() {
    let (app, _) = opened().await;
    assert!(matches!(app.last("account"), Account::Open { email, .. } if email == "ana@example.org"));
}

#[tokio::test]
async fn a_new_event_is_shown_at_once_and_marked_as_not_sent() {
    let (mut app, mutations) = opened().await;
    let new = mutations.create_event(lunch()).expect("an account is open");
    let events = app.until("events", |events: &Events| events.items.len() == 1).await;
    assert_eq!(*events.items[0], new, "it could be shown before it was written");
    assert_eq!(new.state, RowState::Pending);
    assert!(!events.covered, "without a server nobody knows what else is in this week");
}

#[tokio::test]
async fn an_edit_of_ones_own_view_leaves_the_event_alone() {
    let (mut app, mutations) = opened().await;
    let calendar = mutations.create_calendar(CalendarEdit::new("Work".into(), "blue".into()));
    let id = made(&mutations, lunch());
    mutations.edit_event(
        id,
        EventEdit { calendar: Some(calendar), show_time_as: Some(ShowTimeAs::Free), ..EventEdit::default() },
    );
    let events = app.until("events", |e: &Events| e.items.first().is_some_and(|i| i.overlay.is_some())).await;
    assert_eq!(events.items[0].calendar, Some(calendar));
    assert_eq!(events.items[0].event.title, "Lunch");
}

#[tokio::test]
async fn the_first_calendar_is_the_default_and_deleting_it_leaves_its_events() {
    let (mut app, mutations) = opened().await;
    let first = mutations.create_calendar(CalendarEdit::new("Home".into(), "red".into()));
    let second = mutations.create_calendar(CalendarEdit::new("Work".into(), "blue".into()));
    mutations.create_event(NewEvent { calendar: Some(first), ..lunch() });
    app.until("events", |e: &Events| e.items.first().is_some_and(|i| i.calendar == Some(first))).await;
    mutations.delete_calendar(first, almanac_data::Fate::Stay);
    app.until("events", |e: &Events| e.items.first().is_some_and(|i| i.calendar == Some(second))).await;
    let calendars = app.last::<Vec<almanac_data::CalendarItem>>("calendars");
    assert!(calendars.len() == 1 && calendars[0].is_default);
}

#[tokio::test]
async fn undo_takes_back_and_redo_makes_again() {
    let (mut app, mutations) = opened().await;
    mutations.create_event(lunch());
    app.until("events", |e: &Events| e.items.len() == 1).await;
    mutations.undo();
    app.until("events", |e: &Events| e.items.is_empty()).await;
    mutations.redo();
    let events = app.until("events", |e: &Events| e.items.len() == 1).await;
    assert_eq!(events.items[0].event.title, "Lunch");
}

/// The title of the one event there is.
fn titled(title: &'static str) -> impl Fn(&Events) -> bool {
    move |events| events.items.len() == 1 && events.items[0].event.title == title
}

#[tokio::test]
async fn edits_of_the_same_thing_are_undone_and_done_again_one_after_the_other() {
    let (mut app, mutations) = opened().await;
    let id = made(&mutations, lunch());
    let rename =
        |title: &str| mutations.edit_event(id, EventEdit { title: Some(title.into()), ..EventEdit::default() });
    for title in ["Brunch", "Supper", "Feast"] {
        rename(title);
    }
    app.until("events", titled("Feast")).await;
    for _ in 0..2 {
        for title in ["Supper", "Brunch", "Lunch"] {
            mutations.undo();
            app.until("events", titled(title)).await;
        }
        mutations.undo();
        app.until("events", |e: &Events| e.items.is_empty()).await;
        for title in ["Lunch", "Brunch", "Supper", "Feast"] {
            mutations.redo();
            app.until("events", titled(title)).await;
        }
    }
    mutations.undo();
    app.until("events", titled("Supper")).await;
    assert_eq!(app.last::<Option<almanac_data::Notice>>("notice"), None, "nobody else has changed anything");
}

#[tokio::test]
async fn a_new_event_with_a_view_of_ones_own_is_undone_in_one_step() {
    let (mut app, mutations) = opened().await;
    let more = EventEdit { private: Some(true), show_time_as: Some(ShowTimeAs::Oof), ..EventEdit::default() };
    let new = mutations.create_event(NewEvent { more, ..lunch() });
    let events = app.until("events", |e: &Events| e.items.len() == 1).await;
    assert_eq!(Some(&*events.items[0]), new.as_ref(), "also with its own view it could be shown before");
    assert!(events.items[0].event.private);
    assert_eq!(events.items[0].overlay.as_ref().map(|own| own.show_time_as), Some(ShowTimeAs::Oof));
    mutations.undo();
    app.until("events", |e: &Events| e.items.is_empty()).await;
}

#[tokio::test]
async fn a_notice_undoes_what_it_speaks_of_and_not_what_was_done_since() {
    let (mut app, mutations) = opened().await;
    let (gone, other) = (made(&mutations, lunch()), made(&mutations, NewEvent { start: at(19, 12), ..lunch() }));
    mutations.delete_event(gone);
    let told = app.until("notice", |n: &Option<almanac_data::Notice>| n.as_ref().is_some_and(|n| n.undo)).await;
    mutations.edit_event(other, EventEdit { title: Some("Moved".into()), ..EventEdit::default() });
    app.until("events", titled("Moved")).await;
    mutations.undo_noticed(told.unwrap().number);
    let events = app.until("events", |e: &Events| e.items.len() == 2).await;
    assert_eq!(events.items[0].event.id, gone);
    assert_eq!(events.items[1].event.title, "Moved");
    assert_eq!(app.last::<Option<almanac_data::Notice>>("notice"), None, "what it offered is done");
}

#[tokio::test]
async fn a_notice_has_the_number_of_the_mutation_it_speaks_of() {
    let (mut app, mutations) = opened().await;
    mutations.create_event(lunch());
    mutations.edit_event(common::nobody(), EventEdit { title: Some("Lost".into()), ..EventEdit::default() });
    let number = mutations.last_sent();
    mutations.create_event(lunch());
    assert_ne!(mutations.last_sent(), number);
    let told = app.until("notice", |notice: &Option<almanac_data::Notice>| notice.is_some()).await;
    assert_eq!(told.map(|notice| (notice.what, notice.command)), Some((Said::Gone, Some(number))));
}

#[tokio::test]
async fn events_that_are_in_no_calendar_share_the_fate_of_the_default_one() {
    let (mut app, mutations) = opened().await;
    let first = mutations.create_calendar(CalendarEdit::new("Home".into(), "red".into()));
    let second = mutations.create_calendar(CalendarEdit::new("Work".into(), "blue".into()));
    let third = mutations.create_calendar(CalendarEdit::new("Else".into(), "green".into()));
    mutations.create_event(lunch());
    app.until("events", |e: &Events| e.items.first().is_some_and(|i| i.calendar == Some(first))).await;
    mutations.delete_calendar(first, almanac_data::Fate::Move(third));
    app.until("events", |e: &Events| e.items.first().is_some_and(|i| i.calendar == Some(third))).await;
    mutations.create_event(NewEvent { title: "Late".into(), ..lunch() });
    app.until("events", |e: &Events| e.items.len() == 2).await;
    mutations.delete_calendar(second, almanac_data::Fate::Delete);
    app.until("events", titled("Lunch")).await;
}

#[tokio::test]
async fn a_deleted_event_can_be_brought_back() {
    let (mut app, mutations) = opened().await;
    let id = made(&mutations, lunch());
    app.until("events", |e: &Events| e.items.len() == 1).await;
    mutations.delete_event(id);
    app.until("events", |e: &Events| e.items.is_empty()).await;
    app.until("notice", |n: &Option<almanac_data::Notice>| n.as_ref().is_some_and(|n| n.undo)).await;
    mutations.undo();
    app.until("events", |e: &Events| e.items.len() == 1 && e.items[0].event.id == id).await;
}

#[tokio::test]
async fn a_write_elsewhere_redraws_nothing() {
    let (mut app, mutations) = opened().await;
    mutations.create_event(NewEvent { start: at(29, 9), ..lunch() });
    // The calendar is committed after the event: once it is shown, the event was announced too.
    mutations.create_calendar(CalendarEdit::new("Work".into(), "blue".into()));
    app.until("calendars", |c: &Vec<almanac_data::CalendarItem>| c.len() == 1).await;
    let shown: Events = app.last("events");
    assert!(shown.items.is_empty());
    assert_eq!(
        app.changes::<Events>("events"),
        1,
        "after the first reading the week was given anew though nothing in it changed"
    );
}

#[tokio::test]
async fn the_status_is_honest_without_a_server() {
    let (mut app, mutations) = opened().await;
    mutations.create_event(lunch());
    let status =
        app.until("status", |s: &almanac_core::engine::Status| s.pending == 1 && s.phase == Phase::Offline).await;
    assert!(!status.is_up_to_date());
    assert!(status.oldest_pending_ms.is_some());
}

#[tokio::test]
async fn the_sync_log_tells_what_happened_the_newest_first() {
    let (mut app, mutations) = opened().await;
    let tells = |log: &Vec<Line>| log.len() >= 2;
    let log = app.until("log", tells).await;
    assert_eq!(log.last().map(|line| &line.what), Some(&Happened::Started));
    assert!(matches!(log[0].what, Happened::Trouble { .. }), "there is no server: {:?}", log[0]);
    let newest = log[0].number;
    mutations.compare_data();
    let log = app.until("log", move |log: &Vec<Line>| log[0].number > newest).await;
    assert!(matches!(log[0].what, Happened::Trouble { .. }), "asked to compare, it looked at once: {:?}", log[0]);
}
