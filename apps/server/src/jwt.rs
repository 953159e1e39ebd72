//! Access tokens: JWTs signed with the project's secret (HS256), or with one of its key pairs (ES256).
//!
//! A token cannot choose its own algorithm: HS256 is checked with the secret alone, ES256 with the pair that it names.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::signing::SigningKey;

/// How far a clock may be off, in seconds; PostgREST's figure.
const SKEW: i64 = 30;

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwtError {
    /// Not three parts of base64url JSON, or another algorithm.
    #[error("the token is malformed")]
    Malformed,
    /// Signed by someone else.
    #[error("the token's signature is wrong")]
    Signature,
    /// Past its `exp`, allowance included: so many seconds ago.
    #[error("JWT expired")]
    Expired(i64),
    /// Before its `nbf` or `iat`, allowance included.
    #[error("JWT not yet valid")]
    NotYetValid,
}

/// What a valid token says.
pub(crate) type Claims = Map<String, Value>;

/// Signs `claims` with a secret.
pub(crate) fn sign(claims: &Value, secret: &[u8]) -> String {
    let signed = parts(&json!({"alg": "HS256", "typ": "JWT"}), claims);
    let signature = BASE64.encode(mac(secret, signed.as_bytes()).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// Signs `claims` with a key pair; `None` when the system gives no random bytes.
pub(crate) fn sign_with(claims: &Value, key: &SigningKey) -> Option<String> {
    let signed = parts(&json!({"alg": "ES256", "kid": key.id(), "typ": "JWT"}), claims);
    let signature = BASE64.encode(key.sign(signed.as_bytes())?);
    Some(format!("{signed}.{signature}"))
}

fn parts(header: &Value, claims: &Value) -> String {
    format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()))
}

/// Checks signature and times; `now` is seconds since 1970.
pub(crate) fn verify(token: &str, secret: &[u8], keys: &[SigningKey], now: i64) -> Result<Claims, JwtError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (header, body) = signed.split_once('.').ok_or(JwtError::Malformed)?;
    let header = decode(header)?;
    let field = |name: &str| header.get(name).and_then(Value::as_str);
    let signature = BASE64.decode(signature).map_err(|_| JwtError::Malformed)?;
    match field("alg") {
        Some("HS256") => {
            mac(secret, signed.as_bytes()).verify_slice(&signature).map_err(|_| JwtError::Signature)?;
        }
        Some("ES256") => {
            let key = keys.iter().find(|key| Some(key.id()) == field("kid")).ok_or(JwtError::Signature)?;
            if !key.verifies(signed.as_bytes(), &signature) {
                return Err(JwtError::Signature);
            }
        }
        _ => return Err(JwtError::Malformed),
    }
    let claims = decode(body)?;
    let seconds = |name| claims.get(name).and_then(Value::as_f64);
    let now = now as f64;
    let skew = SKEW as f64;
    if let Some(exp) = seconds("exp").filter(|exp| now > exp + skew) {
        return Err(JwtError::Expired((now - exp) as i64));
    }
    if ["nbf", "iat"].into_iter().filter_map(seconds).any(|from| now < from - skew) {
        return Err(JwtError::NotYetValid);
    }
    Ok(claims)
}

fn mac(secret: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(message);
    mac
}

fn decode(part: &str) -> Result<Claims, JwtError> {
    let bytes = BASE64.decode(part).map_err(|_| JwtError::Malformed)?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(JwtError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_thirty_seconds_after_its_end_and_not_longer() {
        let token = sign(&json!({"role": "authenticated", "exp": 1_000}), b"secret");
        assert!(verify(&token, b"secret", &[], 1_030).is_ok());
        assert_eq!(verify(&token, b"secret", &[], 1_031), Err(JwtError::Expired(31)));
    }

    #[test]
    fn a_token_of_another_secret_or_algorithm_is_refused() {
        let token = sign(&json!({"exp": 1_000}), b"other");
        assert_eq!(verify(&token, b"secret", &[], 0), Err(JwtError::Signature));
        let unsigned = format!("{}.{}.", BASE64.encode(r#"{"alg":"none"}"#), BASE64.encode("{}"));
        assert_eq!(verify(&unsigned, b"secret", &[], 0), Err(JwtError::Malformed));
        for garbage in ["", ".", "..", "a.b.c", "é.é.é"] {
            assert_eq!(verify(garbage, b"secret", &[], 0), Err(JwtError::Malformed), "{garbage}");
        }
    }

    #[test]
    fn a_token_of_a_key_pair_is_checked_with_that_pair() {
        let (ours, other) = (SigningKey::generate().expect("a key"), SigningKey::generate().expect("a key"));
        let token = sign_with(&json!({"sub": "a"}), &ours).expect("a token");
        let keys = [other, ours];
        assert_eq!(verify(&token, b"secret", &keys, 0).expect("claims")["sub"], "a");
        assert_eq!(verify(&token, b"secret", &keys[..1], 0), Err(JwtError::Signature));
        // The public key is no secret to sign with.
        let mut header = json!({"alg": "HS256", "kid": keys[1].id()});
        let public = keys[1].jwk()["x"].as_str().expect("text").to_owned();
        let forged = parts(&header, &json!({"sub": "b"}));
        let signature = BASE64.encode(mac(public.as_bytes(), forged.as_bytes()).finalize().into_bytes());
        assert_eq!(verify(&format!("{forged}.{signature}"), b"secret", &keys, 0), Err(JwtError::Signature));
        header["alg"] = json!("none");
        assert_eq!(verify(&format!("{}.", parts(&header, &json!({}))), b"secret", &keys, 0), Err(JwtError::Malformed));
    }

    #[test]
    fn a_changed_body_breaks_the_signature() {
        let token = sign(&json!({"sub": "a"}), b"secret");
        let parts: Vec<&str> = token.split('.').collect();
        let forged = format!("{}.{}.{}", parts[0], BASE64.encode(r#"{"sub":"b"}"#), parts[2]);
        assert_eq!(verify(&forged, b"secret", &[], 0), Err(JwtError::Signature));
    }
}
