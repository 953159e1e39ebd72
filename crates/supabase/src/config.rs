//! Which server, and how to find that out from its address alone.

use crate::http::{Failure, Http};
use almanac_core::{platform::Platform, session::AuthError};
use reqwest::Url;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The oldest schema (id of the server's latest migration) whose sync functions this client can talk to.
pub const MIN_SCHEMA: &str = "20261122000011";

/// A server. Serializable, so that shells can keep what [`discover`] found for a start without network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Config {
    /// The origin below which `/auth/v1`, `/rest/v1` and `/realtime/v1` stand; no slash at its end.
    pub url: String,
    /// The project's public key (`apikey`): no secret, it only says which project is meant.
    pub key: String,
}

impl Config {
    /// A server whose address and key are known.
    #[must_use]
    pub fn new(url: impl AsRef<str>, key: impl Into<String>) -> Self {
        Self { url: url.as_ref().trim().trim_end_matches('/').to_owned(), key: key.into() }
    }

    /// An address below the origin.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

/// Why a server could not be found out about. Each has words for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverError {
    /// The text is no address.
    #[error("“{0}” is not the address of a server; it looks like https://calendar.example.org")]
    BadAddress(String),
    /// Nothing answers, or it says that it cannot now.
    #[error("the server at {url} cannot be reached: {message}")]
    Unreachable {
        /// Where it was looked for.
        url: String,
        /// In words.
        message: String,
    },
    /// Something answers, but not as Almanac.
    #[error("what answers at {url} is not an Almanac server")]
    NotAlmanac {
        /// Where it was looked for.
        url: String,
    },
    /// The server's schema is older than what this client needs.
    #[error(
        "the server at {url} is too old for this version of the app (its schema is {schema}, {MIN_SCHEMA} is needed): update the server"
    )]
    TooOld {
        /// Where it is.
        url: String,
        /// Its latest migration.
        schema: String,
    },
    /// The server is a major version ahead.
    #[error("the server at {url} has version {version}, which is too new for this version of the app: update the app")]
    TooNew {
        /// Where it is.
        url: String,
        /// Its version.
        version: String,
    },
}

/// Only who cannot be reached is offline: the others have words of their own, and waiting does not help.
impl From<DiscoverError> for AuthError {
    fn from(error: DiscoverError) -> Self {
        let message = error.to_string();
        match error {
            DiscoverError::Unreachable { .. } => Self::Offline(message),
            _ => Self::Refused { code: "no_server".to_owned(), message },
        }
    }
}

/// `/almanac.json`. Fields of newer servers are left alone.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    url: String,
    anon_key: String,
    #[serde(default)]
    version: String,
    schema: String,
}

/// Asks the server at an address, as a person types it or as the page's origin, who it is. A missing scheme is `http`
/// for this machine and for plain addresses, else `https`.
///
/// # Errors
/// [`DiscoverError`], with words for a person.
pub async fn discover(base_url: &str, platform: &Arc<dyn Platform>) -> Result<Config, DiscoverError> {
    let base = address(base_url).ok_or_else(|| DiscoverError::BadAddress(base_url.trim().to_owned()))?;
    let url = base.as_str().trim_end_matches('/').to_owned();
    let unreachable = |message: String| DiscoverError::Unreachable { url: url.clone(), message };
    let http = Http::new(Config::new(&url, ""), Arc::clone(platform));
    let answer = http.get("/almanac.json").await.map_err(|Failure(message)| unreachable(message))?;
    if answer.status >= 500 || answer.status == 429 {
        return Err(unreachable(format!("it answered {}", answer.status)));
    }
    let not_almanac = || DiscoverError::NotAlmanac { url: url.clone() };
    if answer.status != 200 {
        return Err(not_almanac());
    }
    let found: Answer = crate::json::read(&answer.body).map_err(|_| not_almanac())?;
    // The address may have been redirected, say from http to https: the rest goes where the answer came from.
    let base = answer.url.unwrap_or(base);
    accept(found, &base)
}

fn accept(found: Answer, base: &Url) -> Result<Config, DiscoverError> {
    let origin = base.origin().ascii_serialization();
    let not_almanac = || DiscoverError::NotAlmanac { url: origin.clone() };
    let url =
        base.join(&found.url).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(not_almanac)?;
    // Without its own address it is where `/almanac.json` was.
    let url = if found.url.trim().is_empty() { origin.clone() } else { url.to_string() };
    if found.anon_key.trim().is_empty() || !found.schema.bytes().all(|b| b.is_ascii_digit()) {
        return Err(not_almanac());
    }
    if found.schema.as_str() < MIN_SCHEMA {
        return Err(DiscoverError::TooOld { url, schema: found.schema });
    }
    if major(&found.version) > major(env!("CARGO_PKG_VERSION")) {
        return Err(DiscoverError::TooNew { url, version: found.version });
    }
    Ok(Config::new(url, found.anon_key))
}

/// The first number of a version; 0 when there is none.
fn major(version: &str) -> u64 {
    version.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The address a person means.
fn address(typed: &str) -> Option<Url> {
    let typed = typed.trim();
    let with_scheme = if typed.contains("://") { typed.to_owned() } else { format!("http://{typed}") };
    let mut url = Url::parse(&with_scheme).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?.to_owned();
    if !typed.contains("://") && host.contains('.') && !is_number(&host) {
        url.set_scheme("https").ok()?;
    }
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

/// Whether a host is an IP address.
fn is_number(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok()
}

/// Whether an address is on this machine, where no proxy has anything to do.
pub(crate) fn is_local(url: &str) -> bool {
    let Some(host) = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)) else { return false };
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Option<String> {
        address(text).map(|url| url.as_str().trim_end_matches('/').to_owned())
    }

    fn found(url: &str, version: &str, schema: &str) -> Result<Config, DiscoverError> {
        let answer = Answer {
            url: url.to_owned(),
            anon_key: "key".to_owned(),
            version: version.to_owned(),
            schema: schema.to_owned(),
        };
        accept(answer, &Url::parse("https://cal.example.org/almanac.json").expect("an address of the test"))
    }

    #[test]
    fn only_a_server_that_cannot_be_reached_is_offline() {
        let url = || "https://calendar.example.org".to_owned();
        let away = DiscoverError::Unreachable { url: url(), message: "refused".to_owned() };
        assert!(matches!(AuthError::from(away), AuthError::Offline(_)));
        let new = DiscoverError::TooNew { url: url(), version: "99.0.0".to_owned() };
        assert!(AuthError::from(new).to_string().contains("update the app"));
    }

    #[test]
    fn addresses_may_be_typed_without_scheme() {
        assert_eq!(typed("localhost:8787").as_deref(), Some("http://localhost:8787"));
        assert_eq!(typed(" 192.168.1.4:8787/ ").as_deref(), Some("http://192.168.1.4:8787"));
        assert_eq!(typed("[::1]:8787").as_deref(), Some("http://[::1]:8787"));
        assert_eq!(typed("cal.example.org").as_deref(), Some("https://cal.example.org"));
        assert_eq!(typed("http://cal.example.org/?a=b#c").as_deref(), Some("http://cal.example.org"));
        for bad in ["", "   ", "ftp://cal.example.org", "http://", "two words"] {
            assert_eq!(typed(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn the_servers_own_address_may_be_absolute_relative_or_empty() {
        let url = |own: &str| found(own, "0.1.0", MIN_SCHEMA).map(|config| config.url);
        assert_eq!(url("").as_deref(), Ok("https://cal.example.org"));
        assert_eq!(url("/").as_deref(), Ok("https://cal.example.org"));
        assert_eq!(url("/api/").as_deref(), Ok("https://cal.example.org/api"));
        assert_eq!(url("https://x.supabase.co").as_deref(), Ok("https://x.supabase.co"));
        assert!(url("javascript:alert(1)").is_err());
    }

    #[test]
    fn servers_of_another_time_are_told_apart() {
        assert!(matches!(found("", "0.1.0", "20200101000000"), Err(DiscoverError::TooOld { .. })));
        assert!(matches!(found("", "0.0.1", ""), Err(DiscoverError::TooOld { .. })));
        assert!(matches!(found("", "7.0.0", MIN_SCHEMA), Err(DiscoverError::TooNew { .. })));
        assert!(found("", "0.9.0", "20991231000000").is_ok());
    }

    #[test]
    fn the_oldest_schema_is_a_migration_there_is() {
        let migrations = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../supabase/migrations"))
            .expect("the migrations");
        let names = migrations.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
        assert!(names.into_iter().any(|name| name.split('_').next() == Some(MIN_SCHEMA)));
    }

    #[test]
    fn only_this_machine_is_local() {
        for local in ["http://localhost:1", "http://127.0.0.1", "http://[::1]:8787"] {
            assert!(is_local(local), "{local}");
        }
        assert!(!is_local("http://localhost.example.org"));
        assert!(!is_local("nonsense"));
    }
}
