//! `/rest/v1`: the database over HTTP, in the dialect of PostgREST.
//!
//! Today the functions (`rpc/<name>`); tables answer as unknown until their dialect is there.
//!
//! * [`caller`]: who asks, from the token. [`catalog`]: which functions there are. [`rpc`]: one call, one transaction.
//! * [`push`]: what the embedded database cannot do by itself. [`error`]: PostgREST's codes and statuses.

pub(crate) mod caller;
pub(crate) mod catalog;
pub(crate) mod error;
mod push;
mod rpc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};

use crate::state::App;
use error::RestError;

/// The routes below `/rest/v1`; `body` is the largest body in bytes.
pub(crate) fn routes(body: usize) -> Router<App> {
    Router::new()
        .route("/rpc/{function}", post(rpc::post).get(rpc::get))
        .route("/{table}", any(table))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(body))
}

async fn table(Path(table): Path<String>) -> Response {
    RestError::UnknownTable(table).into_response()
}

async fn nothing() -> Response {
    RestError::BadPath.into_response()
}
