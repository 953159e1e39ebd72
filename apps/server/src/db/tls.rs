//! TLS to a PostgreSQL server, by `sslmode` in its URL as libpq understands it:
//!
//! * `disable`: never; `prefer` (the default): if the server offers it; `require`: or not at all. None of them asks whose
//!   certificate it is, so they keep out who listens and not who stands in between;
//! * `verify-full`: the certificate must be for this host, by an authority of the system or of `sslrootcert`.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What a URL says about TLS, and the rest of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// The URL in words that the driver knows.
    pub(super) url: String,
    verify: bool,
    roots: Option<String>,
}

impl Wish {
    /// Takes apart what the driver does not know.
    pub(super) fn read(url: &str) -> Result<Self, String> {
        let Some((base, query)) = url.split_once('?') else {
            return Ok(Self { url: url.to_owned(), verify: false, roots: None });
        };
        let (mut verify, mut roots, mut rest) = (false, None, Vec::new());
        for pair in query.split('&') {
            match pair.split_once('=') {
                Some(("sslmode", "verify-full")) => {
                    verify = true;
                    rest.push("sslmode=require".to_owned());
                }
                Some(("sslmode", "verify-ca")) => {
                    return Err("sslmode=verify-ca is not supported: use verify-full".to_owned());
                }
                Some(("sslrootcert", file)) => {
                    let pair = format!("file={file}");
                    roots = form_urlencoded::parse(pair.as_bytes()).next().map(|(_, file)| file.into_owned());
                }
                _ => rest.push(pair.to_owned()),
            }
        }
        if roots.is_some() && !verify {
            return Err("sslrootcert needs sslmode=verify-full: nothing is verified without".to_owned());
        }
        Ok(Self { url: format!("{base}?{}", rest.join("&")), verify, roots })
    }

    /// What makes the connections.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let config = if self.verify {
            builder.with_root_certificates(self.store()?).with_no_client_auth()
        } else {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider))).with_no_client_auth()
        };
        Ok(MakeRustlsConnect::new(config))
    }

    fn store(&self) -> Result<RootCertStore, String> {
        let mut store = RootCertStore::empty();
        let Some(file) = &self.roots else {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.certs);
            return if store.is_empty() {
                Err("this system has no certificate authorities".to_owned())
            } else {
                Ok(store)
            };
        };
        let certificates = CertificateDer::pem_file_iter(file)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| format!("{file}: {error}"))?;
        for certificate in certificates {
            store.add(certificate).map_err(|error| format!("{file}: {error}"))?;
        }
        Ok(store)
    }
}

/// Takes any certificate, but lets nobody use one that is not theirs.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_gets_words_that_it_knows() {
        let wish =
            Wish::read("postgres://h/d?sslmode=verify-full&sslrootcert=%2Fa.pem&connect_timeout=3").expect("a wish");
        assert_eq!(wish.url, "postgres://h/d?sslmode=require&connect_timeout=3");
        assert_eq!((wish.verify, wish.roots.as_deref()), (true, Some("/a.pem")));
        assert_eq!(Wish::read("postgres://h/d").expect("a wish").url, "postgres://h/d");
        assert!(!Wish::read("postgres://h/d?sslmode=require").expect("a wish").verify);
        assert!(Wish::read("postgres://h/d?sslmode=verify-ca").is_err());
        assert!(Wish::read("postgres://h/d?sslrootcert=/a.pem").is_err());
    }
}
