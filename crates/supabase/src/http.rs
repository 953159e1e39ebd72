//! Requests: headers, time limit, and answers read to their end. What an answer means is decided elsewhere.

use crate::{
    config::{Config, is_local},
    retry_after,
};
use almanac_core::platform::Platform;
use chrono::{DateTime, Utc};
use reqwest::{
    Client, RequestBuilder, Response, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::Serialize;
use std::{error::Error as _, sync::Arc, time::Duration};

/// The longest any request may take, answer included.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// The version of auth's API: switches its newer error shape on.
const API_VERSION: &str = "2024-01-01";

/// No answer came. In words for a person, without address or token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) retry_after: Option<Duration>,
    /// Where it came from, after redirects.
    pub(crate) url: Option<Url>,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// A client for one server. Dropping a request's future aborts the request.
pub(crate) struct Http {
    /// The HTTP client, or why there is none.
    client: Result<Client, Failure>,
    config: Config,
    platform: Arc<dyn Platform>,
}

impl Http {
    pub(crate) fn new(config: Config, platform: Arc<dyn Platform>) -> Self {
        let client = build(is_local(&config.url)).map_err(|error| Failure(words(&error)));
        Self { client, config, platform }
    }

    pub(crate) fn platform(&self) -> &Arc<dyn Platform> {
        &self.platform
    }

    /// Local unix seconds.
    pub(crate) fn now(&self) -> i64 {
        i64::try_from(self.platform.now_micros() / 1_000_000).unwrap_or(i64::MAX)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        let client = self.client()?;
        self.send(client.get(self.config.at(path)).timeout(TIMEOUT)).await
    }

    /// Posts JSON; `bearer` is the access token, without one the project's key stands in, as the official clients do.
    pub(crate) async fn post(
        &self,
        path: &str,
        bearer: Option<&str>,
        body: &impl Serialize,
        limit: Duration,
    ) -> Result<Answer, Failure> {
        self.write(self.client()?.post(self.config.at(path)), bearer, text_of(body)?, limit).await
    }

    /// Puts JSON, as [`Self::post`] posts it.
    pub(crate) async fn put(
        &self,
        path: &str,
        bearer: Option<&str>,
        body: &impl Serialize,
        limit: Duration,
    ) -> Result<Answer, Failure> {
        self.write(self.client()?.put(self.config.at(path)), bearer, text_of(body)?, limit).await
    }

    /// Posts JSON that is text already.
    pub(crate) async fn post_text(
        &self,
        path: &str,
        bearer: Option<&str>,
        body: Vec<u8>,
        limit: Duration,
    ) -> Result<Answer, Failure> {
        self.write(self.client()?.post(self.config.at(path)), bearer, body, limit).await
    }

    async fn write(
        &self,
        request: RequestBuilder,
        bearer: Option<&str>,
        body: Vec<u8>,
        limit: Duration,
    ) -> Result<Answer, Failure> {
        self.send(request.headers(self.headers(bearer)?).body(body).timeout(limit)).await
    }

    /// A request for the realtime socket.
    pub(crate) fn socket(&self) -> Result<RequestBuilder, Failure> {
        let bad = |_| Failure("the server's address does not read".to_owned());
        let url = Url::parse_with_params(
            &self.config.at("/realtime/v1/websocket"),
            [("apikey", self.config.key.as_str()), ("vsn", "2.0.0")],
        );
        Ok(self.client()?.get(url.map_err(bad)?))
    }

    fn client(&self) -> Result<&Client, Failure> {
        self.client.as_ref().map_err(Clone::clone)
    }

    fn headers(&self, bearer: Option<&str>) -> Result<HeaderMap, Failure> {
        let value = |text: &str| {
            HeaderValue::from_str(text).map_err(|_| Failure("the key or token does not fit into a header".to_owned()))
        };
        let mut token = value(&format!("Bearer {}", bearer.unwrap_or(&self.config.key)))?;
        token.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert("apikey", value(&self.config.key)?);
        headers.insert(AUTHORIZATION, token);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-client-info", HeaderValue::from_static(concat!("almanac/", env!("CARGO_PKG_VERSION"))));
        headers.insert("x-supabase-api-version", HeaderValue::from_static(API_VERSION));
        Ok(headers)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let response = request.send().await.map_err(|error| Failure(words(&error)))?;
        let status = response.status().as_u16();
        let retry_after = self.retry_after(&response);
        let url = Some(response.url().clone());
        let body = response.bytes().await.map_err(|error| Failure(words(&error)))?.to_vec();
        Ok(Answer { status, body, retry_after, url })
    }

    fn retry_after(&self, response: &Response) -> Option<Duration> {
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let now = DateTime::<Utc>::from_timestamp(self.now(), 0).unwrap_or_default();
        retry_after::parse(text(RETRY_AFTER)?, text(DATE), now)
    }
}

fn text_of(body: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(body).map_err(|error| Failure(error.to_string()))
}

/// What went wrong on the way, without the address (the realtime one holds the key).
pub(crate) fn words(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    // The innermost cause says most: "Connection refused", "certificate has expired".
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    let cause = cause.map_or_else(|| "the network gave no reason".to_owned(), ToString::to_string);
    if is_connect(error) { format!("no connection ({cause})") } else { cause }
}

#[cfg(not(target_family = "wasm"))]
fn is_connect(error: &reqwest::Error) -> bool {
    error.is_connect()
}

/// `fetch` does not tell.
#[cfg(target_family = "wasm")]
const fn is_connect(_: &reqwest::Error) -> bool {
    false
}

#[cfg(target_family = "wasm")]
fn build(_local: bool) -> Result<Client, reqwest::Error> {
    Client::builder().build()
}

#[cfg(not(target_family = "wasm"))]
fn build(local: bool) -> Result<Client, reqwest::Error> {
    // An application may have chosen a provider already: then that one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // HTTP/2 cannot carry the realtime socket, and the sync functions are called one after the other anyway.
    let base = || {
        let builder = Client::builder().http1_only().connect_timeout(Duration::from_secs(10));
        if local { builder.no_proxy() } else { builder }
    };
    // A machine without any certificates of authorities can still talk to a server of its own without TLS.
    with_roots(base()).build().or_else(|_| base().tls_certs_only([]).build())
}

#[cfg(all(not(target_family = "wasm"), not(target_os = "android")))]
fn with_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
}

#[cfg(target_os = "android")]
fn with_roots(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    builder.tls_backend_preconfigured(config)
}
