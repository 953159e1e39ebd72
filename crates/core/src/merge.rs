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
    merge_into(a.clone(), b)
}

/// The same, where one of the two is to spare: mostly they differ in a few columns, and only those are touched.
#[must_use]
pub fn merge_into(mut a: Row, b: &Row) -> Row {
    let table = a.table;
    let differing = differing(&a.columns, &b.columns);
    if !(differing.is_empty() && a.stamps == b.stamps) {
        let mut taken = Vec::new();
        let by_row = off(Mutation::MergeByGroup).then(|| a.updated_at().cmp(&b.updated_at()));
        for group in table.groups() {
            let order = by_row.unwrap_or_else(|| group_order(group, &a, b, &differing));
            // Equal groups may differ in a null that one of them does not have.
            let takes = |column: &str| order.is_lt() || order.is_eq() && !a.columns.contains_key(column);
            taken.extend(group.columns.iter().filter(|column| differing.contains(*column) && takes(column)));
        }
        for column in table.key_columns().iter().chain(table.fixed_columns()).filter(|c| differing.contains(*c)) {
            let stamp = |row: &Row| table.server_stamp(column).and_then(|stamp| row.stamps.get(stamp).copied());
            if takes_fixed(stamp(&a).cmp(&stamp(b)), a.columns.get(*column), b.columns.get(*column)) {
                taken.push(column);
            }
        }
        let unknown = merge_unknown(&a, b, &differing);
        let deleted_at = merge_life(&a, b);
        for column in taken {
            take(&mut a.columns, column, b.columns.get(*column));
        }
        for (column, value) in unknown {
            take(&mut a.columns, &column, value.as_ref());
        }
        take(&mut a.columns, DELETED_AT, Some(&deleted_at));
        for (group, stamp) in &b.stamps {
            match a.stamps.get_mut(group) {
                Some(own) => *own = (*own).max(*stamp),
                None => _ = a.stamps.insert(group.clone(), *stamp),
            }
        }
    } else if !a.columns.contains_key(DELETED_AT) {
        take(&mut a.columns, DELETED_AT, Some(&Value::Null));
    }
    normalise_life(&mut a);
    a
}

/// The names of the columns that are not the same in both.
fn differing<'a>(a: &'a Columns, b: &'a Columns) -> Vec<&'a str> {
    let mut names = Vec::new();
    let (mut of_a, mut of_b) = (a.iter(), b.iter());
    let (mut x, mut y) = (of_a.next(), of_b.next());
    loop {
        let order = match (x, y) {
            (None, None) => return names,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((x, _)), Some((y, _))) => x.cmp(y),
        };
        if order.is_ne() || x != y {
            names.extend(if order.is_le() { x } else { y }.map(|(name, _)| name.as_str()));
        }
        if order.is_le() {
            x = of_a.next();
        }
        if order.is_ge() {
            y = of_b.next();
        }
    }
}

/// The column becomes that.
fn take(columns: &mut Columns, column: &str, value: Option<&Value>) {
    match (columns.get_mut(column), value) {
        (Some(own), Some(value)) => own.clone_from(value),
        (None, Some(value)) => _ = columns.insert(column.to_owned(), value.clone()),
        (_, None) => _ = columns.remove(column),
    }
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

fn group_order(group: &Group, a: &Row, b: &Row, differing: &[&str]) -> Ordering {
    let (stamp_a, stamp_b) = (a.stamps.get(group.name), b.stamps.get(group.name));
    stamp_a.cmp(&stamp_b).then_with(|| match group.columns.iter().any(|column| differing.contains(column)) {
        true => group_text(group, a).cmp(&group_text(group, b)),
        false => Ordering::Equal,
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

/// The one that is there counts; of two the later written by the server, else the greater text. Whether that is the other.
fn takes_fixed(written: Ordering, own: Option<&Value>, other: Option<&Value>) -> bool {
    match (own, other) {
        (None | Some(Value::Null), Some(_)) => true,
        (_, None | Some(Value::Null)) => false,
        (Some(x), Some(y)) => written.then_with(|| jsonb_text(x).cmp(&jsonb_text(y))).is_lt(),
    }
}

/// What becomes of the columns of `a` that this version does not know.
fn merge_unknown(a: &Row, b: &Row, differing: &[&str]) -> Vec<(String, Option<Value>)> {
    // Those that are the same in both stay.
    if differing.iter().all(|column| a.table.knows(column)) {
        return Vec::new();
    }
    let unknown = |row: &Row| -> Columns {
        order::collect(row.columns.iter().filter(|(c, _)| !row.table.knows(c)).map(|(c, v)| (c.clone(), v.clone())))
    };
    let (of_a, of_b) = (unknown(a), unknown(b));
    let newest = |row: &Row| -> Option<Stamp> {
        row.stamps.iter().filter(|(group, _)| row.table.group(group).is_none()).map(|(_, stamp)| *stamp).max()
    };
    let text = |columns: &Columns| jsonb_text(&Value::Object(columns.clone()));
    if newest(a).cmp(&newest(b)).then_with(|| text(&of_a).cmp(&text(&of_b))).is_lt() {
        let gone = of_a.into_iter().map(|(column, _)| (column, None));
        return gone.chain(of_b.into_iter().map(|(column, value)| (column, Some(value)))).collect();
    }
    Vec::new()
}

/// The text of a group's columns, by which ties are decided.
#[must_use]
pub fn group_text(group: &Group, row: &Row) -> String {
    let mut text = String::new();
    for (number, column) in group.columns.iter().enumerate() {
        if number > 0 {
            text.push(',');
        }
        match row.columns.get(*column) {
            Some(value) => write_jsonb(value, &mut text),
            None => text.push_str("null"),
        }
    }
    text
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
        Value::Number(number) => match number.as_i64() {
            Some(whole) => _ = write!(out, "{whole}"),
            None => write_number(&number.to_string(), out),
        },
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
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
    // Most texts are as they are.
    if !text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.push_str(text);
        out.push('"');
        return;
    }
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
