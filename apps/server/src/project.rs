//! The project's keys: the secret that signs tokens, and the anon key that clients send as `apikey`.
//!
//! Both are made once, on the first start on a database, and kept in it (`auth.project`, which no role may read): the
//! embedded database's folder is private to the user, and several servers on one PostgreSQL share them. The anon key
//! is no secret; it says which project is meant and gives the rights of someone who has not signed in.
//!
//! Once there is a key pair (`almanac-server keys rotate`), the newest signs what people get. Earlier pairs and the secret
//! stay good for checking, so nobody is signed out.

use serde_json::{Value, json};

use crate::db::Session;
use crate::error::{StartError, describe};
use crate::jwt::{self, Claims};
use crate::signing::SigningKey;
use crate::state::unix_now;

/// Seconds for which the project's own keys are good.
const TEN_YEARS: i64 = 10 * 365 * 24 * 3600;

/// The keys.
pub(crate) struct Project {
    /// Signs and checks tokens. Never logged, never sent.
    secret: Vec<u8>,
    /// Key pairs, newest first.
    keys: Vec<SigningKey>,
    /// What clients send as `apikey`.
    pub(crate) anon_key: String,
}

impl std::fmt::Debug for Project {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Project")
    }
}

impl Project {
    /// Reads the keys, or makes them when this is the first start.
    pub(crate) async fn load(session: &Session) -> Result<Self, StartError> {
        let mut secret = vec![0; 48];
        getrandom::fill(&mut secret).map_err(|error| StartError::Random(error.to_string()))?;
        let now = unix_now();
        let claims = json!({"iss": "almanac", "role": "anon", "iat": now, "exp": now + TEN_YEARS});
        let anon_key = jwt::sign(&claims, &secret);
        // Two servers that start together agree on whichever came first.
        session
            .execute(
                "insert into auth.project (jwt_secret, anon_key) values ($1, $2) on conflict do nothing",
                &[&secret, &anon_key],
            )
            .await
            .map_err(|error| StartError::Database(describe(&error)))?;
        let row = session
            .query_one("select jwt_secret, anon_key from auth.project", &[])
            .await
            .map_err(|error| StartError::Database(describe(&error)))?;
        let keys = session
            .query("select id::text, pkcs8 from auth.signing_keys order by created_at desc", &[])
            .await
            .map_err(|error| StartError::Database(describe(&error)))?
            .iter()
            .filter_map(|row| SigningKey::read(row.get(0), row.get(1)))
            .collect();
        Ok(Self { secret: row.get(0), keys, anon_key: row.get(1) })
    }

    /// Signs an access token.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let signed = self.keys.first().and_then(|key| jwt::sign_with(claims, key));
        signed.unwrap_or_else(|| jwt::sign(claims, &self.secret))
    }

    /// The public halves of the key pairs, for those who check tokens themselves.
    pub(crate) fn public_keys(&self) -> Value {
        json!({"keys": self.keys.iter().map(SigningKey::jwk).collect::<Vec<_>>()})
    }

    /// The key with all rights, past row-level security. For the operator alone.
    pub(crate) fn service_key(&self) -> String {
        let now = unix_now();
        jwt::sign(&json!({"iss": "almanac", "role": "service_role", "iat": now, "exp": now + TEN_YEARS}), &self.secret)
    }

    /// Whether `key` is a project key: any token of ours whose role is one of a project.
    pub(crate) fn accepts(&self, key: &str) -> bool {
        key == self.anon_key
            || self.verify(key).is_ok_and(|claims| {
                matches!(claims.get("role").and_then(|role| role.as_str()), Some("anon" | "service_role"))
            })
    }

    /// Checks a token against the project's keys and the clock.
    pub(crate) fn verify(&self, token: &str) -> Result<Claims, jwt::JwtError> {
        jwt::verify(token, &self.secret, &self.keys, unix_now())
    }
}
