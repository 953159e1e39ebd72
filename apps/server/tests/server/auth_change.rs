//! `/auth/v1/user`: what people change about their own account, and accounts that are gone.

use serde_json::{Value, json};

use crate::auth::{NEW_SHAPE, refresh, refused, sign_in, user};
use crate::common::{Answer, PASSWORD, Person, new_email, server};

async fn change(person: &Person, body: Value) -> Answer {
    let bearer = format!("Bearer {}", person.token());
    server()
        .ask(reqwest::Method::PUT, "/auth/v1/user", &[("authorization", &bearer), NEW_SHAPE], body.to_string())
        .await
}

#[tokio::test]
async fn a_changed_password_is_the_only_one_and_signs_out_everyone_else() {
    let person = server().person().await;
    let other = sign_in(&person.email, PASSWORD).await.expect(200).json();
    change(&person, json!({"password": "a better password"})).await.expect(200);
    refused(&sign_in(&person.email, PASSWORD).await, 400, "invalid_credentials");
    sign_in(&person.email, "a better password").await.expect(200);
    user(person.token()).await.expect(200);
    refused(&user(other["access_token"].as_str().expect("a token")).await, 403, "session_not_found");
    refused(&refresh(other["refresh_token"].as_str().expect("a token")).await, 400, "refresh_token_not_found");
}

#[tokio::test]
async fn a_password_that_is_not_good_enough_or_not_new_is_refused() {
    let person = server().person().await;
    let weak = change(&person, json!({"password": "five5"})).await;
    refused(&weak, 422, "weak_password");
    assert_eq!(weak.json()["weak_password"]["reasons"], json!(["length"]));
    refused(&change(&person, json!({"password": PASSWORD})).await, 422, "same_password");
    refused(&change(&person, json!({"password": "x".repeat(73)})).await, 400, "validation_failed");
    sign_in(&person.email, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_changed_email_signs_in_and_the_profile_follows() {
    let person = server().person().await;
    let email = new_email();
    let changed = change(&person, json!({"email": email.to_uppercase()})).await.expect(200).json();
    assert_eq!((&changed["email"], &changed["identities"][0]["email"]), (&json!(email), &json!(email)));
    assert_eq!(changed["user_metadata"]["email"], email);
    refused(&sign_in(&person.email, PASSWORD).await, 400, "invalid_credentials");
    sign_in(&email, PASSWORD).await.expect(200);
    assert_eq!(person.rows("/user_profiles?select=email").await, json!([{"email": email}]));
}

#[tokio::test]
async fn an_email_of_someone_else_is_refused() {
    let (ann, bob) = (server().person().await, server().person().await);
    refused(&change(&ann, json!({"email": bob.email})).await, 422, "email_exists");
    refused(&change(&ann, json!({"email": "nonsense"})).await, 400, "validation_failed");
    sign_in(&ann.email, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn data_is_merged_and_says_nothing_about_the_account_itself() {
    let person = server().person().await;
    change(&person, json!({"data": {"a": 1, "b": [2]}})).await.expect(200);
    let changed =
        change(&person, json!({"data": {"a": null, "c": "x", "email": "boss@example.org", "sub": "0"}})).await;
    let data = changed.expect(200).json()["user_metadata"].clone();
    assert_eq!(data, json!({"b": [2], "c": "x", "email": person.email, "email_verified": true, "sub": person.id()}));
    refused(&change(&person, json!([])).await, 400, "bad_json");
}

#[tokio::test]
async fn without_a_session_nothing_is_changed() {
    let body = json!({"password": "a better password"}).to_string();
    let nobody = server().ask(reqwest::Method::PUT, "/auth/v1/user", &[NEW_SHAPE], body).await;
    refused(&nobody, 401, "no_authorization");
    let person = server().person().await;
    crate::auth::sign_out(&person, "global").await.expect(204);
    refused(&change(&person, json!({"password": "a better password"})).await, 403, "session_not_found");
    sign_in(&person.email, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_rows_and_its_tokens_open_nothing() {
    let person = server().person().await;
    person.push_calendar("Gone soon").await;
    person.call("delete_account", json!({})).await.expect(204);
    refused(&sign_in(&person.email, PASSWORD).await, 400, "invalid_credentials");
    refused(&user(person.token()).await, 403, "user_not_found");
    refused(&refresh(person.session["refresh_token"].as_str().expect("a token")).await, 400, "refresh_token_not_found");
    assert_eq!(person.rest("GET", "/user_calendars", &[], Value::Null).await.expect(200).json(), json!([]));
    let pushed = person.rest("POST", "/user_calendars", &[], json!({"name": "Back again"})).await;
    assert!(matches!(pushed.status, 401 | 403), "{pushed:?}");
    assert_eq!(person.call("sync_pull", json!({"p_after": 0, "p_limit": 1})).await.status, 401);
    // The address is free again.
    let body = json!({"email": person.email, "password": PASSWORD}).to_string();
    let again = server().post("/auth/v1/signup", &[], body).await.expect(200).json();
    assert_ne!(again["user"]["id"], person.id());
}
