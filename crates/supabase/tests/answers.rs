//! What the client makes of answers, good and bad: sessions, their renewal, refusals of sync functions.

mod common;

use almanac_core::{
    Uuid,
    remote::{Hint, RemoteError},
    session::{Auth, AuthError, Session, Vault},
};
use almanac_supabase::{Client, Config, DiscoverError, MIN_SCHEMA, discover};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use common::{Canned, CannedServer, MemoryVault, TokioPlatform, answer, within};
use futures::StreamExt;
use serde_json::{Value, json};
use std::{
    sync::{Arc, OnceLock, atomic::Ordering},
    time::Duration,
};

const USER: Uuid = Uuid::from_u128(1);
const PULL: &str = "/rest/v1/rpc/sync_pull";
const REFRESH: &str = "/auth/v1/token?grant_type=refresh_token";

/// Unix seconds when the tests began: the same all along, so that equal sessions are equal.
fn now() -> i64 {
    static NOW: OnceLock<i64> = OnceLock::new();
    *NOW.get_or_init(|| chrono::Utc::now().timestamp())
}

/// A token that ends so many seconds from now.
fn token(user: Uuid, name: &str, left: i64) -> String {
    token_made(user, name, now() - 3600 + left.min(3600), now() + left)
}

fn token_made(user: Uuid, name: &str, iat: i64, exp: i64) -> String {
    let claims = json!({"sub": user, "iat": iat, "exp": exp, "name": name});
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn session(name: &str, left: i64) -> Session {
    Session {
        user_id: USER,
        email: "ana@example.org".to_owned(),
        access_token: token(USER, name, left),
        refresh_token: format!("refresh-{name}"),
        expires_at: now() + left,
    }
}

/// A session as auth sends it.
fn sent(session: &Session) -> String {
    json!({
        "access_token": session.access_token, "token_type": "bearer", "expires_in": 3600, "expires_at": session.expires_at,
        "refresh_token": session.refresh_token, "user": {"id": session.user_id, "email": session.email},
    })
    .to_string()
}

fn pulled() -> String {
    json!({"now": now() * 1_000_000, "epoch": "e", "at": 7, "floor": 0, "changes": []}).to_string()
}

struct Case {
    server: CannedServer,
    vault: Arc<MemoryVault>,
    platform: Arc<TokioPlatform>,
    client: Arc<Client>,
}

/// A client with this session kept, and a server.
async fn case(kept: Option<Session>) -> Case {
    let server = CannedServer::start().await;
    let vault = MemoryVault::holding(kept);
    let platform = TokioPlatform::new();
    let client = Client::new(Config::new(&server.url, "key"), vault.clone(), platform.clone());
    Case { server, vault, platform, client }
}

impl Case {
    async fn pull(&self) -> Result<u64, RemoteError> {
        within(self.client.remote().pull(5, 1000)).await.map(|answer| answer.at)
    }
}

#[tokio::test]
async fn a_call_carries_key_token_and_arguments() {
    let case = case(Some(session("a", 3600))).await;
    case.server.tell(PULL, answer(200, pulled()));
    assert_eq!(case.pull().await, Ok(7));
    let asked = case.server.asked(PULL).remove(0);
    assert_eq!(asked.header("apikey"), Some("key"));
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {}", session("a", 3600).access_token).as_str()));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    assert_eq!(serde_json::from_str::<Value>(&asked.body).ok(), Some(json!({"p_after": 5, "p_limit": 1000})));
}

#[tokio::test]
async fn sign_in_sends_the_version_and_keeps_the_session() {
    let case = case(None).await;
    case.server.tell("/auth/v1/token?grant_type=password", answer(200, sent(&session("a", 3600))));
    let got = within(case.client.sign_in(" ana@example.org ".to_owned(), "secret".to_owned())).await;
    assert_eq!(got.as_ref(), Ok(&session("a", 3600)));
    assert_eq!(case.vault.load().as_ref(), got.as_ref().ok());
    let asked = case.server.asked("/auth/v1/token").remove(0);
    assert_eq!(asked.header("x-supabase-api-version"), Some("2024-01-01"));
    assert_eq!(asked.header("authorization"), Some("Bearer key"));
    let body: Value = serde_json::from_str(&asked.body).expect("json");
    assert_eq!((body["email"].as_str(), body["password"].as_str()), (Some("ana@example.org"), Some("secret")));
}

#[tokio::test]
async fn sign_up_that_must_be_confirmed_or_is_taken_gives_no_session() {
    for (identities, expected) in [(json!([{"id": "x"}]), AuthError::NotConfirmed), (json!([]), AuthError::EmailTaken)]
    {
        let case = case(None).await;
        let user = json!({"id": USER, "email": "ana@example.org", "identities": identities, "confirmation_sent_at": "2026-11-22T14:00:00Z"});
        case.server.tell("/auth/v1/signup", answer(200, user.to_string()));
        let got = within(case.client.sign_up("ana@example.org".to_owned(), "secret".to_owned())).await;
        assert_eq!(got, Err(expected));
        assert_eq!(case.vault.load(), None);
    }
}

#[tokio::test]
async fn what_is_no_server_of_ours_is_told_so_at_sign_in() {
    let case = case(None).await;
    case.server.tell("/auth/v1/token", answer(200, "<html>Welcome to the hotel</html>"));
    let got = within(case.client.sign_in("a@b.c".to_owned(), "x".to_owned())).await;
    assert!(matches!(got, Err(AuthError::Refused { .. })), "{got:?}");
    let nowhere =
        Client::new(Config::new("http://127.0.0.1:1", "key"), MemoryVault::holding(None), case.platform.clone());
    let got = within(nowhere.sign_in("a@b.c".to_owned(), "x".to_owned())).await;
    assert!(matches!(got, Err(AuthError::Offline(_))), "{got:?}");
}

#[tokio::test]
async fn a_vault_that_cannot_keep_the_session_is_told_at_sign_in() {
    let case = case(None).await;
    case.vault.full.store(true, Ordering::SeqCst);
    case.server.tell("/auth/v1/token", answer(200, sent(&session("a", 3600))));
    let got = within(case.client.sign_in("a@b.c".to_owned(), "x".to_owned())).await;
    assert!(matches!(got, Err(AuthError::Vault(_))), "{got:?}");
}

#[tokio::test]
async fn a_token_that_ends_soon_is_renewed_before_it_is_used() {
    for (left, renewed) in [(3600, false), (100, false), (80, true), (-5, true)] {
        let case = case(Some(session("old", left))).await;
        case.server.tell(REFRESH, answer(200, sent(&session("new", 3600)))).tell(PULL, answer(200, pulled()));
        assert_eq!(case.pull().await, Ok(7));
        assert_eq!(case.server.asked(REFRESH).len(), usize::from(renewed), "{left} s left");
        let name = if renewed { "new" } else { "old" };
        let used = case.server.asked(PULL).remove(0).header("authorization").map(str::to_owned);
        let kept = case.vault.load().expect("a session");
        assert_eq!(kept.refresh_token, format!("refresh-{name}"));
        assert_eq!(used, Some(format!("Bearer {}", kept.access_token)));
    }
}

#[tokio::test]
async fn many_calls_at_once_renew_once() {
    let case = case(Some(session("old", -5))).await;
    case.server.tell(REFRESH, Canned::Held(200, sent(&session("new", 3600)))).tell(PULL, answer(200, pulled()));
    let remote = case.client.remote();
    let calls = futures::future::join_all((0..20).map(|_| remote.pull(0, 1)));
    let opened = async {
        case.server.wait_asked(REFRESH, 1).await;
        case.server.let_go();
    };
    let (answers, ()) = within(futures::future::join(calls, opened)).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(case.server.asked(REFRESH).len(), 1, "a refresh token is good once");
}

#[tokio::test]
async fn a_renewal_goes_on_when_nobody_waits_for_it() {
    let case = case(Some(session("old", -5))).await;
    case.server.tell(REFRESH, Canned::Held(200, sent(&session("new", 3600)))).tell(PULL, answer(200, pulled()));
    let remote = case.client.remote();
    let call = tokio::spawn(async move { remote.pull(0, 1).await });
    case.server.wait_asked(REFRESH, 1).await;
    call.abort();
    assert!(call.await.is_err_and(|error| error.is_cancelled()));
    case.server.let_go();
    assert_eq!(case.pull().await, Ok(7));
    assert_eq!(case.server.asked(REFRESH).len(), 1, "the pair of the first one was kept");
    assert_eq!(case.vault.load(), Some(session("new", 3600)));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_made_again() {
    let case = case(Some(session("old", 3600))).await;
    case.server
        .tell(PULL, answer(401, r#"{"code":"PGRST303","message":"JWT expired"}"#))
        .tell(PULL, answer(200, pulled()));
    case.server.tell(REFRESH, answer(200, sent(&session("new", 3600))));
    assert_eq!(case.pull().await, Ok(7));
    assert_eq!(
        case.server.asked(PULL)[1].header("authorization"),
        Some(format!("Bearer {}", session("new", 3600).access_token).as_str())
    );
}

#[tokio::test]
async fn a_token_refused_twice_means_sign_in_again() {
    let case = case(Some(session("old", 3600))).await;
    case.server.tell(PULL, answer(401, r#"{"code":"PGRST301","message":"bad signature"}"#));
    case.server.tell(REFRESH, answer(200, sent(&session("new", 3600))));
    assert!(matches!(case.pull().await, Err(RemoteError::Auth(_))));
    assert_eq!((case.server.asked(PULL).len(), case.server.asked(REFRESH).len()), (2, 1));
    assert!(case.vault.load().is_some(), "only signing out forgets a session");
}

#[tokio::test]
async fn a_definite_no_ends_the_session_but_forgets_nothing_and_is_not_asked_again() {
    let case = case(Some(session("old", -5))).await;
    case.server.tell(REFRESH, answer(400, r#"{"code":"refresh_token_already_used","message":"Already Used"}"#));
    for _ in 0..3 {
        assert!(matches!(case.pull().await, Err(RemoteError::Auth(_))));
    }
    assert_eq!(case.server.asked(REFRESH).len(), 1);
    assert_eq!(case.vault.load(), Some(session("old", -5)));
    // The person signs in again and all goes on.
    case.server
        .tell("/auth/v1/token?grant_type=password", answer(200, sent(&session("new", 3600))))
        .tell(PULL, answer(200, pulled()));
    within(case.client.sign_in("ana@example.org".to_owned(), "secret".to_owned())).await.expect("signed in");
    assert_eq!(case.pull().await, Ok(7));
}

#[tokio::test]
async fn trouble_on_the_way_ends_no_session() {
    let portal = answer(403, "<html>log in to the train's network</html>");
    for trouble in
        [answer(500, ""), answer(503, "{}"), answer(429, "{}"), answer(200, "<html>"), portal, Canned::HangUp]
    {
        let case = case(Some(session("old", -5))).await;
        case.server
            .tell(REFRESH, trouble.clone())
            .tell(REFRESH, answer(200, sent(&session("new", 3600))))
            .tell(PULL, answer(200, pulled()));
        let first = case.pull().await;
        if matches!(trouble, Canned::HangUp) && first.is_ok() {
            // The HTTP client may have asked again by itself.
            continue;
        }
        assert!(matches!(first, Err(RemoteError::Transport { .. })), "{trouble:?}: {first:?}");
        assert_eq!(case.vault.load(), Some(session("old", -5)));
        assert_eq!(case.pull().await, Ok(7), "{trouble:?}: the old pair is still good");
    }
}

#[tokio::test]
async fn a_token_that_is_still_good_is_used_when_it_cannot_be_renewed() {
    let case = case(Some(session("old", 60))).await;
    case.server.tell(REFRESH, answer(503, "")).tell(PULL, answer(200, pulled()));
    assert_eq!(case.pull().await, Ok(7));
}

#[tokio::test]
async fn the_session_of_another_account_is_never_taken() {
    let case = case(Some(session("old", -5))).await;
    let mut other = session("new", 3600);
    other.user_id = Uuid::from_u128(2);
    other.access_token = token(other.user_id, "new", 3600);
    case.server.tell(REFRESH, answer(200, sent(&other)));
    assert!(matches!(case.pull().await, Err(RemoteError::Auth(_))));
    assert_eq!(case.vault.load(), Some(session("old", -5)));
}

#[tokio::test]
async fn a_remote_never_uses_the_session_of_who_signs_in_later() {
    let case = case(Some(session("a", 3600))).await;
    let remote = case.client.remote();
    let mut other = session("b", 3600);
    other.user_id = Uuid::from_u128(2);
    other.access_token = token(other.user_id, "b", 3600);
    case.server.tell("/auth/v1/token?grant_type=password", answer(200, sent(&other))).tell(PULL, answer(200, pulled()));
    within(case.client.sign_in("b@example.org".to_owned(), "x".to_owned())).await.expect("signed in");
    assert!(matches!(within(remote.pull(0, 1)).await, Err(RemoteError::Auth(_))));
    assert_eq!(case.server.asked(PULL).len(), 0);
    assert!(within(case.client.remote().pull(0, 1)).await.is_ok());
}

#[tokio::test]
async fn a_renewed_session_is_kept_before_it_is_used() {
    let case = case(Some(session("old", -5))).await;
    case.server.tell(REFRESH, answer(200, sent(&session("new", 3600)))).tell(PULL, answer(200, pulled()));
    case.vault.full.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        assert!(matches!(case.pull().await, Err(RemoteError::Transport { .. })));
    }
    assert_eq!(case.server.asked(PULL).len(), 0);
    case.vault.full.store(false, Ordering::SeqCst);
    assert_eq!(case.pull().await, Ok(7));
    assert_eq!(case.vault.load(), Some(session("new", 3600)));
    assert_eq!(case.server.asked(REFRESH).len(), 1, "the pair that did not fit was not lost");
}

#[tokio::test]
async fn what_another_window_renewed_is_used() {
    let case = case(Some(session("old", 3600))).await;
    case.server
        .tell(PULL, Canned::Held(401, r#"{"code":"PGRST303","message":"JWT expired"}"#.to_owned()))
        .tell(PULL, answer(200, pulled()));
    let renewed = async {
        case.server.wait_asked(PULL, 1).await;
        case.vault.store(Some(&session("new", 3600))).expect("room");
        case.server.let_go();
    };
    let (got, ()) = futures::future::join(case.pull(), renewed).await;
    assert_eq!(got, Ok(7));
    assert_eq!(case.server.asked(REFRESH).len(), 0);
}

#[tokio::test]
async fn a_renewal_that_comes_home_after_signing_out_brings_nothing_back() {
    let case = case(Some(session("old", -5))).await;
    case.server.tell(REFRESH, Canned::Held(200, sent(&session("new", 3600)))).tell("/auth/v1/logout", answer(204, ""));
    let out = async {
        case.server.wait_asked(REFRESH, 1).await;
        within(case.client.sign_out()).await.expect("signed out");
        case.server.let_go();
    };
    let (got, ()) = futures::future::join(case.pull(), out).await;
    assert!(matches!(got, Err(RemoteError::Auth(_))), "{got:?}");
    assert_eq!(case.vault.load(), None);
}

#[tokio::test]
async fn signing_out_works_without_network_and_whatever_the_server_says() {
    for canned in [
        answer(204, ""),
        answer(403, r#"{"code":"session_not_found","message":"gone"}"#),
        answer(500, ""),
        Canned::HangUp,
    ] {
        let case = case(Some(session("a", 3600))).await;
        case.server.tell("/auth/v1/logout", canned);
        assert_eq!(within(case.client.sign_out()).await, Ok(()));
        assert_eq!((case.vault.load(), case.client.current()), (None, None));
        let asked = case.server.asked("/auth/v1/logout?scope=local").remove(0);
        assert_eq!(asked.header("authorization"), Some(format!("Bearer {}", session("a", 3600).access_token).as_str()));
    }
    let vault = MemoryVault::holding(Some(session("a", 3600)));
    let offline = Client::new(Config::new("http://127.0.0.1:1", "key"), vault.clone(), TokioPlatform::new());
    assert_eq!(within(offline.sign_out()).await, Ok(()));
    assert_eq!(vault.load(), None);
}

#[tokio::test]
async fn a_wrong_clock_here_does_not_renew_all_the_time() {
    let case = case(None).await;
    // This device believes it is two hours later than it is.
    case.platform.wrong_by.store(7200, Ordering::Relaxed);
    let fresh = |name: &str| {
        let mut session = session(name, 3600);
        session.access_token = token_made(USER, name, now(), now() + 3600);
        session
    };
    case.server
        .tell("/auth/v1/token?grant_type=password", answer(200, sent(&fresh("a"))))
        .tell(PULL, answer(200, pulled()));
    case.server.tell(REFRESH, answer(200, sent(&fresh("b"))));
    within(case.client.sign_in("ana@example.org".to_owned(), "x".to_owned())).await.expect("signed in");
    for _ in 0..3 {
        assert_eq!(case.pull().await, Ok(7));
    }
    assert_eq!(case.server.asked(REFRESH).len(), 0);
    // After a start the clock of the server is not known: once, then it is.
    let client = Client::new(Config::new(&case.server.url, "key"), case.vault.clone(), case.platform.clone());
    for _ in 0..3 {
        assert!(within(client.remote().pull(5, 1000)).await.is_ok());
    }
    assert_eq!(case.server.asked(REFRESH).len(), 1);
}

#[tokio::test]
async fn refusals_reach_the_engine_as_their_class() {
    type IsClass = fn(&RemoteError) -> bool;
    let classes: [(Canned, IsClass); 9] = [
        (answer(404, r#"{"code":"PGRST202","message":"no such function"}"#), |e| matches!(e, RemoteError::Schema(_))),
        (answer(413, "too large"), |e| matches!(e, RemoteError::TooMuch(_))),
        (answer(500, r#"{"code":"57014","message":"statement timeout"}"#), |e| matches!(e, RemoteError::TooMuch(_))),
        (answer(200, r#"{"now":1,"epoch":"e","at":"#), |e| matches!(e, RemoteError::TooMuch(_))),
        (answer(200, "<html>"), |e| matches!(e, RemoteError::TooMuch(_))),
        (answer(401, r#"{"code":"42501","message":"permission denied"}"#), |e| matches!(e, RemoteError::Auth(_))),
        (answer(502, "<html>"), |e| matches!(e, RemoteError::Transport { .. })),
        (answer(418, "teapot"), |e| matches!(e, RemoteError::Transport { .. })),
        (Canned::HangUp, |e| matches!(e, RemoteError::Transport { .. })),
    ];
    for (canned, is_class) in classes {
        let case = case(Some(session("a", 3600))).await;
        case.server.tell(PULL, canned.clone());
        let got = case.pull().await;
        assert!(got.as_ref().is_err_and(is_class), "{canned:?}: {got:?}");
        assert_eq!(case.server.asked(REFRESH).len(), 0, "{canned:?}");
    }
}

#[tokio::test]
async fn the_wait_the_server_asks_for_is_passed_on() {
    for (headers, wait) in [
        (vec![("retry-after", "12")], Some(12)),
        (vec![("retry-after", "Sun, 22 Nov 2026 16:00:30 GMT"), ("date", "Sun, 22 Nov 2026 16:00:10 GMT")], Some(20)),
        (vec![], None),
    ] {
        let case = case(Some(session("a", 3600))).await;
        let headers = headers.into_iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        case.server.tell(PULL, Canned::Answer { status: 503, headers, body: String::new() });
        match case.pull().await {
            Err(RemoteError::Transport { retry_after, .. }) => assert_eq!(retry_after, wait.map(Duration::from_secs)),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn dropping_a_call_aborts_it() {
    let case = case(Some(session("a", 3600))).await;
    case.server.tell(PULL, Canned::Silence);
    let remote = case.client.remote();
    let call = tokio::spawn(async move { remote.pull(0, 1).await });
    case.server.wait_asked(PULL, 1).await;
    call.abort();
    case.server.wait_gone().await;
}

#[tokio::test]
async fn without_a_session_nothing_is_asked() {
    let case = case(None).await;
    assert!(matches!(case.pull().await, Err(RemoteError::Auth(_))));
    let hints: Vec<Hint> = within(case.client.remote().subscribe().collect()).await;
    assert_eq!(hints, []);
    assert_eq!(case.server.asked("/").len(), 0);
}

#[tokio::test]
async fn hints_end_when_the_person_signs_out_while_there_is_no_network() {
    let vault = MemoryVault::holding(Some(session("a", 3600)));
    let client = Client::new(Config::new("http://127.0.0.1:1", "key"), vault, TokioPlatform::new());
    let hints = client.remote().subscribe();
    within(client.sign_out()).await.expect("signed out");
    assert_eq!(within(hints.collect::<Vec<_>>()).await, []);
}

#[tokio::test]
async fn a_server_tells_where_it_is() {
    let server = CannedServer::start().await;
    let platform: Arc<dyn almanac_core::platform::Platform> = TokioPlatform::new();
    let json = |url: &str, schema: &str| {
        json!({"url": url, "anon_key": "k", "version": "0.1.0", "schema": schema}).to_string()
    };
    server
        .tell("/almanac.json", answer(200, json("", MIN_SCHEMA)))
        .tell("/almanac.json", answer(200, json("https://x.supabase.co/", MIN_SCHEMA)));
    server
        .tell("/almanac.json", answer(200, json("", "20200101000000")))
        .tell("/almanac.json", answer(404, ""))
        .tell("/almanac.json", answer(200, "<html>"));
    server.tell("/almanac.json", answer(503, ""));
    let typed = server.url.trim_start_matches("http://");
    assert_eq!(within(discover(typed, &platform)).await, Ok(Config::new(&server.url, "k")));
    assert_eq!(within(discover(&server.url, &platform)).await, Ok(Config::new("https://x.supabase.co", "k")));
    assert!(matches!(within(discover(&server.url, &platform)).await, Err(DiscoverError::TooOld { .. })));
    assert!(matches!(within(discover(&server.url, &platform)).await, Err(DiscoverError::NotAlmanac { .. })));
    assert!(matches!(within(discover(&server.url, &platform)).await, Err(DiscoverError::NotAlmanac { .. })));
    assert!(matches!(within(discover(&server.url, &platform)).await, Err(DiscoverError::Unreachable { .. })));
    let nowhere = within(discover("http://127.0.0.1:1", &platform)).await.expect_err("nobody there");
    assert!(nowhere.to_string().contains("no connection"), "{nowhere}");
    assert!(matches!(within(discover("two words", &platform)).await, Err(DiscoverError::BadAddress(_))));
}
