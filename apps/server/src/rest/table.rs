//! One request for a table: one transaction, as the caller.

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio_postgres::Transaction;

use super::caller::Caller;
use super::error::RestError;
use super::request::{Count, Media, Payload, Prefer, Query, Resolution, Return};
use super::schema::{Table, Tables};
use super::sql::{self, Change, Statement};
use crate::state::App;

/// Bytes of a `Content-Location`.
const LONGEST_LOCATION: usize = 4096;

/// What kind of request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Read,
    Insert,
    Replace,
    Update,
    Delete,
}

/// What the main statement answered.
#[derive(Debug)]
struct Found {
    total: Option<i64>,
    page: i64,
    body: String,
    location: Option<Vec<String>>,
    inserted: Option<i32>,
}

/// Everything of the request that was read before the database was asked.
struct Asked {
    action: Action,
    method: Method,
    query: Query,
    prefer: Prefer,
    media: Media,
    payload: Option<Payload>,
}

/// `GET`, `HEAD`, `POST`, `PUT`, `PATCH`, `DELETE` and `OPTIONS` of `/<table>`.
pub(super) async fn any(
    State(app): State<App>,
    Path(name): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RestError> {
    let caller = Caller::of_request(&app.project, &headers, &uri)?;
    super::schema_asked_for(&method, &headers)?;
    if method == Method::OPTIONS {
        return options(&app, &name).await;
    }
    let asked = Asked::read(&method, &uri, &headers, body)?;
    let anonymous = caller.is_anonymous();
    let most = app.limits.rows;
    let mut db = app.db.session().await?;
    let columns = asked.payload.as_ref().map(|payload| payload.columns.clone()).unwrap_or_default();
    let (tables, table) = app.schema.with(&*db, &name, &columns).await?;
    let main = asked.statement(&tables, &table, most)?;
    let explain = asked.explain(&tables, &table, most)?;
    let run = async {
        let reads = asked.action == Action::Read;
        let tx = db.build_transaction().read_only(reads).start().await?;
        caller.enter_request(&tx, &method, uri.path(), &headers).await?;
        let mut found = ask(&tx, &main).await?;
        asked.check(&found)?;
        if let Some(explain) = explain
            && (asked.prefer.count == Some(Count::Planned) || found.total.is_some_and(|total| total > most))
        {
            let planned = planned(&tx, &explain).await?;
            found.total = Some(found.total.map_or(planned, |total| total.max(planned)));
        }
        // Deferred triggers run at commit and may refuse.
        tx.commit().await?;
        Ok::<_, RestError>(found)
    };
    let ran = super::within_limit(&app, run).await;
    if ran.as_ref().is_err_and(|error| !matches!(error, RestError::TooSlow)) {
        db.after_failure().await;
    }
    let found = ran.map_err(|error| error.for_anonymous(anonymous))?;
    drop(db);
    if asked.action != Action::Read {
        app.db.sync().await?;
    }
    asked.answer(&table, &uri, found)
}

impl Asked {
    fn read(
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Self, RestError> {
        let action = match *method {
            Method::GET | Method::HEAD => Action::Read,
            Method::POST => Action::Insert,
            Method::PUT => Action::Replace,
            Method::PATCH => Action::Update,
            Method::DELETE => Action::Delete,
            _ => return Err(RestError::UnsupportedMethod(method.to_string())),
        };
        let prefer = Prefer::read(headers)?;
        let mut query = Query::read(uri.query().unwrap_or_default(), method, headers)?;
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => RestError::TooLarge,
            _ => RestError::BadJson,
        })?;
        let payload = match action {
            Action::Read | Action::Delete => None,
            Action::Replace => Some(Payload::read(headers, &body, None)?),
            Action::Insert | Action::Update => Some(Payload::read(headers, &body, query.columns.take())?),
        };
        Ok(Self { action, method: method.clone(), query, prefer, media: Media::read(headers)?, payload })
    }

    fn statement(&self, tables: &Tables, table: &Table, most: i64) -> Result<Statement, RestError> {
        let writes = self.action != Action::Read;
        let plan = sql::plan(tables, table, &self.query, (!writes).then_some(most), writes)?;
        let defaults = self.prefer.defaults == Some(true);
        let change = match (self.action, &self.payload) {
            (Action::Insert, Some(payload)) => Change::Insert { payload, resolution: self.prefer.resolution, defaults },
            (Action::Replace, Some(payload)) => Change::Replace { payload },
            (Action::Update, Some(payload)) => Change::Update { payload, defaults },
            (Action::Delete, _) => Change::Delete,
            _ => return Ok(sql::read_statement(&plan, self.prefer.count, most, self.media)),
        };
        sql::change(table, change, &self.query, self.prefer.returns, &plan, self.media)
    }

    fn explain(&self, tables: &Tables, table: &Table, most: i64) -> Result<Option<Statement>, RestError> {
        if self.action != Action::Read || !matches!(self.prefer.count, Some(Count::Planned | Count::Estimated)) {
            return Ok(None);
        }
        let plan = sql::plan(tables, table, &self.query, Some(most), false)?;
        Ok(Some(sql::explain_statement(&plan)))
    }

    /// Refuses, before anything is kept, what the answer must not be.
    fn check(&self, found: &Found) -> Result<(), RestError> {
        if self.action == Action::Replace {
            return if found.page == 1 { Ok(()) } else { Err(RestError::PutOfAnotherKey) };
        }
        if self.media.is_single() && found.page != 1 {
            return Err(RestError::NotSingular(found.page));
        }
        if matches!(self.action, Action::Update | Action::Delete)
            && self.prefer.strict == Some(true)
            && self.prefer.max_affected.is_some_and(|most| found.page > most)
        {
            return Err(RestError::TooManyAffected(found.page));
        }
        Ok(())
    }

    fn answer(&self, table: &Table, uri: &Uri, found: Found) -> Result<Response, RestError> {
        let counted = matches!(self.prefer.count, Some(Count::Exact | Count::Estimated)).then_some(found.page);
        let full = self.prefer.returns == Some(Return::Representation);
        let (status, range) = match self.action {
            Action::Read => self.read_status(&found)?,
            Action::Insert => {
                let updated_only = self.prefer.resolution == Some(Resolution::Merge)
                    && found.inserted.is_some_and(|inserted| inserted <= 0);
                let status = if updated_only { StatusCode::OK } else { StatusCode::CREATED };
                (status, Some(content_range(1, 0, counted)))
            }
            Action::Replace if full => {
                let new = found.inserted.is_some_and(|inserted| inserted > 0);
                (if new { StatusCode::CREATED } else { StatusCode::OK }, None)
            }
            Action::Replace => (StatusCode::NO_CONTENT, None),
            Action::Update => {
                let status = if full { StatusCode::OK } else { StatusCode::NO_CONTENT };
                (status, Some(content_range(0, found.page - 1, counted)))
            }
            Action::Delete => {
                let status = if full { StatusCode::OK } else { StatusCode::NO_CONTENT };
                (status, Some(content_range(1, 0, counted)))
            }
        };
        let shown = self.action == Action::Read || full;
        let mut response = if shown && self.method != Method::HEAD {
            Response::new(Body::from(found.body))
        } else {
            StatusCode::OK.into_response()
        };
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if shown {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media.content_type()));
        }
        let mut set = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        };
        if let Some(range) = range {
            set("content-range", range);
        }
        let (insert, update, delete) = (
            matches!(self.action, Action::Insert),
            matches!(self.action, Action::Update),
            matches!(self.action, Action::Delete | Action::Replace),
        );
        if let Some(applied) = self.prefer.applied(insert, update, delete) {
            set("preference-applied", applied);
        }
        if let Some(location) = found.location.filter(|pairs| !pairs.is_empty()) {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(location.iter().filter_map(|pair| pair.split_once('=')));
            set("location", format!("/{}?{}", table.name, query.finish()));
        }
        if self.action == Action::Read {
            let location = format!("/{}{}", table.name, canonical(uri));
            // Clients bound what they take for headers (Node 16 KB for all of them), and this one only repeats the question.
            if location.len() <= LONGEST_LOCATION {
                set("content-location", location);
            }
        }
        Ok(response)
    }

    fn read_status(&self, found: &Found) -> Result<(StatusCode, Option<String>), RestError> {
        let from = self.query.range.from;
        let to = from + found.page - 1;
        let status = match found.total {
            None => StatusCode::OK,
            Some(total) if from > total => return Err(RestError::BeyondTheEnd { offset: from, total }),
            Some(total) if found.page < total => StatusCode::PARTIAL_CONTENT,
            Some(_) => StatusCode::OK,
        };
        Ok((status, Some(content_range(from, to, found.total))))
    }
}

/// The query string in alphabetical order, without the project's key.
fn canonical(uri: &Uri) -> String {
    let query = uri.query().unwrap_or_default();
    let mut pairs: Vec<_> =
        form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name.as_ref() != "apikey").collect();
    if pairs.is_empty() {
        return String::new();
    }
    pairs.sort();
    format!("?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// `0-9/100`, `*/0`, `0-9/*`
fn content_range(from: i64, to: i64, total: Option<i64>) -> String {
    let range = if total != Some(0) && from <= to { format!("{from}-{to}") } else { "*".to_owned() };
    format!("{range}/{}", total.map_or("*".to_owned(), |total| total.to_string()))
}

async fn ask(tx: &Transaction<'_>, statement: &Statement) -> Result<Found, tokio_postgres::Error> {
    let row = tx.query_typed_one(statement.sql(), &statement.parameters()).await?;
    Ok(Found {
        total: row.get("total"),
        page: row.get("page"),
        body: row.get::<_, Option<String>>("body").unwrap_or_default(),
        location: row.get("location"),
        inserted: row.get("inserted"),
    })
}

/// How many rows the planner expects.
async fn planned(tx: &Transaction<'_>, explain: &Statement) -> Result<i64, tokio_postgres::Error> {
    let row = tx.query_typed_one(explain.sql(), &explain.parameters()).await?;
    let plan: Value = row.get(0);
    Ok(plan.pointer("/0/Plan/Plan Rows").and_then(Value::as_i64).unwrap_or(0))
}

/// Which methods there are.
async fn options(app: &App, name: &str) -> Result<Response, RestError> {
    let db = app.db.session().await?;
    let (_, table) = app.schema.with(&*db, name, &[]).await?;
    let allowed = match (table.insertable, table.keys.is_empty()) {
        (false, _) => "OPTIONS,GET,HEAD",
        (true, true) => "OPTIONS,GET,HEAD,POST,PATCH,DELETE",
        (true, false) => "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE",
    };
    Ok((StatusCode::OK, [(header::ALLOW, allowed)]).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_postgrest_writes_them() {
        assert_eq!(content_range(0, 9, None), "0-9/*");
        assert_eq!(content_range(0, -1, Some(0)), "*/0");
        assert_eq!(content_range(5, 4, Some(4)), "*/4");
        assert_eq!(content_range(2, 3, Some(10)), "2-3/10");
    }
}
