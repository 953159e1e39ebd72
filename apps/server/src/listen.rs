//! Taking connections: plain ones or TLS, each with bounds on how long it may take to say what it wants.
//!
//! A client that sends its headers a byte a minute, or nothing at all, is let go after [`Limits::headers`]; so is one that
//! began a TLS handshake and forgot it, and, after [`Limits::unread`], one that does not read its answer. None of them holds
//! up the others.
//!
//! [`Limits::headers`]: crate::config::Limits::headers
//! [`Limits::unread`]: crate::config::Limits::unread

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::config::{Limits, Tls};
use crate::error::StartError;

/// How long connections may finish what they are at when the server stops.
const FINISH: Duration = Duration::from_secs(5);

/// Reads certificate and key.
pub(crate) fn tls(files: &Tls) -> Result<TlsAcceptor, StartError> {
    let failed = |path: &Path, reason: String| StartError::Tls { path: path.to_owned(), reason };
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| failed(&files.certificate, error.to_string()))?;
    if certificates.is_empty() {
        return Err(failed(&files.certificate, "there is no certificate in it".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| failed(&files.key, error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&files.key, error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(|error| failed(&files.key, error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves until `stopping` becomes true, then lets connections finish.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: Arc<Limits>,
    mut stopping: watch::Receiver<bool>,
) {
    // Each connection holds one end; when all are gone, so are they.
    let (alive, held) = watch::channel(());
    let stopped = stopping.clone();
    let connections = Arc::new(Semaphore::new(limits.connections));
    let mut stop = std::pin::pin!(async move {
        // An error means that the server was dropped: it goes on.
        if stopping.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    loop {
        // When all are taken, the next ones wait in the system's own queue.
        let permit = tokio::select! {
            permit = connections.clone().acquire_owned() => permit,
            () = &mut stop => break,
        };
        let Ok(permit) = permit else { break };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, say: a pause lets others close.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let (router, tls, limits) = (router.clone(), tls.clone(), limits.clone());
        let (stopped, held) = (stopped.clone(), held.clone());
        tokio::spawn(async move {
            talk(stream, peer, tls, router, &limits, stopped).await;
            drop((permit, held));
        });
    }
    drop(listener);
    drop(held);
    let _ = tokio::time::timeout(FINISH, alive.closed()).await;
}

async fn talk(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: &Limits,
    stopping: watch::Receiver<bool>,
) {
    // Answers are written whole; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.unread));
    let stream = Box::pin(stream);
    match tls {
        None => http(stream, peer, router, limits, stopping).await,
        Some(acceptor) => match tokio::time::timeout(limits.headers, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => http(stream, peer, router, limits, stopping).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "a TLS handshake was never finished"),
        },
    }
}

async fn http<S>(stream: S, peer: SocketAddr, router: Router, limits: &Limits, mut stopping: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // An error means that the server was dropped: it goes on.
    let mut stop = std::pin::pin!(async move {
        if stopping.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    });
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = &mut stop => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended early");
    }
}
