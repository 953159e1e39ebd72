//! One call of a function: one transaction, as the caller.

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tokio_postgres::types::Type;

use super::caller::Caller;
use super::error::RestError;
use super::push;
use super::request::{Count, Item, Logic, Media, Prefer, Query};
use crate::state::App;

/// What a query may say of a function's rows; every other parameter of a GET is an argument.
const OF_ROWS: [&str; 10] =
    ["select", "order", "limit", "offset", "columns", "on_conflict", "and", "or", "not.and", "not.or"];

/// `POST /rpc/<function>`, arguments by name in a JSON object.
pub(super) async fn post(
    State(app): State<App>,
    Path(function): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, RestError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => RestError::TooLarge,
        _ => RestError::BadJson,
    })?;
    let arguments = if body.is_empty() { Bytes::from_static(b"{}") } else { body };
    let arguments = std::str::from_utf8(&arguments).map_err(|_| RestError::BadJson)?;
    // Only the names are taken apart here; PostgreSQL reads the values.
    let names: Map<String, Value> = serde_json::from_str(arguments).map_err(|_| RestError::BadJson)?;
    let given: Vec<&str> = names.keys().map(String::as_str).collect();
    let form = Form::read(&function, uri.query().unwrap_or_default(), &Method::POST, &headers)?;
    let call = Call { app: &app, function: &function, given: &given, arguments, form };
    call.run(&Method::POST, &uri, &headers).await
}

/// `GET /rpc/<function>?name=value`, for functions that only read: the transaction is read only.
pub(super) async fn get(
    State(app): State<App>,
    Path(function): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, RestError> {
    let query = uri.query().unwrap_or_default();
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned();
    let (of_rows, arguments): (Vec<_>, Vec<_>) =
        pairs.filter(|(name, _)| name != "apikey").partition(|(name, _)| OF_ROWS.contains(&name.as_str()));
    let of_rows = form_urlencoded::Serializer::new(String::new()).extend_pairs(of_rows).finish();
    let form = Form::read(&function, &of_rows, &method, &headers)?;
    let arguments: Map<String, Value> = arguments.into_iter().map(|(name, value)| (name, value.into())).collect();
    let given: Vec<&str> = arguments.keys().map(String::as_str).collect();
    let text = serde_json::to_string(&arguments).map_err(|_| RestError::BadJson)?;
    let call = Call { app: &app, function: &function, given: &given, arguments: &text, form };
    call.run(&method, &uri, &headers).await
}

/// The form in which the result is wanted.
struct Form {
    media: Media,
    prefer: Prefer,
}

impl Form {
    /// Reads it, and refuses what our functions do not offer: each answers one value, which has no columns to select, filter or
    /// order by.
    fn read(function: &str, query: &str, method: &Method, headers: &HeaderMap) -> Result<Self, RestError> {
        super::schema_asked_for(method, headers)?;
        let prefer = Prefer::read(headers)?;
        let media = Media::read(headers)?;
        if !matches!(media, Media::Json | Media::Object { stripped: false }) {
            return Err(RestError::NoSuchMedia(vec![media.content_type().to_owned()]));
        }
        let query = Query::read(query, method, headers)?;
        let no_column = |column: &str| {
            let (relation, column) = (function.to_owned(), column.to_owned());
            Err(RestError::NoColumn { relation, column })
        };
        for item in &query.select {
            match item {
                Item::All => {}
                Item::Field { field, .. } if field.column == "*" => {}
                Item::Field { field, .. } => return no_column(&field.column),
                Item::Embed(embed) => {
                    let (table, other) = (function.to_owned(), embed.target.clone());
                    return Err(RestError::NoRelation { table, other, hint: embed.hint.clone() });
                }
            }
        }
        let paths = query.filters.iter().map(|(path, _)| path).chain(query.order.iter().map(|(path, _)| path));
        if let Some(name) = paths.filter_map(|path| path.first()).next() {
            return Err(RestError::NotEmbedded(name.clone()));
        }
        if let Some(column) = query.filters.iter().find_map(|(_, logic)| first_column(logic)) {
            return no_column(column);
        }
        if let Some(order) = query.order.iter().flat_map(|(_, terms)| terms).next() {
            return no_column(&order.field.column);
        }
        Ok(Self { media, prefer })
    }

    /// The result as it is answered, and how many rows it has.
    fn apply(&self, text: String, is_set: bool) -> Result<(String, usize), RestError> {
        if !is_set {
            return Ok((text, 1));
        }
        let rows: Vec<&RawValue> = serde_json::from_str(&text).unwrap_or_default();
        match (self.media.is_single(), rows.as_slice()) {
            (true, [row]) => Ok((row.get().to_owned(), 1)),
            (true, rows) => Err(RestError::NotSingular(i64::try_from(rows.len()).unwrap_or(i64::MAX))),
            (false, rows) => {
                let count = rows.len();
                Ok((text, count))
            }
        }
    }
}

/// The first column that conditions name.
fn first_column(logic: &Logic) -> Option<&str> {
    match logic {
        Logic::Filter(filter) => Some(&filter.field.column),
        Logic::Group { terms, .. } => terms.iter().find_map(first_column),
    }
}

/// A function and what it is given.
struct Call<'a> {
    app: &'a App,
    function: &'a str,
    given: &'a [&'a str],
    /// A JSON object.
    arguments: &'a str,
    form: Form,
}

impl Call<'_> {
    async fn run(self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Response, RestError> {
        let app = self.app;
        let caller = Caller::of_request(&app.project, headers, uri)?;
        let anonymous = caller.is_anonymous();
        let mut db = app.db.session().await?;
        let function = app.catalog.find(&*db, self.function, self.given, method == Method::POST).await?;
        let sql = function.sql(self.given);
        let by_hand = !db.can_catch() && function.name() == "sync_push";
        let mut failed = 0;
        let run = async {
            let mut tx = db.build_transaction().read_only(method != Method::POST).start().await?;
            caller.enter_request(&tx, method, uri.path(), headers).await?;
            let text: String = if by_hand {
                push::call(push::Trial { tx: &mut tx, failed: &mut failed }, &sql, self.arguments).await?
            } else {
                // One round trip, as nobody needs to be asked for the types.
                tx.query_typed_one(&sql, &[(&self.arguments, Type::TEXT)]).await?.get(0)
            };
            let result = self.form.apply(text, function.is_set())?;
            // Deferred triggers run at commit and may refuse.
            tx.commit().await?;
            Ok::<_, RestError>(result)
        };
        let ran = super::within_limit(app, run).await;
        db.failed(failed);
        if ran.as_ref().is_err_and(|error| !matches!(error, RestError::TooSlow)) {
            db.after_failure().await;
        }
        let (text, rows) = ran.map_err(|error| error.for_anonymous(anonymous))?;
        drop(db);
        if function.may_write() {
            app.db.sync().await?;
        }
        if function.is_void() {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        let mut response = Response::new(Body::from(text));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.form.media.content_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let counted = matches!(self.form.prefer.count, Some(Count::Exact | Count::Estimated));
        let total = if counted { rows.to_string() } else { "*".to_owned() };
        let range = if rows == 0 { format!("*/{total}") } else { format!("0-{}/{total}", rows - 1) };
        if let Ok(range) = HeaderValue::from_str(&range) {
            headers.insert(header::CONTENT_RANGE, range);
        }
        Ok(response)
    }
}
