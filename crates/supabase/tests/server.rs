//! Against the real server: accounts, sync of two devices with core's engine, realtime, restarts, tokens.
//!
//! Needs the program `almanac-server` (`cargo build -p almanac-server`).

#[path = "common/almanac.rs"]
mod almanac;
mod common;

use almanac::{Device, Server};
use almanac_core::{
    engine::{Nudge, Phase},
    outbox::RowState,
    platform::Platform,
    remote::{Hint, RemoteError},
    session::{Auth, AuthError, Session, Vault},
};
use almanac_supabase::{Client, Config};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{MemoryVault, TokioPlatform, within};
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

const PASSWORD: &str = "correct horse";

fn client(config: &Config) -> (Arc<Client>, Arc<MemoryVault>) {
    let vault = MemoryVault::holding(None);
    (Client::new(config.clone(), vault.clone(), TokioPlatform::new()), vault)
}

async fn sign_up(config: &Config, email: &str) -> Session {
    within(client(config).0.sign_up(email.to_owned(), PASSWORD.to_owned())).await.expect("signed up")
}

async fn sign_in(config: &Config, email: &str) -> Session {
    within(client(config).0.sign_in(email.to_owned(), PASSWORD.to_owned())).await.expect("signed in")
}

/// Unix seconds at which the server made a token.
fn made_at(session: &Session) -> u64 {
    let payload = session.access_token.split('.').nth(1).expect("a token");
    let claims = URL_SAFE_NO_PAD.decode(payload).expect("base64");
    serde_json::from_slice::<Value>(&claims).expect("json")["iat"].as_u64().expect("when it was made")
}

/// Two devices of one account, in step with the server.
async fn two_devices(config: &Config) -> (Device, Device) {
    let first = Device::with(config, sign_up(config, "ana@example.org").await).await;
    let second = Device::with(config, sign_in(config, "ana@example.org").await).await;
    first.wait_ready().await;
    second.wait_ready().await;
    (first, second)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_lost_on_a_device_is_found_by_the_digest_and_fetched_again() {
    let server = Server::start().await;
    let (first, second) = two_devices(&server.config().await).await;
    let at = first.make_event("Lunch").await;
    first.wait_ready().await;
    second.wait_title(&at, "Lunch").await;
    second.wait_ready().await;
    second.engine.nudge(Nudge::Check);
    second.wait_logged("compared with the server: the same").await;
    second.memory.lose(&at);
    second.engine.nudge(Nudge::Check);
    second.wait_title(&at, "Lunch").await;
    second.wait_logged("compared with the server: events differ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_made_and_entered() {
    let server = Server::start().await;
    let config = server.config().await;
    assert_eq!(config.url, server.url);
    let (ana, vault) = client(&config);
    let password = |text: &str| text.to_owned();
    let made = within(ana.sign_up("Ana@example.org".to_owned(), password(PASSWORD))).await.expect("signed up");
    assert_eq!(made.email, "ana@example.org");
    assert_eq!((vault.load(), ana.current()), (Some(made.clone()), Some(made.clone())));

    let (other, _) = client(&config);
    let again = within(other.sign_in("ana@example.org".to_owned(), password(PASSWORD))).await.expect("signed in");
    assert_eq!(again.user_id, made.user_id);
    let refused = |result: Result<Session, AuthError>| result.expect_err("refused");
    assert_eq!(
        refused(within(other.sign_in("ana@example.org".to_owned(), password("wrong horse"))).await),
        AuthError::InvalidCredentials
    );
    assert_eq!(
        refused(within(other.sign_in("nobody@example.org".to_owned(), password(PASSWORD))).await),
        AuthError::InvalidCredentials
    );
    assert_eq!(
        refused(within(other.sign_up("ana@example.org".to_owned(), password(PASSWORD))).await),
        AuthError::EmailTaken
    );
    let weak = refused(within(other.sign_up("ben@example.org".to_owned(), password("x"))).await);
    assert!(matches!(weak, AuthError::WeakPassword(_)), "{weak:?}");
    let bad = refused(within(other.sign_up("no address".to_owned(), password(PASSWORD))).await);
    assert!(matches!(bad, AuthError::Refused { .. }), "{bad:?}");
    assert_eq!(other.current(), Some(again), "a refusal leaves the session as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_and_an_account_deleted_by_who_knows_the_password() {
    let server = Server::start().await;
    let config = server.config().await;
    let (here, vault) = client(&config);
    let text = |text: &str| text.to_owned();
    within(here.sign_up(text("ana@example.org"), text(PASSWORD))).await.expect("signed up");
    let (elsewhere, _) = client(&config);
    within(elsewhere.sign_in(text("ana@example.org"), text(PASSWORD))).await.expect("signed in");
    let pull = |client: &Arc<Client>| {
        let remote = client.remote();
        async move { within(remote.pull(0, 1)).await }
    };

    let before = vault.load();
    assert_eq!(
        within(here.change_password(text("a guess"), text("new horse 1"))).await,
        Err(AuthError::InvalidCredentials)
    );
    assert_eq!(vault.load(), before, "a refusal leaves the session as it was");
    let same = within(here.change_password(text(PASSWORD), text(PASSWORD))).await.expect_err("refused");
    assert!(matches!(&same, AuthError::Refused { code, .. } if code == "same_password"), "{same:?}");
    let weak = within(here.change_password(text(PASSWORD), text("x"))).await.expect_err("refused");
    assert!(matches!(weak, AuthError::WeakPassword(_)), "{weak:?}");
    within(here.change_password(text(PASSWORD), text("new horse 1"))).await.expect("changed");
    pull(&here).await.expect("this device goes on");
    let stale = elsewhere.current().expect("a session");
    assert!(within(elsewhere.sign_in(text("ana@example.org"), text(PASSWORD))).await.is_err(), "the old one is over");
    assert_eq!(elsewhere.current(), Some(stale));
    within(elsewhere.sign_in(text("ana@example.org"), text("new horse 1"))).await.expect("signed in");

    assert_eq!(within(here.delete_account(text(PASSWORD))).await, Err(AuthError::InvalidCredentials));
    within(here.delete_account(text("new horse 1"))).await.expect("deleted");
    assert_eq!(
        within(here.sign_in(text("ana@example.org"), text("new horse 1"))).await,
        Err(AuthError::InvalidCredentials)
    );
    assert!(pull(&elsewhere).await.is_err(), "nor does another device go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_made_on_one_device_is_on_the_other_within_two_seconds() {
    let server = Server::start().await;
    let (first, second) = two_devices(&server.config().await).await;

    let begin = Instant::now();
    let event = first.make_event("Lunch").await;
    assert_eq!(
        first.title(&event).await,
        Some(("Lunch".to_owned(), RowState::Pending)),
        "at once here, marked as not sent"
    );
    second.wait_title(&event, "Lunch").await;
    // The timers are at 60 s while realtime is up: only the hint can have brought it.
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    first.wait_title(&event, "Lunch").await;

    let begin = Instant::now();
    second.rename(&event, "Late lunch").await;
    first.wait_title(&event, "Late lunch").await;
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert!(first.engine.status().realtime && second.engine.status().realtime);
}

/// The engine then writes no row again for the answer, which is most of what sending a long queue costs.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_comes_back_as_it_was_written() {
    let server = Server::start().await;
    let config = server.config().await;
    let device = Device::with(&config, sign_up(&config, "ana@example.org").await).await;
    device.wait_ready().await;
    let event = device.make_event("Lunch").await;
    let made = device.memory.row(&event).expect("made");
    device.wait_ready().await;
    assert_eq!(device.memory.row(&event).expect("kept"), made);
    device.rename(&event, "Late lunch").await;
    let renamed = device.memory.row(&event).expect("renamed");
    assert_ne!(renamed, made);
    device.wait_ready().await;
    assert_eq!(device.memory.row(&event).expect("kept"), renamed);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_do_not_see_each_other() {
    let server = Server::start().await;
    let config = server.config().await;
    let ana = Device::with(&config, sign_up(&config, "ana@example.org").await).await;
    let ben = Device::with(&config, sign_up(&config, "ben@example.org").await).await;
    ana.wait_ready().await;
    ben.wait_ready().await;
    let (of_ana, of_ben) = (ana.make_event("Ana's").await, ben.make_event("Ben's").await);
    ana.wait_title(&of_ana, "Ana's").await;
    ben.wait_title(&of_ben, "Ben's").await;
    ana.engine.sync_once().await.expect("a cycle");
    ben.engine.sync_once().await.expect("a cycle");
    assert_eq!((ana.title(&of_ben).await, ben.title(&of_ana).await), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_made_while_the_server_is_away_drain_when_it_is_back() {
    let mut server = Server::start().await;
    let (first, second) = two_devices(&server.config().await).await;
    let before = first.make_event("Before").await;
    second.wait_title(&before, "Before").await;

    server.kill().await;
    first.wait_status("told that realtime is down", |status| !status.realtime).await;
    let during = first.make_event("During").await;
    first.rename(&before, "Renamed here").await;
    second.rename(&before, "Renamed there").await;
    assert_eq!(first.title(&during).await, Some(("During".to_owned(), RowState::Pending)));
    let status = first.wait_status("offline", |status| status.phase == Phase::Offline && status.pending == 2).await;
    assert!(status.last_error.is_some());
    // Each knows the server's time to within a request's round trip: which of two edits in one moment is the later one
    // is decided here, and for all.
    let later = if first.title_stamp(&before).await > second.title_stamp(&before).await { "here" } else { "there" };
    let later = format!("Renamed {later}");

    server.start_again().await;
    // As the shell does when the network is back.
    first.engine.nudge(Nudge::Now);
    second.engine.nudge(Nudge::Now);
    second.wait_title(&during, "During").await;
    first.wait_title(&before, &later).await;
    second.wait_title(&before, &later).await;
    first.wait_status("all sent", |status| status.pending == 0 && status.stuck == 0).await;
    // Realtime comes back by itself.
    first.wait_ready().await;
    second.wait_ready().await;
    let begin = Instant::now();
    first.rename(&during, "After").await;
    second.wait_title(&during, "After").await;
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_starts_without_the_server_keeps_its_session_and_its_edits() {
    let mut server = Server::start().await;
    let config = server.config().await;
    let session = sign_up(&config, "ana@example.org").await;
    server.kill().await;
    let device = Device::with(&config, session.clone()).await;
    let event = device.make_event("Offline").await;
    device.wait_status("offline", |status| status.phase == Phase::Offline && status.pending == 1).await;
    assert_eq!(device.client.current(), Some(session));
    server.start_again().await;
    device.engine.nudge(Nudge::Now);
    device.wait_title(&event, "Offline").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_renewed_and_the_old_pair_rotated_out() {
    let server = Server::start().await;
    let config = server.config().await;
    let made = sign_up(&config, "ana@example.org").await;
    let mut expired = made.clone();
    // What a device finds in its vault after a night.
    expired.access_token = "e30.e30.c2ln".to_owned();
    expired.expires_at = 1_000;
    let vault = MemoryVault::holding(Some(expired));
    let client = Client::new(config.clone(), vault.clone(), TokioPlatform::new());
    let answer = within(client.remote().pull(0, 10)).await.expect("pulled");
    let now = TokioPlatform::new().now_micros();
    assert!(answer.head.now.abs_diff(now) < 60_000_000, "the server's clock is this machine's");
    let renewed = vault.load().expect("a session");
    assert_eq!((renewed.user_id, renewed.email.as_str()), (made.user_id, "ana@example.org"));
    assert_ne!(renewed.refresh_token, made.refresh_token);
    assert!(renewed.expires_at > 1_000);
    // The new token is one of this account.
    assert!(within(client.remote().pull(0, 10)).await.is_ok());
    assert_eq!(vault.load(), Some(renewed), "and is kept as long as it is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_the_server_refuses_is_renewed_in_the_middle() {
    let server = Server::start().await;
    let config = server.config().await;
    let mut broken = sign_up(&config, "ana@example.org").await;
    // It looks good for an hour here, but the server does not know it.
    broken.access_token.pop();
    let device = Device::with(&config, broken.clone()).await;
    device.wait_ready().await;
    assert_ne!(device.vault.load().map(|session| session.refresh_token), Some(broken.refresh_token));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_revoked_elsewhere_asks_to_sign_in_again_and_loses_nothing() {
    let server = Server::start().await;
    let config = server.config().await;
    let session = sign_up(&config, "ana@example.org").await;
    let (elsewhere, vault) = client(&config);
    vault.store(Some(&session)).expect("room");
    within(elsewhere.sign_out()).await.expect("signed out");

    let mut expired = session.clone();
    expired.expires_at = 1_000;
    let device = Device::with(&config, expired.clone()).await;
    let event = device.make_event("Kept").await;
    device.wait_status("told to sign in again", |status| status.phase == Phase::SignInAgain).await;
    assert_eq!(device.client.current(), Some(expired));
    assert_eq!(device.title(&event).await, Some(("Kept".to_owned(), RowState::Pending)));

    within(device.client.sign_in("ana@example.org".to_owned(), PASSWORD.to_owned())).await.expect("signed in");
    device.engine.nudge(Nudge::Now);
    device.wait_title(&event, "Kept").await;
    device.wait_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_works_with_and_without_the_server_and_ends_the_hints() {
    let mut server = Server::start().await;
    let config = server.config().await;
    let (ana, vault) = client(&config);
    let session = within(ana.sign_up("ana@example.org".to_owned(), PASSWORD.to_owned())).await.expect("signed up");
    let remote = ana.remote();
    let mut hints = remote.subscribe();
    assert_eq!(within(hints.next()).await, Some(Hint::Subscribed));
    within(ana.sign_out()).await.expect("signed out");
    assert_eq!(vault.load(), None);
    assert!(within(hints.collect::<Vec<_>>()).await.len() <= 1, "at most the word that it is down");
    assert!(matches!(within(remote.pull(0, 10)).await, Err(RemoteError::Auth(_))));
    // The server ended the session too.
    let other =
        MemoryVault::holding(Some(Session { expires_at: 1_000, access_token: "e30.e30.c2ln".to_owned(), ..session }));
    let stolen = Client::new(config.clone(), other, TokioPlatform::new());
    assert!(matches!(within(stolen.remote().pull(0, 10)).await, Err(RemoteError::Auth(_))));

    within(ana.sign_in("ana@example.org".to_owned(), PASSWORD.to_owned())).await.expect("signed in");
    server.kill().await;
    within(ana.sign_out()).await.expect("signed out");
    assert_eq!((vault.load(), ana.current()), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_token_keeps_realtime_going() {
    let server = Server::start().await;
    let config = server.config().await;
    let device = Device::with(&config, sign_up(&config, "ana@example.org").await).await;
    device.wait_ready().await;
    let mut hints = device.client.remote().subscribe();
    assert_eq!(within(hints.next()).await, Some(Hint::Subscribed));
    // The next call finds the token at its end and renews it; the channel hears of it.
    let mut session = device.vault.load().expect("a session");
    // Tokens of the same second are the same text.
    let platform = TokioPlatform::new();
    while platform.now_micros() / 1_000_000 <= made_at(&session) {
        platform.sleep(Duration::from_millis(20)).await;
    }
    session.expires_at = 1_000;
    device.vault.store(Some(&session)).expect("room");
    device.client.remote().pull(0, 1).await.expect("pulled");
    assert_ne!(device.vault.load().map(|renewed| renewed.access_token), Some(session.access_token));
    // Subscribed anew with the new token, then still told of changes.
    assert_eq!(within(hints.next()).await, Some(Hint::Subscribed));
    device.make_event("With the new token").await;
    assert_eq!(within(hints.next()).await, Some(Hint::Changed));
}

#[tokio::test(flavor = "multi_thread")]
async fn hints_stop_when_nobody_listens() {
    let server = Server::start().await;
    let config = server.config().await;
    let (ana, _) = client(&config);
    within(ana.sign_up("ana@example.org".to_owned(), PASSWORD.to_owned())).await.expect("signed up");
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let mut hints = ana.remote().subscribe();
    assert_eq!(within(hints.next()).await, Some(Hint::Subscribed));
    assert!(hints.next().now_or_never().is_none());
    drop(hints);
    within(async {
        while tokio::runtime::Handle::current().metrics().num_alive_tasks() > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
