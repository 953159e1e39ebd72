//! The header `Prefer` (RFC 7240): `return=representation, count=exact`.

use axum::http::HeaderMap;

use crate::rest::error::RestError;

/// What is answered to a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Return {
    Minimal,
    HeadersOnly,
    Representation,
}

/// How rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Exact,
    Planned,
    Estimated,
}

/// What becomes of a row that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    Merge,
    Ignore,
}

/// The preferences of a request; of several of one kind the first counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Prefer {
    pub(crate) returns: Option<Return>,
    pub(crate) count: Option<Count>,
    pub(crate) resolution: Option<Resolution>,
    /// `missing=default` (true) or `missing=null`.
    pub(crate) defaults: Option<bool>,
    /// `handling=strict` (true) or `lenient`.
    pub(crate) strict: Option<bool>,
    pub(crate) max_affected: Option<i64>,
}

impl Prefer {
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, RestError> {
        let mut prefer = Self::default();
        let mut unknown = Vec::new();
        let texts = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        for wish in texts.flat_map(|text| text.split(',')).map(str::trim).filter(|wish| !wish.is_empty()) {
            match wish {
                "return=minimal" => first(&mut prefer.returns, Return::Minimal),
                "return=headers-only" => first(&mut prefer.returns, Return::HeadersOnly),
                "return=representation" => first(&mut prefer.returns, Return::Representation),
                "count=exact" => first(&mut prefer.count, Count::Exact),
                "count=planned" => first(&mut prefer.count, Count::Planned),
                "count=estimated" => first(&mut prefer.count, Count::Estimated),
                "resolution=merge-duplicates" => first(&mut prefer.resolution, Resolution::Merge),
                "resolution=ignore-duplicates" => first(&mut prefer.resolution, Resolution::Ignore),
                "missing=default" => first(&mut prefer.defaults, true),
                "missing=null" => first(&mut prefer.defaults, false),
                "handling=strict" => first(&mut prefer.strict, true),
                "handling=lenient" => first(&mut prefer.strict, false),
                // Known to PostgREST, and without effect where a server does not allow it, as on Supabase.
                "tx=commit" | "tx=rollback" => {}
                other => match other.strip_prefix("max-affected=").map(str::parse) {
                    Some(Ok(most)) => first(&mut prefer.max_affected, most),
                    Some(Err(_)) => {}
                    None => unknown.push(other.to_owned()),
                },
            }
        }
        if prefer.strict == Some(true) && !unknown.is_empty() {
            return Err(RestError::UnknownPreferences(unknown));
        }
        Ok(prefer)
    }

    /// The header `Preference-Applied`. `insert` and `write` say what kind of request it was.
    pub(crate) fn applied(&self, insert: bool, update: bool, delete: bool) -> Option<String> {
        let write = insert || update || delete;
        let mut applied = Vec::new();
        match self.resolution {
            Some(Resolution::Merge) if insert => applied.push("resolution=merge-duplicates".to_owned()),
            Some(Resolution::Ignore) if insert => applied.push("resolution=ignore-duplicates".to_owned()),
            _ => {}
        }
        match self.defaults {
            Some(true) if insert || update => applied.push("missing=default".to_owned()),
            Some(false) if insert || update => applied.push("missing=null".to_owned()),
            _ => {}
        }
        match self.returns {
            Some(Return::Representation) if write => applied.push("return=representation".to_owned()),
            Some(Return::Minimal) if write => applied.push("return=minimal".to_owned()),
            Some(Return::HeadersOnly) if write => applied.push("return=headers-only".to_owned()),
            _ => {}
        }
        match self.count {
            Some(Count::Exact) => applied.push("count=exact".to_owned()),
            Some(Count::Planned) => applied.push("count=planned".to_owned()),
            Some(Count::Estimated) => applied.push("count=estimated".to_owned()),
            None => {}
        }
        match self.strict {
            Some(true) => applied.push("handling=strict".to_owned()),
            Some(false) => applied.push("handling=lenient".to_owned()),
            None => {}
        }
        if let (Some(true), Some(most), true) = (self.strict, self.max_affected, update || delete) {
            applied.push(format!("max-affected={most}"));
        }
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}

fn first<T>(slot: &mut Option<T>, value: T) {
    if slot.is_none() {
        *slot = Some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&'static str]) -> Result<Prefer, RestError> {
        let mut headers = HeaderMap::new();
        for text in texts {
            headers.append("prefer", text.parse().expect("a header"));
        }
        Prefer::read(&headers)
    }

    #[test]
    fn several_headers_and_lists_are_read_and_the_first_of_a_kind_counts() {
        let prefer =
            read(&["return=minimal,count=exact", "return=representation, max-affected=3"]).expect("preferences");
        assert_eq!((prefer.returns, prefer.count), (Some(Return::Minimal), Some(Count::Exact)));
        assert_eq!(prefer.applied(true, false, false).as_deref(), Some("return=minimal, count=exact"));
    }

    #[test]
    fn what_is_unknown_matters_only_to_the_strict() {
        assert!(read(&["respond-async"]).is_ok());
        assert!(matches!(read(&["handling=strict, respond-async"]), Err(RestError::UnknownPreferences(_))));
    }
}
