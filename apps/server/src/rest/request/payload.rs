//! The body of a write: one JSON object, or an array of objects with the same keys. PostgreSQL reads the values; here only
//! the keys are looked at, since they decide which columns are written.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, header};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::depth::json_too_deep;
use crate::rest::error::RestError;

/// A body that can be written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    /// JSON.
    pub(crate) text: String,
    /// The columns to write.
    pub(crate) columns: Vec<String>,
    /// One object, not an array of them.
    pub(crate) is_object: bool,
}

type Keys = std::collections::BTreeMap<String, IgnoredAny>;

impl Payload {
    /// Reads a body; `columns` are those that the query names instead of the keys.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8], columns: Option<Vec<String>>) -> Result<Self, RestError> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("application/json");
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        // What a client sends that was told nothing.
        if !matches!(kind.as_str(), "application/json" | "application/vnd.pgrst.array+json" | "" | "*/*") {
            return Err(RestError::BadBody(format!("Content-Type not acceptable: {kind}")));
        }
        let text = std::str::from_utf8(body).map_err(|_| RestError::BadJson)?;
        if json_too_deep(text) {
            return Err(RestError::BadBody("The body is nested too deeply".to_owned()));
        }
        let is_object = text.trim_start().starts_with('{');
        if let Some(columns) = columns {
            if serde_json::from_str::<IgnoredAny>(text).is_err() {
                return Err(RestError::BadJson);
            }
            let columns: BTreeSet<_> = columns.into_iter().collect();
            return Ok(Self { text: text.to_owned(), columns: columns.into_iter().collect(), is_object });
        }
        let different = || RestError::BadBody("All object keys must match".to_owned());
        let keys = if is_object {
            serde_json::from_str::<Keys>(text).map_err(|_| RestError::BadJson)?
        } else if text.trim_start().starts_with('[') {
            let rows: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| RestError::BadJson)?;
            let mut rows = rows.into_iter().map(|row| serde_json::from_str::<Keys>(row.get()).map_err(|_| different()));
            let first = rows.next().transpose()?.unwrap_or_default();
            for row in rows {
                let row = row?;
                if row.len() != first.len() || !row.keys().all(|key| first.contains_key(key)) {
                    return Err(different());
                }
            }
            first
        } else {
            serde_json::from_str::<IgnoredAny>(text).map_err(|_| RestError::BadJson)?;
            // PostgREST takes any other value for no rows at all.
            return Ok(Self { text: "[]".to_owned(), columns: Vec::new(), is_object: false });
        };
        Ok(Self { text: text.to_owned(), columns: keys.into_keys().collect(), is_object })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Payload, RestError> {
        Payload::read(&HeaderMap::new(), text.as_bytes(), None)
    }

    #[test]
    fn the_keys_are_the_columns() {
        let one = read(r#" {"b": 1, "a": {"x": 2}} "#).expect("a body");
        assert_eq!((one.columns, one.is_object), (vec!["a".to_owned(), "b".to_owned()], true));
        let many = read(r#"[{"a": 1}, {"a": 2}]"#).expect("a body");
        assert_eq!((many.columns, many.is_object), (vec!["a".to_owned()], false));
        assert_eq!(read("[]").expect("a body").columns, Vec::<String>::new());
    }

    #[test]
    fn what_is_no_list_of_alike_objects_is_refused() {
        for bad in ["", "{", "[1,", "nonsense"] {
            assert!(matches!(read(bad), Err(RestError::BadJson)), "{bad}");
        }
        for bad in [r#"[{"a": 1}, {"b": 1}]"#, r#"[{"a": 1}, {}]"#, "[1]", r#"[{"a":1}, 2]"#] {
            assert!(matches!(read(bad), Err(RestError::BadBody(_))), "{bad}");
        }
    }

    #[test]
    fn named_columns_need_not_be_in_every_object() {
        let columns = Some(vec!["b".to_owned(), "a".to_owned(), "b".to_owned()]);
        let body = Payload::read(&HeaderMap::new(), br#"[{"a": 1}, {"b": 1}]"#, columns).expect("a body");
        assert_eq!(body.columns, ["a", "b"]);
    }
}
