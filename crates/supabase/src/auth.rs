//! The JSON of auth: sign-up, password and refresh grants, another password, sign-out, the end of an account.

use crate::{
    http::{Answer, Failure, Http, TIMEOUT},
    problem::Problem,
    token::Claims,
};
use almanac_core::{
    Uuid,
    remote::RemoteError,
    session::{AuthError, Session},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Signing out here is done already when the server is told: it gets 5 s to hear of it.
const LOGOUT_LIMIT: Duration = Duration::from_secs(5);

/// A session as auth sends it. `expires_at` is missing on old servers.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: String,
    #[serde(default)]
    expires_in: Option<i64>,
    #[serde(default)]
    expires_at: Option<i64>,
    #[serde(default)]
    user: Option<User>,
}

#[derive(Deserialize)]
struct User {
    id: Uuid,
    #[serde(default)]
    email: Option<String>,
}

/// Makes an account and signs in.
pub(crate) async fn sign_up(http: &Http, email: &str, password: &str) -> Result<Session, AuthError> {
    let body = json!({
        "email": email, "password": password, "data": {}, "gotrue_meta_security": {},
        "code_challenge": null, "code_challenge_method": null,
    });
    let answer = ask(http, "/auth/v1/signup", &body).await?;
    if let Some(session) = read_session(&answer.body, http.now()) {
        return Ok(session);
    }
    // No tokens: the account waits for its confirmation. An address that has an account is answered alike, so that
    // nobody can probe for accounts, but with a user without identities.
    let user: Value = crate::json::read(&answer.body).unwrap_or(Value::Null);
    let user = user.get("user").filter(|user| user.is_object()).unwrap_or(&user);
    if user.get("id").is_none_or(|id| !id.is_string()) {
        return Err(unreadable());
    }
    let taken = user.get("identities").and_then(Value::as_array).is_some_and(Vec::is_empty);
    Err(if taken { AuthError::EmailTaken } else { AuthError::NotConfirmed })
}

/// Signs in.
pub(crate) async fn sign_in(http: &Http, email: &str, password: &str) -> Result<Session, AuthError> {
    let body = json!({"email": email, "password": password, "gotrue_meta_security": {}});
    let answer = ask(http, "/auth/v1/token?grant_type=password", &body).await?;
    read_session(&answer.body, http.now()).ok_or_else(unreadable)
}

/// The next pair of tokens. `Auth` only on a definite no.
pub(crate) async fn refresh(http: &Http, session: &Session) -> Result<Session, RemoteError> {
    let body = json!({"refresh_token": session.refresh_token});
    let answer = http.post("/auth/v1/token?grant_type=refresh_token", None, &body, TIMEOUT).await;
    let answer = answer.map_err(|Failure(message)| RemoteError::transport(message))?;
    if !answer.is_success() {
        return Err(problem(&answer).of_refresh());
    }
    let mut renewed = read_session(&answer.body, http.now())
        .ok_or_else(|| RemoteError::transport("its answer does not read as a session"))?;
    if renewed.user_id != session.user_id {
        return Err(RemoteError::Auth("the server answered with the session of another account".to_owned()));
    }
    if renewed.email.is_empty() {
        renewed.email.clone_from(&session.email);
    }
    Ok(renewed)
}

/// Sets another password.
pub(crate) async fn set_password(http: &Http, session: &Session, password: &str) -> Result<(), AuthError> {
    let token = Some(session.access_token.as_str());
    done(http.put("/auth/v1/user", token, &json!({"password": password}), TIMEOUT).await)
}

/// Deletes the account. (`delete_account` is ours; Supabase has it for the project's owner only.)
pub(crate) async fn delete_account(http: &Http, session: &Session) -> Result<(), AuthError> {
    let token = Some(session.access_token.as_str());
    done(http.post("/rest/v1/rpc/delete_account", token, &json!({}), TIMEOUT).await)
}

/// Tells the server that this session is over. What it answers does not matter.
pub(crate) async fn sign_out(http: &Http, session: &Session) {
    let answer = http.post("/auth/v1/logout?scope=local", Some(&session.access_token), &json!({}), LOGOUT_LIMIT).await;
    match answer {
        Ok(answer) => tracing::debug!(status = answer.status, "signed out at the server"),
        Err(Failure(why)) => tracing::info!(why, "signed out here; the server could not be told"),
    }
}

async fn ask(http: &Http, path: &str, body: &Value) -> Result<Answer, AuthError> {
    let answer = http.post(path, None, body, TIMEOUT).await.map_err(|Failure(message)| AuthError::Offline(message))?;
    if answer.is_success() { Ok(answer) } else { Err(problem(&answer).of_auth()) }
}

fn done(answer: Result<Answer, Failure>) -> Result<(), AuthError> {
    let answer = answer.map_err(|Failure(message)| AuthError::Offline(message))?;
    if answer.is_success() { Ok(()) } else { Err(problem(&answer).of_auth()) }
}

fn problem(answer: &Answer) -> Problem {
    Problem::read(answer.status, &answer.body, answer.retry_after)
}

fn unreadable() -> AuthError {
    AuthError::Refused {
        code: "unreadable".to_owned(),
        message: "what answers there is not an Almanac server".to_owned(),
    }
}

/// Reads a session; `now` is local unix seconds, for servers that tell only how long a token lives.
fn read_session(body: &[u8], now: i64) -> Option<Session> {
    let tokens: Tokens = crate::json::read(body).ok()?;
    if tokens.access_token.is_empty() || tokens.refresh_token.is_empty() {
        return None;
    }
    let claims = Claims::of(&tokens.access_token);
    let (id, email) = tokens.user.map_or((None, None), |user| (Some(user.id), user.email));
    // The token decides whose session it is: it is what the server will go by.
    let user_id = claims.user().or(id)?;
    let email = email.or(claims.email).unwrap_or_default();
    let expires_at =
        claims.exp.or(tokens.expires_at).unwrap_or_else(|| now.saturating_add(tokens.expires_in.unwrap_or(3600)));
    Some(Session { user_id, email, access_token: tokens.access_token, refresh_token: tokens.refresh_token, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    const USER: &str = "6b1b7b0a-0000-4000-8000-000000000001";

    fn read(body: Value) -> Option<Session> {
        read_session(body.to_string().as_bytes(), 1_000)
    }

    #[test]
    fn the_end_comes_from_the_token_then_the_answer_then_the_clock() {
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{USER}","exp":5}}"#)));
        let session = |token: &str, more: Value| {
            let mut body = json!({"access_token": token, "refresh_token": "r", "user": {"id": USER, "email": "a@b.c"}});
            body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            read(body).map(|session| session.expires_at)
        };
        assert_eq!(session(&token, json!({"expires_at": 6, "expires_in": 7})), Some(5));
        assert_eq!(session("opaque", json!({"expires_at": 6, "expires_in": 7})), Some(6));
        assert_eq!(session("opaque", json!({"expires_in": 7})), Some(1_007));
        assert_eq!(session("opaque", json!({})), Some(4_600));
    }

    #[test]
    fn a_session_without_tokens_or_account_is_none() {
        assert_eq!(read(json!({"id": USER, "email": "a@b.c"})), None);
        assert_eq!(read(json!({"access_token": "", "refresh_token": "", "user": {"id": USER}})), None);
        assert_eq!(read(json!({"access_token": "a", "refresh_token": "r"})), None);
        assert_eq!(read(json!([])), None);
    }

    proptest! {
        #[test]
        fn no_answer_is_too_strange(body in proptest::collection::vec(any::<u8>(), 0..200), now in any::<i64>()) {
            let _ = read_session(&body, now);
            let body = json!({"access_token": "a", "refresh_token": "r", "expires_in": now, "user": {"id": USER}});
            prop_assert!(read_session(body.to_string().as_bytes(), now).is_some());
        }
    }
}
