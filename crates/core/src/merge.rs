//! Merge: last writer wins, group by group. The one policy for conflicts, pure and symmetric.
//!
//! `merge(a, b)` is commutative, associative and idempotent, so devices that have seen the same edits in any order hold
//! the same row. The same function stands in SQL (`almanac.merge`); `docs/wire.md` has the rules for ties.

use crate::{
    mutation::{Mutation, off},
    order,
    row::{Columns, Row},
    stamp::Stamp,
    table::{DELETED_AT, Group, LIFE, Table},
};
use serde_json::Value;
use std::{cmp::Ordering, fmt::Write as _};

/// The row that both agree on.
#[must_use]
pub fn merge(a: &Row, b: &Row) -> Row {
    let table = a.table;
    let mut columns = Columns::new();
    let mut stamps = a.stamps.clone();
    for (group, stamp) in &b.stamps {
        let entry = stamps.entry(group.clone()).or_insert(*stamp);
        *entry = (*entry).max(*stamp);
    }
    for group in table.groups() {
        let by_row = off(Mutation::MergeByGroup);
        let order = if by_row { a.updated_at().cmp(&b.updated_at()) } else { group_order(group, a, b) };
        let (winner, other) = if order.is_lt() { (b, a) } else { (a, b) };
        for column in group.columns {
            // Equal groups may differ in a null that one of them does not have.
            let value = winner.columns.get(*column).or_else(|| other.columns.get(*column).filter(|_| order.is_eq()));
            if let Some(value) = value {
                columns.insert((*column).to_owned(), value.clone());
            }
        }
    }
    for column in table.key_columns().iter().chain(table.fixed_columns()) {
        let stamp = |row: &Row| table.server_stamp(column).and_then(|stamp| row.stamps.get(stamp).copied());
        let value = fixed_value(stamp(a).cmp(&stamp(b)), a.columns.get(*column), b.columns.get(*column));
        if let Some(value) = value {
            columns.insert((*column).to_owned(), value.clone());
        }
    }
    merge_unknown(a, b, &mut columns);
    let deleted_at = merge_life(a, b);
    let mut row = Row { table, columns, stamps };
    row.columns.insert(DELETED_AT.to_owned(), deleted_at);
    normalise_life(&mut row);
    row
}

/// A row is dead only while its deletion is greater than every content stamp: otherwise `deleted_at` becomes null.
pub fn normalise_life(row: &mut Row) {
    if off(Mutation::ContentRevives) {
        return;
    }
    let life = row.stamps.get(LIFE).copied();
    let content = row.table.groups().iter().filter(|g| g.content).filter_map(|g| row.stamps.get(g.name)).max().copied();
    if !row.is_live() && content.is_some() && life <= content {
        row.columns.insert(DELETED_AT.to_owned(), Value::Null);
    }
}

fn group_order(group: &Group, a: &Row, b: &Row) -> Ordering {
    let (stamp_a, stamp_b) = (a.stamps.get(group.name), b.stamps.get(group.name));
    let is_same = || group.columns.iter().all(|column| a.columns.get(*column) == b.columns.get(*column));
    stamp_a.cmp(&stamp_b).then_with(|| match is_same() {
        true => Ordering::Equal,
        false => group_text(group, a).cmp(&group_text(group, b)),
    })
}

fn merge_life(a: &Row, b: &Row) -> Value {
    let value = |row: &Row| row.columns.get(DELETED_AT).cloned().unwrap_or(Value::Null);
    let (life_a, life_b) = (a.stamps.get(LIFE), b.stamps.get(LIFE));
    match life_a.cmp(&life_b) {
        Ordering::Greater => value(a),
        Ordering::Less => value(b),
        // The same deletion, once normalised away and once not: the deletion stands, normalising decides again.
        Ordering::Equal => match (value(a), value(b)) {
            (Value::Null, other) | (other, Value::Null) => other,
            (x, y) => {
                if jsonb_text(&x) >= jsonb_text(&y) {
                    x
                } else {
                    y
                }
            }
        },
    }
}

/// The one that is there; of two the later written by the server, else the greater text.
fn fixed_value<'a>(written: Ordering, a: Option<&'a Value>, b: Option<&'a Value>) -> Option<&'a Value> {
    match (a, b) {
        (None, other) | (other, None) | (Some(Value::Null), other) | (other, Some(Value::Null)) => other,
        (Some(x), Some(y)) => {
            let order = written.then_with(|| jsonb_text(x).cmp(&jsonb_text(y)));
            Some(if order.is_lt() { y } else { x })
        }
    }
}

fn merge_unknown(a: &Row, b: &Row, into: &mut Columns) {
    let unknown = |row: &Row| -> Columns {
        order::collect(row.columns.iter().filter(|(c, _)| !row.table.knows(c)).map(|(c, v)| (c.clone(), v.clone())))
    };
    let (of_a, of_b) = (unknown(a), unknown(b));
    if of_a.is_empty() && of_b.is_empty() {
        return;
    }
    let newest = |row: &Row| -> Option<Stamp> {
        row.stamps.iter().filter(|(group, _)| row.table.group(group).is_none()).map(|(_, stamp)| *stamp).max()
    };
    let order = newest(a)
        .cmp(&newest(b))
        .then_with(|| jsonb_text(&Value::Object(of_a.clone())).cmp(&jsonb_text(&Value::Object(of_b.clone()))));
    into.extend(if order.is_lt() { of_b } else { of_a });
}

fn group_text(group: &Group, row: &Row) -> String {
    let texts =
        group.columns.iter().map(|column| row.columns.get(*column).map_or_else(|| "null".to_owned(), jsonb_text));
    texts.collect::<Vec<_>>().join(",")
}

/// The text PostgreSQL prints for a `jsonb`: keys by length then bytes, one space after `:` and `,`.
#[must_use]
pub fn jsonb_text(value: &Value) -> String {
    let mut text = String::new();
    write_jsonb(value, &mut text);
    text
}

fn write_jsonb(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_jsonb(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<_> = map.keys().collect();
            crate::order::sort_by(&mut keys, |x, y| x.len().cmp(&y.len()).then_with(|| x.cmp(y)));
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write_jsonb_string(key, out);
                out.push_str(": ");
                write_jsonb(&map[key], out);
            }
            out.push('}');
        }
        Value::String(text) => write_jsonb_string(text, out),
        Value::Number(number) => write_number(&number.to_string(), out),
        Value::Null | Value::Bool(_) => {
            let _ = write!(out, "{value}");
        }
    }
}

/// PostgreSQL keeps numbers as `numeric`: no exponent, no sign of zero. A double (a `position`) loses its `.0` on the way
/// through a `double precision` column, so whole ones print without.
fn write_number(text: &str, out: &mut String) {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).unwrap_or(0) + exponent;
    let (mut before, mut after) = (String::new(), String::new());
    for (digit, at) in digits.chars().zip(0_i64..) {
        if at < point { before.push(digit) } else { after.push(digit) }
    }
    let length = i64::try_from(digits.len()).unwrap_or(0);
    before.extend(std::iter::repeat_n('0', usize::try_from(point - length).unwrap_or(0)));
    after.insert_str(0, &"0".repeat(usize::try_from(-point).unwrap_or(0)));
    let before = before.trim_start_matches('0');
    let after = after.trim_end_matches('0');
    let before = if before.is_empty() { "0" } else { before };
    let is_zero = before == "0" && after.is_empty();
    out.push_str(if is_zero { "" } else { sign });
    out.push_str(before);
    if !after.is_empty() {
        out.push('.');
        out.push_str(after);
    }
}

fn write_jsonb_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Which groups of `ours` the other row has superseded or equalled.
#[must_use]
pub fn settled_groups(table: Table, ours: &crate::row::Stamps, theirs: &Row) -> Vec<String> {
    debug_assert_eq!(table, theirs.table);
    ours.iter()
        .filter(|(group, stamp)| theirs.stamps.get(*group) >= Some(*stamp))
        .map(|(group, _)| group.clone())
        .collect()
}
