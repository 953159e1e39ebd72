//! A statement under construction, and its values.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};

use crate::rest::request::{Field, Filter, Logic, Place, Test};
use crate::rest::schema::Table;

/// SQL with parameters.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    text: String,
    values: Vec<Literal>,
}

/// A value as it was sent: PostgreSQL reads it by the type that its place asks for, as it would read it between quotes, and
/// says the same when it cannot.
#[derive(Debug)]
pub(crate) struct Literal(String);

impl ToSql for Literal {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

impl Statement {
    pub(crate) fn sql(&self) -> &str {
        &self.text
    }

    /// The parameters, of no declared type.
    pub(crate) fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values.iter().map(|value| (value as &(dyn ToSql + Sync), Type::UNKNOWN)).collect()
    }

    /// Adds SQL of our own.
    pub(super) fn text(&mut self, sql: &str) -> &mut Self {
        self.text.push_str(sql);
        self
    }

    /// Adds a quoted name.
    pub(super) fn name(&mut self, name: &str) -> &mut Self {
        self.text.push('"');
        // PostgreSQL has no names with a zero byte, and the protocol ends the statement there.
        self.text.push_str(&name.replace('\0', "").replace('"', "\"\""));
        self.text.push('"');
        self
    }

    /// Adds a parameter.
    pub(super) fn value(&mut self, value: impl Into<String>) -> &mut Self {
        self.values.push(Literal(value.into()));
        let number = self.values.len().to_string();
        self.text("$").text(&number)
    }

    /// Adds what `write` adds for each of `all`, with `between` between them.
    pub(super) fn list<T>(
        &mut self,
        all: impl IntoIterator<Item = T>,
        between: &str,
        mut write: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (index, one) in all.into_iter().enumerate() {
            if index > 0 {
                self.text(between);
            }
            write(self, one);
        }
        self
    }

    /// Adds `source.column->path`.
    pub(super) fn field(&mut self, table: &Table, source: &Source, field: &Field) -> &mut Self {
        // A column that is none is PostgreSQL's to refuse.
        let json = field.path.is_empty() || table.column(&field.column).is_some_and(|column| column.is_json());
        self.text(if json { "" } else { "to_jsonb(" });
        source.write(self);
        self.text(".");
        if field.column == "*" {
            self.text("*")
        } else {
            self.name(&field.column)
        };
        self.text(if json { "" } else { ")" });
        for step in &field.path {
            self.text(if step.as_text { "->>" } else { "->" });
            match &step.to {
                Place::Key(key) => self.value(key.as_str()),
                Place::Index(index) => self.value(index.to_string()).text("::int"),
            };
        }
        self
    }

    /// Adds a condition.
    pub(super) fn logic(&mut self, table: &Table, source: &Source, logic: &Logic) -> &mut Self {
        match logic {
            Logic::Filter(filter) => self.filter(table, source, filter),
            Logic::Group { not, or, terms } => {
                self.text(if *not { "not (" } else { "(" });
                self.list(terms, if *or { " or " } else { " and " }, |sql, term| {
                    sql.logic(table, source, term);
                });
                self.text(")")
            }
        }
    }

    fn filter(&mut self, table: &Table, source: &Source, filter: &Filter) -> &mut Self {
        if filter.not {
            self.text("not ");
        }
        if let Test::Search(function, language, words) = &filter.test {
            return self.search(table, source, filter, (function, language.as_deref(), words));
        }
        self.field(table, source, &filter.field).text(" ");
        match &filter.test {
            Test::Compare(operator, value) => self.text(operator).text(" ").value(pattern(operator, value)),
            Test::Quantified(operator, quantifier, value) => {
                self.text(operator).text(" ").text(quantifier).text("(").value(pattern(operator, value)).text(")")
            }
            Test::In(values) if matches!(values.as_slice(), [only] if only.is_empty()) => self.text("= any('{}')"),
            Test::In(values) => self.text("= any(").value(array(values)).text(")"),
            Test::Is(word) => self.text("is ").text(word),
            Test::Distinct(value) => self.text("is distinct from ").value(value.as_str()),
            Test::Search(..) => self,
        }
    }

    /// Adds a full-text search: function, language, words.
    fn search(
        &mut self,
        table: &Table,
        source: &Source,
        filter: &Filter,
        (function, language, words): (&str, Option<&str>, &str),
    ) -> &mut Self {
        let ready = table.column(&filter.field.column).is_some_and(|column| column.kind == "tsvector");
        let in_language = |sql: &mut Self| {
            if let Some(language) = language {
                sql.value(language).text(", ");
            }
        };
        if ready {
            self.field(table, source, &filter.field);
        } else {
            self.text("to_tsvector(");
            in_language(self);
            self.field(table, source, &filter.field).text(")");
        }
        self.text(" @@ ").text(function).text("(");
        in_language(self);
        self.value(words).text(")")
    }
}

/// What columns belong to.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// `public.<table>`
    Table(String),
    /// Another name within the statement.
    Alias(String),
}

impl Source {
    pub(super) fn write(&self, sql: &mut Statement) {
        match self {
            Self::Table(name) => sql.text("\"public\".").name(name),
            Self::Alias(name) => sql.name(name),
        };
    }
}

/// In patterns `*` may stand for `%`, which has to be escaped in addresses.
fn pattern(operator: &str, value: &str) -> String {
    if operator.ends_with("like") { value.replace('*', "%") } else { value.to_owned() }
}

/// An array as PostgreSQL writes it.
fn array(values: &[String]) -> String {
    let quoted: Vec<_> =
        values.iter().map(|value| format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))).collect();
    format!("{{{}}}", quoted.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_or_a_value_gets_out_of_its_place() {
        let mut sql = Statement::default();
        sql.text("select ").name("a\"b; drop\0").text(" = ").value("'; drop table events; --");
        assert_eq!(sql.sql(), "select \"a\"\"b; drop\" = $1");
        assert_eq!(array(&["a\"b".to_owned(), "c\\,{}".to_owned()]), r#"{"a\"b","c\\,{}"}"#);
    }
}
