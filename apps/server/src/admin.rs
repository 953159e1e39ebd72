//! What an operator does on the command line, with the database and without a server: accounts and keys.

use uuid::Uuid;

use crate::auth::accounts::Account;
use crate::auth::error::AuthError;
use crate::auth::handlers::address;
use crate::auth::passwords::{Hashing, Policy};
use crate::auth::sessions;
use crate::config::Config;
use crate::db::{Db, DbError, migrate};
use crate::error::StartError;
use crate::project::Project;
use crate::signing::SigningKey;

/// Why a command was not carried out. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The database cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// No account of this e-mail.
    #[error("there is no account {0}.\n`almanac-server user list` shows those there are")]
    NoSuchUser(String),
    /// There is one.
    #[error("there is an account {0} already.\nTo give it another password: almanac-server user reset-password {0}")]
    Exists(String),
    /// The e-mail or the password is none that can be taken.
    #[error("{0}")]
    Refused(String),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(String),
}

impl From<DbError> for AdminError {
    fn from(error: DbError) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<tokio_postgres::Error> for AdminError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(crate::error::describe(&error))
    }
}

impl From<AuthError> for AdminError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unavailable | AuthError::Unexpected => Self::Database("see the log above".to_owned()),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// One account, for a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its e-mail.
    pub email: String,
    /// Its id.
    pub id: Uuid,
    /// When it was made, RFC 3339.
    pub created: String,
    /// When it last signed in, RFC 3339.
    pub last_sign_in: Option<String>,
    /// Whether it is locked.
    pub banned: bool,
}

/// The project's keys, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// For clients.
    pub anon: String,
    /// With all rights; a secret.
    pub service_role: String,
}

/// An opened database.
#[derive(Debug)]
pub struct Admin {
    db: Db,
    policy: Policy,
    hashing: Hashing,
}

impl Admin {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// As at the start of a server.
    pub async fn open(config: &Config) -> Result<Self, AdminError> {
        let db = Db::open(config).await?;
        let this = Self { db, policy: Policy { shortest: config.limits.shortest_password }, hashing: Hashing::new(1) };
        let prepared = async {
            let mut session = this.db.session().await?;
            migrate::run(&mut session).await?;
            Project::load(&session).await?;
            Ok::<_, AdminError>(())
        };
        if let Err(error) = prepared.await {
            this.close().await;
            return Err(error);
        }
        Ok(this)
    }

    /// Closes the database.
    pub async fn close(self) {
        self.db.close().await;
    }

    /// Makes an account; without a password it gets one, which is returned.
    ///
    /// # Errors
    /// [`AdminError::Exists`], [`AdminError::Refused`] or the database.
    pub async fn add_user(&self, email: &str, password: Option<String>) -> Result<Option<String>, AdminError> {
        let email = address(email)?;
        let (password, made) = self.password(password)?;
        let hash = self.hashing.hash(password).await?;
        let session = self.db.session().await?;
        let account = Account::create(&*session, &email, &hash, &serde_json::json!({})).await?;
        drop(session);
        account.ok_or(AdminError::Exists(email))?;
        self.db.sync().await?;
        Ok(made)
    }

    /// All accounts, by e-mail.
    ///
    /// # Errors
    /// The database.
    pub async fn users(&self) -> Result<Vec<User>, AdminError> {
        let session = self.db.session().await?;
        let users = Account::all(&*session).await?.into_iter().map(|account| User {
            banned: account.banned(),
            email: account.email,
            id: account.id,
            created: account.created_at.map(|at| at.to_rfc3339()).unwrap_or_default(),
            last_sign_in: account.last_sign_in_at.map(|at| at.to_rfc3339()),
        });
        Ok(users.collect())
    }

    /// Gives an account another password, signs it out everywhere and takes its address for confirmed; without a password it gets one, which is returned.
    ///
    /// # Errors
    /// [`AdminError::NoSuchUser`], [`AdminError::Refused`] or the database.
    pub async fn reset_password(&self, email: &str, password: Option<String>) -> Result<Option<String>, AdminError> {
        let (password, made) = self.password(password)?;
        let hash = self.hashing.hash(password).await?;
        let mut session = self.db.session().await?;
        let tx = session.transaction().await?;
        let account = find(&tx, email).await?;
        account.set_password(&tx, &hash).await?;
        // As with an account that the operator makes: they know to whom they give a password.
        account.confirm(&tx).await?;
        sessions::close_others(&tx, account.id, None).await?;
        tx.commit().await?;
        drop(session);
        self.db.sync().await?;
        Ok(made)
    }

    /// Deletes an account and everything it owns; other people's devices hear of shared events that are gone.
    ///
    /// # Errors
    /// [`AdminError::NoSuchUser`] or the database.
    pub async fn delete_user(&self, email: &str) -> Result<(), AdminError> {
        let mut session = self.db.session().await?;
        let tx = session.transaction().await?;
        find(&tx, email).await?.delete(&tx).await?;
        tx.commit().await?;
        drop(session);
        self.db.sync().await?;
        Ok(())
    }

    /// The project's keys.
    ///
    /// # Errors
    /// The database.
    pub async fn keys(&self) -> Result<Keys, AdminError> {
        let session = self.db.session().await?;
        let project = Project::load(&session).await?;
        Ok(Keys { service_role: project.service_key(), anon: project.anon_key })
    }

    /// Makes a key pair with which servers sign access tokens from their next start on; returns its id. Tokens that were
    /// given before stay good.
    ///
    /// # Errors
    /// The database, or a system without random bytes.
    pub async fn rotate_keys(&self) -> Result<String, AdminError> {
        let key =
            SigningKey::generate().ok_or_else(|| AdminError::Refused("the system gives no random bytes".into()))?;
        let session = self.db.session().await?;
        let id: Uuid = key.id().parse().map_err(|_| AdminError::Refused("a key without an id".into()))?;
        session.execute("insert into auth.signing_keys (id, pkcs8) values ($1, $2)", &[&id, &key.pkcs8()]).await?;
        drop(session);
        self.db.sync().await?;
        Ok(key.id().to_owned())
    }

    /// The password to use, and the same once more when it is a new one that has to be told.
    fn password(&self, given: Option<String>) -> Result<(String, Option<String>), AdminError> {
        if let Some(given) = given {
            self.policy.check(&given)?;
            return Ok((given, None));
        }
        let mut bytes = [0; 15];
        getrandom::fill(&mut bytes).map_err(|error| AdminError::Refused(error.to_string()))?;
        use base64::Engine as _;
        let made = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        Ok((made.clone(), Some(made)))
    }
}

async fn find(db: &impl tokio_postgres::GenericClient, email: &str) -> Result<Account, AdminError> {
    let email = address(email)?;
    Account::by_email(db, &email).await?.ok_or(AdminError::NoSuchUser(email))
}
