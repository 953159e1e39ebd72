//! Passwords: argon2id with the crate's recommended cost (19 MiB, two passes), on threads for blocking work and only a
//! few at a time, so that a burst of sign-ins can neither eat the memory nor stop the sync of everyone else.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::{Output, ParamsString, PasswordHash, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;

use super::error::AuthError;

/// Verified when the account is unknown, so that "unknown" takes as long as "wrong". Of our cost; whatever it verifies, there is no
/// account for it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

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

/// Who hashes: so many at a time, each in 19 MiB that are used again and again.
///
/// Taken anew for each password they would not be given back: blocks of that size come from the heap, and what else is
/// taken meanwhile keeps the gaps from closing. Two hundred sign-ins at once left the server with 870 MB.
#[derive(Debug, Clone)]
pub(crate) struct Hashing {
    turns: Arc<Semaphore>,
    /// Not in use now; never more than there are turns.
    idle: Arc<Mutex<Vec<Vec<Block>>>>,
}

impl Hashing {
    /// For `at_a_time` passwords.
    pub(crate) fn new(at_a_time: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_a_time)), idle: Arc::default() }
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, AuthError> {
        self.blocking(move |memory| hash_now(&password, memory)).await?.ok_or(AuthError::Unexpected)
    }

    /// Whether `password` belongs to `hash`. Without a hash the answer is false after the same work. `told` is told too,
    /// and also when nobody waits for the answer any more.
    pub(super) async fn verify(
        &self,
        password: String,
        hash: Option<String>,
        told: impl FnOnce(bool) + Send + 'static,
    ) -> Result<bool, AuthError> {
        self.blocking(move |memory| {
            let right = verify_now(&password, hash, memory);
            told(right);
            right
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut [Block]) -> T + Send + 'static,
    ) -> Result<T, AuthError> {
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| AuthError::Unavailable)?;
        let idle = self.idle.clone();
        tokio::task::spawn_blocking(move || {
            let taken = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut taken = taken.unwrap_or_else(memory);
            let outcome = work(&mut taken);
            // Before the turn is given on, so that the next one finds it.
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
            drop(turn);
            outcome
        })
        .await
        .map_err(|_| AuthError::Unexpected)
    }
}

/// What hashing one password takes.
fn memory() -> Vec<Block> {
    vec![Block::new(); Params::DEFAULT.block_count()]
}

fn hash_now(password: &str, memory: &mut [Block]) -> Option<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).ok()?;
    let text = SaltString::encode_b64(&salt).ok()?;
    let (algorithm, version, params) = (Algorithm::default(), Version::default(), Params::DEFAULT);
    let described = ParamsString::try_from(&params).ok()?;
    let output = compute(Argon2::new(algorithm, version, params), password, &salt, Params::DEFAULT_OUTPUT_LEN, memory)?;
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: described,
        salt: Some(text.as_salt()),
        hash: Some(output),
    };
    Some(hash.to_string())
}

fn verify_now(password: &str, hash: Option<String>, memory: &mut [Block]) -> bool {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
    let Ok(parsed) = PasswordHash::new(&hash) else {
        tracing::error!("a stored password hash is none that this server makes");
        return false;
    };
    matches(password, &parsed, memory) && known
}

fn matches(password: &str, hash: &PasswordHash<'_>, memory: &mut [Block]) -> bool {
    let mut salt = [0; 64];
    let ours = (|| {
        let salt = hash.salt?.decode_b64(&mut salt).ok()?;
        let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
        let params = Params::try_from(hash).ok()?;
        // Another cost, from a backup of another version say, takes memory of its own.
        if params.block_count() != memory.len() {
            return None;
        }
        let argon2 = Argon2::new(Algorithm::try_from(hash.algorithm).ok()?, version, params);
        compute(argon2, password, salt, hash.hash?.len(), memory)
    })();
    match ours {
        // Compared in constant time.
        Some(output) => hash.hash == Some(output),
        None => Argon2::default().verify_password(password.as_bytes(), hash).is_ok(),
    }
}

fn compute(argon2: Argon2<'_>, password: &str, salt: &[u8], length: usize, memory: &mut [Block]) -> Option<Output> {
    Output::init_with(length, |out| {
        Ok(argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut *memory)?)
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::password_hash::PasswordHasher as _;
    use futures::future::join_all;

    #[tokio::test]
    async fn hashes_are_those_of_argon2_itself() {
        let hashing = Hashing::new(1);
        let ours = hashing.hash("correct horse".to_owned()).await.expect("a hash");
        assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
        let parsed = PasswordHash::new(&ours).expect("a hash in PHC's form");
        Argon2::default().verify_password(b"correct horse", &parsed).expect("it verifies");
        // Theirs, of our cost and of another one, in memory that was used before.
        let salt = SaltString::encode_b64(&[7; 16]).expect("a salt");
        let cheap = Params::new(1024, 1, 2, None).expect("parameters");
        for argon2 in [Argon2::default(), Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap)] {
            let theirs = argon2.hash_password(b"correct horse", &salt).expect("a hash").to_string();
            for (password, right) in [("correct horse", true), ("a guess", false), ("correct horse", true)] {
                let verified = hashing.verify(password.to_owned(), Some(theirs.clone()), |_| ()).await;
                assert!(matches!(verified, Ok(verdict) if verdict == right), "{password} {theirs}");
            }
        }
    }

    #[test]
    fn nobody_costs_what_everybody_costs() {
        let nobody = PasswordHash::new(NOBODY).expect("a hash in PHC's form");
        let params = Params::try_from(&nobody).expect("parameters");
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
        assert_eq!(params.block_count(), Params::DEFAULT.block_count());
        assert_eq!(nobody.hash.map(|hash| hash.len()), Some(Params::DEFAULT_OUTPUT_LEN));
        assert_eq!(nobody.algorithm, Algorithm::default().ident());
    }

    #[tokio::test]
    async fn without_a_hash_or_with_one_that_is_none_no_password_is_right() {
        let hashing = Hashing::new(1);
        let bcrypt = "$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5xqfSrxj6Wz0t0yZ5n5N5yqvF0y6i";
        for hash in [None, Some(""), Some(bcrypt), Some("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAA")] {
            for password in ["", "a guess"] {
                let verified = hashing.verify(password.to_owned(), hash.map(str::to_owned), |_| ()).await;
                assert!(matches!(verified, Ok(false)), "{password} {hash:?}");
            }
        }
    }

    #[tokio::test]
    async fn many_at_once_share_the_memory_of_a_few() {
        let hashing = Hashing::new(2);
        let all = join_all((0..12).map(|number| hashing.hash(format!("password {number}")))).await;
        assert!(all.iter().all(Result::is_ok));
        let kept = hashing.idle.lock().expect("nobody panicked").iter().map(Vec::len).collect::<Vec<_>>();
        assert!((1..=2).contains(&kept.len()), "{kept:?}");
        assert!(kept.iter().all(|blocks| *blocks == Params::DEFAULT.block_count()), "{kept:?}");
    }

    #[tokio::test]
    async fn the_verdict_is_told_also_when_the_client_has_hung_up() {
        let hash = Hashing::new(1).hash("correct horse".to_owned()).await.expect("a hash");
        for (password, right) in [("correct horse", true), ("a guess", false)] {
            let hashing = Hashing::new(1);
            let (send, told) = tokio::sync::oneshot::channel();
            let tell = move |verdict| send.send(verdict).expect("the test waits");
            let mut verified = Box::pin(hashing.verify(password.to_owned(), Some(hash.clone()), tell));
            // Polled once, the work has begun; then whoever asked is gone.
            assert!(futures::poll!(&mut verified).is_pending());
            drop(verified);
            assert_eq!(told.await, Ok(right), "{password}");
        }
    }
}
