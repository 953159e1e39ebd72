//! `/realtime/v1`: tells clients that rows changed, in the protocol of Supabase Realtime (Phoenix channels).
//!
//! Triggers on the published tables (`sql/realtime.sql`) notify the server of each changed row by its key; what a
//! subscriber may see of the row is asked of the database as that subscriber, so row-level security decides here too.
//! A change is a hint, as it is with Supabase: whoever was away pulls.
//!
//! * [`frame`]: the two wire forms. [`channel`]: what a client joined. [`binding`]: one of its wishes. [`tables`]: what is published.
//! * [`deliver`]: from a change to what one subscriber gets. [`socket`]: one connection.

mod binding;
mod channel;
mod deliver;
mod frame;
mod socket;
pub(crate) mod tables;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use crate::http::query_value;
use crate::state::App;
use frame::Version;

/// Largest frame a client may send.
const FRAME: usize = 256 * 1024;

/// The routes below `/realtime/v1`.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/websocket", get(connect))
}

async fn connect(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let key = query_value(&uri, "apikey")
        .or_else(|| headers.get("x-api-key").and_then(|key| key.to_str().ok()).map(str::to_owned));
    let Some(key) = key else {
        return refuse(StatusCode::UNAUTHORIZED, "MissingAPIKey: no apikey in the request");
    };
    let Ok(caller) = channel::caller_of(&app.project, &key) else {
        return refuse(StatusCode::UNAUTHORIZED, "InvalidAPIKey: the apikey is not one of this project");
    };
    let version = match query_value(&uri, "vsn").as_deref() {
        None | Some("1.0.0") => Version::V1,
        Some("2.0.0") => Version::V2,
        Some(_) => return refuse(StatusCode::BAD_REQUEST, "UnsupportedVersion: vsn is 1.0.0 or 2.0.0"),
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    let Ok(permit) = app.sockets.clone().try_acquire_owned() else {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "ConnectionRateLimitReached: too many connections");
    };
    upgrade.max_message_size(FRAME).max_frame_size(FRAME).on_upgrade(move |stream| async move {
        let open = app.metrics.sockets.clone();
        open.inc();
        socket::Socket::new(app, stream, version, caller).run().await;
        open.dec();
        drop(permit);
    })
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, axum::Json(json!({"error": error}))).into_response()
}
