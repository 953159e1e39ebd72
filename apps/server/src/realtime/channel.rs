//! One topic that a client joined: what its join asks for, as whom, and whether it can be had.

use serde_json::Value;

use super::binding::Binding;
use super::deliver::quote;
use super::frame::Message;
use crate::db::DbError;
use crate::jwt::JwtError;
use crate::project::Project;
use crate::rest::caller::Caller;
use crate::state::App;

/// Wishes of one channel: each is looked up in the database when it is joined, and again at each change that it may be about.
const BINDINGS: usize = 100;

/// What a client joined.
pub(super) struct Channel {
    pub(super) join_ref: Option<String>,
    pub(super) caller: Caller,
    token: Option<String>,
    pub(super) bindings: Vec<Binding>,
    /// Whether the client waits for an answer to each broadcast.
    pub(super) acknowledges: bool,
}

impl Channel {
    /// What a join makes, with why its changes cannot be subscribed to; the error is why it is refused.
    pub(super) fn read(
        message: &Message,
        project: &Project,
        anyone: &Caller,
    ) -> Result<(Self, Option<String>), String> {
        let Some(name) = message.topic.strip_prefix("realtime:") else {
            return Err("unmatched topic".to_owned());
        };
        if name.is_empty() {
            return Err("TopicNameRequired: You must provide a topic name".to_owned());
        }
        let config = message.payload.get("config");
        if config.and_then(|config| config.get("private")).and_then(Value::as_bool) == Some(true) {
            return Err(format!("Unauthorized: You do not have permissions to read from this Channel topic: {name}"));
        }
        let token = message.payload.get("access_token").and_then(Value::as_str).filter(|token| is_of_a_user(token));
        let caller = token.map_or_else(|| Ok(anyone.clone()), |token| caller_of(project, token))?;
        let wishes = config.and_then(|config| config.get("postgres_changes")).and_then(Value::as_array);
        let wishes = wishes.map_or(&[][..], Vec::as_slice);
        let mut bindings = Vec::new();
        let mut trouble = None;
        if wishes.len() > BINDINGS {
            trouble = Some(format!("{} bindings are more than the {BINDINGS} that a channel may have", wishes.len()));
        } else {
            for (position, wish) in wishes.iter().enumerate() {
                match Binding::read(wish, &message.topic, position) {
                    Ok(binding) => bindings.push(binding),
                    Err(reason) => trouble = Some(reason),
                }
            }
        }
        let acknowledges = config.and_then(|config| config.pointer("/broadcast/ack")).and_then(Value::as_bool);
        let channel = Self {
            join_ref: message.join_ref.clone().or_else(|| message.reference.clone()),
            caller,
            token: token.map(str::to_owned),
            bindings,
            acknowledges: acknowledges == Some(true),
        };
        Ok((channel, trouble))
    }

    /// Takes a new token; whether it is another one than before. The error is for the client, whose channel ends.
    pub(super) fn renew(&mut self, project: &Project, token: &str) -> Result<bool, String> {
        if !is_of_a_user(token) || self.token.as_deref() == Some(token) {
            return Ok(false);
        }
        self.caller = caller_of(project, token)?;
        self.token = Some(token.to_owned());
        Ok(true)
    }

    /// Whether everything it asks for is published, exists and may be read; else what is wrong.
    pub(super) async fn check(&self, app: &App) -> Result<Option<String>, DbError> {
        for binding in &self.bindings {
            let tables = app.tables.matching(&app.db, &binding.schema, &binding.table).await?;
            let what = format!("[schema: {}, table: {}]", binding.schema, binding.table);
            if tables.is_empty() {
                return Ok(Some(what));
            }
            for table in tables {
                let column = match &binding.filter {
                    None => None,
                    Some(filter) => match table.column(&filter.column) {
                        None => return Ok(Some(format!("{what}: invalid column for filter {}", filter.column))),
                        Some(column) => Some((filter, column)),
                    },
                };
                let mut session = app.db.session().await?;
                let tx = session.build_transaction().read_only(true).start().await?;
                self.caller.enter(&tx).await?;
                let name = format!("{}.{}", quote(&table.schema), quote(&table.name));
                let readable = "select has_any_column_privilege($1::text::regclass, 'select')";
                if !tx.query_one(readable, &[&name]).await?.get::<_, bool>(0) {
                    return Ok(Some(format!("{what}: permission denied")));
                }
                if let Some((filter, column)) = column {
                    // A value that is none of the column's type would fail at every change.
                    let cast = format!("select ($1::text[])::{}[] is null", column.cast);
                    if tx.query_one(&cast, &[&filter.values]).await.is_err() {
                        return Ok(Some(format!("{what}: invalid value for filter {}", filter.column)));
                    }
                }
            }
        }
        Ok(None)
    }
}

/// Whether a token says who someone is; a project's key in the new form does not, nor does none at all.
fn is_of_a_user(token: &str) -> bool {
    !token.is_empty() && !token.starts_with("sb_")
}

/// Whose token it is; the error is in Realtime's words.
pub(super) fn caller_of(project: &Project, token: &str) -> Result<Caller, String> {
    let caller = Caller::from_token(project, token).map_err(|error| match error {
        JwtError::Expired(late) => format!("InvalidJWTToken: Token has expired {late} seconds ago"),
        JwtError::NotYetValid => "InvalidJWTToken: Token is not valid yet".to_owned(),
        JwtError::Signature => "JwtSignatureError: Failed to validate JWT signature".to_owned(),
        JwtError::Malformed => "MalformedJWT: The token provided is not a valid JWT".to_owned(),
    })?;
    if caller.expires().is_none() || !caller.claims.contains_key("role") {
        return Err("InvalidJWTToken: Fields `role` and `exp` are required in JWT".to_owned());
    }
    Ok(caller)
}
