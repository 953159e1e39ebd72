//! Calendars and categories: how a person sorts their own view of events.

use crate::row::Row;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use uuid::Uuid;

/// A row of `user_calendars`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calendar {
    /// Made by the client.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// Shown name.
    #[serde(default)]
    pub name: String,
    /// A palette name (`"blue"`) or `#rrggbb`.
    #[serde(default)]
    pub color: String,
    /// Whether its events are shown.
    #[serde(default = "yes")]
    pub visible: bool,
    /// Wish to be the default; which one is, says [`Calendar::default_of`].
    #[serde(default)]
    pub is_default: bool,
    /// Order in lists, ascending.
    #[serde(default)]
    pub position: f64,
    /// Minutes before the start.
    #[serde(default)]
    pub default_reminders: Option<Vec<i64>>,
}

/// A row of `user_categories`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Category {
    /// Made by the client.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// Shown name.
    #[serde(default)]
    pub name: String,
    /// A palette name or `#rrggbb`.
    #[serde(default)]
    pub color: String,
    /// Whether its events are shown.
    #[serde(default = "yes")]
    pub visible: bool,
    /// Wish to be that of new events; which one is, says [`Category::default_of`].
    #[serde(default)]
    pub is_default: bool,
    /// Order in lists, ascending.
    #[serde(default)]
    pub position: f64,
}

const fn yes() -> bool {
    true
}

impl Calendar {
    /// The default calendar among live rows: the one with `is_default` and the greatest stamp of that group, else
    /// the smallest id. Everyone who holds the same rows reads the same default.
    pub fn default_of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<Uuid> {
        best(rows).map(|(_, id)| id)
    }
}

impl Category {
    /// The category that new events get, among live rows: the one with `is_default` and the greatest stamp of that group.
    /// Unlike a calendar there need not be one.
    pub fn default_of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<Uuid> {
        best(rows).and_then(|(wished, id)| wished.then_some(id))
    }
}

/// The row with the newest wish to be the default, else the one with the smallest id; and whether there was a wish.
fn best<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Option<(bool, Uuid)> {
    let wish = |row: &Row| {
        let wants = row.columns.get("is_default").and_then(serde_json::Value::as_bool).unwrap_or(false);
        wants.then(|| row.stamps.get("is_default").copied())
    };
    let rows = rows.into_iter().filter(|row| row.is_live());
    let (wish, Reverse(id)) = rows.filter_map(|row| Some((wish(row), Reverse(row.at().uuid()?)))).max()?;
    Some((wish.is_some(), id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        key::RowRef,
        stamp::{DeviceId, Stamp},
    };

    fn calendar(id: u128, is_default: bool, micros: u64) -> Row {
        let mut row = Row::empty(&RowRef::calendar(Uuid::from_u128(id)));
        row.columns.insert("is_default".into(), is_default.into());
        row.stamps.insert("is_default".into(), Stamp::new(micros, DeviceId(1)));
        row
    }

    #[test]
    fn the_newest_wish_is_the_default() {
        let rows = [calendar(1, true, 10), calendar(2, true, 20), calendar(3, false, 30)];
        assert_eq!(Calendar::default_of(&rows), Some(Uuid::from_u128(2)));
    }

    #[test]
    fn without_a_wish_the_smallest_id_is() {
        let rows = [calendar(3, false, 10), calendar(2, false, 20)];
        assert_eq!(Calendar::default_of(&rows), Some(Uuid::from_u128(2)));
        assert_eq!(Calendar::default_of(&[]), None);
    }

    #[test]
    fn of_categories_none_is_the_default_without_a_wish() {
        let wished = [calendar(1, true, 10), calendar(2, true, 20), calendar(3, false, 30)];
        assert_eq!(Category::default_of(&wished), Some(Uuid::from_u128(2)));
        assert_eq!(Category::default_of(&wished[2..]), None);
    }
}
