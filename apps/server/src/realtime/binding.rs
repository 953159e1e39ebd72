//! What a channel asks for: `{"event","schema","table","filter"}`.

use serde_json::{Map, Value};

use super::tables::Table;
use crate::db::{Change, Kind};
use crate::rest::request::too_deep;

/// Most values in one `in` filter; Supabase's figure.
const MOST_VALUES: usize = 100;

/// One wish of a channel.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    /// As the client wrote it: the reply must echo it, position by position.
    asked: Map<String, Value>,
    /// Which of the client's bindings an event is for.
    pub(super) id: u32,
    kind: Option<Kind>,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) filter: Option<Filter>,
}

/// `column=op.value`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) column: String,
    pub(super) operator: Operator,
    /// One value; several for `in`.
    pub(super) values: Vec<String>,
}

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Neq,
    Lt,
    Lte,
    Gt,
    Gte,
    In,
}

impl Operator {
    /// As SQL writes it; `in` is `= any`.
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Eq | Self::In => "=",
            Self::Neq => "<>",
            Self::Lt => "<",
            Self::Lte => "<=",
            Self::Gt => ">",
            Self::Gte => ">=",
        }
    }
}

impl Filter {
    fn read(text: &str) -> Option<Self> {
        let (column, rest) = text.split_once('=')?;
        let (operator, value) = rest.split_once('.')?;
        let operator = match operator {
            "eq" => Operator::Eq,
            "neq" => Operator::Neq,
            "lt" => Operator::Lt,
            "lte" => Operator::Lte,
            "gt" => Operator::Gt,
            "gte" => Operator::Gte,
            "in" => Operator::In,
            _ => return None,
        };
        let values = match operator {
            Operator::In => {
                let list = value.strip_prefix('(')?.strip_suffix(')')?;
                list.split(',').map(|value| value.trim().to_owned()).collect()
            }
            _ => vec![value.to_owned()],
        };
        let bounded = values.len() <= MOST_VALUES && !values.iter().any(|value| too_deep(value));
        bounded.then(|| Self { column: column.to_owned(), operator, values })
    }

    /// Whether it names rows by a part of their key, so that whoever uses it already knows them.
    pub(super) fn pins_key(&self, table: &Table) -> bool {
        matches!(self.operator, Operator::Eq | Operator::In) && table.keys.contains(&self.column)
    }

    /// Whether the key alone already says no. Only for text forms that are the same for equal values.
    fn excludes(&self, table: &Table, key: &Map<String, Value>) -> bool {
        if !self.pins_key(table) || table.kind(&self.column) != Some("uuid") {
            return false;
        }
        let Some(Value::String(value)) = key.get(&self.column) else { return false };
        !self.values.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))
    }
}

impl Binding {
    /// Reads one; the error is for the client.
    pub(super) fn read(asked: &Value, topic: &str, position: usize) -> Result<Self, String> {
        let Value::Object(asked) = asked else { return Err(format!("{asked} is no object")) };
        let text = |name: &str| asked.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let kind = match text("event").unwrap_or("*").to_ascii_uppercase().as_str() {
            "INSERT" => Some(Kind::Insert),
            "UPDATE" => Some(Kind::Update),
            "DELETE" => Some(Kind::Delete),
            _ => None,
        };
        let table = text("table").unwrap_or("*");
        let filter = match text("filter") {
            None => None,
            Some(filter) => {
                if table == "*" {
                    return Err("a filter needs a table".to_owned());
                }
                Some(Filter::read(filter).ok_or_else(|| format!("the filter {filter} cannot be read"))?)
            }
        };
        Ok(Self {
            id: hash(&format!("{topic}\u{0}{position}\u{0}{}", Value::Object(asked.clone()))),
            kind,
            schema: text("schema").unwrap_or("public").to_owned(),
            table: table.to_owned(),
            filter,
            asked: asked.clone(),
        })
    }

    /// What the reply to the join says of it.
    pub(super) fn echo(&self) -> Value {
        let mut echo = self.asked.clone();
        echo.insert("id".to_owned(), self.id.into());
        Value::Object(echo)
    }

    /// Whether it may be about this change; the database has the last word.
    pub(super) fn may_match(&self, change: &Change, table: &Table) -> bool {
        self.kind.is_none_or(|kind| kind == change.kind)
            && (self.schema == "*" || self.schema == change.schema)
            && (self.table == "*" || self.table == change.table)
            && !self.filter.as_ref().zip(change.key.as_ref()).is_some_and(|(filter, key)| filter.excludes(table, key))
    }
}

/// FNV-1a, kept to 27 bits as Realtime's own ids are.
fn hash(text: &str) -> u32 {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash & 0x07ff_ffff
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_are_read_as_realtime_writes_them() {
        let filter = Filter::read("user_id=eq.abc").expect("a filter");
        assert_eq!(
            (filter.column.as_str(), filter.operator, filter.values),
            ("user_id", Operator::Eq, vec!["abc".to_owned()])
        );
        assert_eq!(Filter::read("n=in.(1, 2)").expect("a filter").values, ["1", "2"]);
        for bad in ["", "a", "a=b", "a=eq", "a=like.x", "a=in.1,2", &format!("a=eq.{}", "[".repeat(1_000))] {
            assert_eq!(Filter::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_echo_is_what_was_asked_and_an_id() {
        let asked = json!({"event": "*", "schema": "public", "table": "t"});
        let binding = Binding::read(&asked, "realtime:x", 0).expect("a binding");
        let mut echo = binding.echo();
        assert!(echo["id"].is_u64());
        echo.as_object_mut().expect("an object").remove("id");
        assert_eq!(echo, asked);
    }
}
