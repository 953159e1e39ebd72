//! Errors of `/auth/v1`, in the shape the client asked for.
//!
//! With `X-Supabase-Api-Version: 2024-01-01` or later: `{"code": "...", "message": "..."}`. Without: the older
//! `{"code": 400, "error_code": "...", "msg": "..."}`. Either way the code also stands in `x-sb-error-code`.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::db::DbError;

/// The header that asks for the newer shape.
pub(crate) const API_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");
/// The first version with the newer shape; versions are dates and compare as text.
const NEW_SHAPE: &str = "2024-01-01";
const ERROR_CODE: HeaderName = HeaderName::from_static("x-sb-error-code");

/// What went wrong, before the shape is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AuthError {
    /// Wrong password, or no such account: one answer for both, so that nobody can probe for accounts.
    #[error("Invalid login credentials")]
    InvalidCredentials,
    /// The account exists and may not be used.
    #[error("User is banned")]
    Banned {
        /// True when a token that is still good was used, false at sign-in.
        live: bool,
    },
    /// Nobody has shown yet that the address is theirs. Accounts made here are confirmed at once; those of a hosted project that
    /// moved here may not be.
    #[error("Email not confirmed")]
    NotConfirmed,
    /// The e-mail belongs to an account.
    #[error("User already registered")]
    AlreadyExists,
    /// The password is too short.
    #[error("Password should be at least {0} characters.")]
    WeakPassword(usize),
    /// The new password is the old one.
    #[error("New password should be different from the old password.")]
    SamePassword,
    /// The new e-mail belongs to another account.
    #[error("A user with this email address has already been registered")]
    EmailExists,
    /// The operator makes the accounts here.
    #[error("Signups not allowed for this instance")]
    SignUpClosed,
    /// A field is missing or is not what it should be.
    #[error("{0}")]
    Validation(&'static str),
    /// The body is no JSON object.
    #[error("Could not read request body as JSON")]
    BadJson,
    /// The body is larger than a sign-in form can be.
    #[error("Request body is too large")]
    TooLarge,
    /// Too many attempts.
    #[error("Request rate limit reached. Try again in {0} seconds")]
    RateLimited(u64),
    /// No `Authorization: Bearer`.
    #[error("This endpoint requires a Bearer token")]
    NoAuthorization,
    /// The token is not ours, or too old.
    #[error("invalid JWT: {0}")]
    BadJwt(String),
    /// The session was signed out.
    #[error("Session from session_id claim in JWT does not exist")]
    SessionNotFound,
    /// The account was deleted.
    #[error("User from sub claim in JWT does not exist")]
    UserNotFound,
    /// Not a refresh token.
    #[error("Refresh token is not valid")]
    RefreshMalformed,
    /// A refresh token of a session that is no more, or that we never made.
    #[error("Invalid Refresh Token: Refresh Token Not Found")]
    RefreshNotFound,
    /// An old refresh token was used again: whoever holds the session now is signed out.
    #[error("Invalid Refresh Token: Already Used")]
    RefreshReused,
    /// OAuth's own shape, for requests that are not even addressed right.
    #[error("{description}")]
    OAuth {
        /// OAuth's code.
        error: &'static str,
        /// For people.
        description: &'static str,
    },
    /// No such address below `/auth/v1`.
    #[error("404 page not found")]
    NotFound,
    /// The database is busy or away; the client keeps its session and tries again.
    #[error("The database is not available, try again")]
    Unavailable,
    /// A bug or a full disk. Details are in the log.
    #[error("Unexpected failure, please check server logs for more information")]
    Unexpected,
}

impl From<DbError> for AuthError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy | DbError::Unavailable(_) => {
                tracing::warn!(%error, "auth: no database");
                Self::Unavailable
            }
            DbError::Postgres(error) => error.into(),
        }
    }
}

impl From<tokio_postgres::Error> for AuthError {
    fn from(error: tokio_postgres::Error) -> Self {
        tracing::error!(error = %crate::error::describe_without_values(&error), "auth: the database refused");
        if error.is_closed() { Self::Unavailable } else { Self::Unexpected }
    }
}

impl AuthError {
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidCredentials => (S::BAD_REQUEST, "invalid_credentials"),
            Self::Banned { live: false } => (S::BAD_REQUEST, "user_banned"),
            Self::Banned { live: true } => (S::FORBIDDEN, "user_banned"),
            Self::NotConfirmed => (S::BAD_REQUEST, "email_not_confirmed"),
            Self::AlreadyExists => (S::UNPROCESSABLE_ENTITY, "user_already_exists"),
            Self::SamePassword => (S::UNPROCESSABLE_ENTITY, "same_password"),
            Self::EmailExists => (S::UNPROCESSABLE_ENTITY, "email_exists"),
            Self::SignUpClosed => (S::UNPROCESSABLE_ENTITY, "signup_disabled"),
            Self::WeakPassword(_) => (S::UNPROCESSABLE_ENTITY, "weak_password"),
            Self::Validation(_) | Self::RefreshMalformed => (S::BAD_REQUEST, "validation_failed"),
            Self::BadJson => (S::BAD_REQUEST, "bad_json"),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "validation_failed"),
            Self::RateLimited(_) => (S::TOO_MANY_REQUESTS, "over_request_rate_limit"),
            Self::NoAuthorization => (S::UNAUTHORIZED, "no_authorization"),
            Self::BadJwt(_) => (S::FORBIDDEN, "bad_jwt"),
            Self::SessionNotFound => (S::FORBIDDEN, "session_not_found"),
            Self::UserNotFound => (S::FORBIDDEN, "user_not_found"),
            Self::RefreshNotFound => (S::BAD_REQUEST, "refresh_token_not_found"),
            Self::RefreshReused => (S::BAD_REQUEST, "refresh_token_already_used"),
            Self::OAuth { .. } => (S::BAD_REQUEST, ""),
            Self::NotFound => (S::NOT_FOUND, ""),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unexpected_failure"),
            Self::Unexpected => (S::INTERNAL_SERVER_ERROR, "unexpected_failure"),
        }
    }

    /// The answer, in the shape that `request`'s headers ask for.
    pub(crate) fn into_response(self, request: &HeaderMap) -> Response {
        let (status, code) = self.status_and_code();
        let message = self.to_string();
        let mut body = match &self {
            Self::OAuth { error, description } => json!({"error": error, "error_description": description}),
            _ if wants_new_shape(request) => json!({"code": code, "message": message}),
            _ => json!({"code": status.as_u16(), "error_code": code, "msg": message}),
        };
        if matches!(self, Self::WeakPassword(_)) {
            body["weak_password"] = json!({"message": message, "reasons": ["length"]});
        }
        let mut response = answer(request, status, &body);
        if !code.is_empty() {
            response.headers_mut().insert(ERROR_CODE, HeaderValue::from_static(code));
        }
        if let Self::RateLimited(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn wants_new_shape(request: &HeaderMap) -> bool {
    request.get(API_VERSION).and_then(|version| version.to_str().ok()).is_some_and(|version| version >= NEW_SHAPE)
}

/// A JSON answer of `/auth/v1`: never cached, with the version echoed.
pub(crate) fn answer(request: &HeaderMap, status: StatusCode, body: &Value) -> Response {
    let mut response = (status, axum::Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if wants_new_shape(request) {
        headers.insert(API_VERSION, HeaderValue::from_static(NEW_SHAPE));
    }
    response
}
