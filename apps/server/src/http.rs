//! What all prefixes share: the project key at the door, where a request came to, limits, and the log line.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use serde_json::json;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::timeout::TimeoutLayer;

use crate::state::App;
use crate::{auth, realtime, rest, web};

/// The headers of an answer that a page of another origin may read: what the official clients look for. Without the version,
/// say, auth-js knows no error by its code.
const EXPOSED: [HeaderName; 8] = [
    header::CONTENT_RANGE,
    header::LOCATION,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("preference-applied"),
    HeaderName::from_static("proxy-status"),
    HeaderName::from_static("x-sb-error-code"),
    HeaderName::from_static("x-supabase-api-version"),
];

/// Everything the server answers.
pub(crate) fn router(app: App, web: web::Web, allow_origins: &[HeaderValue]) -> Router {
    let limits = app.limits.clone();
    let keyed = middleware::from_fn_with_state(app.clone(), require_key);
    let api = Router::new()
        .nest("/auth/v1", auth::routes().route_layer(keyed.clone()).merge(auth::open_routes()))
        .nest("/rest/v1", rest::routes(limits.rpc_body).layer(keyed.clone()))
        // The roots with a slash, which are not below the above: no page of the web app either.
        .route("/rest/v1/", axum::routing::any(rest::root).layer(keyed))
        .route("/auth/v1/", axum::routing::any(auth::handlers::unknown))
        .route("/health", axum::routing::get(health))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, limits.request))
        .layer(CompressionLayer::new());
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(allow_origins.iter().cloned()))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PATCH, Method::PUT, Method::DELETE])
        .allow_headers(tower_http::cors::AllowHeaders::mirror_request())
        .expose_headers(EXPOSED);
    let router = api.nest("/realtime/v1", realtime::routes()).merge(web::routes(web));
    // Without `--allow-origin` no page of another origin may read an answer: no header at all says that.
    let router = if allow_origins.is_empty() { router } else { router.layer(cors) };
    router.layer(middleware::from_fn_with_state(app.clone(), log)).with_state(app)
}

/// Whether the server and its database work; for monitoring.
pub(crate) async fn health(State(app): State<App>) -> Response {
    let works = async { app.db.session().await.ok()?.simple_query("select 1").await.ok() };
    let (status, text) = match works.await {
        Some(_) => (StatusCode::OK, "ok"),
        None => (StatusCode::SERVICE_UNAVAILABLE, "database unavailable"),
    };
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(json!({"status": text}))).into_response()
}

/// Refuses requests without a project key, in the words of Supabase's gateway.
async fn require_key(State(app): State<App>, request: Request, next: Next) -> Response {
    let message = match project_key_of(request.headers(), request.uri()) {
        Some(key) if app.project.accepts(&key) => return next.run(request).await,
        Some(_) => json!({"message": "Invalid API key", "hint": "Double check your API key."}),
        None => json!({"message": "No API key found in request",
                       "hint": "No `apikey` request header or url param was found."}),
    };
    (StatusCode::UNAUTHORIZED, axum::Json(message)).into_response()
}

/// The `apikey` of a request: a header, or for websockets a query parameter.
pub(crate) fn project_key_of(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    if let Some(key) = headers.get("apikey") {
        return key.to_str().ok().map(str::to_owned);
    }
    query_value(uri, "apikey")
}

/// A parameter of the query, for values that need no unescaping.
pub(crate) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The token of `Authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Bytes of a body that is too large which are read all the same.
const DRAINED: u64 = 16 * 1024 * 1024;

/// The request, unless it says itself that its body is larger than `most` bytes; then its headers, for the refusal.
///
/// Such a body is read and thrown away, if it is not endless: a client that is still sending when the connection ends may
/// find it broken before it has read why.
pub(crate) async fn small_enough(most: usize, request: Request) -> Result<Request, HeaderMap> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length: u64 = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    if length <= most as u64 {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    if length <= DRAINED {
        let mut rest = body.into_data_stream();
        while let Some(Ok(_)) = rest.next().await {}
    }
    Err(parts.headers)
}

/// The origin the client used, as far as its `Host` tells.
pub(crate) fn origin(app: &App, headers: &HeaderMap) -> String {
    // Only the client itself is told, so that it need not be believed in earnest.
    let forwarded = headers.get("x-forwarded-proto");
    let scheme = if app.secure || forwarded.is_some_and(|scheme| scheme == "https") { "https" } else { "http" };
    format!("{scheme}://{}", host(headers).unwrap_or("localhost"))
}

/// Who asks. Behind a proxy that is what the proxy says: the last address that it added.
pub(crate) fn client_address(app: &App, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let forwarded = || {
        let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse().ok()
    };
    if app.limits.behind_proxy { forwarded().unwrap_or(peer.ip()) } else { peer.ip() }
}

/// The `Host` of a request when it is one: letters, digits and `.-:[]`. It is echoed into headers.
pub(crate) fn host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    (!host.is_empty() && host.chars().all(plain)).then_some(host)
}

/// One line a request: no query (it may hold the key), no headers, no bodies.
async fn log(State(app): State<App>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    app.metrics.answered(&path, status, begun.elapsed());
    let took = begun.elapsed().as_millis();
    if status.is_server_error() {
        tracing::warn!(%method, path, status = status.as_u16(), ms = took, "request");
    } else {
        tracing::debug!(%method, path, status = status.as_u16(), ms = took, "request");
    }
    response
}
