//! The pages beside the one that is shown are read ahead, and what is shown of them is never older than the last commit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use almanac_core::{Uuid, domain::ShowTimeAs, key::RowRef, store::Store};
use almanac_data::{
    Account, EventEdit, Events, Mutations, NewEvent, Sessions, use_account, use_events, use_mutations, use_sessions,
};
use common::{Device, Harness, at, made, nobody, seen, week};
use dioxus::prelude::*;

/// Shows the week that begins on the day of `page`.
#[component]
fn Page() -> Element {
    let page = use_signal(|| 9_u32);
    let span = use_memo(move || week(page()));
    let beside = use_memo(move || if page() == 9 { vec![week(16), week(2)] } else { Vec::new() });
    seen("page", page);
    seen("events", (page(), use_events(span.into(), beside.into())()));
    seen("mutations", use_mutations());
    rsx! {}
}

#[component]
fn Root() -> Element {
    let account = use_account();
    seen("account", account());
    seen("sessions", use_sessions());
    rsx! {
        if matches!(account(), Account::Local) {
            Page {}
        }
    }
}

type Seen = (u32, Events);

fn titles(events: &Events) -> Vec<&str> {
    events.items.iter().map(|item| item.event.title.as_str()).collect()
}

/// The app without an account, at the week of the 9th; "Review" is on the 18th, and that week was read ahead.
async fn app(device: &Device) -> (Harness, Uuid) {
    let mut app = Harness::start_on(device, Root);
    app.until("account", |account| matches!(account, Account::SignedOut { .. })).await;
    let sessions = app.last::<Sessions>("sessions");
    app.spawn(async move { sessions.try_without_account("Calendar".into()).await.unwrap() });
    app.until("events", |(_, events): &Seen| events.ready).await;
    let review = NewEvent { title: "Review".into(), start: at(18, 12), duration_minutes: 45, ..NewEvent::default() };
    let id = made(&app.last::<Mutations>("mutations"), review);
    let store = device.store(nobody());
    app.idle_until(|| store.row(&RowRef::event(id)).is_some()).await;
    // A page that is turned to has those beside it read.
    turn(&mut app, 2);
    app.until("events", |(page, _): &Seen| *page == 2).await;
    let asked = device.count_asked(week(16));
    turn(&mut app, 9);
    app.idle_until(|| device.count_asked(week(16)) > asked).await;
    (app, id)
}

fn turn(app: &mut Harness, to: u32) {
    let mut page = app.last::<Signal<u32>>("page");
    app.spawn(async move { page.set(to) });
}

#[tokio::test]
async fn the_next_page_is_there_without_asking_the_database() {
    let device = Device::new();
    let (mut app, _) = app(&device).await;
    device.store(nobody()).close().await.unwrap();
    turn(&mut app, 16);
    let (_, events) = app.until("events", |(page, events): &Seen| *page == 16 && !events.items.is_empty()).await;
    assert_eq!(titles(&events), ["Review"]);
}

#[tokio::test]
async fn what_was_committed_since_is_never_shown_as_it_was() {
    let device = Device::new();
    let (mut app, id) = app(&device).await;
    let edit = EventEdit { title: Some("Retrospective".into()), ..EventEdit::default() };
    app.last::<Mutations>("mutations").edit_event(id, edit);
    let store = device.store(nobody());
    let title = || store.row(&RowRef::event(id)).and_then(|row| row.columns.get("title").cloned());
    app.idle_until(|| title().is_some_and(|title| title == "Retrospective")).await;
    device.hold(true);
    turn(&mut app, 16);
    let (_, events) = app.until("events", |(page, _): &Seen| *page == 16).await;
    assert!(!titles(&events).contains(&"Review"), "an answer from before the commit");
    device.hold(false);
    app.until("events", |(_, events): &Seen| titles(events) == ["Retrospective"]).await;
}

#[tokio::test]
async fn a_page_that_was_read_ahead_is_not_read_again() {
    let device = Device::new();
    let (mut app, id) = app(&device).await;
    let asked = device.count_asked(week(16));
    turn(&mut app, 16);
    app.until("events", |(page, events): &Seen| *page == 16 && !events.items.is_empty()).await;
    // Whatever would be asked has been by the time that something else is written.
    let edit = EventEdit { title: Some("Retrospective".into()), ..EventEdit::default() };
    app.last::<Mutations>("mutations").edit_event(id, edit);
    app.until("events", |(_, events): &Seen| titles(events) == ["Retrospective"]).await;
    assert_eq!(device.count_asked(week(16)), asked, "what was written here is known");
}

#[tokio::test]
async fn what_follows_from_what_was_written_is_what_the_database_says() {
    let device = Device::new();
    let (mut app, review) = app(&device).await;
    turn(&mut app, 16);
    app.until("events", |(page, events): &Seen| *page == 16 && !events.items.is_empty()).await;
    let asked = device.count_asked(week(16));
    let mutations = app.last::<Mutations>("mutations");
    let lunch = made(
        &mutations,
        NewEvent {
            title: "Lunch".into(),
            start: at(17, 11),
            duration_minutes: 60,
            location: Some("Alto Bar".into()),
            ..NewEvent::default()
        },
    );
    app.until("events", |(_, events): &Seen| titles(events) == ["Lunch", "Review"]).await;
    let when = |day| EventEdit { when: Some((at(day, 8), 30, false)), ..EventEdit::default() };
    let free = EventEdit { show_time_as: Some(ShowTimeAs::Free), ..EventEdit::default() };
    mutations.edit_event(lunch, free);
    mutations.edit_event(review, when(16));
    app.until("events", |(_, events): &Seen| {
        titles(events) == ["Review", "Lunch"] && events.items[1].overlay.is_some()
    })
    .await;
    mutations.edit_event(review, when(25));
    let (_, events) = app.until("events", |(_, events): &Seen| titles(events) == ["Lunch"]).await;
    assert_eq!(device.count_asked(week(16)), asked, "nothing of it was asked");

    let mut again = Harness::start_on(&device, Root);
    again.until("events", |(_, events): &Seen| events.ready).await;
    turn(&mut again, 16);
    let (_, read) = again.until("events", |(page, events): &Seen| *page == 16 && !events.items.is_empty()).await;
    assert_eq!(events.items, read.items);

    mutations.delete_event(lunch);
    app.until("events", |(_, events): &Seen| events.items.is_empty()).await;
    mutations.undo();
    let (_, events) = app.until("events", |(_, events): &Seen| titles(events) == ["Lunch"]).await;
    assert_eq!(events.items[0].overlay, read.items[0].overlay, "with what was kept about it");
}
