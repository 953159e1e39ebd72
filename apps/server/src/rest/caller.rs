//! Who asks. The database decides what they may do; it is told role and claims at the start of each transaction, the
//! way PostgREST tells it, and forgets them at its end.

use axum::http::{HeaderMap, Method, Uri};
use serde_json::{Map, Value, json};
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::error::RestError;
use crate::http::{bearer, project_key_of};
use crate::jwt::{Claims, JwtError};
use crate::project::Project;

/// The roles a token may name. The server itself connects as a superuser, so nothing else may ever reach `set role`.
const ROLES: [&str; 3] = ["anon", "authenticated", "service_role"];

/// Someone who asks, proven by a token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Caller {
    /// The database role.
    pub(crate) role: &'static str,
    /// Everything the token says.
    pub(crate) claims: Claims,
}

impl Caller {
    /// Reads a token: the user's, or the project's key for someone who has not signed in.
    pub(crate) fn from_token(project: &Project, token: &str) -> Result<Self, JwtError> {
        let claims = project.verify(token)?;
        Ok(Self { role: Self::role(&claims).map_err(|_| JwtError::Malformed)?, claims })
    }

    /// The caller of a request.
    pub(crate) fn of_request(project: &Project, headers: &HeaderMap, uri: &Uri) -> Result<Self, RestError> {
        let key = project_key_of(headers, uri);
        let token = bearer(headers).map(str::to_owned).or(key).ok_or(RestError::Jwt(JwtError::Malformed))?;
        let claims = project.verify(&token)?;
        let role = Self::role(&claims).map_err(RestError::UnknownRole)?;
        Ok(Self { role, claims })
    }

    fn role(claims: &Claims) -> Result<&'static str, String> {
        match claims.get("role") {
            None => Ok("anon"),
            Some(Value::String(name)) => ROLES.into_iter().find(|role| role == name).ok_or_else(|| name.clone()),
            Some(other) => Err(other.to_string()),
        }
    }

    /// Someone who has not signed in.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.role == "anon"
    }

    /// When the token ends, in seconds since 1970.
    pub(crate) fn expires(&self) -> Option<i64> {
        self.claims.get("exp").and_then(Value::as_i64)
    }

    /// Tells the database, for the rest of the transaction.
    pub(crate) async fn enter(&self, tx: &Transaction<'_>) -> Result<(), tokio_postgres::Error> {
        let claims = Value::Object(self.claims.clone()).to_string();
        tx.query_typed(
            "select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)",
            &[(&claims, Type::TEXT), (&self.role, Type::TEXT)],
        )
        .await?;
        Ok(())
    }

    /// The same, with what PostgREST tells about the request.
    pub(crate) async fn enter_request(
        &self,
        tx: &Transaction<'_>,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<(), tokio_postgres::Error> {
        let claims = Value::Object(self.claims.clone()).to_string();
        let headers = headers_json(headers).to_string();
        // With the types said, PostgreSQL need not be asked for them first: one round trip and not two.
        tx.query_typed(
            "select set_config('request.jwt.claims', $1, true), set_config('request.method', $2, true),
                    set_config('request.path', $3, true), set_config('request.headers', $4, true),
                    set_config('request.cookies', '{}', true), set_config('role', $5, true)",
            &[
                (&claims, Type::TEXT),
                (&method.as_str(), Type::TEXT),
                (&path, Type::TEXT),
                (&headers, Type::TEXT),
                (&self.role, Type::TEXT),
            ],
        )
        .await?;
        Ok(())
    }
}

/// The headers as SQL may read them, without those that hold tokens.
fn headers_json(headers: &HeaderMap) -> Value {
    let mut object = Map::new();
    for (name, value) in headers {
        if !matches!(name.as_str(), "authorization" | "apikey" | "cookie") {
            object.insert(name.to_string(), json!(String::from_utf8_lossy(value.as_bytes())));
        }
    }
    Value::Object(object)
}
