//! Refused edits.

use super::live::{Interest, use_live};
use crate::items::StuckItem;
use almanac_core::{changes::Changes, outbox::Entry, row::Columns, store::StoreError};
use dioxus::prelude::*;
use serde_json::Value;

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
                items.extend(item(entry, title));
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

fn item(entry: Entry, title: String) -> Option<StuckItem> {
    let reason = entry.stuck?;
    let changed = |column: &str| entry.at.table.group_of(column).is_some();
    let mine: Vec<(String, String)> = entry
        .columns
        .iter()
        .filter(|(column, _)| changed(column))
        .map(|(column, value)| (column.clone(), words(value)))
        .collect();
    let theirs = entry.base.as_ref().and_then(Value::as_object).map(|base| {
        mine.iter().map(|(column, _)| (column.clone(), base.get(column).map(words).unwrap_or_default())).collect()
    });
    Some(StuckItem { at: entry.at, title, code: reason.code, message: reason.message, mine, theirs })
}

/// The name of the row, or of the event it hangs on.
pub(super) async fn title(open: &crate::account::OpenAccount, entry: &Entry) -> Result<String, StoreError> {
    let named = |columns: &Columns| {
        ["title", "name", "email"].into_iter().find_map(|c| columns.get(c)?.as_str().map(str::to_owned))
    };
    if let Some(title) = named(&entry.columns).or_else(|| entry.base.as_ref()?.as_object().and_then(named)) {
        return Ok(title);
    }
    let at = entry.at.parent_event().map_or_else(|| entry.at.clone(), almanac_core::key::RowRef::event);
    let row = open.database.get(at).await?.map(|stored| stored.row()).transpose()?;
    Ok(row.and_then(|row| named(&row.columns)).unwrap_or_default())
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
