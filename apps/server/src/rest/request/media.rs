//! The header `Accept`: in which form rows are answered.

use axum::http::{HeaderMap, header};

use crate::rest::error::RestError;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    /// A JSON array of rows.
    Json,
    /// The same without the columns that are null.
    Stripped,
    /// One row; none or several are an error.
    Object { stripped: bool },
    /// Comma-separated values with a line of names.
    Csv,
}

impl Media {
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, RestError> {
        let texts: Vec<_> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        let mut wishes: Vec<(&str, f32)> =
            texts.iter().flat_map(|text| text.split(',')).map(wish).filter(|(name, _)| !name.is_empty()).collect();
        if wishes.is_empty() {
            return Ok(Self::Json);
        }
        // A stable sort: equals stay in their order.
        wishes.sort_by(|a, b| b.1.total_cmp(&a.1));
        wishes
            .iter()
            .find_map(|(name, _)| Self::named(name))
            .ok_or_else(|| RestError::NoSuchMedia(wishes.iter().map(|(name, _)| (*name).to_owned()).collect()))
    }

    fn named(name: &str) -> Option<Self> {
        let mut parts = name.split(';').map(str::trim);
        let kind = parts.next()?;
        let stripped = parts.any(|parameter| parameter == "nulls=stripped");
        match kind {
            "*/*" | "application/*" | "application/json" => Some(Self::Json),
            "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" if stripped => Some(Self::Stripped),
            "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => Some(Self::Json),
            "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => Some(Self::Object { stripped }),
            "text/csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The header `Content-Type`.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Stripped => "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8",
            Self::Object { stripped: false } => "application/vnd.pgrst.object+json; charset=utf-8",
            Self::Object { stripped: true } => "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    pub(crate) fn is_single(self) -> bool {
        matches!(self, Self::Object { .. })
    }
}

/// A media type and how much it is wanted.
fn wish(text: &str) -> (&str, f32) {
    let text = text.trim();
    match text.split_once(";q=").or_else(|| text.split_once("; q=")) {
        Some((name, weight)) => (name.trim(), weight.trim().parse().unwrap_or(0.0)),
        None => (text, 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str) -> Result<Media, RestError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, text.parse().expect("a header"));
        Media::read(&headers)
    }

    #[test]
    fn the_most_wanted_form_that_is_known_is_taken() {
        assert_eq!(read("text/html, application/json;q=0.5, text/csv;q=0.9").ok(), Some(Media::Csv));
        assert_eq!(read("*/*").ok(), Some(Media::Json));
        assert_eq!(
            read("application/vnd.pgrst.object+json;nulls=stripped").ok(),
            Some(Media::Object { stripped: true })
        );
        assert_eq!(Media::read(&HeaderMap::new()).ok(), Some(Media::Json));
        assert!(matches!(read("image/png"), Err(RestError::NoSuchMedia(_))));
    }
}
