//! A server that cannot tell what an invitation is to is asked once, not for ever.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use almanac_core::domain::Role;
use almanac_data::{Mutations, NewEvent, Sharing, use_invitations, use_invited, use_mutations};
use common::{Device, Harness, WhenOpen, ana, at, made, seen};
use dioxus::prelude::*;
use std::time::Duration;

#[component]
fn Invitations() -> Element {
    seen("invitations", use_invitations()().len());
    seen("invited", use_invited()().len());
    seen("mutations", use_mutations());
    rsx! {}
}

#[component]
fn Root() -> Element {
    rsx! {
        WhenOpen { Invitations {} }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_know_the_question_is_not_asked_again_and_again() {
    let device = Device::new();
    device.set_session(Some(ana()));
    device.set_old_server();
    let mut app = Harness::start_on(&device, Root);
    app.until("invitations", |_: &usize| true).await;
    let mutations = app.last::<Mutations>("mutations");
    let event = NewEvent { title: "Dinner".into(), start: at(18, 18), duration_minutes: 60, ..NewEvent::default() };
    let event = made(&mutations, event);
    mutations.share(event, Sharing::Invite(ana().email, Role::Viewer));
    app.until("invitations", |count: &usize| *count == 1).await;
    app.idle_until(|| device.invitations_asked() > 0).await;
    // An hour of the clock that the app waits by.
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < Duration::from_secs(3600) {
        let until = tokio::time::Instant::now() + Duration::from_secs(15);
        app.idle_until(|| tokio::time::Instant::now() >= until).await;
    }
    assert_eq!(device.invitations_asked(), 1);
    assert_eq!(app.last::<usize>("invited"), 0, "the invitation itself is there without it");
    // A new sign-in may be with another server.
    drop(app);
    let mut app = Harness::start_on(&device, Root);
    app.until("invitations", |count: &usize| *count == 1).await;
    app.idle_until(|| device.invitations_asked() == 2).await;
}
