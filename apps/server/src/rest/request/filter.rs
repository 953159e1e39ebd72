//! Filters: `title=eq.Lunch`, `id=in.(1,2)`, `or=(title.ilike.*a*,and(rev.gt.3,rev.lt.5))`.

use super::cursor::{Cursor, Read};
use super::depth::{pattern_too_long, too_deep, too_many_wildcards};
use super::field::Field;
use crate::rest::error::RestError;

/// A condition on one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) field: Field,
    pub(crate) not: bool,
    pub(crate) test: Test,
}

/// How a column is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// `column <operator> value`
    Compare(&'static str, String),
    /// The same with `any(…)` or `all(…)` of an array.
    Quantified(&'static str, &'static str, String),
    /// `in`
    In(Vec<String>),
    /// `is`, with one of SQL's own words.
    Is(&'static str),
    /// `isdistinct`
    Distinct(String),
    /// Full text: function, language, words.
    Search(&'static str, Option<String>, String),
}

/// Conditions joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Logic {
    Filter(Filter),
    Group { not: bool, or: bool, terms: Vec<Logic> },
}

const OPERATOR: &str = "\"not\" or operator (eq, gt, ...)";
const PLAIN: [(&str, &str); 9] = [
    ("neq", "<>"),
    ("cs", "@>"),
    ("cd", "<@"),
    ("ov", "&&"),
    ("sl", "<<"),
    ("sr", ">>"),
    ("nxr", "&<"),
    ("nxl", "&>"),
    ("adj", "-|-"),
];
/// Longer names first, where one begins with another.
const QUANTIFIABLE: [(&str, &str); 9] = [
    ("eq", "="),
    ("gte", ">="),
    ("gt", ">"),
    ("lte", "<="),
    ("lt", "<"),
    ("like", "like"),
    ("ilike", "ilike"),
    ("match", "~"),
    ("imatch", "~*"),
];
const SEARCHES: [(&str, &str); 4] = [
    ("fts", "to_tsquery"),
    ("plfts", "plainto_tsquery"),
    ("phfts", "phraseto_tsquery"),
    ("wfts", "websearch_to_tsquery"),
];
const WORDS: [(&str, &str); 5] =
    [("not_null", "not null"), ("null", "null"), ("true", "true"), ("false", "false"), ("unknown", "unknown")];
/// Groups within groups: each costs a frame of the stack, here and in PostgreSQL.
const DEEPEST: usize = 64;

/// `<column>=<filter>`: everything after the operator is the value, as it stands.
pub(super) fn filter(field: Field, text: &str) -> Result<Filter, RestError> {
    let mut cursor = Cursor::new(text);
    let (not, test) = operation(&mut cursor, false).map_err(|error| error.of("filter", text))?;
    Ok(Filter { field, not, test })
}

/// `or=(…)`, `not.and=(…)`: `prefix` is what stands in the parameter's name.
pub(super) fn logic(prefix: &str, text: &str) -> Result<Logic, RestError> {
    let whole = format!("{prefix}{text}");
    let mut cursor = Cursor::new(&whole);
    if !text.trim_start().starts_with('(') {
        cursor.eat(prefix);
        return Err(cursor.unread("\"(\"").of("logic tree", text));
    }
    let read = tree(&mut cursor, 0)
        .and_then(|found| if cursor.at_end() { Ok(found) } else { Err(cursor.unread("\",\" or \")\"")) });
    read.map_err(|error| error.of("logic tree", text))
}

fn tree(cursor: &mut Cursor<'_>, depth: usize) -> Read<Logic> {
    let mark = cursor.mark();
    let not = cursor.eat("not.");
    let or = cursor.eat("or");
    if or || cursor.eat("and") {
        cursor.spaces();
        if cursor.peek() == Some('(') {
            if depth >= DEEPEST {
                return Err(cursor.unread("fewer nested conditions"));
            }
            cursor.bump();
            let mut terms = Vec::new();
            loop {
                cursor.spaces();
                terms.push(tree(cursor, depth + 1)?);
                cursor.spaces();
                if !cursor.eat(",") {
                    break;
                }
            }
            cursor.need(")", "\",\" or \")\"")?;
            cursor.spaces();
            return Ok(Logic::Group { not, or, terms });
        }
    }
    cursor.back(mark);
    if cursor.peek() == Some(')') || cursor.at_end() {
        return Err(
            cursor.unread("field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)")
        );
    }
    let field = Field::read(cursor)?;
    cursor.need(".", "delimiter (.)")?;
    let (not, test) = operation(cursor, true)?;
    Ok(Logic::Filter(Filter { field, not, test }))
}

/// The operator and its value; `nested` values end at a comma or a bracket unless they are quoted.
fn operation(cursor: &mut Cursor<'_>, nested: bool) -> Read<(bool, Test)> {
    let begin = cursor.mark();
    let not = cursor.eat("not.");
    let mark = cursor.mark();
    let unknown = |cursor: &Cursor<'_>| {
        let rest = cursor.rest();
        // PostgREST names the character at which "not" ceased to be possible.
        let same = rest.chars().zip("not".chars()).take_while(|(a, b)| a == b).count();
        let at = rest.chars().nth(same).map_or("end of input".to_owned(), |c| format!("{:?}", c.to_string()));
        cursor.unread_at(if not { mark } else { begin }, &at, OPERATOR)
    };
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
    let argument = argument(cursor);
    if !cursor.eat(".") {
        cursor.back(mark);
        return Err(unknown(cursor));
    }
    let find = |list: &[(&str, &'static str)]| list.iter().find(|(known, _)| *known == name).map(|(_, sql)| *sql);
    let quantifier = match argument.as_deref() {
        Some("any") => Some("any"),
        Some("all") => Some("all"),
        _ => None,
    };
    let test = if let (Some(function), true) = (find(&SEARCHES), quantifier.is_none() || argument.is_some()) {
        Test::Search(function, argument, value(cursor, nested)?)
    } else if let (Some(sql), Some(quantifier)) = (find(&QUANTIFIABLE), quantifier) {
        Test::Quantified(sql, quantifier, value(cursor, nested)?)
    } else if argument.is_some() {
        cursor.back(mark);
        return Err(unknown(cursor));
    } else if name == "in" {
        Test::In(list(cursor)?)
    } else if name == "is" {
        let at = cursor.mark();
        let word = if nested { cursor.take_while(|c| c != ',' && c != ')') } else { cursor.take_while(|_| true) };
        let word = word.to_ascii_lowercase();
        let known = WORDS.iter().find(|(known, _)| *known == word);
        let Some((_, sql)) = known else {
            cursor.back(at);
            return Err(cursor.unread("isVal: (null, not_null, true, false, unknown)"));
        };
        Test::Is(sql)
    } else if name == "isdistinct" {
        Test::Distinct(value(cursor, nested)?)
    } else if let Some(sql) = find(&PLAIN).or_else(|| find(&QUANTIFIABLE)) {
        Test::Compare(sql, value(cursor, nested)?)
    } else {
        cursor.back(mark);
        return Err(unknown(cursor));
    };
    if too_much(&test) {
        cursor.back(mark);
        return Err(cursor.unread("a value that is shorter or less deeply nested"));
    }
    Ok((not, test))
}

/// Whether a value would be more than PostgreSQL should be asked to read.
fn too_much(test: &Test) -> bool {
    match test {
        Test::Compare("~" | "~*", value) | Test::Quantified("~" | "~*", _, value) | Test::Search(_, _, value) => {
            pattern_too_long(value)
        }
        Test::Compare("like" | "ilike", value) | Test::Quantified("like" | "ilike", _, value) => {
            too_many_wildcards(value)
        }
        Test::Compare(_, value) | Test::Quantified(_, _, value) | Test::Distinct(value) => too_deep(value),
        Test::In(values) => values.iter().any(|value| too_deep(value)),
        Test::Is(_) => false,
    }
}

/// `(any)`, `(all)`, `(english)` behind an operator.
fn argument(cursor: &mut Cursor<'_>) -> Option<String> {
    let mark = cursor.mark();
    if !cursor.eat("(") {
        return None;
    }
    let text = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_').to_owned();
    if !text.is_empty() && cursor.eat(")") {
        Some(text)
    } else {
        cursor.back(mark);
        None
    }
}

fn value(cursor: &mut Cursor<'_>, nested: bool) -> Read<String> {
    if !nested {
        return Ok(cursor.take_while(|_| true).to_owned());
    }
    if let Some(value) = quoted_to_the_end(cursor) {
        return Ok(value);
    }
    let mark = cursor.mark();
    if cursor.eat("{") {
        // An array of PostgreSQL, commas and all.
        let inside = cursor.take_while(|c| c != '{' && c != '}');
        if cursor.eat("}") {
            return Ok(format!("{{{inside}}}"));
        }
        cursor.back(mark);
    }
    Ok(cursor.take_while(|c| c != ',' && c != ')').to_owned())
}

fn list(cursor: &mut Cursor<'_>) -> Read<Vec<String>> {
    cursor.spaces();
    cursor.need("(", "\"(\"")?;
    cursor.spaces();
    let mut values = Vec::new();
    loop {
        let value = quoted_to_the_end(cursor).unwrap_or_else(|| cursor.take_while(|c| c != ',' && c != ')').to_owned());
        values.push(value);
        if !cursor.eat(",") {
            break;
        }
    }
    cursor.spaces();
    cursor.need(")", "\",\" or \")\"")?;
    cursor.spaces();
    Ok(values)
}

/// A quoted value that is all there is up to the next comma or bracket.
fn quoted_to_the_end(cursor: &mut Cursor<'_>) -> Option<String> {
    let mark = cursor.mark();
    if cursor.peek() == Some('"')
        && let Ok(value) = cursor.quoted()
        && matches!(cursor.peek(), None | Some(',' | ')'))
    {
        return Some(value);
    }
    cursor.back(mark);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Filter {
        filter(Field { column: "c".to_owned(), path: Vec::new() }, text).expect("a filter")
    }

    #[test]
    fn the_value_of_a_plain_filter_is_taken_as_it_stands() {
        assert_eq!(read("eq.a,b\"(.)").test, Test::Compare("=", "a,b\"(.)".to_owned()));
        assert_eq!(read("not.ilike.*x*"), Filter { not: true, ..read("ilike.*x*") });
        assert_eq!(read("gte.2026-01-01T00:00:00+00:00").test, Test::Compare(">=", "2026-01-01T00:00:00+00:00".into()));
        assert_eq!(read("is.NULL").test, Test::Is("null"));
        assert_eq!(read("like(any).{a,b}").test, Test::Quantified("like", "any", "{a,b}".to_owned()));
        assert_eq!(read("fts(english).a").test, Test::Search("to_tsquery", Some("english".to_owned()), "a".to_owned()));
    }

    #[test]
    fn a_list_has_quoted_values_with_commas() {
        let Test::In(values) = read(r#"in.(1,"a,b","q\"q\\",)"#).test else { panic!("no list") };
        assert_eq!(values, ["1", "a,b", "q\"q\\", ""]);
    }

    #[test]
    fn conditions_nest() {
        let found = logic("or", r#"(rev.gt.3,and(rev.eq.3,id.not.in.(a,b)),at.gt."2026-03-01T00:00:00+00:00")"#);
        let Ok(Logic::Group { or: true, not: false, terms }) = found else { panic!("{found:?}") };
        assert_eq!(terms.len(), 3);
        assert!(matches!(&terms[1], Logic::Group { or: false, terms, .. } if terms.len() == 2));
        let Logic::Filter(last) = &terms[2] else { panic!("no filter") };
        assert_eq!(last.test, Test::Compare(">", "2026-03-01T00:00:00+00:00".to_owned()));
    }

    #[test]
    fn a_column_may_be_called_like_an_operator() {
        assert!(
            matches!(logic("and", "(order.eq.1,android.eq.2)"), Ok(Logic::Group { terms, .. }) if terms.len() == 2)
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        let field = || Field { column: "c".to_owned(), path: Vec::new() };
        let said = |text| filter(field(), text).expect_err(text).to_string();
        assert_eq!(said("noop.0"), "\"failed to parse filter (noop.0)\" (line 1, column 1)");
        assert_eq!(said("is.maybe"), "\"failed to parse filter (is.maybe)\" (line 1, column 4)");
        for bad in ["", "eq", "val", "in.1,2", "in.(1", "eq(x).1", "cs(any).1"] {
            assert!(said(bad).starts_with("\"failed to parse filter ("), "{bad}");
        }
        for bad in ["", "()", "(a)", "(a.eq.1", "(a.xx.1)", "a.eq.1", "(a.eq.1))"] {
            let said = logic("or", bad).expect_err(bad).to_string();
            assert!(said.starts_with("\"failed to parse logic tree ("), "{said}");
        }
        let deep = format!("{}a.eq.1{}", "(and".repeat(5_000), ")".repeat(5_000));
        assert!(logic("and", &deep).is_err());
    }
}
