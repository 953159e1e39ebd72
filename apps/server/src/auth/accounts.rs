//! Rows of `auth.users`, and what a client sees of one.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use tokio_postgres::error::SqlState;
use tokio_postgres::{GenericClient, Row};
use uuid::Uuid;

use super::error::AuthError;

/// An account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) password_hash: Option<String>,
    pub(crate) banned_until: Option<DateTime<Utc>>,
    app_metadata: Value,
    user_metadata: Value,
    confirmed_at: Option<DateTime<Utc>>,
    pub(crate) last_sign_in_at: Option<DateTime<Utc>>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, coalesce(email, '') as email, encrypted_password, banned_until, raw_app_meta_data, \
                       raw_user_meta_data, email_confirmed_at, last_sign_in_at, created_at, updated_at";

impl Account {
    fn read(row: &Row) -> Self {
        let object = |value: Option<Value>| value.unwrap_or_else(|| Value::Object(Map::new()));
        Self {
            id: row.get("id"),
            email: row.get("email"),
            password_hash: row.get("encrypted_password"),
            banned_until: row.get("banned_until"),
            app_metadata: object(row.get("raw_app_meta_data")),
            user_metadata: object(row.get("raw_user_meta_data")),
            confirmed_at: row.get("email_confirmed_at"),
            last_sign_in_at: row.get("last_sign_in_at"),
            created_at: row.get("created_at"),
            updated_at: row.get("updated_at"),
        }
    }

    /// The account of this e-mail, in lower case.
    pub(crate) async fn by_email(db: &impl GenericClient, email: &str) -> Result<Option<Self>, AuthError> {
        let sql =
            format!("select {COLUMNS} from auth.users where email = $1 and not is_sso_user and deleted_at is null");
        Ok(db.query_opt(&sql, &[&email]).await?.as_ref().map(Self::read))
    }

    /// The account of this id.
    pub(crate) async fn by_id(db: &impl GenericClient, id: Uuid) -> Result<Option<Self>, AuthError> {
        let sql = format!("select {COLUMNS} from auth.users where id = $1 and deleted_at is null");
        Ok(db.query_opt(&sql, &[&id]).await?.as_ref().map(Self::read))
    }

    /// Makes a confirmed account; `None` when the e-mail is taken, also by someone who signs up at this moment.
    pub(crate) async fn create(
        db: &impl GenericClient,
        email: &str,
        password_hash: &str,
        user_metadata: &Value,
    ) -> Result<Option<Self>, AuthError> {
        let id = Uuid::new_v4();
        let app_metadata = json!({"provider": "email", "providers": ["email"]});
        let mut user_metadata = user_metadata.as_object().cloned().unwrap_or_default();
        user_metadata.insert("sub".to_owned(), json!(id));
        user_metadata.insert("email".to_owned(), json!(email));
        user_metadata.insert("email_verified".to_owned(), json!(true));
        let sql = format!(
            "insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data,
                                     raw_user_meta_data, created_at, updated_at)
             values ($1, 'authenticated', 'authenticated', $2, $3, now(), $4, $5, now(), now())
             on conflict (email) where (is_sso_user = false) do nothing
             returning {COLUMNS}"
        );
        let row =
            db.query_opt(&sql, &[&id, &email, &password_hash, &app_metadata, &Value::Object(user_metadata)]).await?;
        Ok(row.as_ref().map(Self::read))
    }

    /// Changes the e-mail, at once: nobody confirms addresses here.
    pub(crate) async fn set_email(&self, db: &impl GenericClient, email: &str) -> Result<(), AuthError> {
        let changed = db
            .execute(
                "update auth.users set email = $2, email_confirmed_at = now(), updated_at = now(),
                        raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || jsonb_build_object('email', $2::text)
                  where id = $1 and not exists (
                    select from auth.users o where o.email = $2 and o.id <> $1 and not o.is_sso_user)",
                &[&self.id, &email],
            )
            .await
            .map_err(|error| match error.code() {
                // Someone took it at this moment.
                Some(&SqlState::UNIQUE_VIOLATION) => AuthError::EmailExists,
                _ => error.into(),
            })?;
        if changed == 0 { Err(AuthError::EmailExists) } else { Ok(()) }
    }

    /// Changes the password.
    pub(crate) async fn set_password(&self, db: &impl GenericClient, hash: &str) -> Result<(), AuthError> {
        db.execute(
            "update auth.users set encrypted_password = $2, updated_at = now() where id = $1",
            &[&self.id, &hash],
        )
        .await?;
        Ok(())
    }

    /// Changes keys of the person's own data; a key that becomes null is removed.
    pub(crate) async fn merge_data(
        &self,
        db: &impl GenericClient,
        changes: &Map<String, Value>,
    ) -> Result<(), AuthError> {
        let mut data = self.user_metadata.as_object().cloned().unwrap_or_default();
        for (key, value) in changes {
            // What is known of the account itself is not the person's to say.
            if matches!(key.as_str(), "sub" | "email" | "email_verified") {
                continue;
            }
            if value.is_null() {
                data.remove(key);
            } else {
                data.insert(key.clone(), value.clone());
            }
        }
        db.execute(
            "update auth.users set raw_user_meta_data = $2 || jsonb_build_object('email', email), updated_at = now()
              where id = $1",
            &[&self.id, &Value::Object(data)],
        )
        .await?;
        Ok(())
    }

    /// Deletes the account; the database removes its rows.
    pub(crate) async fn delete(&self, db: &impl GenericClient) -> Result<(), AuthError> {
        db.execute("delete from auth.users where id = $1", &[&self.id]).await?;
        Ok(())
    }

    /// Everyone, by e-mail.
    pub(crate) async fn all(db: &impl GenericClient) -> Result<Vec<Self>, AuthError> {
        let sql = format!("select {COLUMNS} from auth.users where deleted_at is null order by email");
        Ok(db.query(&sql, &[]).await?.iter().map(Self::read).collect())
    }

    /// Whether the account may not be used now.
    pub(crate) fn banned(&self) -> bool {
        self.banned_until.is_some_and(|until| until > Utc::now())
    }

    /// Whether the e-mail address is the person's.
    pub(crate) fn confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }

    /// Takes the address for the person's: someone who may say so did.
    pub(crate) async fn confirm(&self, db: &impl GenericClient) -> Result<(), AuthError> {
        db.execute(
            "update auth.users set email_confirmed_at = now() where id = $1 and email_confirmed_at is null",
            &[&self.id],
        )
        .await?;
        Ok(())
    }

    /// The user as clients know it.
    pub(crate) fn to_json(&self) -> Value {
        let time = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::Micros, true));
        let identity_data = json!({"sub": self.id, "email": self.email, "email_verified": self.confirmed_at.is_some(),
                                   "phone_verified": false});
        json!({
            "id": self.id,
            "aud": "authenticated",
            "role": "authenticated",
            "email": self.email,
            "email_confirmed_at": time(self.confirmed_at),
            "confirmed_at": time(self.confirmed_at),
            "phone": "",
            "last_sign_in_at": time(self.last_sign_in_at),
            "app_metadata": self.app_metadata,
            "user_metadata": self.user_metadata,
            // One way to sign in, so the identity needs no row of its own.
            "identities": [{
                "identity_id": self.id,
                "id": self.id,
                "user_id": self.id,
                "identity_data": identity_data,
                "provider": "email",
                "last_sign_in_at": time(self.last_sign_in_at),
                "created_at": time(self.created_at),
                "updated_at": time(self.updated_at),
                "email": self.email,
            }],
            "created_at": time(self.created_at),
            "updated_at": time(self.updated_at),
            "is_anonymous": false,
        })
    }

    /// The claims of an access token that tell about the account.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "sub": self.id,
            "aud": "authenticated",
            "role": "authenticated",
            "email": self.email,
            "phone": "",
            "app_metadata": self.app_metadata,
            "user_metadata": self.user_metadata,
            "is_anonymous": false,
        })
    }
}
