//! `select=id,name:title,notes::text,stamps->>title,event_user_roles!inner(role)`

use super::cursor::{Cursor, Read};
use super::field::Field;
use crate::rest::error::RestError;

/// One thing to answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// `*`
    All,
    /// A column.
    Field {
        /// Its name in the answer.
        alias: Option<String>,
        field: Field,
        /// A type to cast to: letters, digits, `_` and spaces.
        cast: Option<String>,
    },
    /// Rows of a related table.
    Embed(Embed),
}

/// Rows of a related table within each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Embed {
    pub(crate) alias: Option<String>,
    /// The table, or the foreign key's name or column.
    pub(crate) target: String,
    /// Which foreign key, when there are several.
    pub(crate) hint: Option<String>,
    /// Only rows that have such rows.
    pub(crate) inner: bool,
    pub(crate) items: Vec<Item>,
}

impl Embed {
    /// Its name in the answer, and in filters.
    pub(crate) fn name(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.target)
    }
}

/// Embedded tables within embedded tables.
const DEEPEST: usize = 8;

pub(super) fn select(text: &str) -> Result<Vec<Item>, RestError> {
    let mut cursor = Cursor::new(text);
    let read = items(&mut cursor, 0)
        .and_then(|found| if cursor.at_end() { Ok(found) } else { Err(cursor.unread("\",\" or end of input")) });
    let found = read.map_err(|error| error.of("select parameter", text))?;
    if aggregates(&found) { Err(RestError::Aggregates) } else { Ok(found) }
}

/// `columns=` and `on_conflict=`: names.
pub(super) fn names(what: &str, text: &str) -> Result<Vec<String>, RestError> {
    let mut cursor = Cursor::new(text);
    let read = |cursor: &mut Cursor<'_>| -> Read<Vec<String>> {
        let mut found = vec![cursor.name()?];
        while !cursor.at_end() {
            cursor.spaces();
            cursor.need(",", "\",\" or end of input")?;
            cursor.spaces();
            found.push(cursor.name()?);
        }
        Ok(found)
    };
    read(&mut cursor).map_err(|error| error.of(&format!("{what} parameter"), text))
}

fn items(cursor: &mut Cursor<'_>, depth: usize) -> Read<Vec<Item>> {
    let mut found = Vec::new();
    cursor.spaces();
    if cursor.at_end() || cursor.peek() == Some(')') {
        return Ok(found);
    }
    loop {
        cursor.spaces();
        found.push(item(cursor, depth)?);
        cursor.spaces();
        if !cursor.eat(",") {
            return Ok(found);
        }
    }
}

fn item(cursor: &mut Cursor<'_>, depth: usize) -> Read<Item> {
    if cursor.eat("*") {
        return if ends(cursor) { Ok(Item::All) } else { Err(cursor.unread("\")\", \",\" or end of input")) };
    }
    if cursor.rest().starts_with("...") {
        // Spread relations: told apart so that the error names them.
        return Err(cursor.unread("field name (* or [a..z0..9_$])"));
    }
    let mark = cursor.mark();
    let alias = match cursor.name() {
        Ok(name) if cursor.rest().starts_with(':') && !cursor.rest().starts_with("::") => {
            cursor.bump();
            Some(name)
        }
        _ => {
            cursor.back(mark);
            None
        }
    };
    if let Some(embed) = embed(cursor, alias.clone(), depth)? {
        return Ok(Item::Embed(embed));
    }
    let mark = cursor.mark();
    if cursor.eat("count()") && ends(cursor) {
        return Ok(aggregate());
    }
    cursor.back(mark);
    let field = Field::read(cursor)?;
    let cast = if cursor.eat("::") { Some(cast(cursor)?) } else { None };
    if cursor.eat(".") {
        let known = ["sum()", "avg()", "count()", "max()", "min()"].iter().any(|name| cursor.eat(name));
        return if known {
            Ok(aggregate())
        } else {
            Err(cursor.unread("\"sum\", \"avg\", \"count\", \"max\" or \"min\""))
        };
    }
    if ends(cursor) {
        Ok(Item::Field { alias, field, cast })
    } else {
        Err(cursor.unread("letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input"))
    }
}

fn embed(cursor: &mut Cursor<'_>, alias: Option<String>, depth: usize) -> Read<Option<Embed>> {
    let mark = cursor.mark();
    let Ok(target) = cursor.name() else {
        cursor.back(mark);
        return Ok(None);
    };
    let (mut hint, mut inner) = (None, false);
    while cursor.eat("!") {
        let name = cursor.name()?;
        match name.as_str() {
            "inner" => inner = true,
            "left" => {}
            _ => hint = Some(name),
        }
    }
    if target == "count" || !cursor.eat("(") {
        cursor.back(mark);
        return Ok(None);
    }
    if depth >= DEEPEST {
        return Err(cursor.unread("fewer embedded resources"));
    }
    let items = items(cursor, depth + 1)?;
    cursor.need(")", "\",\" or \")\"")?;
    Ok(Some(Embed { alias, target, hint, inner, items }))
}

fn cast(cursor: &mut Cursor<'_>) -> Read<String> {
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == ' ').trim().to_owned();
    if name.is_empty() { Err(cursor.unread("letter or digit")) } else { Ok(name) }
}

fn ends(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.peek(), None | Some(',' | ')'))
}

/// A mark that [`aggregates`] finds: no column has this name, since it is empty.
fn aggregate() -> Item {
    Item::Field { alias: None, field: Field { column: String::new(), path: Vec::new() }, cast: None }
}

fn aggregates(items: &[Item]) -> bool {
    items.iter().any(|item| match item {
        Item::All => false,
        Item::Field { field, .. } => field.column.is_empty(),
        Item::Embed(embed) => aggregates(&embed.items),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(column: &str, alias: Option<&str>, cast: Option<&str>) -> Item {
        Item::Field {
            alias: alias.map(str::to_owned),
            field: Field { column: column.to_owned(), path: Vec::new() },
            cast: cast.map(str::to_owned),
        }
    }

    #[test]
    fn columns_have_aliases_and_casts() {
        assert_eq!(
            select("id, name:title ,start_time::text,\"odd, name\"").expect("a list"),
            [
                field("id", None, None),
                field("title", Some("name"), None),
                field("start_time", None, Some("text")),
                field("odd, name", None, None)
            ]
        );
        assert_eq!(select("").expect("nothing"), []);
        assert_eq!(select("*").expect("all"), [Item::All]);
    }

    #[test]
    fn related_tables_are_read_with_their_hint_and_join() {
        let Item::Embed(embed) = &select("roles:event_user_roles!by_event!inner(role,user_id)").expect("a list")[0]
        else {
            panic!("no embed")
        };
        assert_eq!((embed.name(), embed.target.as_str(), embed.inner), ("roles", "event_user_roles", true));
        assert_eq!(embed.hint.as_deref(), Some("by_event"));
        assert_eq!(embed.items.len(), 2);
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for (text, column) in [("id,", 4), ("a!b", 2), ("id::", 5), ("a(b", 4), ("a;b", 2), ("...x(y)", 1), ("a.b", 3)]
        {
            let error = select(text).expect_err(text).to_string();
            assert!(error.starts_with("\"failed to parse select parameter ("), "{error}");
            assert!(error.ends_with(&format!("(line 1, column {column})")), "{text}: {error}");
        }
        assert!(matches!(select("id.count()"), Err(RestError::Aggregates)));
        assert!(matches!(select("count()"), Err(RestError::Aggregates)));
    }
}
