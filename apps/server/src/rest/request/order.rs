//! `order=start_time.desc.nullslast,id`

use super::cursor::{Cursor, Read};
use super::field::Field;
use crate::rest::error::RestError;

/// One column to order by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) field: Field,
    pub(crate) descending: Option<bool>,
    pub(crate) nulls_first: Option<bool>,
}

pub(super) fn order(text: &str) -> Result<Vec<Order>, RestError> {
    let mut cursor = Cursor::new(text);
    terms(&mut cursor).map_err(|error| error.of("order", text))
}

fn terms(cursor: &mut Cursor<'_>) -> Read<Vec<Order>> {
    let mut found = Vec::new();
    loop {
        let field = Field::read(cursor)?;
        let mut term = Order { field, descending: None, nulls_first: None };
        if !next_ends(cursor) {
            let dot = cursor.mark();
            cursor.need(".", "letter, digit, \"-\", \"->>\", \"->\", delimiter (.), \",\" or end of input")?;
            let mut more = true;
            if cursor.eat("asc") {
                term.descending = Some(false);
            } else if cursor.eat("desc") {
                term.descending = Some(true);
            } else {
                more = false;
                cursor.back(dot);
            }
            if more && !next_ends(cursor) && cursor.peek() != Some('.') {
                return Err(cursor.unread("delimiter (.), \",\" or end of input"));
            }
            if cursor.eat(".") {
                if cursor.eat("nullsfirst") {
                    term.nulls_first = Some(true);
                } else if cursor.eat("nullslast") {
                    term.nulls_first = Some(false);
                } else {
                    let expecting = if more {
                        "\"nullsfirst\" or \"nullslast\""
                    } else {
                        "\"asc\", \"desc\", \"nullsfirst\" or \"nullslast\""
                    };
                    return Err(cursor.unread(expecting));
                }
            }
        }
        found.push(term);
        cursor.spaces();
        if cursor.at_end() {
            return Ok(found);
        }
        cursor.need(",", "\",\" or end of input")?;
    }
}

fn next_ends(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.peek(), None | Some(','))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_has_its_direction_and_place_for_nulls() {
        let found = order("a,b.desc, c.asc.nullslast,d.nullsfirst,e->x.desc").expect("an order");
        let shape: Vec<_> =
            found.iter().map(|term| (term.field.column.as_str(), term.descending, term.nulls_first)).collect();
        assert_eq!(
            shape,
            [
                ("a", None, None),
                ("b", Some(true), None),
                ("c", Some(false), Some(false)),
                ("d", None, Some(true)),
                ("e", Some(true), None)
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for (bad, column) in [("", 1), ("a.x", 3), ("a.asc.x", 7), ("a.ascx", 6), ("a,,b", 3), ("a.asc.nullslastx", 16)]
        {
            let error = order(bad).expect_err(bad).to_string();
            assert!(error.ends_with(&format!("(line 1, column {column})")), "{bad}: {error}");
        }
    }
}
