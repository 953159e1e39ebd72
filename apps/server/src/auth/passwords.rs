//! Passwords: argon2id with the crate's recommended cost (19 MiB, two passes), on threads for blocking work and only a
//! few at a time, so that a burst of sign-ins can neither eat the memory nor stop the sync of everyone else.

use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::{Error as HashError, PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use tokio::sync::Semaphore;

use super::error::AuthError;

/// A hash that no password has: verified when the account is unknown, so that "unknown" takes as long as "wrong".
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now("nobody's password").unwrap_or_default());

/// Most bytes a password may have; GoTrue's bound.
const LONGEST: usize = 72;

/// What a new password must be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// Fewest characters.
    pub(crate) shortest: usize,
}

impl Policy {
    /// Refuses a password that is not good enough.
    pub(crate) fn check(self, password: &str) -> Result<(), AuthError> {
        if password.len() > LONGEST {
            return Err(AuthError::Validation("Password cannot be longer than 72 characters"));
        }
        if password.chars().count() < self.shortest { Err(AuthError::WeakPassword(self.shortest)) } else { Ok(()) }
    }
}

/// Hashes a new password.
pub(crate) async fn hash(limit: &Arc<Semaphore>, password: String) -> Result<String, AuthError> {
    blocking(limit, move || hash_now(&password)).await?.ok_or(AuthError::Unexpected)
}

/// Whether `password` belongs to `hash`. Without a hash the answer is false after the same work. `told` is told too, and
/// also when nobody waits for the answer any more.
pub(super) async fn verify(
    limit: &Arc<Semaphore>,
    password: String,
    hash: Option<String>,
    told: impl FnOnce(bool) + Send + 'static,
) -> Result<bool, AuthError> {
    blocking(limit, move || {
        let right = verify_now(&password, hash);
        told(right);
        right
    })
    .await
}

fn verify_now(password: &str, hash: Option<String>) -> bool {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| NOBODY.clone());
    let Ok(parsed) = PasswordHash::new(&hash) else { return false };
    match Argon2::default().verify_password(password.as_bytes(), &parsed) {
        Ok(()) => known,
        Err(HashError::Password) => false,
        Err(error) => {
            tracing::error!(%error, "a stored password hash cannot be read");
            false
        }
    }
}

fn hash_now(password: &str) -> Option<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).ok()?;
    let salt = SaltString::encode_b64(&salt).ok()?;
    Some(Argon2::default().hash_password(password.as_bytes(), &salt).ok()?.to_string())
}

async fn blocking<T: Send + 'static>(
    limit: &Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AuthError> {
    let permit = limit.clone().acquire_owned().await.map_err(|_| AuthError::Unavailable)?;
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
    .map_err(|_| AuthError::Unexpected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_verdict_is_told_also_when_the_client_has_hung_up() {
        let hash = hash(&Arc::new(Semaphore::new(1)), "correct horse".to_owned()).await.expect("a hash");
        for (password, right) in [("correct horse", true), ("a guess", false)] {
            let limit = Arc::new(Semaphore::new(1));
            let (send, told) = tokio::sync::oneshot::channel();
            let tell = move |verdict| send.send(verdict).expect("the test waits");
            let mut verified = Box::pin(verify(&limit, password.to_owned(), Some(hash.clone()), tell));
            // Polled once, the work has begun; then whoever asked is gone.
            assert!(futures::poll!(&mut verified).is_pending());
            drop(verified);
            assert_eq!(told.await, Ok(right), "{password}");
        }
    }
}
