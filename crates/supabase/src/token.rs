//! What is read of an access token. It is the server's to check: nothing is verified here.

use almanac_core::Uuid;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// Claims read without verifying. All may be missing: a token is opaque first.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Claims {
    /// The account.
    #[serde(default)]
    pub(crate) sub: Option<String>,
    /// End, unix seconds by the server's clock.
    #[serde(default)]
    pub(crate) exp: Option<i64>,
    /// When it was made, unix seconds by the server's clock.
    #[serde(default)]
    pub(crate) iat: Option<i64>,
    /// The account's e-mail.
    #[serde(default)]
    pub(crate) email: Option<String>,
}

impl Claims {
    /// The claims of a JWT; empty ones for anything else.
    pub(crate) fn of(token: &str) -> Self {
        let payload = token.split('.').nth(1).unwrap_or_default().trim_end_matches('=');
        URL_SAFE_NO_PAD.decode(payload).ok().and_then(|json| crate::json::read(&json).ok()).unwrap_or_default()
    }

    /// The account's id, if it is one.
    pub(crate) fn user(&self) -> Option<Uuid> {
        self.sub.as_deref().and_then(|sub| Uuid::parse_str(sub).ok())
    }

    /// Seconds before its end at which a token is renewed: 90, or half the life of one that lives shorter than 3 min.
    pub(crate) fn margin(&self) -> i64 {
        match (self.iat, self.exp) {
            (Some(iat), Some(exp)) => (exp.saturating_sub(iat) / 2).clamp(0, 90),
            _ => 90,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn jwt(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn claims_are_read_from_the_middle_part() {
        let claims = Claims::of(&jwt(
            r#"{"sub":"6b1b7b0a-0000-4000-8000-000000000001","exp":200,"iat":100,"role":"authenticated"}"#,
        ));
        assert_eq!(claims.user(), Uuid::parse_str("6b1b7b0a-0000-4000-8000-000000000001").ok());
        assert_eq!((claims.exp, claims.iat), (Some(200), Some(100)));
    }

    #[test]
    fn tokens_that_live_short_are_not_renewed_all_the_time() {
        assert_eq!(Claims::of(&jwt(r#"{"exp":3700,"iat":100}"#)).margin(), 90);
        assert_eq!(Claims::of(&jwt(r#"{"exp":120,"iat":100}"#)).margin(), 10);
        assert_eq!(Claims::of("opaque").margin(), 90);
        assert_eq!(Claims::of(&jwt(r#"{"exp":-9223372036854775808,"iat":9223372036854775807}"#)).margin(), 0);
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".*") {
            let _ = Claims::of(&text).margin();
            let _ = Claims::of(&jwt(&text)).margin();
        }
    }
}
