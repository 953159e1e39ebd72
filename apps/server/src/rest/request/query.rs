//! The query string of a request for a table.

use axum::http::{HeaderMap, Method};

use super::cursor::{Cursor, Read};
use super::field::Field;
use super::filter::{self, Filter, Logic};
use super::order::{self, Order};
use super::range::Range;
use super::select::{self, Item};
use crate::rest::error::RestError;

/// Names of embedded tables, from the outside to the inside; empty for the table itself.
pub(crate) type Path = Vec<String>;

/// What the query string says.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) select: Vec<Item>,
    pub(crate) filters: Vec<(Path, Logic)>,
    pub(crate) order: Vec<(Path, Vec<Order>)>,
    /// Of embedded tables.
    pub(crate) ranges: Vec<(Path, Range)>,
    /// Of the table itself.
    pub(crate) range: Range,
    pub(crate) on_conflict: Option<Vec<String>>,
    pub(crate) columns: Option<Vec<String>>,
}

impl Query {
    pub(crate) fn read(text: &str, method: &Method, headers: &HeaderMap) -> Result<Self, RestError> {
        // A name without `=` counts for nothing.
        let pairs = text.split('&').filter(|pair| pair.contains('='));
        let pairs = pairs.flat_map(|pair| form_urlencoded::parse(pair.as_bytes()).into_owned());
        let mut query = Self {
            select: vec![Item::All],
            filters: Vec::new(),
            order: Vec::new(),
            ranges: Vec::new(),
            range: Range::ALL,
            on_conflict: None,
            columns: None,
        };
        let mut limits: Vec<(Path, Option<i64>, Option<i64>)> = Vec::new();
        let mut selected = false;
        for (name, value) in pairs {
            let (before, last) = name.rsplit_once('.').unwrap_or(("", &name));
            match (name.as_str(), last) {
                // The gateway's, not ours.
                ("apikey", _) => {}
                ("select", _) if !selected => {
                    query.select = select::select(&value)?;
                    selected = true;
                }
                ("columns", _) => query.columns = Some(select::names("columns", &value)?),
                ("on_conflict", _) => query.on_conflict = Some(select::names("on_conflict", &value)?),
                ("select", _) => {}
                (_, "order") => query.order.push((path(before, &name)?, order::order(&value)?)),
                (_, "limit" | "offset") => {
                    let path = path(before, &name)?;
                    let number = value.parse().ok();
                    let index = limits.iter().position(|(known, ..)| *known == path).unwrap_or_else(|| {
                        limits.push((path, None, None));
                        limits.len() - 1
                    });
                    if last == "limit" {
                        limits[index].1 = number;
                    } else {
                        limits[index].2 = number;
                    }
                }
                (_, "and" | "or") => {
                    let not = before == "not" || before.ends_with(".not");
                    let before =
                        if not { before.strip_suffix("not").unwrap_or("").trim_end_matches('.') } else { before };
                    let prefix = if not { format!("not.{last}") } else { last.to_owned() };
                    query.filters.push((path(before, &name)?, filter::logic(&prefix, &value)?));
                }
                _ => {
                    let (path, field) = column(&name)?;
                    query.filters.push((path, Logic::Filter(filter::filter(field, &value)?)));
                }
            }
        }
        for (path, limit, offset) in limits {
            let range = Range::new(limit, offset);
            if path.is_empty() {
                query.range = range;
            } else {
                query.ranges.push((path, range));
            }
        }
        let none = HeaderMap::new();
        query.range = query.range.and_header(if *method == Method::GET { headers } else { &none })?;
        if *method == Method::PUT && query.range != Range::ALL {
            return Err(RestError::PutWithLimit);
        }
        Ok(query)
    }

    /// The filters of the table itself.
    pub(crate) fn own_filters(&self) -> impl Iterator<Item = &Logic> {
        self.filters.iter().filter(|(path, _)| path.is_empty()).map(|(_, logic)| logic)
    }

    /// The conditions of the table itself when all are plain ones.
    pub(crate) fn plain_filters(&self) -> Option<Vec<&Filter>> {
        self.filters
            .iter()
            .map(|(path, logic)| match logic {
                Logic::Filter(filter) if path.is_empty() => Some(filter),
                _ => None,
            })
            .collect()
    }
}

fn path(text: &str, whole: &str) -> Result<Path, RestError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut cursor = Cursor::new(text);
    names(&mut cursor).map_err(|error| error.of("tree path", whole))
}

fn names(cursor: &mut Cursor<'_>) -> Read<Path> {
    let mut path = vec![cursor.name()?];
    while !cursor.at_end() {
        cursor.need(".", "delimiter (.) or end of input")?;
        path.push(cursor.name()?);
    }
    Ok(path)
}

/// `table.column->key`
fn column(text: &str) -> Result<(Path, Field), RestError> {
    let mut cursor = Cursor::new(text);
    let mut read = || -> Read<(Path, Field)> {
        let mut path = Vec::new();
        loop {
            let field = Field::read(&mut cursor)?;
            if cursor.at_end() {
                return Ok((path, field));
            }
            cursor.need(".", "\"->>\", \"->\", delimiter (.) or end of input")?;
            path.push(field.column);
        }
    };
    read().map_err(|error| error.of("tree path", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Query {
        Query::read(text, &Method::GET, &HeaderMap::new()).expect("a query")
    }

    #[test]
    fn each_parameter_goes_to_its_place() {
        let query = read(
            "select=id&title=eq.a%2Cb+c&or=(a.eq.1,b.eq.2)&not.and=(a.eq.1)&order=id.desc&limit=5&offset=10&apikey=x",
        );
        assert_eq!(query.filters.len(), 3);
        assert_eq!(query.range, Range { from: 10, to: Some(14) });
        assert_eq!(query.order.len(), 1);
        let Logic::Filter(first) = &query.filters[0].1 else { panic!("no filter") };
        assert_eq!(first.test, filter::Test::Compare("=", "a,b c".to_owned()));
        assert!(matches!(query.filters[2].1, Logic::Group { not: true, or: false, .. }));
    }

    #[test]
    fn embedded_tables_have_their_own() {
        let query =
            read("roles.role=eq.viewer&roles.order=user_id&roles.limit=1&roles.not.or=(a.is.null)&stamps->>title=gt.5");
        assert_eq!(query.filters[0].0, ["roles"]);
        assert_eq!(query.order[0].0, ["roles"]);
        assert_eq!(query.ranges[0], (vec!["roles".to_owned()], Range { from: 0, to: Some(0) }));
        assert_eq!(query.filters[1].0, ["roles"]);
        let Logic::Filter(last) = &query.filters[2].1 else { panic!("no filter") };
        assert_eq!((last.field.column.as_str(), last.field.path.len()), ("stamps", 1));
    }

    #[test]
    fn a_limit_that_is_no_number_counts_for_nothing() {
        assert_eq!(read("limit=x").range, Range::ALL);
        assert!(Query::read("limit=-1", &Method::GET, &HeaderMap::new()).is_err());
        assert!(Query::read("limit=1", &Method::PUT, &HeaderMap::new()).is_err());
    }
}
