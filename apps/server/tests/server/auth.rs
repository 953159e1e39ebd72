//! `/auth/v1`: accounts, sessions, refresh tokens, errors.

use serde_json::{Value, json};

use crate::common::{Answer, FAILED_SIGN_INS, PASSWORD, Person, new_email, now, server, sign};

pub(crate) const NEW_SHAPE: (&str, &str) = ("x-supabase-api-version", "2024-01-01");

pub(crate) async fn sign_in(email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password}).to_string();
    server().post("/auth/v1/token?grant_type=password", &[NEW_SHAPE], body).await
}

pub(crate) async fn refresh(token: &str) -> Answer {
    let body = json!({"refresh_token": token}).to_string();
    server().post("/auth/v1/token?grant_type=refresh_token", &[NEW_SHAPE], body).await
}

pub(crate) async fn user(token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    server().get("/auth/v1/user", &[("apikey", &server().key), ("authorization", &bearer), NEW_SHAPE]).await
}

pub(crate) async fn sign_out(person: &Person, scope: &str) -> Answer {
    let bearer = format!("Bearer {}", person.token());
    server().post(&format!("/auth/v1/logout?scope={scope}"), &[("authorization", &bearer), NEW_SHAPE], "").await
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.json()["code"], code, "{answer:?}");
    assert_eq!(answer.header("x-sb-error-code"), code);
}

#[tokio::test]
async fn signing_up_gives_a_session_and_a_user() {
    let person = server().person().await;
    let session = &person.session;
    assert_eq!(session["token_type"], "bearer");
    assert_eq!(session["expires_in"], 3600);
    assert!((session["expires_at"].as_i64().expect("a number") - now() - 3600).abs() < 60);
    let user = &session["user"];
    assert_eq!(user["email"], person.email);
    assert_eq!(user["aud"], "authenticated");
    assert_eq!(user["role"], "authenticated");
    assert_eq!(user["identities"][0]["provider"], "email");
    assert_eq!(user["app_metadata"]["provider"], "email");
    for time in ["created_at", "updated_at", "email_confirmed_at", "last_sign_in_at"] {
        chrono::DateTime::parse_from_rfc3339(text(user, time)).expect(time);
    }
}

#[tokio::test]
async fn an_email_has_one_account_whatever_its_case() {
    let person = server().person().await;
    let body = json!({"email": person.email.to_uppercase(), "password": PASSWORD}).to_string();
    refused(&server().post("/auth/v1/signup", &[NEW_SHAPE], body).await, 422, "user_already_exists");
    assert_eq!(sign_in(&person.email.to_uppercase(), PASSWORD).await.expect(200).json()["user"]["id"], person.id());
}

#[tokio::test]
async fn two_who_sign_up_with_one_email_at_once_get_one_account() {
    let body = json!({"email": new_email(), "password": PASSWORD}).to_string();
    let (a, b) =
        tokio::join!(server().post("/auth/v1/signup", &[], body.clone()), server().post("/auth/v1/signup", &[], body));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
}

#[tokio::test]
async fn both_error_shapes_are_spoken() {
    let body = json!({"email": new_email(), "password": "wrong password"}).to_string();
    let path = "/auth/v1/token?grant_type=password";
    let new = server().post(path, &[NEW_SHAPE], body.clone()).await.expect(400);
    assert_eq!(new.json(), json!({"code": "invalid_credentials", "message": "Invalid login credentials"}));
    assert_eq!(new.header("x-supabase-api-version"), "2024-01-01");
    let old = server().post(path, &[], body).await.expect(400);
    assert_eq!(
        old.json(),
        json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"})
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_look_the_same() {
    let person = server().person().await;
    let wrong = sign_in(&person.email, "not the password").await;
    let unknown = sign_in(&new_email(), "not the password").await;
    refused(&wrong, 400, "invalid_credentials");
    assert_eq!((wrong.status, wrong.text), (unknown.status, unknown.text));
}

#[tokio::test]
async fn guessing_passwords_is_stopped_and_only_for_that_account() {
    let person = server().person().await;
    for _ in 0..FAILED_SIGN_INS {
        refused(&sign_in(&person.email, "a guess").await, 400, "invalid_credentials");
    }
    let stopped = sign_in(&person.email, "a guess").await;
    refused(&stopped, 429, "over_request_rate_limit");
    let wait: u64 = stopped.header("retry-after").parse().expect("seconds");
    assert!((1..=300).contains(&wait), "{wait}");
    let other = server().person().await;
    sign_in(&other.email, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn bad_forms_are_refused_with_a_reason() {
    let sign_up = async |body: &str| server().post("/auth/v1/signup", &[NEW_SHAPE], body.to_owned()).await;
    let form = |email: &str, password: &str| json!({"email": email, "password": password}).to_string();
    let short = sign_up(&form(&new_email(), "five5")).await;
    refused(&short, 422, "weak_password");
    assert_eq!(short.json()["weak_password"]["reasons"], json!(["length"]));
    refused(&sign_up(&form(&new_email(), &"x".repeat(73))).await, 400, "validation_failed");
    refused(&sign_up(&form("no address", PASSWORD)).await, 400, "validation_failed");
    refused(&sign_up(&form(&new_email(), "")).await, 400, "validation_failed");
    refused(&sign_up("{}").await, 400, "validation_failed");
    for broken in ["", "{", "[]", "\"text\"", "\u{0}"] {
        refused(&sign_up(broken).await, 400, "bad_json");
    }
    sign_up(&"x".repeat(100_000)).await.expect(413);
    // PostgreSQL keeps no NUL, wherever it stands.
    for data in [json!("\0"), json!({"a": ["\0"]}), json!({"\0": 1})] {
        let body = json!({"email": new_email(), "password": PASSWORD, "data": data});
        refused(&sign_up(&body.to_string()).await, 400, "validation_failed");
    }
    refused(&sign_up(&form(&new_email(), "correct\0horse")).await, 400, "validation_failed");
    let grant = server().post("/auth/v1/token", &[NEW_SHAPE], "{}").await.expect(400);
    assert_eq!(grant.json()["error"], "unsupported_grant_type");
    server().post("/auth/v1/nothing", &[], "{}").await.expect(404);
}

#[tokio::test]
async fn each_refresh_gives_a_new_token() {
    let person = server().person().await;
    let first = text(&person.session, "refresh_token");
    let session = refresh(first).await.expect(200).json();
    assert_ne!(text(&session, "refresh_token"), first);
    assert_eq!(session["user"]["id"], person.id());
    user(text(&session, "access_token")).await.expect(200);
}

#[tokio::test]
async fn a_lost_answer_is_given_again_at_any_time() {
    let person = server().person().await;
    let first = text(&person.session, "refresh_token");
    let second = refresh(first).await.expect(200).json();
    age_sessions(&person, "1 day").await;
    let again = refresh(first).await.expect(200).json();
    assert_eq!(again["refresh_token"], second["refresh_token"]);
    refresh(text(&again, "refresh_token")).await.expect(200);
}

#[tokio::test]
async fn an_old_token_used_late_ends_the_session_for_everyone() {
    let person = server().person().await;
    let first = text(&person.session, "refresh_token");
    let second = refresh(first).await.expect(200).json();
    let third = refresh(text(&second, "refresh_token")).await.expect(200).json();
    // A slow double of the same client is forgiven,
    assert_eq!(refresh(first).await.expect(200).json()["refresh_token"], third["refresh_token"]);
    // someone who comes later is not.
    age_sessions(&person, "11 seconds").await;
    refused(&refresh(first).await, 400, "refresh_token_already_used");
    refused(&refresh(text(&third, "refresh_token")).await, 400, "refresh_token_not_found");
    refused(&user(text(&third, "access_token")).await, 403, "session_not_found");
}

#[tokio::test]
async fn two_refreshes_at_once_end_with_one_token() {
    let person = server().person().await;
    let first = text(&person.session, "refresh_token");
    let (a, b) = tokio::join!(refresh(first), refresh(first));
    assert_eq!(a.expect(200).json()["refresh_token"], b.expect(200).json()["refresh_token"]);
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    refused(&refresh("abc").await, 400, "validation_failed");
    // Well formed, never made: 48 bytes of nothing.
    refused(&refresh(&"A".repeat(64)).await, 400, "refresh_token_not_found");
    let missing = server().post("/auth/v1/token?grant_type=refresh_token", &[NEW_SHAPE], "{}").await.expect(400);
    assert_eq!(missing.json(), json!({"error": "invalid_request", "error_description": "refresh_token required"}));
}

#[tokio::test]
async fn a_forged_refresh_token_of_a_real_session_is_refused() {
    let person = server().person().await;
    let real = text(&person.session, "refresh_token");
    let forged = format!("{}{}", &real[..60], "AAAA");
    refused(&refresh(&forged).await, 400, "refresh_token_not_found");
    refresh(real).await.expect(200);
}

#[tokio::test]
async fn a_token_tells_whose_it_is() {
    let person = server().person().await;
    let answer = user(person.token()).await.expect(200).json();
    assert_eq!((text(&answer, "id"), text(&answer, "email")), (person.id(), person.email.as_str()));
}

#[tokio::test]
async fn tokens_that_are_not_good_are_told_apart() {
    let person = server().person().await;
    let none = server().get("/auth/v1/user", &[("apikey", &server().key), NEW_SHAPE]).await;
    refused(&none, 401, "no_authorization");
    refused(&user("not.a.token").await, 403, "bad_jwt");
    let claims = json!({"sub": person.id(), "role": "authenticated", "exp": now() - 120});
    refused(&user(&server().token(&claims).await).await, 403, "bad_jwt");
    refused(&user(&sign(&claims, b"another secret")).await, 403, "bad_jwt");
    // The project's key is a token, but nobody's.
    refused(&user(&server().key).await, 403, "bad_jwt");
    let deleted = server().person().await;
    server().sql(&format!("delete from auth.users where id = '{}'", deleted.id())).await;
    refused(&user(deleted.token()).await, 403, "user_not_found");
}

#[tokio::test]
async fn a_banned_account_cannot_be_used() {
    let person = server().person().await;
    let id = person.id();
    server().sql(&format!("update auth.users set banned_until = now() + interval '1 day' where id = '{id}'")).await;
    refused(&sign_in(&person.email, PASSWORD).await, 400, "user_banned");
    refused(&refresh(text(&person.session, "refresh_token")).await, 400, "user_banned");
    refused(&user(person.token()).await, 403, "user_banned");
}

#[tokio::test]
async fn who_has_not_confirmed_their_address_cannot_sign_in() {
    let person = server().person().await;
    server().sql(&format!("update auth.users set email_confirmed_at = null where id = '{}'", person.id())).await;
    refused(&sign_in(&person.email, PASSWORD).await, 400, "email_not_confirmed");
    // Whether there is such an account is told to those alone who know its password.
    refused(&sign_in(&person.email, "a guess").await, 400, "invalid_credentials");
    server().sql(&format!("update auth.users set email_confirmed_at = now() where id = '{}'", person.id())).await;
    sign_in(&person.email, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn signing_out_ends_the_sessions_it_names() {
    let first = server().person().await;
    let again = async || Person {
        server: server(),
        email: first.email.clone(),
        session: sign_in(&first.email, PASSWORD).await.expect(200).json(),
    };
    let (second, third) = (again().await, again().await);

    sign_out(&second, "local").await.expect(204);
    refused(&user(second.token()).await, 403, "session_not_found");
    refused(&refresh(text(&second.session, "refresh_token")).await, 400, "refresh_token_not_found");
    refused(&sign_out(&second, "local").await, 403, "session_not_found");
    user(first.token()).await.expect(200);

    sign_out(&third, "others").await.expect(204);
    refused(&user(first.token()).await, 403, "session_not_found");
    user(third.token()).await.expect(200);

    let fourth = again().await;
    refused(&sign_out(&fourth, "everywhere").await, 400, "validation_failed");
    sign_out(&fourth, "global").await.expect(204);
    refused(&user(third.token()).await, 403, "session_not_found");
    refused(&user(fourth.token()).await, 403, "session_not_found");
}

#[tokio::test]
async fn without_the_project_key_there_is_no_answer() {
    let none = server().get("/auth/v1/settings", &[]).await.expect(401);
    assert_eq!(none.json()["message"], "No API key found in request");
    let wrong = server().get("/auth/v1/settings", &[("apikey", "sb_publishable_x")]).await.expect(401);
    assert_eq!(wrong.json()["message"], "Invalid API key");
    // A user's token is no project key.
    let person = server().person().await;
    server().get("/auth/v1/settings", &[("apikey", person.token())]).await.expect(401);
}

#[tokio::test]
async fn the_server_tells_what_it_can() {
    let settings = server().get("/auth/v1/settings", &[("apikey", &server().key)]).await.expect(200).json();
    assert_eq!(settings["external"]["email"], true);
    assert_eq!(settings["mailer_autoconfirm"], true);
    assert_eq!(server().get("/auth/v1/health", &[]).await.expect(200).json()["name"], "GoTrue");
    assert_eq!(server().get("/auth/v1/.well-known/jwks.json", &[]).await.expect(200).json(), json!({"keys": []}));
    assert_eq!(server().get("/health", &[]).await.expect(200).json()["status"], "ok");
}

#[tokio::test]
async fn no_password_is_stored_as_it_is() {
    let person = server().person().await;
    let id = person.id().to_owned();
    let stored: String = server()
        .with_db(async move |session: almanac_server::db::Session| {
            let sql = format!("select encrypted_password from auth.users where id = '{id}'");
            session.query_one(&sql, &[]).await.expect("the account").get(0)
        })
        .await;
    assert!(stored.starts_with("$argon2id$"), "{stored}");
}

async fn age_sessions(person: &Person, by: &str) {
    let id = person.id();
    server()
        .sql(&format!("update auth.sessions set refreshed_at = refreshed_at - interval '{by}' where user_id = '{id}'"))
        .await;
}
