//! Figures for Prometheus, on an address of their own (`--metrics-listen`): they are nobody's business but the operator's.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::state::App;

/// Seconds that separate quick from slow.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

/// What is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Area, Histogram>,
    /// Open websockets.
    pub(crate) sockets: Gauge,
    /// Changes told to subscribers.
    pub(crate) changes: Counter,
    /// Subscribers that were dropped because they did not read.
    pub(crate) slow: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    area: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Area {
    area: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("almanac");
        let requests = Family::default();
        let seconds = Family::new_with_constructor(Self::histogram as fn() -> Histogram);
        let (sockets, changes, slow) = (Gauge::default(), Counter::default(), Counter::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_seconds", "How long they took", seconds.clone());
        registry.register("websockets", "Open websockets", sockets.clone());
        registry.register("realtime_changes", "Changes told to subscribers", changes.clone());
        registry.register("realtime_slow", "Subscribers dropped because they did not read", slow.clone());
        Self { registry, requests, seconds, sockets, changes, slow }
    }
}

impl Metrics {
    fn histogram() -> Histogram {
        Histogram::new(BUCKETS)
    }

    /// Counts an answer. Only the first part of the path is kept: names of tables would be as many as anyone likes.
    pub(crate) fn answered(&self, path: &str, status: StatusCode, took: Duration) {
        let area = match path.split('/').nth(1) {
            Some("rest") => "rest",
            Some("auth") => "auth",
            Some("realtime") => "realtime",
            _ => "web",
        };
        self.requests.get_or_create(&Answered { area, status: status.as_u16() }).inc();
        // A websocket's request is answered when it begins.
        self.seconds.get_or_create(&Area { area }).observe(took.as_secs_f64());
    }
}

/// `/metrics` and `/health` alone.
pub(crate) fn router(app: App) -> Router {
    Router::new().route("/metrics", get(text)).route("/health", get(crate::http::health)).with_state(app)
}

async fn text(State(app): State<App>) -> Response {
    let metrics: Arc<Metrics> = app.metrics;
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
