//! The web app, on the same origin as the API: static files, client routes, and `/almanac.json`, from which both the web
//! and the desktop client learn where they are.
//!
//! Caching: a file whose name holds a hash never changes and is kept for a year; everything else is asked for again each
//! time (`no-cache`; an unchanged file costs one empty answer), above all `index.html` and the service worker, which
//! decide what version runs. Files are sent as `.br` or `.gz` when such a file lies beside them, else compressed on the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use tower::ServiceExt as _;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;

use crate::db::migrate;
use crate::http::{host, origin};
use crate::state::App;

/// The folder with the built web app, if there is one.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    dir: Option<Arc<PathBuf>>,
}

impl Web {
    pub(crate) fn new(dir: Option<PathBuf>) -> Self {
        Self { dir: dir.map(Arc::new) }
    }
}

/// Everything that is not the API.
pub(crate) fn routes(web: Web) -> Router<App> {
    Router::new()
        .route("/almanac.json", axum::routing::get(configuration))
        .fallback(move |request: Request| file(web.clone(), request))
        .layer(middleware::from_fn(security_headers))
        .layer(CompressionLayer::new())
}

/// `GET /almanac.json`: what a client must know to talk to this server. Nothing in it is secret.
async fn configuration(State(app): State<App>, headers: HeaderMap) -> Response {
    // The address the client used is the one that works for it.
    let url = host(&headers).map_or(String::new(), |_| origin(&app, &headers));
    let body = json!({
        "url": url,
        "anon_key": app.project.anon_key,
        "version": env!("CARGO_PKG_VERSION"),
        "schema": migrate::latest(),
    });
    ([(header::CACHE_CONTROL, "no-cache")], axum::Json(body)).into_response()
}

async fn file(web: Web, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Some(dir) = web.dir else {
        return missing(request.uri().path());
    };
    let path = request.uri().path().to_owned();
    let (parts, _) = request.into_parts();
    let ask = |uri: Option<&str>| {
        let mut ask = Request::new(axum::body::Body::empty());
        *ask.method_mut() = parts.method.clone();
        *ask.uri_mut() = uri.and_then(|uri| uri.parse().ok()).unwrap_or_else(|| parts.uri.clone());
        *ask.headers_mut() = parts.headers.clone();
        ask
    };
    let mut response = serve(&dir, ask(None)).await;
    // A client route: the app itself finds out what it means. A missing file stays missing.
    let is_route = path.rsplit('/').next().is_none_or(|last| !last.contains('.'));
    let mut name = path.as_str();
    if response.status() == StatusCode::NOT_FOUND && is_route {
        response = serve(&dir, ask(Some("/index.html"))).await;
        name = "/index.html";
    }
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        let caching = if is_hashed(name) { "public, max-age=31536000, immutable" } else { "no-cache" };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        if name.ends_with(".webmanifest") {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"));
        }
    }
    response
}

async fn serve(dir: &Path, request: Request) -> Response {
    let service = ServeDir::new(dir).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    match service.oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    }
}

/// Whether the name of a file holds a hash: a part of at least eight letters and digits, digits among them, set off by
/// `-`, `_` or `.`, before the ending (`app-3f9a1c2e.js`, `main-dxh1a2b3c4d5e.wasm`).
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some((stem, _ending)) = name.rsplit_once('.') else { return false };
    stem.split(['-', '_', '.']).skip(1).any(|part| {
        part.len() >= 8
            && part.chars().all(|c| c.is_ascii_alphanumeric())
            && part.chars().any(|c| c.is_ascii_digit())
            // A word with a number behind it is no hash ("version2026").
            && part.chars().filter(char::is_ascii_hexdigit).count() * 2 > part.len()
    })
}

/// The page when the web app was not built.
fn missing(path: &str) -> Response {
    if path.rsplit('/').next().is_some_and(|last| last.contains('.')) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = "<!doctype html><html lang=en><meta charset=utf-8><title>Almanac</title>\
        <h1>The server runs, the web app is not here</h1>\
        <p>No built web app was found. Build it and start the server with <code>cargo xtask run</code>, \
        or name its folder: <code>almanac-server --web-dir dist/web</code>.</p>\
        <p>The desktop app can use this server as it is.</p></html>";
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

/// What a browser may do with our pages.
async fn security_headers(request: Request, next: Next) -> Response {
    let policy = content_security_policy(host(request.headers()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    );
    response
}

/// Scripts from our files only; WebAssembly may be compiled; styles may be set on elements (the UI places events so);
/// connections to this server only, whose websocket some browsers do not count to `'self'`.
fn content_security_policy(host: Option<&str>) -> String {
    let sockets = host.map_or(String::new(), |host| format!(" ws://{host} wss://{host}"));
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self'{sockets}; worker-src 'self'; \
         manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_told_from_plain_ones() {
        for hashed in ["/assets/app-3f9a1c2e.js", "/assets/main-dxh1a2b3c4d5e.wasm", "/x/y_bg-0a1b2c3d4e.wasm"] {
            assert!(is_hashed(hashed), "{hashed}");
        }
        for plain in [
            "/index.html",
            "/sw.js",
            "/service-worker.js",
            "/manifest.webmanifest",
            "/almanac_bg.wasm",
            "/icon-512.png",
            "/fonts/inter-variable.woff2",
            "/",
            "/week/2026-11-22",
        ] {
            assert!(!is_hashed(plain), "{plain}");
        }
    }
}
