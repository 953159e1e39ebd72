//! Signing in and out, as core's `Auth`.

use crate::{auth, config::Config, http::Http, remote::Rest, tokens::Tokens};
use almanac_core::{
    platform::{BoxFuture, Platform},
    remote::Remote,
    session::{Auth, AuthError, Session, Vault},
};
use std::sync::Arc;

/// A client for one server. The session is kept in the vault given; tokens are renewed when they are used.
pub struct Client {
    tokens: Arc<Tokens>,
}

impl Client {
    /// A client. Nothing is asked of the network before it is used.
    #[must_use]
    pub fn new(config: Config, vault: Arc<dyn Vault>, platform: Arc<dyn Platform>) -> Arc<Self> {
        Arc::new(Self { tokens: Tokens::new(Http::new(config, platform), vault) })
    }
}

impl Client {
    /// A fresh session of who is signed in, for whoever knows the password: the server itself asks nobody for it again.
    async fn confirmed(&self, password: &str) -> Result<Session, AuthError> {
        let present = self.tokens.current().ok_or(AuthError::InvalidCredentials)?;
        let session = auth::sign_in(self.tokens.http(), &present.email, password).await?;
        // Meanwhile signed out, or another account: that one stays.
        if self.tokens.current().is_none_or(|now| now.user_id != session.user_id) {
            return Err(AuthError::InvalidCredentials);
        }
        self.tokens.sign_in(&session)?;
        Ok(session)
    }
}

impl Auth for Client {
    fn current(&self) -> Option<Session> {
        self.tokens.current()
    }

    fn sign_up(&self, email: String, password: String) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(async move {
            let session = auth::sign_up(self.tokens.http(), email.trim(), &password).await?;
            self.tokens.sign_in(&session)?;
            Ok(session)
        })
    }

    fn sign_in(&self, email: String, password: String) -> BoxFuture<'_, Result<Session, AuthError>> {
        Box::pin(async move {
            let session = auth::sign_in(self.tokens.http(), email.trim(), &password).await?;
            self.tokens.sign_in(&session)?;
            Ok(session)
        })
    }

    fn sign_out(&self) -> BoxFuture<'_, Result<(), AuthError>> {
        Box::pin(async move {
            if let Some(session) = self.tokens.sign_out()? {
                auth::sign_out(self.tokens.http(), &session).await;
            }
            Ok(())
        })
    }

    fn change_password(&self, current: String, new: String) -> BoxFuture<'_, Result<(), AuthError>> {
        Box::pin(async move {
            let session = self.confirmed(&current).await?;
            auth::set_password(self.tokens.http(), &session, &new).await
        })
    }

    fn delete_account(&self, password: String) -> BoxFuture<'_, Result<(), AuthError>> {
        Box::pin(async move {
            let session = self.confirmed(&password).await?;
            auth::delete_account(self.tokens.http(), &session).await
        })
    }

    fn remote(&self) -> Arc<dyn Remote> {
        let user = self.tokens.current().map(|session| session.user_id);
        Arc::new(Rest::new(Arc::clone(&self.tokens), user))
    }
}
