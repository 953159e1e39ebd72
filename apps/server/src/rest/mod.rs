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
pub(crate) mod request;
mod rpc;
pub(crate) mod schema;
mod sql;
mod table;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, Method};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};

use crate::http::small_enough;
use crate::state::App;
use error::RestError;

/// The routes below `/rest/v1`; `body` is the largest body in bytes.
pub(crate) fn routes(body: usize) -> Router<App> {
    Router::new()
        .route("/rpc/{function}", post(rpc::post).get(rpc::get).fallback(not_for_functions))
        .route("/{table}", any(table::any))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(body))
        .layer(middleware::from_fn(move |request: Request, next: Next| async move {
            match small_enough(body, request).await {
                Ok(request) => next.run(request).await,
                Err(_) => RestError::TooLarge.into_response(),
            }
        }))
}

async fn not_for_functions(method: Method) -> Response {
    RestError::FunctionMethod(method.to_string()).into_response()
}

/// `/rest/v1/`, where PostgREST describes itself when it is told to.
pub(crate) async fn root() -> Response {
    RestError::NoDescription.into_response()
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

/// Runs `work` on the database for no longer than a statement may take. PostgreSQL sees to that itself; from the embedded
/// one the work is taken away, and undone when it comes to its end.
async fn within_limit<T>(app: &App, work: impl Future<Output = Result<T, RestError>>) -> Result<T, RestError> {
    if app.db.has_timers() {
        return work.await;
    }
    tokio::time::timeout(app.limits.statement, work).await.unwrap_or(Err(RestError::TooSlow))
}
