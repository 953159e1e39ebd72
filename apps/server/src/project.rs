//! The project's two keys: the secret that signs every token, and the anon key that clients send as `apikey`.
//!
//! Both are made once, on the first start on a database, and kept in it (`auth.project`, which no role may read): the
//! embedded database's folder is private to the user, and several servers on one PostgreSQL share them. The anon key
//! is no secret; it says which project is meant and gives the rights of someone who has not signed in.

use serde_json::json;

use crate::db::Session;
use crate::error::{StartError, describe};
use crate::jwt::{self, Claims};
use crate::state::unix_now;

/// The keys.
#[derive(Clone)]
pub(crate) struct Project {
    /// Signs and checks tokens. Never logged, never sent.
    pub(crate) secret: Vec<u8>,
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
        let ten_years = 10 * 365 * 24 * 3600;
        let claims = json!({"iss": "almanac", "role": "anon", "iat": now, "exp": now + ten_years});
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
        Ok(Self { secret: row.get(0), anon_key: row.get(1) })
    }

    /// Whether `key` is a project key: any token of ours whose role is one of a project.
    pub(crate) fn accepts(&self, key: &str) -> bool {
        key == self.anon_key
            || self.verify(key).is_ok_and(|claims| {
                matches!(claims.get("role").and_then(|role| role.as_str()), Some("anon" | "service_role"))
            })
    }

    /// Checks a token against the project's secret and the clock.
    pub(crate) fn verify(&self, token: &str) -> Result<Claims, jwt::JwtError> {
        jwt::verify(token, &self.secret, unix_now())
    }
}
