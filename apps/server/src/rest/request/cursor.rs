//! Reading a query parameter from left to right, and saying where and why it cannot be read, as PostgREST does:
//! `"failed to parse filter (noop.0)" (line 1, column 1)`.

use crate::rest::error::RestError;

/// A text being read.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

/// Where reading stopped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unread {
    /// Characters before it.
    column: usize,
    unexpected: String,
    expecting: &'static str,
}

impl Unread {
    /// The error of a request, with what was being read (`filter`, `order`, …) and the whole of its text.
    pub(super) fn of(self, what: &str, text: &str) -> RestError {
        RestError::BadQuery {
            message: format!("\"failed to parse {what} ({text})\" (line 1, column {})", self.column + 1),
            details: format!("unexpected {} expecting {}", self.unexpected, self.expecting),
        }
    }
}

pub(super) type Read<T> = Result<T, Unread>;

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// A place to come back to with [`Self::back`].
    pub(super) fn mark(&self) -> usize {
        self.at
    }

    pub(super) fn back(&mut self, mark: usize) {
        self.at = mark;
    }

    pub(super) fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// Takes `token` when it is next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let there = self.rest().starts_with(token);
        if there {
            self.at += token.len();
        }
        there
    }

    pub(super) fn need(&mut self, token: &str, expecting: &'static str) -> Read<()> {
        if self.eat(token) { Ok(()) } else { Err(self.unread(expecting)) }
    }

    /// Takes characters as long as `wanted` says so.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(super) fn spaces(&mut self) {
        self.take_while(|c| c == ' ' || c == '\t');
    }

    pub(super) fn unread(&self, expecting: &'static str) -> Unread {
        let column = self.text[..self.at].chars().count();
        let unexpected = self.peek().map_or("end of input".to_owned(), |c| format!("{:?}", c.to_string()));
        Unread { column, unexpected, expecting }
    }

    /// An error about an earlier place.
    pub(super) fn unread_at(&self, mark: usize, unexpected: &str, expecting: &'static str) -> Unread {
        Unread { column: self.text[..mark].chars().count(), unexpected: unexpected.to_owned(), expecting }
    }

    /// `"…"` with `\` before a quote or another `\`. The opening quote is next.
    pub(super) fn quoted(&mut self) -> Read<String> {
        self.need("\"", "\"\\\"\"")?;
        let mut value = String::new();
        loop {
            match self.bump() {
                Some('"') => return Ok(value),
                Some('\\') => value.push(self.bump().ok_or_else(|| self.unread("any character"))?),
                Some(c) => value.push(c),
                None => return Err(self.unread("\"\\\"\"")),
            }
        }
    }

    /// A name: quoted, or letters, digits, `_`, `$` and spaces, parts of it joined by dashes.
    pub(super) fn name(&mut self) -> Read<String> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let begin = self.at;
        self.take_while(is_identifier);
        if self.at == begin {
            return Err(self.unread("field name (* or [a..z0..9_$])"));
        }
        // A dash belongs to the name unless it begins an arrow.
        while self.peek() == Some('-') && !self.rest().starts_with("->") {
            let dash = self.at;
            self.bump();
            let part = self.at;
            self.take_while(is_identifier);
            if self.at == part {
                self.at = dash;
                break;
            }
        }
        Ok(self.text[begin..self.at].trim().to_owned())
    }
}

fn is_identifier(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ' ' | '$')
}
