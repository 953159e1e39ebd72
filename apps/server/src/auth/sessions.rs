//! Sessions and refresh tokens.
//!
//! A refresh token is `base64url(session id, counter, MAC)`, the MAC under a key that belongs to the session alone. Each
//! refresh raises the session's counter, so of all tokens ever sent only the newest is current:
//!
//! * the current token: the counter goes up, a new token is sent;
//! * the one right before it: its answer was lost on the way. The current token is sent once more, at any time;
//! * an older one: within ten seconds it may be a slow double of the same client; later it is a copy in other hands,
//!   and the session ends for both.

use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio_postgres::GenericClient;
use uuid::Uuid;

use super::accounts::Account;
use super::error::AuthError;
use crate::state::{App, unix_now};

/// How long an older refresh token is taken for a slow double.
const REUSE_SECONDS: i64 = 10;
const MAC_BYTES: usize = 24;
const TOKEN_BYTES: usize = 16 + 8 + MAC_BYTES;

/// A refresh token, taken apart; nothing is known yet about whether we made it.
#[derive(Debug)]
struct Parsed {
    session: Uuid,
    counter: i64,
    mac: [u8; MAC_BYTES],
}

impl Parsed {
    fn read(token: &str) -> Result<Self, AuthError> {
        let bytes = BASE64.decode(token).map_err(|_| AuthError::RefreshMalformed)?;
        let bytes: [u8; TOKEN_BYTES] = bytes.try_into().map_err(|_| AuthError::RefreshMalformed)?;
        let mut session = [0; 16];
        let mut counter = [0; 8];
        let mut mac = [0; MAC_BYTES];
        session.copy_from_slice(&bytes[..16]);
        counter.copy_from_slice(&bytes[16..24]);
        mac.copy_from_slice(&bytes[24..]);
        Ok(Self { session: Uuid::from_bytes(session), counter: i64::from_be_bytes(counter), mac })
    }
}

fn mac(key: &[u8], session: Uuid, counter: i64) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(session.as_bytes());
    mac.update(&counter.to_be_bytes());
    mac
}

fn token(key: &[u8], session: Uuid, counter: i64) -> String {
    let mut bytes = Vec::with_capacity(TOKEN_BYTES);
    bytes.extend_from_slice(session.as_bytes());
    bytes.extend_from_slice(&counter.to_be_bytes());
    bytes.extend_from_slice(&mac(key, session, counter).finalize().into_bytes()[..MAC_BYTES]);
    BASE64.encode(bytes)
}

/// A session as it stands after signing in or refreshing.
pub(super) struct Open {
    id: Uuid,
    begun: DateTime<Utc>,
    refresh_token: String,
}

/// Begins a session for `account`.
pub(super) async fn open(db: &impl GenericClient, account: &Account, request: &HeaderMap) -> Result<Open, AuthError> {
    let id = Uuid::new_v4();
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).map_err(|_| AuthError::Unexpected)?;
    let agent = request.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).map(|agent| {
        // Only for the list of one's sessions.
        agent.chars().take(200).collect::<String>()
    });
    let row = db
        .query_one(
            "insert into auth.sessions (id, user_id, refresh_key, user_agent) values ($1, $2, $3, $4) returning created_at",
            &[&id, &account.id, &key, &agent],
        )
        .await?;
    db.execute("update auth.users set last_sign_in_at = now(), updated_at = now() where id = $1", &[&account.id])
        .await?;
    Ok(Open { id, begun: row.get(0), refresh_token: token(&key, id, 0) })
}

/// What a refresh token is worth.
pub(super) enum Refreshed {
    /// The session goes on.
    Open(Open, Box<Account>),
    /// An old token came back: the session was deleted. The caller commits that and then refuses.
    Reused,
}

/// Uses a refresh token. `db` is a transaction: the session's row stays locked until it ends, so of two at the same time
/// the second sees what the first did.
pub(super) async fn refresh(db: &impl GenericClient, refresh_token: &str) -> Result<Refreshed, AuthError> {
    let parsed = Parsed::read(refresh_token)?;
    let row = db
        .query_opt(
            "select user_id, refresh_key, counter, created_at, extract(epoch from now() - refreshed_at)::bigint
               from auth.sessions where id = $1 for update",
            &[&parsed.session],
        )
        .await?
        .ok_or(AuthError::RefreshNotFound)?;
    let (user, key, counter): (Uuid, Vec<u8>, i64) = (row.get(0), row.get(1), row.get(2));
    mac(&key, parsed.session, parsed.counter)
        .verify_truncated_left(&parsed.mac)
        .map_err(|_| AuthError::RefreshNotFound)?;
    let account = Account::by_id(db, user).await?.ok_or(AuthError::RefreshNotFound)?;
    if account.banned() {
        return Err(AuthError::Banned { live: false });
    }
    let age: i64 = row.get(4);
    let current = match parsed.counter {
        // A token from after a backup that was restored is newer than the row; it is ours all the same.
        sent if sent >= counter => {
            let next = sent.saturating_add(1);
            db.execute(
                "update auth.sessions set counter = $2, refreshed_at = now() where id = $1",
                &[&parsed.session, &next],
            )
            .await?;
            next
        }
        sent if sent == counter - 1 || age < REUSE_SECONDS => counter,
        _ => {
            db.execute("delete from auth.sessions where id = $1", &[&parsed.session]).await?;
            return Ok(Refreshed::Reused);
        }
    };
    let open = Open { id: parsed.session, begun: row.get(3), refresh_token: token(&key, parsed.session, current) };
    Ok(Refreshed::Open(open, Box::new(account)))
}

/// Whom a token may sign out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Every session of the user.
    Global,
    /// This one.
    Local,
    /// All but this one.
    Others,
}

/// Ends sessions.
pub(super) async fn close(db: &impl GenericClient, user: Uuid, session: Uuid, scope: Scope) -> Result<(), AuthError> {
    let sql = match scope {
        Scope::Global => "delete from auth.sessions where user_id = $1 and ($2::uuid is not null)",
        Scope::Local => "delete from auth.sessions where user_id = $1 and id = $2",
        Scope::Others => "delete from auth.sessions where user_id = $1 and id <> $2",
    };
    db.execute(sql, &[&user, &session]).await?;
    Ok(())
}

/// Ends every session of a user, but for one when it is named.
pub(crate) async fn close_others(db: &impl GenericClient, user: Uuid, but: Option<Uuid>) -> Result<(), AuthError> {
    db.execute("delete from auth.sessions where user_id = $1 and id is distinct from $2", &[&user, &but]).await?;
    Ok(())
}

/// Whether the session has not been signed out.
pub(super) async fn exists(db: &impl GenericClient, user: Uuid, session: Uuid) -> Result<bool, AuthError> {
    let row = db.query_opt("select from auth.sessions where id = $1 and user_id = $2", &[&session, &user]).await?;
    Ok(row.is_some())
}

/// The answer to sign-in, sign-up and refresh: both tokens and the user.
pub(super) fn to_json(app: &App, origin: &str, open: &Open, account: &Account) -> Value {
    let now = unix_now();
    let lifetime = i64::try_from(app.limits.access_token.as_secs()).unwrap_or(i64::MAX);
    let mut claims = account.claims();
    claims["iss"] = json!(format!("{origin}/auth/v1"));
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + lifetime);
    claims["aal"] = json!("aal1");
    claims["amr"] = json!([{"method": "password", "timestamp": open.begun.timestamp()}]);
    claims["session_id"] = json!(open.id);
    json!({
        "access_token": app.project.sign(&claims),
        "token_type": "bearer",
        "expires_in": lifetime,
        "expires_at": now + lifetime,
        "refresh_token": open.refresh_token,
        "user": account.to_json(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_only_its_own_key_verifies_it() {
        let session = Uuid::new_v4();
        let parsed = Parsed::read(&token(b"key", session, 7)).expect("our own token");
        assert_eq!((parsed.session, parsed.counter), (session, 7));
        assert!(mac(b"key", session, 7).verify_truncated_left(&parsed.mac).is_ok());
        assert!(mac(b"key", session, 8).verify_truncated_left(&parsed.mac).is_err());
        assert!(mac(b"other", session, 7).verify_truncated_left(&parsed.mac).is_err());
    }

    #[test]
    fn what_is_no_token_is_told_apart_from_an_unknown_one() {
        for garbage in ["", "abc", "not base64 !", &"A".repeat(200)] {
            assert!(matches!(Parsed::read(garbage), Err(AuthError::RefreshMalformed)), "{garbage}");
        }
    }
}
