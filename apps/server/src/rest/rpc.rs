//! One call of a function: one transaction, as the caller.

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use tokio_postgres::types::Type;

use super::caller::Caller;
use super::error::RestError;
use super::push;
use crate::state::App;

/// `POST /rpc/<function>`, arguments by name in a JSON object.
pub(super) async fn post(
    State(app): State<App>,
    Path(function): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RestError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => RestError::TooLarge,
        _ => RestError::BadJson,
    })?;
    let arguments = if body.is_empty() { Bytes::from_static(b"{}") } else { body };
    let arguments = std::str::from_utf8(&arguments).map_err(|_| RestError::BadJson)?;
    // Only the names are taken apart here; PostgreSQL reads the values.
    let names: Map<String, Value> = serde_json::from_str(arguments).map_err(|_| RestError::BadJson)?;
    let given: Vec<&str> = names.keys().map(String::as_str).collect();
    call(&app, &function, &given, arguments, &Method::POST, &uri, &headers).await
}

/// `GET /rpc/<function>?name=value`, for functions that only read: the transaction is read only.
pub(super) async fn get(
    State(app): State<App>,
    Path(function): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, RestError> {
    let arguments: Map<String, Value> = pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    let given: Vec<&str> = arguments.keys().map(String::as_str).collect();
    let text = serde_json::to_string(&arguments).map_err(|_| RestError::BadJson)?;
    call(&app, &function, &given, &text, &method, &uri, &headers).await
}

async fn call(
    app: &App,
    function: &str,
    given: &[&str],
    arguments: &str,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, RestError> {
    let caller = Caller::of_request(&app.project, headers, uri)?;
    let anonymous = caller.is_anonymous();
    let mut db = app.db.session().await?;
    let function = app.catalog.find(&*db, function, given).await?;
    let sql = function.sql(given);
    let by_hand = !db.can_catch() && function.name() == "sync_push";
    let run = async {
        let mut tx = db.build_transaction().read_only(method != Method::POST).start().await?;
        caller.enter_request(&tx, method, uri.path(), headers).await?;
        let text: String = if by_hand {
            push::call(&mut tx, &sql, arguments).await?
        } else {
            // One round trip, as nobody needs to be asked for the types.
            tx.query_typed_one(&sql, &[(&arguments, Type::TEXT)]).await?.get(0)
        };
        // Deferred triggers run at commit and may refuse.
        tx.commit().await?;
        Ok::<_, RestError>(text)
    };
    let ran = super::within_limit(app, run).await;
    if ran.as_ref().is_err_and(|error| !matches!(error, RestError::TooSlow)) {
        db.after_failure().await;
    }
    let text = ran.map_err(|error| error.for_anonymous(anonymous))?;
    drop(db);
    if function.may_write() {
        app.db.sync().await?;
    }
    if function.is_void() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
