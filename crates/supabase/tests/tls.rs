//! TLS: an `https` server is reached when its certificate is trusted, and refused with words when it is not.
//!
//! Trust comes from the machine; on Linux `SSL_CERT_FILE` names it, which must be set before the program starts. So the
//! test runs itself again with it.
#![cfg(target_os = "linux")]

mod common;

use almanac_core::platform::Platform;
use almanac_supabase::{Config, DiscoverError, MIN_SCHEMA, discover};
use common::{TokioPlatform, within};
use std::{process::Stdio, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::Command,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// A server at `https://localhost` with a certificate nobody knows; its address and the certificate as PEM.
async fn server() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a server's configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("localhost:0").await.expect("a free port");
    let url = format!("https://localhost:{}", listener.local_addr().expect("an address").port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust us ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let body = format!(r#"{{"url":"","anon_key":"k","version":"0.1.0","schema":"{MIN_SCHEMA}"}}"#);
            let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    (url, made.cert.pem())
}

#[tokio::test]
async fn a_server_with_a_certificate_of_its_own_is_reached_when_the_machine_trusts_it() {
    let platform: Arc<dyn Platform> = TokioPlatform::new();
    if let Some(url) = std::env::var_os("ALMANAC_TEST_TRUSTED") {
        let url = url.into_string().expect("an address");
        assert_eq!(within(discover(&url, &platform)).await, Ok(Config::new(url, "k")));
        return;
    }
    let (url, certificate) = server().await;
    let refused = within(discover(&url, &platform)).await.expect_err("nobody trusts it");
    assert!(matches!(refused, DiscoverError::Unreachable { .. }), "{refused:?}");
    assert!(refused.to_string().contains("certificate"), "{refused}");

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("certificate.pem");
    std::fs::write(&file, certificate).expect("written");
    let mut again = Command::new(std::env::current_exe().expect("this program"));
    again.args(["--exact", "a_server_with_a_certificate_of_its_own_is_reached_when_the_machine_trusts_it"]);
    again.env("SSL_CERT_FILE", file).env_remove("SSL_CERT_DIR").env("ALMANAC_TEST_TRUSTED", url).stdout(Stdio::piped());
    let output = within(again.output()).await.expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
