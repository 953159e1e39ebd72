//! Refused edits.

use super::{
    live::{Interest, use_live},
    use_events::{Homes, join},
};
use crate::{
    account::OpenAccount,
    items::{EventItem, FieldValue, StuckField, StuckItem},
};
use almanac_core::{
    changes::Changes,
    key::RowRef,
    outbox::Entry,
    row::Columns,
    store::{Query, StoreError},
    table::Table,
    time,
};
use dioxus::prelude::*;
use serde_json::Value;
use uuid::Uuid;

struct Outbox;

impl Interest for Outbox {
    fn is_hit(&self, changes: &Changes) -> bool {
        changes.outbox
    }
}

/// The edits that the server refused, live.
#[must_use]
pub fn use_stuck() -> ReadSignal<Vec<StuckItem>> {
    let stuck = use_signal(Vec::new);
    use_live(
        move |open| async move {
            let mut items = Vec::new();
            for entry in open.database.outbox().await? {
                let title = if entry.stuck.is_some() { title(&open, &entry).await? } else { continue };
                items.extend(item(&open, entry, title).await?);
            }
            Ok((items, Outbox))
        },
        move |found| {
            let mut stuck = stuck;
            stuck.set(found);
        },
    );
    stuck.into()
}

async fn item(open: &OpenAccount, entry: Entry, title: String) -> Result<Option<StuckItem>, StoreError> {
    let Some(reason) = entry.stuck else { return Ok(None) };
    // The columns of milliseconds say no more than the times they are made from.
    let changed = |column: &str| entry.at.table.group_of(column).is_some() && !column.ends_with("_ms");
    let theirs = entry.base.as_ref().and_then(Value::as_object);
    let mut fields = Vec::new();
    for (column, mine) in entry.columns.iter().filter(|(column, _)| changed(column)) {
        let theirs = theirs.and_then(|base| base.get(column)).unwrap_or(&Value::Null);
        fields.push(StuckField {
            column: column.clone(),
            mine: value(open, column, mine).await?,
            theirs: value(open, column, theirs).await?,
        });
    }
    let of_event = entry.at.parent_event().or_else(|| entry.at.uuid().filter(|_| entry.at.table == Table::Events));
    let event = match of_event {
        Some(id) => event(open, id).await?,
        None => None,
    };
    let is_there = theirs.is_some();
    Ok(Some(StuckItem { at: entry.at, title, code: reason.code, message: reason.message, fields, is_there, event }))
}

async fn event(open: &OpenAccount, id: Uuid) -> Result<Option<EventItem>, StoreError> {
    let user = open.session.user_id;
    let mut stored = Vec::new();
    for at in [RowRef::event(id), RowRef::overlay(id, user), RowRef::role(id, user)] {
        if let Some(record) = open.database.get(at).await?
            && record.row()?.is_live()
        {
            stored.push(record);
        }
    }
    let calendars = open.database.query(Query::Table(Table::Calendars)).await?;
    Ok(join(&stored, &Homes::among(&calendars)?, user)?.pop())
}

async fn value(open: &OpenAccount, column: &str, value: &Value) -> Result<FieldValue, StoreError> {
    Ok(match value {
        Value::Null => FieldValue::Nothing,
        Value::Bool(flag) => FieldValue::Flag(*flag),
        Value::Number(minutes) if column == "duration" => {
            minutes.as_i64().map_or_else(|| FieldValue::Text(minutes.to_string()), FieldValue::Minutes)
        }
        Value::String(text) => {
            if let Some(named) = pointed(open, column, text).await? {
                FieldValue::Text(named)
            } else if let Some(at) = column.ends_with("_time").then(|| time::read(text)).flatten() {
                FieldValue::At(at)
            } else {
                FieldValue::Text(text.clone())
            }
        }
        other => FieldValue::Text(other.to_string()),
    })
}

/// The name of the calendar, category or persona a column points to.
async fn pointed(open: &OpenAccount, column: &str, id: &str) -> Result<Option<String>, StoreError> {
    let table = match column {
        "calendar_id" => Table::Calendars,
        "category_id" => Table::Categories,
        "persona_id" => Table::Personas,
        _ => return Ok(None),
    };
    let Ok(id) = id.parse() else { return Ok(None) };
    let Some(stored) = open.database.get(RowRef::id(table, id)).await? else { return Ok(None) };
    Ok(stored.row()?.columns.get("name").and_then(Value::as_str).map(str::to_owned))
}

/// The name of the row, or of the event it hangs on.
pub(super) async fn title(open: &OpenAccount, entry: &Entry) -> Result<String, StoreError> {
    let named = |columns: &Columns| {
        ["title", "name", "email"].into_iter().find_map(|c| columns.get(c)?.as_str().map(str::to_owned))
    };
    if let Some(title) = named(&entry.columns).or_else(|| entry.base.as_ref()?.as_object().and_then(named)) {
        return Ok(title);
    }
    let at = entry.at.parent_event().map_or_else(|| entry.at.clone(), RowRef::event);
    let row = open.database.get(at).await?.map(|stored| stored.row()).transpose()?;
    Ok(row.and_then(|row| named(&row.columns)).unwrap_or_default())
}
