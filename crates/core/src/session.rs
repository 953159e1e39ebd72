//! Sessions: who is signed in, where that is kept, and how one signs in. `crates/supabase` implements [`Auth`]; shells
//! give the [`Vault`].

use crate::{
    platform::{BoxFuture, MaybeSend, MaybeSync},
    remote::Remote,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// A session as the server gave it. Tokens never go into logs: [`std::fmt::Debug`] leaves them out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The account: the token's `sub`.
    pub user_id: Uuid,
    /// The account's e-mail.
    pub email: String,
    /// The JWT for requests.
    pub access_token: String,
    /// Gives the next pair, once.
    pub refresh_token: String,
    /// When the access token ends, unix seconds by the server's clock.
    pub expires_at: i64,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("user_id", &self.user_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Where the session is kept (localStorage, a file only its user can read). One per server.
pub trait Vault: MaybeSend + MaybeSync {
    /// The session kept, if any. What does not read counts as none.
    fn load(&self) -> Option<Session>;

    /// Keeps the session durably, or forgets it.
    ///
    /// # Errors
    /// When it could not be kept.
    fn store(&self, session: Option<&Session>) -> Result<(), VaultError>;
}

/// The session could not be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the session could not be kept on this device: {0}")]
pub struct VaultError(pub String);

/// Why signing in or up failed. Each has words for a person in the UI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No such account, or another password.
    #[error("e-mail or password is wrong")]
    InvalidCredentials,
    /// Sign-up with an e-mail that has an account.
    #[error("this e-mail has an account already")]
    EmailTaken,
    /// The password does not meet the server's policy, in its words.
    #[error("{0}")]
    WeakPassword(String),
    /// The account must be confirmed by e-mail first.
    #[error("confirm your e-mail first, then sign in")]
    NotConfirmed,
    /// Too many tries.
    #[error("too many tries; wait a little")]
    RateLimited,
    /// The server cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Offline(String),
    /// The server said no in another way.
    #[error("{message}")]
    Refused {
        /// The server's code.
        code: String,
        /// The server's words.
        message: String,
    },
    /// The session could not be kept.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Signing in and out. The implementation keeps the vault up to date and refreshes tokens by itself.
pub trait Auth: MaybeSend + MaybeSync {
    /// The session kept on this device, expired or not. No network.
    fn current(&self) -> Option<Session>;

    /// Makes an account and signs in.
    fn sign_up(&self, email: String, password: String) -> BoxFuture<'_, Result<Session, AuthError>>;

    /// Signs in.
    fn sign_in(&self, email: String, password: String) -> BoxFuture<'_, Result<Session, AuthError>>;

    /// Forgets the session here, before it waits for anything, and tells the server if it can be reached.
    fn sign_out(&self) -> BoxFuture<'_, Result<(), AuthError>>;

    /// Sets another password for the account that is signed in, if the one given is the current one. Whoever else is
    /// signed in to it is signed out.
    fn change_password(&self, current: String, new: String) -> BoxFuture<'_, Result<(), AuthError>>;

    /// Deletes the account that is signed in at the server, with all that is its own, if that is its password. What is on
    /// this device, the session included, stays for the caller to forget.
    fn delete_account(&self, password: String) -> BoxFuture<'_, Result<(), AuthError>>;

    /// The server for the session kept.
    fn remote(&self) -> Arc<dyn Remote>;
}
