//! Which of the rows: `limit`, `offset` and the header `Range`.

use axum::http::{HeaderMap, header};

use crate::rest::error::RestError;

/// Rows from `from` to `to`, both counted from 0 and included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: i64,
    /// `None`: to the last.
    pub(crate) to: Option<i64>,
}

impl Range {
    pub(crate) const ALL: Self = Self { from: 0, to: None };

    /// From `limit=` and `offset=`; what is no number counts for nothing, as with PostgREST.
    pub(super) fn new(limit: Option<i64>, offset: Option<i64>) -> Self {
        let from = offset.unwrap_or(0);
        Self { from, to: limit.map(|limit| from.saturating_add(limit).saturating_sub(1)) }
    }

    /// The same together with the header of a GET.
    pub(super) fn and_header(self, headers: &HeaderMap) -> Result<Self, RestError> {
        if self.to.is_some_and(|to| to < self.from - 1) {
            return Err(RestError::BadRange("Limit should be greater than or equal to zero.".to_owned()));
        }
        let Some(asked) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()).and_then(read) else {
            return Ok(self);
        };
        if asked.to.is_some_and(|to| to < asked.from) {
            return Err(RestError::BadRange(
                "The lower boundary must be lower than or equal to the upper boundary in the Range header.".to_owned(),
            ));
        }
        if self.limit() == Some(0) {
            return Ok(self);
        }
        let to = match (self.to, asked.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let both = Self { from: self.from.max(asked.from), to };
        if both.to.is_some_and(|to| to < both.from) {
            return Err(RestError::BadRange("Limit should be greater than or equal to zero.".to_owned()));
        }
        Ok(both)
    }

    /// How many rows at most.
    pub(crate) fn limit(self) -> Option<i64> {
        self.to.map(|to| to.saturating_sub(self.from).saturating_add(1))
    }

    /// No more than `most` rows.
    #[must_use]
    pub(crate) fn at_most(self, most: i64) -> Self {
        let end = self.from.saturating_add(most).saturating_sub(1);
        Self { to: Some(self.to.map_or(end, |to| to.min(end))), ..self }
    }
}

/// `0-9`, `10-`; anything else is as if it were not there.
fn read(text: &str) -> Option<Range> {
    // Clients may send the unit in front, which PostgREST takes from `Range-Unit`.
    let (from, to) = text.strip_prefix("items=").unwrap_or(text).split_once('-')?;
    Some(Range { from: from.parse().ok()?, to: if to.is_empty() { None } else { Some(to.parse().ok()?) } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(range: Range, header: &'static str) -> Result<Range, RestError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, header.parse().expect("a header"));
        range.and_header(&headers)
    }

    #[test]
    fn limit_and_offset_make_a_range() {
        assert_eq!(Range::new(Some(10), Some(20)), Range { from: 20, to: Some(29) });
        assert_eq!(Range::new(Some(0), None).limit(), Some(0));
        assert_eq!(Range::new(None, Some(5)).at_most(1000), Range { from: 5, to: Some(1004) });
    }

    #[test]
    fn the_header_narrows_it() {
        assert_eq!(with(Range::ALL, "0-9").ok(), Some(Range { from: 0, to: Some(9) }));
        assert_eq!(with(Range::new(Some(5), None), "2-").ok(), Some(Range { from: 2, to: Some(4) }));
        assert_eq!(with(Range::ALL, "nonsense").ok(), Some(Range::ALL));
        assert!(with(Range::ALL, "5-2").is_err());
        assert!(Range::new(Some(-1), None).and_header(&HeaderMap::new()).is_err());
    }
}
