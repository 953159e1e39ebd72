//! `/rest/v1`: the database over HTTP, in the dialect of PostgREST.
//!
//! * [`caller`]: who asks, from the token. [`error`]: PostgREST's codes and statuses.
//! * Tables: [`request`] reads what is asked for, [`schema`] knows which tables there are, [`sql`] writes the statement,
//!   [`table`] runs it.
//! * Functions: [`catalog`] knows which there are, [`rpc`] calls one, [`push`] does what the embedded database cannot do
//!   by itself.

pub(crate) mod caller;
pub(crate) mod catalog;
pub(crate) mod error;
mod push;
mod request;
mod rpc;
pub(crate) mod schema;
mod sql;
mod table;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};

use crate::state::App;
use error::RestError;

/// The routes below `/rest/v1`; `body` is the largest body in bytes.
pub(crate) fn routes(body: usize) -> Router<App> {
    Router::new()
        .route("/rpc/{function}", post(rpc::post).get(rpc::get).fallback(not_for_functions))
        .route("/{table}", any(table::any))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(body))
}

async fn not_for_functions(method: Method) -> Response {
    RestError::FunctionMethod(method.to_string()).into_response()
}

async fn nothing() -> Response {
    RestError::BadPath.into_response()
}

/// Refuses any schema but `public`, the only one that is exposed.
fn schema_asked_for(method: &Method, headers: &HeaderMap) -> Result<(), RestError> {
    let name = if matches!(*method, Method::GET | Method::HEAD) { "accept-profile" } else { "content-profile" };
    match headers.get(name).map(|profile| profile.to_str().unwrap_or_default()) {
        None | Some("public") => Ok(()),
        Some(other) => Err(RestError::UnknownSchema(other.to_owned())),
    }
}
