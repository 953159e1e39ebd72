//! Without an account the app works; signing in asks, then adopts what was made, and a crash between any two steps loses
//! nothing and doubles nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may")]

mod common;

use almanac_core::{
    Uuid,
    key::RowRef,
    row::Row,
    session::AuthError,
    store::{Query, Store, Stored},
    table::Table,
};
use almanac_data::{
    Account, CalendarEdit, CalendarItem, Events, Farewell, Mutations, NewEvent, Sessions, ShellInfo, SignOut,
    use_account, use_calendars, use_events, use_mutations, use_sessions, use_shell_info,
};
use common::{Device, Harness, ana, at, nobody, seen};
use dioxus::prelude::*;
use futures::FutureExt;
use serde_json::json;

fn week() -> almanac_core::row::Span {
    common::week(16)
}

#[component]
fn Week() -> Element {
    seen("events", use_events(use_signal(week).into(), use_signal(Vec::new).into())());
    seen("mutations", use_mutations());
    seen("calendars", use_calendars()());
    rsx! {}
}

#[component]
fn Root() -> Element {
    let account = use_account();
    seen("account", account());
    seen("sessions", use_sessions());
    seen("info", use_shell_info());
    rsx! {
        match account() {
            Account::Open { .. } | Account::Local => rsx! { Week {} },
            _ => rsx! {},
        }
    }
}

/// Does something in the app's own runtime, as an event handler would, and waits until the account reads so.
async fn then(app: &mut Harness, what: impl AsyncFnOnce(Sessions) + 'static, wanted: fn(&Account) -> bool) -> Account {
    let sessions = app.last::<Sessions>("sessions");
    app.spawn(what(sessions));
    app.until("account", wanted).await
}

fn is_local(account: &Account) -> bool {
    matches!(account, Account::Local)
}

fn is_open(account: &Account) -> bool {
    matches!(account, Account::Open { .. })
}

/// A device on which two events and a calendar were made without an account.
async fn tried(device: &Device) -> Harness {
    let mut app = Harness::start_on(device, Root);
    app.until("account", |account| matches!(account, Account::SignedOut { .. })).await;
    then(&mut app, async |s| s.try_without_account("Calendar".into()).await.unwrap(), is_local).await;
    let calendars = app.until("calendars", |c: &Vec<CalendarItem>| c.len() == 1).await;
    let mutations = app.last::<Mutations>("mutations");
    let work = mutations.create_calendar(CalendarEdit::new("Work".into(), "teal".into()));
    for (title, calendar) in [("Lunch", calendars[0].calendar.id), ("Report", work)] {
        mutations.create_event(NewEvent {
            title: title.into(),
            start: at(18, 12),
            duration_minutes: 45,
            calendar: Some(calendar),
            ..NewEvent::default()
        });
    }
    app.until("events", |e: &Events| e.items.iter().filter(|i| i.overlay.is_some()).count() == 2).await;
    app
}

fn rows(device: &Device, user: Uuid) -> Vec<Row> {
    let store = device.store(user);
    store.reopen().now_or_never().unwrap().unwrap();
    let query = |query| store.query(query).now_or_never().unwrap().unwrap();
    let mut all: Vec<Stored> = query(Query::Table(Table::Calendars));
    all.extend(query(Query::Events { span: week(), user }));
    all.iter().map(|stored| stored.row().unwrap()).collect()
}

/// What an account must hold after the adoption, and nobody must not.
fn is_adopted(device: &Device) {
    let rows = rows(device, ana().user_id);
    let titles: Vec<_> = rows.iter().filter_map(|row| row.columns.get("title")?.as_str()).collect();
    assert_eq!(titles.len(), 2, "{titles:?}");
    let owners: Vec<_> = rows.iter().filter_map(|r| r.columns.get("owner_id").or(r.columns.get("user_id"))).collect();
    assert!(owners.iter().all(|owner| **owner == json!(ana().user_id)), "{owners:?}");
    let calendars: Vec<_> = rows.iter().filter(|r| r.table == Table::Calendars).map(|r| &r.columns["name"]).collect();
    assert_eq!(calendars, ["Work"], "the calendar nobody touched gives way to the account's own");
    assert!(self::rows(device, nobody()).is_empty(), "the database of nobody is empty");
    assert_eq!(device.note()["local"], json!(false));
    assert_eq!(device.note()["adopt"], json!(null));
}

#[tokio::test]
async fn the_app_works_without_an_account_and_finds_everything_again() {
    let device = Device::new();
    drop(tried(&device).await);
    let mut again = Harness::start_on(&device, Root);
    again.until("account", is_local).await;
    let events = again.until("events", |e: &Events| e.items.len() == 2).await;
    assert!(events.covered, "nothing is anywhere else");
    assert!(
        events.items.iter().all(|i| i.state == almanac_core::outbox::RowState::Synced),
        "there is nowhere to send it"
    );
}

#[tokio::test]
async fn the_question_is_over_when_another_tab_has_answered_it() {
    let device = Device::new();
    let mut app = tried(&device).await;
    let sign_in = async |s: Sessions| s.sign_in("ana@example.org".into(), "x".into()).await.unwrap();
    then(&mut app, sign_in, |a| matches!(a, Account::Adopt { .. })).await;
    // What the tab beside this one keeps: its person took everything along.
    let mut note = device.note();
    note["adopt"] = json!(ana().user_id);
    device.set_note(&note);
    app.until("account", is_open).await;
    app.until("events", |e: &Events| e.items.len() == 2).await;
    app.idle_until(|| device.note()["adopt"] == json!(null)).await;
    drop(app);
    is_adopted(&device);
}

#[tokio::test]
async fn signing_in_asks_and_then_adopts() {
    let device = Device::new();
    let mut app = tried(&device).await;
    let sign_in = async |s: Sessions| s.sign_in("ana@example.org".into(), "x".into()).await.unwrap();
    let asked = then(&mut app, sign_in, |a| matches!(a, Account::Adopt { .. })).await;
    let Account::Adopt { email, made } = asked else { panic!() };
    assert_eq!((email.as_str(), made.events, made.others), ("ana@example.org", 2, 1));
    then(&mut app, async |s| s.adopt(true).await, is_open).await;
    app.until("events", |e: &Events| e.items.len() == 2).await;
    app.idle_until(|| device.note()["local"] == json!(false)).await;
    is_adopted(&device);
    let entries = device.store(ana().user_id).outbox().await.unwrap();
    assert!(entries.iter().any(|e| e.at.table == Table::Events), "they wait to be sent");
}

#[tokio::test]
async fn kept_apart_it_is_there_again_when_nobody_is_signed_in() {
    let device = Device::new();
    let mut app = tried(&device).await;
    let sign_in = async |s: Sessions| s.sign_in("ana@example.org".into(), "x".into()).await.unwrap();
    then(&mut app, sign_in, |a| matches!(a, Account::Adopt { .. })).await;
    then(&mut app, async |s| s.adopt(false).await, is_open).await;
    assert!(rows(&device, ana().user_id).is_empty());
    drop(app);
    let mut again = Harness::start_on(&device, Root);
    again.until("account", is_open).await;
    drop(again);
    device.set_session(None);
    let mut again = Harness::start_on(&device, Root);
    again.until("account", is_local).await;
    again.until("events", |e: &Events| e.items.len() == 2).await;
}

#[tokio::test]
async fn with_nothing_made_nobody_is_asked() {
    let device = Device::new();
    let mut app = Harness::start_on(&device, Root);
    app.until("account", |account| matches!(account, Account::SignedOut { .. })).await;
    then(&mut app, async |s| s.try_without_account("Calendar".into()).await.unwrap(), is_local).await;
    app.until("calendars", |c: &Vec<CalendarItem>| c.len() == 1).await;
    then(&mut app, async |s| s.sign_in(String::new(), String::new()).await.unwrap(), is_open).await;
    assert!(rows(&device, ana().user_id).is_empty());
    assert_eq!(device.note()["local"], json!(false));
}

#[tokio::test]
async fn cut_short_before_the_answer_it_asks_again() {
    let device = Device::new();
    drop(tried(&device).await);
    // The session was kept, and then the power went.
    device.set_session(Some(ana()));
    let mut again = Harness::start_on(&device, Root);
    again.until("account", |a| matches!(a, Account::Adopt { .. })).await;
    assert!(rows(&device, ana().user_id).is_empty(), "nothing is copied before the answer");
}

#[tokio::test]
async fn cut_short_after_the_answer_it_goes_on_without_asking() {
    let device = Device::new();
    drop(tried(&device).await);
    device.set_session(Some(ana()));
    device.set_note(&json!({ "n": 9, "local": true, "adopt": ana().user_id }));
    let mut again = Harness::start_on(&device, Root);
    again.until("account", is_open).await;
    again.until("events", |e: &Events| e.items.len() == 2).await;
    again.idle_until(|| device.note()["local"] == json!(false)).await;
    is_adopted(&device);
}

#[tokio::test]
async fn a_copy_that_fails_keeps_everything_and_goes_on_at_the_next_start() {
    let device = Device::new();
    drop(tried(&device).await);
    device.set_session(Some(ana()));
    device.set_note(&json!({ "n": 9, "local": true, "adopt": ana().user_id }));
    let store = device.store(ana().user_id);
    store.execute(almanac_core::store::Batch::Init { device: almanac_core::stamp::DeviceId(5) }).await.unwrap();
    store.fail_next_commit();
    let mut app = Harness::start_on(&device, Root);
    app.until("account", |a| matches!(a, Account::Trouble { .. })).await;
    assert_eq!(rows(&device, nobody()).iter().filter(|r| r.table == Table::Events).count(), 2);
    drop(app);
    let mut again = Harness::start_on(&device, Root);
    again.until("account", is_open).await;
    again.idle_until(|| device.note()["local"] == json!(false)).await;
    is_adopted(&device);
}

#[tokio::test]
async fn cut_short_after_the_copy_nothing_is_doubled() {
    let device = Device::new();
    drop(tried(&device).await);
    device.set_session(Some(ana()));
    device.set_note(&json!({ "n": 9, "local": true, "adopt": ana().user_id }));
    let before = device.snapshot_of(nobody()).await;
    let mut app = Harness::start_on(&device, Root);
    app.until("account", is_open).await;
    app.idle_until(|| device.note()["local"] == json!(false)).await;
    drop(app);
    // As if the power had gone before the database of nobody was emptied.
    device.restore(nobody(), before).await;
    device.set_note(&json!({ "n": 9, "local": true, "adopt": ana().user_id }));
    let mut again = Harness::start_on(&device, Root);
    again.until("account", is_open).await;
    again.idle_until(|| device.note()["local"] == json!(false)).await;
    is_adopted(&device);
}

#[tokio::test]
async fn signing_out_with_unsent_changes_asks_and_a_crash_after_the_yes_is_made_good() {
    let device = Device::new();
    device.set_session(Some(ana()));
    let mut app = Harness::start_on(&device, Root);
    app.until("account", is_open).await;
    app.until("events", |e: &Events| e.ready).await;
    app.last::<Mutations>("mutations").create_event(NewEvent {
        start: at(18, 9),
        duration_minutes: 30,
        ..NewEvent::default()
    });
    app.until("events", |e: &Events| e.items.len() == 1).await;
    let sessions = app.last::<Sessions>("sessions");
    app.spawn(async move { seen("out", sessions.sign_out(false).await) });
    app.idle_until(|| common::was_seen("out")).await;
    assert_eq!(app.last::<Result<(), SignOut>>("out"), Err(SignOut::Unsent(1)));
    assert!(device.session().is_some(), "nobody was signed out");
    drop(app);
    // Yes; and then the power went between the two steps.
    device.set_note(&json!({ "n": 3, "to_empty": [ana().user_id] }));
    device.set_session(None);
    let mut again = Harness::start_on(&device, Root);
    again.until("account", |a| matches!(a, Account::SignedOut { .. })).await;
    assert!(rows(&device, ana().user_id).is_empty(), "what was signed out of is emptied");
    assert_eq!(device.note()["to_empty"], json!([]));
}

#[tokio::test]
async fn signing_out_does_not_wait_for_the_server_and_twice_is_once() {
    let device = Device::new();
    device.set_session(Some(ana()));
    device.set_slow_sign_out();
    let mut app = Harness::start_on(&device, Root);
    app.until("account", is_open).await;
    for name in ["once", "twice"] {
        let sessions = app.last::<Sessions>("sessions");
        app.spawn(async move { seen(name, sessions.sign_out(true).await) });
    }
    app.until("account", |a| matches!(a, Account::SignedOut { .. })).await;
    for name in ["once", "twice"] {
        app.idle_until(|| common::was_seen(name)).await;
        assert_eq!(app.last::<Result<(), SignOut>>(name), Ok(()));
    }
    assert_eq!(app.last::<Account>("account"), Account::SignedOut { notice: None });
    assert!(rows(&device, ana().user_id).is_empty());
    assert_eq!(device.note()["to_empty"], json!([]));
}

#[tokio::test]
async fn an_account_is_deleted_by_who_knows_its_password_and_nothing_of_it_stays_here() {
    let device = Device::new();
    device.set_session(Some(ana()));
    let mut app = Harness::start_on(&device, Root);
    app.until("account", is_open).await;
    app.until("events", |e: &Events| e.ready).await;
    let lunch = NewEvent { start: at(18, 9), duration_minutes: 30, ..NewEvent::default() };
    app.last::<Mutations>("mutations").create_event(lunch);
    app.until("events", |e: &Events| e.items.len() == 1).await;
    for (name, password) in [("wrong", "a guess"), ("right", "right")] {
        let sessions = app.last::<Sessions>("sessions");
        app.spawn(async move { seen(name, sessions.delete_account(password.to_owned()).await) });
        app.idle_until(|| common::was_seen(name)).await;
        if name == "wrong" {
            assert_eq!(app.last::<Result<(), AuthError>>(name), Err(AuthError::InvalidCredentials));
            assert!(device.session().is_some() && is_open(&app.last("account")), "nothing was deleted");
        }
    }
    assert_eq!(app.last::<Result<(), AuthError>>("right"), Ok(()));
    app.until("account", |a: &Account| *a == Account::SignedOut { notice: Some(Farewell::Deleted) }).await;
    assert!(device.session().is_none() && rows(&device, ana().user_id).is_empty());
    assert_eq!(device.note()["to_empty"], json!([]));
}

/// A browser's processes each have a copy of what is kept: the word of another tab may come in before its deed.
#[tokio::test]
async fn a_calendar_that_another_tab_has_left_is_not_opened_again() {
    let device = Device::new();
    let mut app = tried(&device).await;
    app.until("account", is_local).await;
    device.hear("\"Over\"");
    app.until("account", |a| matches!(a, Account::Opening)).await;
    let erased = tokio::spawn({
        let device = device.clone();
        async move {
            tokio::time::sleep(std::time::Duration::from_millis(80)).await;
            device.set_note(&json!({ "n": 9, "local": false }));
        }
    });
    let after = app.until("account", |a: &Account| !matches!(a, Account::Opening)).await;
    assert_eq!(after, Account::SignedOut { notice: None });
    erased.await.unwrap();

    device.set_session(Some(ana()));
    let mut app = Harness::start_on(&device, Root);
    app.until("account", is_open).await;
    device.hear("\"Over\"");
    app.until("account", |a| matches!(a, Account::Opening)).await;
    let left = tokio::spawn({
        let device = device.clone();
        async move {
            tokio::time::sleep(std::time::Duration::from_millis(80)).await;
            device.set_session(None);
        }
    });
    let after = app.until("account", |a: &Account| !matches!(a, Account::Opening)).await;
    assert_eq!(after, Account::SignedOut { notice: None });
    left.await.unwrap();
}

#[tokio::test]
async fn what_could_not_be_emptied_is_its_persons_again_who_signs_in() {
    let device = Device::new();
    let mut app = Harness::start_on(&device, Root);
    app.until("account", |a| matches!(a, Account::SignedOut { .. })).await;
    device.set_note(&json!({ "n": 3, "to_empty": [Uuid::from_u128(99), ana().user_id] }));
    then(&mut app, async |s| s.sign_in(String::new(), String::new()).await.unwrap(), is_open).await;
    assert_eq!(device.note()["to_empty"], json!([Uuid::from_u128(99)]));
}

#[tokio::test]
async fn changing_the_account_keeps_the_queue_of_the_one_that_was_left() {
    let device = Device::new();
    device.set_session(Some(ana()));
    let mut app = Harness::start_on(&device, Root);
    app.until("events", |e: &Events| e.ready).await;
    app.last::<Mutations>("mutations").create_event(NewEvent {
        start: at(18, 9),
        duration_minutes: 30,
        ..NewEvent::default()
    });
    app.until("events", |e: &Events| e.items.len() == 1).await;
    then(&mut app, async |s| s.switch_account().await.unwrap(), |a| matches!(a, Account::SignedOut { .. })).await;
    assert!(device.session().is_none());
    then(&mut app, async |s| s.sign_in(String::new(), String::new()).await.unwrap(), is_open).await;
    app.until("events", |e: &Events| e.items.len() == 1).await;
    assert_eq!(device.store(ana().user_id).outbox().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_renamed_default_calendar_is_the_persons_and_goes_along() {
    let device = Device::new();
    let mut app = tried(&device).await;
    let calendars = app.last::<Vec<CalendarItem>>("calendars");
    let default = calendars.iter().find(|c| c.is_default).unwrap().calendar.id;
    app.last::<Mutations>("mutations")
        .edit_calendar(default, CalendarEdit { name: Some("Family".into()), ..CalendarEdit::default() });
    app.until("calendars", |c: &Vec<CalendarItem>| c.iter().any(|c| c.calendar.name == "Family")).await;
    then(
        &mut app,
        async |s| s.sign_in(String::new(), String::new()).await.unwrap(),
        |a| matches!(a, Account::Adopt { .. }),
    )
    .await;
    then(&mut app, async |s| s.adopt(true).await, is_open).await;
    let row = device.store(ana().user_id).get(RowRef::calendar(default)).await.unwrap().unwrap().row().unwrap();
    assert_eq!(row.columns["name"], json!("Family"));
}

/// What was typed and not saved, as the account that is open finds it.
fn unsaved(app: &Harness) -> Option<String> {
    unsaved_of(app, &app.last::<Account>("account"))
}

/// The same of another one.
fn unsaved_of(app: &Harness, account: &Account) -> Option<String> {
    app.last::<ShellInfo>("info").unsaved(account.person()?)
}

fn keep(app: &Harness, account: &Account, text: &str) {
    app.last::<ShellInfo>("info").keep_unsaved(account.person().unwrap(), text);
}

#[tokio::test]
async fn what_was_typed_without_an_account_goes_along_with_what_was_made() {
    let device = Device::new();
    let mut app = tried(&device).await;
    keep(&app, &Account::Local, "half a thought");
    assert_eq!(unsaved(&app).as_deref(), Some("half a thought"));
    let sign_in = async |s: Sessions| s.sign_in("ana@example.org".into(), "x".into()).await.unwrap();
    then(&mut app, sign_in, |a| matches!(a, Account::Adopt { .. })).await;
    assert_eq!(unsaved(&app), None, "nobody's calendar is open");
    let account = then(&mut app, async |s| s.adopt(true).await, is_open).await;
    assert_eq!(unsaved(&app).as_deref(), Some("half a thought"));
    assert_eq!(unsaved_of(&app, &Account::Local), None, "it is not nobody's any more");
    keep(&app, &account, "");
    assert_eq!(unsaved(&app), None, "saved, or thrown away");
}

#[tokio::test]
async fn who_leaves_for_another_account_finds_what_was_typed_and_who_signs_out_leaves_nothing() {
    let device = Device::new();
    device.set_session(Some(ana()));
    let mut app = Harness::start_on(&device, Root);
    let account = app.until("account", is_open).await;
    keep(&app, &account, "half a thought");
    then(&mut app, async |s| s.switch_account().await.unwrap(), |a| matches!(a, Account::SignedOut { .. })).await;
    assert_eq!(unsaved(&app), None);
    then(&mut app, async |s| s.sign_in(String::new(), String::new()).await.unwrap(), is_open).await;
    assert_eq!(unsaved(&app).as_deref(), Some("half a thought"));
    let sessions = app.last::<Sessions>("sessions");
    app.spawn(async move { seen("out", sessions.sign_out(true).await) });
    app.idle_until(|| common::was_seen("out")).await;
    assert_eq!(unsaved_of(&app, &account), None, "the device is emptied");
}
