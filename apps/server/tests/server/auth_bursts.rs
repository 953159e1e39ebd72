//! Many who sign in at the same moment from one address: an office in the morning, and someone who guesses.
//!
//! Failures count, attempts do not. Yet no burst may try more passwords than failures are allowed, so what could be one
//! too many waits for those before it.

use std::time::Duration;

use almanac_server::config::Limits;
use futures::future::join_all;
use serde_json::json;

use crate::common::{PASSWORD, client, new_email};
use crate::realtime_tables::Own;

/// Failures allowed for one account.
const OF_ACCOUNT: u32 = 3;
/// Failures allowed for one address.
const OF_ADDRESS: u32 = 6;

async fn strict() -> Own {
    let limits = Limits {
        failed_sign_ins: OF_ACCOUNT,
        failed_sign_ins_per_address: OF_ADDRESS,
        sign_ups: 1_000,
        request: Duration::from_secs(120),
        ..Limits::default()
    };
    Own::with(None, limits).await
}

async fn account(own: &Own) -> String {
    let email = new_email();
    own.post("/auth/v1/signup", None, json!({"email": email, "password": PASSWORD}).to_string()).await;
    email
}

/// The status of a sign-in.
async fn sign_in(own: &Own, email: &str, password: &str) -> u16 {
    let request = client().post(format!("{}/auth/v1/token?grant_type=password", own.running.url()));
    let request = request.header("apikey", own.running.anon_key());
    let body = json!({"email": email, "password": password}).to_string();
    request.body(body).send().await.expect("an answer").status().as_u16()
}

fn count(answers: &[u16], status: u16) -> usize {
    answers.iter().filter(|answer| **answer == status).count()
}

#[tokio::test]
async fn any_number_with_the_right_password_may_come_at_once() {
    let own = strict().await;
    let people = join_all((0..10).map(|_| account(&own))).await;
    // Several devices each, and more of them than failures are allowed for the account or for the address.
    let all = people.iter().flat_map(|email| (0..5).map(|_| sign_in(&own, email, PASSWORD)));
    let answers = join_all(all).await;
    assert_eq!(count(&answers, 200), 50, "{answers:?}");
    own.running.stop().await;
}

#[tokio::test]
async fn of_a_burst_of_guesses_no_more_are_looked_at_than_may_fail() {
    let own = strict().await;
    let email = account(&own).await;
    let answers = join_all((0..40).map(|_| sign_in(&own, &email, "a guess"))).await;
    assert_eq!(count(&answers, 400), OF_ACCOUNT as usize, "{answers:?}");
    assert_eq!(count(&answers, 429), 40 - OF_ACCOUNT as usize, "{answers:?}");
    assert_eq!(sign_in(&own, &email, PASSWORD).await, 429, "not even the right one is looked at now");
    // The same over many accounts: what is left of the address's failures.
    let many: Vec<String> = (0..40).map(|_| new_email()).collect();
    let answers = join_all(many.iter().map(|email| sign_in(&own, email, "a guess"))).await;
    assert_eq!(count(&answers, 400), (OF_ADDRESS - OF_ACCOUNT) as usize, "{answers:?}");
    assert_eq!(count(&answers, 429), 40 - (OF_ADDRESS - OF_ACCOUNT) as usize, "{answers:?}");
    own.running.stop().await;
}

#[tokio::test]
async fn right_passwords_among_failures_are_answered_until_there_are_too_many_failures() {
    let own = strict().await;
    let (ann, bob) = (account(&own).await, account(&own).await);
    // One failure less than stops the address, then all kinds at once.
    for _ in 0..OF_ACCOUNT {
        assert_eq!(sign_in(&own, &bob, "a guess").await, 400);
    }
    for _ in OF_ACCOUNT..OF_ADDRESS - 1 {
        assert_eq!(sign_in(&own, &new_email(), "a guess").await, 400);
    }
    let answers = join_all((0..20).map(|_| sign_in(&own, &ann, PASSWORD))).await;
    assert_eq!(count(&answers, 200), 20, "{answers:?}");
    assert_eq!(sign_in(&own, &bob, PASSWORD).await, 429, "an account that is being guessed stays shut");
    assert_eq!(sign_in(&own, &ann, "a guess").await, 400);
    assert_eq!(sign_in(&own, &ann, PASSWORD).await, 429, "the address has failed too often");
    own.running.stop().await;
}
