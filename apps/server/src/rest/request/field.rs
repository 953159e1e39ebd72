//! A column, or a place in a JSON column: `settings`, `settings->days->>0`.

use super::cursor::{Cursor, Read};

/// What is selected, filtered or ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The column.
    pub(crate) column: String,
    /// The way into it, when it is JSON.
    pub(crate) path: Vec<Step>,
}

/// One step into JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// `->>`: the last step, to text.
    pub(crate) as_text: bool,
    pub(crate) to: Place,
}

/// Where a step goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Key(String),
    Index(i32),
}

/// Steps of one way: each is a level of an expression for PostgreSQL.
const DEEPEST: usize = 64;

impl Field {
    /// The name its value has in an answer unless it gets another.
    pub(crate) fn own_name(&self) -> &str {
        let key = self.path.iter().rev().find_map(|step| match &step.to {
            Place::Key(key) => Some(key.as_str()),
            Place::Index(_) => None,
        });
        key.unwrap_or(&self.column)
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Read<Self> {
        cursor.spaces();
        let column = cursor.name()?;
        let path = path(cursor)?;
        cursor.spaces();
        Ok(Self { column, path })
    }
}

fn path(cursor: &mut Cursor<'_>) -> Read<Vec<Step>> {
    let mut steps = Vec::new();
    loop {
        let as_text = if cursor.eat("->>") {
            true
        } else if cursor.eat("->") {
            false
        } else {
            return Ok(steps);
        };
        let mark = cursor.mark();
        let minus = cursor.eat("-");
        let digits = cursor.take_while(|c| c.is_ascii_digit());
        let ends = ["->", "::", ".", ",", ")"].iter().any(|end| cursor.rest().starts_with(end)) || cursor.at_end();
        let index = if ends { digits.parse::<i32>().ok() } else { None };
        let to = match index {
            Some(index) => Place::Index(if minus { -index } else { index }),
            None => {
                cursor.back(mark);
                Place::Key(key(cursor)?)
            }
        };
        if steps.len() >= DEEPEST {
            return Err(cursor.unread("a shorter way"));
        }
        steps.push(Step { as_text, to });
    }
}

fn key(cursor: &mut Cursor<'_>) -> Read<String> {
    if cursor.peek() == Some('"') {
        return cursor.quoted();
    }
    let mark = cursor.mark();
    loop {
        cursor.take_while(|c| !"(-:.,>)".contains(c));
        if cursor.peek() != Some('-') || cursor.rest().starts_with("->") {
            break;
        }
        cursor.bump();
    }
    let end = cursor.mark();
    cursor.back(mark);
    let text = cursor.rest()[..end - mark].trim().to_owned();
    cursor.back(end);
    if text.is_empty() { Err(cursor.unread("any non reserved character different from: .,>()")) } else { Ok(text) }
}
