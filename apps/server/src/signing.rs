//! Key pairs that sign access tokens (ES256: ECDSA on P-256 with SHA-256). Others can check such a token with the public
//! half, from `/auth/v1/.well-known/jwks.json`, without a secret of the server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// One key pair. Its private half is never logged and leaves the process only for the database.
pub(crate) struct SigningKey {
    id: String,
    pair: EcdsaKeyPair,
    pkcs8: Vec<u8>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

impl SigningKey {
    /// A new one; `None` when the system gives no random bytes.
    pub(crate) fn generate() -> Option<Self> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).ok()?;
        Self::read(Uuid::new_v4().to_string(), pkcs8.as_ref().to_vec())
    }

    /// One that was kept; `None` when it is none.
    pub(crate) fn read(id: String, pkcs8: Vec<u8>) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8, &SystemRandom::new()).ok()?;
        Some(Self { id, pair, pkcs8 })
    }

    /// What tokens name it by.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// As it is kept.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        Some(self.pair.sign(&SystemRandom::new(), message).ok()?.as_ref().to_vec())
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key().as_ref());
        public.verify(message, signature).is_ok()
    }

    /// The public half (RFC 7517).
    pub(crate) fn jwk(&self) -> Value {
        // 4, then both coordinates, 32 bytes each.
        let point = self.pair.public_key().as_ref();
        json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "key_ops": ["verify"], "kid": self.id,
               "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..65])})
    }
}
