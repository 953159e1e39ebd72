//! The requests of `/auth/v1`.

use std::net::{IpAddr, SocketAddr};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::accounts::Account;
use super::error::{AuthError, answer};
use super::sessions::{self, Refreshed, Scope};
use crate::http::{bearer, client_address, origin};
use crate::state::App;

pub(super) type Body = Result<Bytes, BytesRejection>;

/// `POST /signup`: makes the account and signs in. Nobody confirms e-mail addresses here, see `docs/self-hosting.md`.
pub(super) async fn sign_up(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let peer = client_address(&app, peer, &headers);
    respond(&headers, sign_up_inner(&app, peer, &headers, body).await)
}

async fn sign_up_inner(app: &App, peer: IpAddr, headers: &HeaderMap, body: Body) -> Result<Value, AuthError> {
    let body = object(body)?;
    if !app.limits.sign_up_open {
        return Err(AuthError::SignUpClosed);
    }
    let email = email(&body)?;
    let password = password(&body)?;
    app.policy.check(&password)?;
    app.sign_in.sign_up(peer).map_err(AuthError::RateLimited)?;
    let hash = app.hashing.hash(password).await?;
    let mut db = app.db.session().await?;
    let tx = db.transaction().await?;
    let metadata = body.get("data").cloned().unwrap_or_else(|| json!({}));
    let account = Account::create(&tx, &email, &hash, &metadata).await?.ok_or(AuthError::AlreadyExists)?;
    let session = sessions::open(&tx, &account, headers).await?;
    let account = Account::by_id(&tx, account.id).await?.ok_or(AuthError::Unexpected)?;
    tx.commit().await?;
    drop(db);
    app.db.sync().await?;
    tracing::info!(user = %account.id, "signed up");
    Ok(sessions::to_json(app, &origin(app, headers), &session, &account))
}

/// What `POST /token` is to do.
#[derive(Debug, Deserialize)]
pub(super) struct Grant {
    grant_type: Option<String>,
}

/// `POST /token`: signs in with a password, or renews a session with its refresh token.
pub(super) async fn token(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Query(grant): Query<Grant>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let outcome = match grant.grant_type.as_deref() {
        Some("password") => sign_in(&app, client_address(&app, peer, &headers), &headers, body).await,
        Some("refresh_token") => refresh(&app, &headers, body).await,
        _ => Err(AuthError::OAuth { error: "unsupported_grant_type", description: "" }),
    };
    respond(&headers, outcome)
}

async fn sign_in(app: &App, peer: IpAddr, headers: &HeaderMap, body: Body) -> Result<Value, AuthError> {
    let body = object(body)?;
    let email = email(&body).map_err(|_| AuthError::Validation("missing email or phone"))?;
    let password = password(&body)?;
    let attempt = app.sign_in.attempt(peer, &email).await.map_err(AuthError::RateLimited)?;
    let found = {
        let db = app.db.session().await?;
        Account::by_email(&*db, &email).await?
    };
    // No connection is held while the password is hashed: on the embedded database that would stop everyone.
    let hash = found.as_ref().and_then(|account| account.password_hash.clone());
    if !app.hashing.verify(password, hash, |right| attempt.end(right)).await? {
        return Err(AuthError::InvalidCredentials);
    }
    let account = found.ok_or(AuthError::InvalidCredentials)?;
    if account.banned() {
        return Err(AuthError::Banned { live: false });
    }
    if !account.confirmed() {
        return Err(AuthError::NotConfirmed);
    }
    let mut db = app.db.session().await?;
    let tx = db.transaction().await?;
    let session = sessions::open(&tx, &account, headers).await?;
    let account = Account::by_id(&tx, account.id).await?.ok_or(AuthError::InvalidCredentials)?;
    tx.commit().await?;
    drop(db);
    app.db.sync().await?;
    tracing::info!(user = %account.id, "signed in");
    let mut answer = sessions::to_json(app, &origin(app, headers), &session, &account);
    answer["weak_password"] = Value::Null;
    Ok(answer)
}

async fn refresh(app: &App, headers: &HeaderMap, body: Body) -> Result<Value, AuthError> {
    let body = object(body)?;
    let token = body.get("refresh_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or(AuthError::OAuth { error: "invalid_request", description: "refresh_token required" })?;
    let mut db = app.db.session().await?;
    let tx = db.transaction().await?;
    let refreshed = sessions::refresh(&tx, token).await?;
    tx.commit().await?;
    drop(db);
    // The client drops its old token for the new one: the server must not forget it.
    app.db.sync().await?;
    match refreshed {
        Refreshed::Open(session, account) => Ok(sessions::to_json(app, &origin(app, headers), &session, &account)),
        Refreshed::Reused => {
            tracing::warn!("an old refresh token was used again; its session was ended");
            Err(AuthError::RefreshReused)
        }
    }
}

/// `GET /user`: whose token this is.
pub(super) async fn user(State(app): State<App>, headers: HeaderMap) -> Response {
    let inner = async {
        let (user, session) = caller(&app, &headers)?;
        let db = app.db.session().await?;
        let account = Account::by_id(&*db, user).await?.ok_or(AuthError::UserNotFound)?;
        if account.banned() {
            return Err(AuthError::Banned { live: true });
        }
        if !sessions::exists(&*db, user, session).await? {
            return Err(AuthError::SessionNotFound);
        }
        Ok(account.to_json())
    };
    respond(&headers, inner.await)
}

/// Which sessions `POST /logout` ends.
#[derive(Debug, Deserialize)]
pub(super) struct LogoutQuery {
    scope: Option<String>,
}

/// `POST /logout`.
pub(super) async fn sign_out(State(app): State<App>, Query(query): Query<LogoutQuery>, headers: HeaderMap) -> Response {
    let inner = async {
        let (user, session) = caller(&app, &headers)?;
        let scope = match query.scope.as_deref() {
            None | Some("global") => Scope::Global,
            Some("local") => Scope::Local,
            Some("others") => Scope::Others,
            Some(_) => return Err(AuthError::Validation("Unsupported logout scope")),
        };
        let db = app.db.session().await?;
        if !sessions::exists(&*db, user, session).await? {
            return Err(AuthError::SessionNotFound);
        }
        sessions::close(&*db, user, session, scope).await?;
        drop(db);
        app.db.sync().await.map_err(AuthError::from)
    };
    match inner.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(&headers),
    }
}

/// `GET /settings`: which ways to sign in there are.
pub(super) async fn settings(State(app): State<App>, headers: HeaderMap) -> Response {
    respond(
        &headers,
        Ok(json!({
            "external": {"email": true, "phone": false, "anonymous_users": false},
            "disable_signup": !app.limits.sign_up_open,
            "mailer_autoconfirm": true,
            "phone_autoconfirm": false,
            "sms_provider": "",
            "saml_enabled": false,
            "mfa_enabled": false,
        })),
    )
}

/// `GET /health`.
pub(super) async fn health(headers: HeaderMap) -> Response {
    respond(
        &headers,
        Ok(json!({"name": "GoTrue", "version": concat!("almanac-server ", env!("CARGO_PKG_VERSION")),
                  "description": "Almanac's sign-in, in the dialect of Supabase Auth"})),
    )
}

/// `GET /.well-known/jwks.json`: empty as long as tokens are signed with a secret and not with a key pair.
pub(super) async fn keys(State(app): State<App>, headers: HeaderMap) -> Response {
    let mut response = respond(&headers, Ok(app.project.public_keys()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=600"));
    response
}

/// Anything else.
pub(crate) async fn unknown(headers: HeaderMap) -> Response {
    AuthError::NotFound.into_response(&headers)
}

pub(super) fn respond(headers: &HeaderMap, outcome: Result<Value, AuthError>) -> Response {
    match outcome {
        Ok(body) => answer(headers, StatusCode::OK, &body),
        Err(error) => error.into_response(headers),
    }
}

/// User and session of the caller's access token.
pub(super) fn caller(app: &App, headers: &HeaderMap) -> Result<(Uuid, Uuid), AuthError> {
    let token = bearer(headers).ok_or(AuthError::NoAuthorization)?;
    let claims = app.project.verify(token).map_err(|error| AuthError::BadJwt(error.to_string()))?;
    let id = |name: &str| claims.get(name).and_then(Value::as_str).and_then(|text| Uuid::parse_str(text).ok());
    match (id("sub"), id("session_id")) {
        (Some(user), Some(session)) => Ok((user, session)),
        (None, _) => Err(AuthError::BadJwt("missing sub claim".to_owned())),
        (_, None) => Err(AuthError::BadJwt("missing session_id claim".to_owned())),
    }
}

pub(super) fn object(body: Body) -> Result<Map<String, Value>, AuthError> {
    let body = body.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { AuthError::TooLarge } else { AuthError::BadJson }
    })?;
    let form: Value = serde_json::from_slice(&body).map_err(|_| AuthError::BadJson)?;
    // PostgreSQL keeps no text with this character.
    let has_nul = holds_nul(&form);
    match form {
        Value::Object(_) if has_nul => Err(AuthError::Validation("A text cannot hold the character U+0000")),
        Value::Object(object) => Ok(object),
        _ => Err(AuthError::BadJson),
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The e-mail address in lower case. Checked for shape only; whether it can be reached, nobody knows.
fn email(body: &Map<String, Value>) -> Result<String, AuthError> {
    let text = body
        .get("email")
        .and_then(Value::as_str)
        .ok_or(AuthError::Validation("Anonymous sign-ins are disabled: an email and a password are required"))?;
    address(text)
}

/// The same for a text.
pub(crate) fn address(text: &str) -> Result<String, AuthError> {
    const BAD: AuthError = AuthError::Validation("Unable to validate email address: invalid format");
    let email = text.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@').ok_or(BAD)?;
    let ok = !local.is_empty()
        && email.len() <= 254
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !local.contains('@')
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c));
    if ok { Ok(email) } else { Err(BAD) }
}

fn password(body: &Map<String, Value>) -> Result<String, AuthError> {
    let password = body.get("password").and_then(Value::as_str).unwrap_or_default();
    if password.is_empty() {
        return Err(AuthError::Validation("Signup requires a valid password"));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_lower_cased_and_must_look_like_one() {
        let read = |text: &str| email(json!({"email": text}).as_object().expect("an object"));
        assert_eq!(read(" Ann@Example.ORG ").ok().as_deref(), Some("ann@example.org"));
        assert_eq!(read("a@localhost").ok().as_deref(), Some("a@localhost"));
        for bad in ["", "a", "@b.c", "a@", "a@.c", "a b@c.d", "a@@b.c", "a@b.c\n<x>"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
