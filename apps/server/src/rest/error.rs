//! PostgREST's errors: body `{"code","message","details","hint"}`, the status that belongs to the code, and the headers
//! `Proxy-Status` and, for tokens, `WWW-Authenticate`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio_postgres::error::DbError as PgError;

use crate::db::DbError;
use crate::jwt::JwtError;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestError {
    /// The body is no JSON object.
    #[error("Empty or invalid json")]
    BadJson,
    /// The body is larger than allowed.
    #[error("The request body is too large: send it in smaller parts")]
    TooLarge,
    /// No function of this name takes these arguments.
    #[error("Could not find the function public.{name}{} in the schema cache", signature(arguments))]
    UnknownFunction {
        /// As asked for.
        name: String,
        /// Names of the arguments given.
        arguments: Vec<String>,
        /// Whether they came as a body, which a function could take as a whole too.
        body: bool,
    },
    /// Several do.
    #[error("Could not choose the best candidate function between several named public.{0}")]
    AmbiguousFunction(String),
    /// No table of this name.
    #[error("Could not find the table 'public.{0}' in the schema cache")]
    UnknownTable(String),
    /// A part of the query string cannot be read.
    #[error("{message}")]
    BadQuery {
        /// What and where.
        message: String,
        /// What was expected.
        details: String,
    },
    /// The body is JSON, and not of the form that can be written.
    #[error("{0}")]
    BadBody(String),
    /// `limit`, `offset` or `Range` name no range.
    #[error("Requested range not satisfiable")]
    BadRange(String),
    /// They name one behind the last row.
    #[error("Requested range not satisfiable")]
    BeyondTheEnd {
        /// Where it begins.
        offset: i64,
        /// How many rows there are.
        total: i64,
    },
    /// A PUT whose filters are not its key.
    #[error("Filters must include all and only primary key columns with 'eq' operators")]
    KeyFilters,
    /// A PUT with `limit` or `offset`.
    #[error("limit/offset querystring parameters are not allowed for PUT")]
    PutWithLimit,
    /// A PUT whose body has another key than its address.
    #[error("Payload values do not match URL in primary key column(s)")]
    PutOfAnotherKey,
    /// A schema that is not exposed.
    #[error("Invalid schema: {0}")]
    UnknownSchema(String),
    /// No form of answer that the client takes.
    #[error("None of these media types are available: {}", .0.join(", "))]
    NoSuchMedia(Vec<String>),
    /// A filter or an order of a table that is not selected.
    #[error("'{0}' is not an embedded resource in this request")]
    NotEmbedded(String),
    /// One row was asked for and there are none or several.
    #[error("Cannot coerce the result to a single JSON object")]
    NotSingular(i64),
    /// No such request for a table.
    #[error("Unsupported HTTP method: {0}")]
    UnsupportedMethod(String),
    /// No such request for a function.
    #[error("Cannot use the {0} method on RPC")]
    FunctionMethod(String),
    /// With `handling=strict`.
    #[error("Invalid preferences given with handling=strict")]
    UnknownPreferences(Vec<String>),
    /// `count()` and the like, which Supabase does not allow either unless told to.
    #[error("Use of aggregate functions is not allowed")]
    Aggregates,
    /// More rows than `max-affected`.
    #[error("Query result exceeds max-affected preference constraint")]
    TooManyAffected(i64),
    /// No foreign key between two tables.
    #[error("Could not find a relationship between '{table}' and '{other}' in the schema cache")]
    NoRelation {
        /// The table.
        table: String,
        /// The one to embed.
        other: String,
        /// How it was to be found.
        hint: Option<String>,
    },
    /// Several.
    #[error("Could not embed because more than one relationship was found for '{table}' and '{other}'")]
    AmbiguousRelation {
        /// The table.
        table: String,
        /// The one to embed.
        other: String,
        /// Names of the foreign keys, and what PostgREST tells of each.
        relations: Vec<(String, Value)>,
    },
    /// A key of the body is no column.
    #[error("Could not find the '{column}' column of '{table}' in the schema cache")]
    UnknownColumn {
        /// The table.
        table: String,
        /// The key.
        column: String,
    },
    /// A column of a function's result, in PostgreSQL's words.
    #[error("column {relation}.{column} does not exist")]
    NoColumn {
        /// The function.
        relation: String,
        /// What is no column of it.
        column: String,
    },
    /// Not an address of this API.
    #[error("Invalid path specified in request URL")]
    BadPath,
    /// The root, where a description of the API would be.
    #[error("Root endpoint metadata is disabled")]
    NoDescription,
    /// The token.
    #[error("{}", jwt_message(*.0))]
    Jwt(#[from] JwtError),
    /// A token of ours with a role that is none.
    #[error("role \"{0}\" does not exist")]
    UnknownRole(String),
    /// The embedded database took too long; PostgreSQL's own words for it.
    #[error("canceling statement due to statement timeout")]
    TooSlow,
    /// No connection in time.
    #[error("Timed out acquiring connection from connection pool.")]
    Busy,
    /// No database.
    #[error("Database connection error. Retrying the connection.")]
    Unavailable,
    /// PostgreSQL refused the statement.
    #[error("{}", .error.message())]
    Postgres {
        /// What it said.
        error: Box<PgError>,
        /// Whether the caller had not signed in; lack of rights is then 401.
        anonymous: bool,
    },
}

fn signature(arguments: &[String]) -> String {
    if arguments.is_empty() { " without parameters".to_owned() } else { format!("({})", arguments.join(", ")) }
}

fn jwt_message(error: JwtError) -> &'static str {
    match error {
        JwtError::Malformed => "Expected 3 parts in JWT; got something else",
        JwtError::Signature => "No suitable key or wrong key type",
        JwtError::Expired(_) => "JWT expired",
        JwtError::NotYetValid => "JWT not yet valid",
    }
}

impl From<DbError> for RestError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Busy => Self::Busy,
            DbError::Unavailable(reason) => {
                tracing::warn!(reason, "rest: no database");
                Self::Unavailable
            }
            DbError::Postgres(error) => error.into(),
        }
    }
}

impl From<tokio_postgres::Error> for RestError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(db) => Self::Postgres { error: Box::new(db.clone()), anonymous: false },
            None => {
                tracing::warn!(error = %crate::error::describe_without_values(&error), "rest: the connection failed");
                Self::Unavailable
            }
        }
    }
}

impl RestError {
    /// The same error for someone who has not signed in.
    pub(crate) fn for_anonymous(self, is_anonymous: bool) -> Self {
        match self {
            Self::Postgres { error, .. } => Self::Postgres { error, anonymous: is_anonymous },
            other => other,
        }
    }

    fn parts(&self) -> (StatusCode, &str, Value, Value) {
        use StatusCode as S;
        let none = Value::Null;
        match self {
            Self::BadJson | Self::BadBody(_) => (S::BAD_REQUEST, "PGRST102", none.clone(), none),
            Self::BadQuery { details, .. } => (S::BAD_REQUEST, "PGRST100", json!(details), none),
            Self::BadRange(details) => (S::RANGE_NOT_SATISFIABLE, "PGRST103", json!(details), none),
            Self::BeyondTheEnd { offset, total } => (
                S::RANGE_NOT_SATISFIABLE,
                "PGRST103",
                json!(format!("An offset of {offset} was requested, but there are only {total} rows.")),
                none,
            ),
            Self::FunctionMethod(_) => (S::METHOD_NOT_ALLOWED, "PGRST101", none.clone(), none),
            Self::KeyFilters => (S::METHOD_NOT_ALLOWED, "PGRST105", none.clone(), none),
            Self::UnknownSchema(_) => {
                (S::NOT_ACCEPTABLE, "PGRST106", none, json!("Only the following schemas are exposed: public"))
            }
            Self::NoSuchMedia(_) => (S::NOT_ACCEPTABLE, "PGRST107", none.clone(), none),
            Self::NotEmbedded(name) => (
                S::BAD_REQUEST,
                "PGRST108",
                none,
                json!(format!("Verify that '{name}' is included in the 'select' query parameter.")),
            ),
            Self::PutWithLimit => (S::BAD_REQUEST, "PGRST114", none.clone(), none),
            Self::PutOfAnotherKey => (S::BAD_REQUEST, "PGRST115", none.clone(), none),
            Self::NotSingular(rows) => {
                (S::NOT_ACCEPTABLE, "PGRST116", json!(format!("The result contains {rows} rows")), none)
            }
            Self::UnsupportedMethod(_) => (S::METHOD_NOT_ALLOWED, "PGRST117", none.clone(), none),
            Self::UnknownPreferences(unknown) => {
                (S::BAD_REQUEST, "PGRST122", json!(format!("Invalid preferences: {}", unknown.join(", "))), none)
            }
            Self::Aggregates => (S::BAD_REQUEST, "PGRST123", none.clone(), none),
            Self::TooManyAffected(rows) => {
                (S::BAD_REQUEST, "PGRST124", json!(format!("The query affects {rows} rows")), none)
            }
            Self::NoRelation { table, other, hint } => {
                let using = hint.as_ref().map(|hint| format!("' using the hint '{hint}")).unwrap_or_default();
                (
                    S::BAD_REQUEST,
                    "PGRST200",
                    json!(format!(
                        "Searched for a foreign key relationship between '{table}' and '{other}{using}' in the schema \
                         'public', but no matches were found."
                    )),
                    none,
                )
            }
            Self::AmbiguousRelation { other, relations, .. } => (
                S::MULTIPLE_CHOICES,
                "PGRST201",
                relations.iter().map(|(_, described)| described.clone()).collect(),
                json!(format!(
                    "Try changing '{other}' to one of the following: {}. Find the desired relationship in the \
                     'details' key.",
                    relations.iter().map(|(key, _)| format!("'{other}!{key}'")).collect::<Vec<_>>().join(", ")
                )),
            ),
            Self::UnknownColumn { .. } => (S::BAD_REQUEST, "PGRST204", none.clone(), none),
            Self::NoColumn { .. } => (S::BAD_REQUEST, "42703", none.clone(), none),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "413", none.clone(), none),
            Self::UnknownFunction { name, arguments, body } => {
                let with = match arguments.as_slice() {
                    [] => " without parameters".to_owned(),
                    [one] => format!(" with parameter {one}"),
                    several => format!(" with parameters {}", several.join(", ")),
                };
                let or = if *body { " or with a single unnamed json/jsonb parameter" } else { "" };
                (
                    S::NOT_FOUND,
                    "PGRST202",
                    json!(format!(
                        "Searched for the function public.{name}{with}{or}, but no matches were found in the schema cache."
                    )),
                    none,
                )
            }
            Self::AmbiguousFunction(_) => (S::MULTIPLE_CHOICES, "PGRST203", none.clone(), none),
            Self::UnknownTable(_) => (S::NOT_FOUND, "PGRST205", none.clone(), none),
            Self::BadPath => (S::NOT_FOUND, "PGRST125", none.clone(), none),
            Self::NoDescription => (S::NOT_FOUND, "PGRST126", none.clone(), none),
            Self::Jwt(JwtError::Malformed | JwtError::Signature) => (S::UNAUTHORIZED, "PGRST301", none.clone(), none),
            Self::Jwt(_) => (S::UNAUTHORIZED, "PGRST303", none.clone(), none),
            Self::UnknownRole(_) => (S::UNAUTHORIZED, "22023", none.clone(), none),
            Self::TooSlow => (S::INTERNAL_SERVER_ERROR, "57014", none.clone(), none),
            Self::Busy => (S::GATEWAY_TIMEOUT, "PGRST003", none.clone(), none),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "PGRST001", none.clone(), none),
            Self::Postgres { error, anonymous } => (
                status_of(error.code().code(), *anonymous),
                error.code().code(),
                error.detail().map_or(Value::Null, |detail| json!(detail)),
                error.hint().map_or(Value::Null, |hint| json!(hint)),
            ),
        }
    }
}

/// PostgREST's status for an SQLSTATE.
fn status_of(code: &str, anonymous: bool) -> StatusCode {
    use StatusCode as S;
    match code {
        "23503" | "23505" => S::CONFLICT,
        "25006" => S::METHOD_NOT_ALLOWED,
        "21000" => S::INTERNAL_SERVER_ERROR,
        "42P17" => S::INTERNAL_SERVER_ERROR,
        "42883" | "42P01" => S::NOT_FOUND,
        "42501" if anonymous => S::UNAUTHORIZED,
        "42501" => S::FORBIDDEN,
        "P0001" => S::BAD_REQUEST,
        "53400" => S::INTERNAL_SERVER_ERROR,
        "57P01" => S::SERVICE_UNAVAILABLE,
        _ => {
            if let Some(status) = code.strip_prefix("PT").and_then(|status| status.parse().ok()) {
                return StatusCode::from_u16(status).unwrap_or(S::INTERNAL_SERVER_ERROR);
            }
            match code.get(..2).unwrap_or_default() {
                "08" | "53" => S::SERVICE_UNAVAILABLE,
                "0L" | "0P" | "28" => S::FORBIDDEN,
                "09" | "25" | "2D" | "38" | "39" | "3B" | "40" | "54" | "55" | "57" | "58" | "F0" | "HV" | "P0"
                | "XX" => S::INTERNAL_SERVER_ERROR,
                _ => S::BAD_REQUEST,
            }
        }
    }
}

/// `raise sqlstate 'PGRST' using message = '{"code", "message", …}', detail = '{"status", …}'`: SQL answers by itself.
fn raised_in_full(error: &PgError) -> Option<(StatusCode, Value)> {
    if error.code().code() != "PGRST" {
        return None;
    }
    let body: Value = serde_json::from_str(error.message()).ok()?;
    let detail: Value = serde_json::from_str(error.detail()?).ok()?;
    let status = u16::try_from(detail.get("status")?.as_u64()?).ok()?;
    let field = |name: &str| body.get(name).cloned().unwrap_or(Value::Null);
    let body = json!({"code": field("code"), "message": field("message"), "details": field("details"),
                      "hint": field("hint")});
    Some((StatusCode::from_u16(status).ok()?, body))
}

impl IntoResponse for RestError {
    fn into_response(self) -> Response {
        if let Self::Postgres { error, .. } = &self
            && let Some((status, body)) = raised_in_full(error)
        {
            return (status, axum::Json(body)).into_response();
        }
        let message = self.to_string();
        let (status, code, details, hint) = self.parts();
        if status.is_server_error() {
            tracing::warn!(code, message, "rest: failed");
        }
        let body = json!({"code": code, "message": message, "details": details, "hint": hint});
        let proxy = HeaderValue::from_str(&format!("PostgREST; error={code}"));
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        if let Ok(proxy) = proxy {
            headers.insert("proxy-status", proxy);
        }
        if let Self::Jwt(_) = self {
            let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{message}\"");
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
        } else if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_follow_postgrest() {
        for (code, anonymous, status) in [
            ("42501", false, 403),
            ("42501", true, 401),
            ("23505", false, 409),
            ("23503", false, 409),
            ("23514", false, 400),
            ("22P02", false, 400),
            ("P0001", false, 400),
            ("PT409", false, 409),
            ("40001", false, 500),
            ("57014", false, 500),
            ("53300", false, 503),
            ("21000", false, 500),
            ("42P01", false, 404),
            ("42703", false, 400),
        ] {
            assert_eq!(status_of(code, anonymous).as_u16(), status, "{code}");
        }
    }
}
