//! `/auth/v1`: accounts, sign-in and sessions, in the dialect of Supabase Auth (GoTrue).
//!
//! * [`handlers`], [`change`]: the requests. [`accounts`]: rows of `auth.users`. [`sessions`]: rows of `auth.sessions` and the rule
//!   for refresh tokens. [`passwords`]: argon2id. [`limits`]: how often. [`error`]: both error shapes.

pub(crate) mod accounts;
mod change;
pub(crate) mod error;
pub(crate) mod handlers;
pub(crate) mod limits;
pub(crate) mod passwords;
pub(crate) mod sessions;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::routing::{get, post};

use crate::http::small_enough;
use crate::state::App;

/// Sign-in forms are small.
const BODY: usize = 64 * 1024;

/// The routes that need a project key.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/signup", post(handlers::sign_up))
        .route("/token", post(handlers::token))
        .route("/user", get(handlers::user).put(change::update))
        .route("/logout", post(handlers::sign_out))
        .route("/settings", get(handlers::settings))
        .fallback(handlers::unknown)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn(async |request: Request, next: Next| match small_enough(BODY, request).await {
            Ok(request) => next.run(request).await,
            Err(headers) => error::AuthError::TooLarge.into_response(&headers),
        }))
}

/// The routes that anyone may read.
pub(crate) fn open_routes() -> Router<App> {
    Router::new().route("/health", get(handlers::health)).route("/.well-known/jwks.json", get(handlers::keys))
}
