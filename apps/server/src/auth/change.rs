//! `PUT /user`: a person changes their own password, e-mail or data.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value};
use tokio_postgres::GenericClient;
use uuid::Uuid;

use super::accounts::Account;
use super::error::AuthError;
use super::handlers::{Body, address, caller, object, respond};
use super::sessions;
use crate::state::App;

/// The request.
pub(super) async fn update(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    respond(&headers, inner(&app, &headers, body).await)
}

/// What is to become of the account.
struct Wishes {
    email: Option<String>,
    password: Option<String>,
    data: Map<String, Value>,
}

impl Wishes {
    fn read(app: &App, body: &Map<String, Value>) -> Result<Self, AuthError> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let email = text("email").map(address).transpose()?;
        let password = text("password").map(str::to_owned);
        if let Some(password) = &password {
            app.policy.check(password)?;
        }
        if text("phone").is_some() {
            return Err(AuthError::Validation("Phone numbers are not supported"));
        }
        let data = body.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
        Ok(Self { email, password, data })
    }
}

async fn inner(app: &App, headers: &HeaderMap, body: Body) -> Result<Value, AuthError> {
    let (user, session) = caller(app, headers)?;
    let wishes = Wishes::read(app, &object(body)?)?;
    let account = {
        let db = app.db.session().await?;
        signed_in(&*db, user, session).await?
    };
    // No connection is held while passwords are hashed.
    let hash = match wishes.password {
        None => None,
        Some(password) => {
            if app.hashing.verify(password.clone(), account.password_hash.clone(), |_| ()).await? {
                return Err(AuthError::SamePassword);
            }
            Some(app.hashing.hash(password).await?)
        }
    };
    let mut db = app.db.session().await?;
    let tx = db.transaction().await?;
    // Once more: it may have been signed out or deleted meanwhile.
    let account = signed_in(&tx, user, session).await?;
    if let Some(email) = wishes.email.filter(|email| *email != account.email) {
        account.set_email(&tx, &email).await?;
    }
    if let Some(hash) = hash {
        account.set_password(&tx, &hash).await?;
        // Whoever knew the old one is out.
        sessions::close_others(&tx, user, Some(session)).await?;
    }
    if !wishes.data.is_empty() {
        account.merge_data(&tx, &wishes.data).await?;
    }
    let account = Account::by_id(&tx, user).await?.ok_or(AuthError::UserNotFound)?;
    tx.commit().await?;
    drop(db);
    app.db.sync().await?;
    tracing::info!(%user, "changed their account");
    Ok(account.to_json())
}

/// The account, if it may be used and the session was not ended.
async fn signed_in(db: &impl GenericClient, user: Uuid, session: Uuid) -> Result<Account, AuthError> {
    let account = Account::by_id(db, user).await?.ok_or(AuthError::UserNotFound)?;
    if account.banned() {
        return Err(AuthError::Banned { live: true });
    }
    if !sessions::exists(db, user, session).await? {
        return Err(AuthError::SessionNotFound);
    }
    Ok(account)
}
