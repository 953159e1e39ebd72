//! Categories, personas, and what calendars share with them: an order of one's own, and events that have to go somewhere
//! when one of them is deleted. Pure patches.

use crate::drafts::{columns, overlay, word};
use almanac_core::{domain::Overlay, key::RowRef, patch::Patch, row::Columns, table::Table};
use serde_json::json;
use uuid::Uuid;

/// What changes about a category (of a new one: what it is). None: stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CategoryEdit {
    /// Name.
    pub name: Option<String>,
    /// Palette name or `#rrggbb`.
    pub color: Option<String>,
    /// Whether its events are shown.
    pub visible: Option<bool>,
    /// True: new events get it, and not what they got before.
    pub is_default: Option<bool>,
}

/// What changes about a persona (of a new one: what it is). None: stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonaEdit {
    /// Name.
    pub name: Option<String>,
    /// Picture; inner none takes it away.
    pub avatar_url: Option<Option<String>>,
    /// What the persona is told; inner none clears it.
    pub system_prompt: Option<Option<String>>,
}

/// What becomes of the events of a calendar, category or persona that is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// They stay: in the default calendar, without a category, without a persona.
    #[default]
    Stay,
    /// They go to another one.
    Move(Uuid),
    /// One's own are deleted too (calendars only).
    Delete,
}

/// The patch of a new category.
pub(crate) fn create_category(id: Uuid, user: Uuid, new: CategoryEdit, position: f64) -> Patch {
    let initial = columns(json!({
        "user_id": user, "name": new.name.unwrap_or_default().trim(), "color": new.color.unwrap_or_default(),
        "visible": new.visible.unwrap_or(true), "is_default": new.is_default.unwrap_or(false), "position": position,
    }));
    Patch::create(RowRef::id(Table::Categories, id), initial)
}

/// The patch of an edit of a category.
pub(crate) fn edit_category(id: Uuid, edit: CategoryEdit) -> Patch {
    let mut changed = Columns::new();
    if let Some(name) = edit.name {
        changed.insert("name".into(), name.trim().into());
    }
    if let Some(color) = edit.color {
        changed.insert("color".into(), color.into());
    }
    if let Some(visible) = edit.visible {
        changed.insert("visible".into(), visible.into());
    }
    if let Some(is_default) = edit.is_default {
        changed.insert("is_default".into(), is_default.into());
    }
    Patch::update(RowRef::id(Table::Categories, id), changed)
}

/// The patch of a new persona.
pub(crate) fn create_persona(id: Uuid, user: Uuid, persona: PersonaEdit, position: f64) -> Patch {
    let initial = columns(json!({
        "user_id": user, "name": persona.name.unwrap_or_default().trim(), "avatar_url": persona.avatar_url.flatten(),
        "system_prompt": persona.system_prompt.flatten(), "position": position,
    }));
    Patch::create(RowRef::id(Table::Personas, id), initial)
}

/// The patch of an edit of a persona.
pub(crate) fn edit_persona(id: Uuid, edit: PersonaEdit) -> Patch {
    let mut changed = Columns::new();
    if let Some(name) = edit.name {
        changed.insert("name".into(), name.trim().into());
    }
    if let Some(url) = edit.avatar_url {
        changed.insert("avatar_url".into(), url.into());
    }
    if let Some(prompt) = edit.system_prompt {
        changed.insert("system_prompt".into(), prompt.into());
    }
    Patch::update(RowRef::id(Table::Personas, id), changed)
}

/// The column of the overlay that points to a row of this table.
pub(crate) const fn pointer(table: Table) -> Option<&'static str> {
    match table {
        Table::Calendars => Some("calendar_id"),
        Table::Categories => Some("category_id"),
        Table::Personas => Some("persona_id"),
        _ => None,
    }
}

/// What the overlay has in that column.
pub(crate) fn pointed(overlay: &Overlay, table: Table) -> Option<Uuid> {
    match table {
        Table::Calendars => overlay.calendar_id,
        Table::Categories => overlay.category_id,
        Table::Personas => overlay.persona_id,
        _ => None,
    }
}

/// Points the user's view of an event to another calendar, category or persona, or to none.
pub(crate) fn point(event: Uuid, user: Uuid, table: Table, to: Option<Uuid>) -> Option<Patch> {
    let mut changed = Columns::new();
    changed.insert(pointer(table)?.to_owned(), word(to));
    if table == Table::Personas && to.is_none() {
        // Nobody is left to look after it.
        changed.insert("ai_managed".to_owned(), false.into());
    }
    Some(overlay(event, user, changed))
}

/// The patches that put the row at an index of the list, given everyone's position in the order shown. One patch where
/// there is room between the neighbours, else all are numbered anew.
pub(crate) fn reorder(table: Table, list: &[(Uuid, f64)], id: Uuid, index: usize) -> Vec<Patch> {
    let Some(from) = list.iter().position(|(row, _)| *row == id) else { return Vec::new() };
    let mut order: Vec<(Uuid, f64)> = list.to_vec();
    let moved = order.remove(from);
    let index = index.min(order.len());
    if index == from {
        return Vec::new();
    }
    order.insert(index, moved);
    let set = |id: Uuid, position: f64| Patch::update(RowRef::id(table, id), Columns::new()).set("position", position);
    let before = index.checked_sub(1).map(|i| order[i].1);
    let after = order.get(index + 1).map(|next| next.1);
    let between = match (before, after) {
        (Some(before), Some(after)) => (before + after) / 2.0,
        (Some(before), None) => before + 1.0,
        (None, Some(after)) => after - 1.0,
        (None, None) => return Vec::new(),
    };
    let fits = between.is_finite() && before.is_none_or(|b| b < between) && after.is_none_or(|a| between < a);
    if fits {
        return vec![set(id, between)];
    }
    let numbers = std::iter::successors(Some(1.0), |n| Some(n + 1.0));
    #[allow(clippy::float_cmp, reason = "a position that stays is written as it is read")]
    let changed = order.iter().zip(numbers).filter(|((_, old), new)| old != new);
    changed.map(|((id, _), position)| set(*id, position)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    /// The order after a move, and how many rows were written.
    fn moved(list: &[(u128, f64)], row: u128, index: usize) -> (Vec<u128>, usize) {
        let list: Vec<_> = list.iter().map(|(n, position)| (id(*n), *position)).collect();
        let patches = reorder(Table::Calendars, &list, id(row), index);
        let mut now = list;
        for patch in &patches {
            assert_eq!(patch.check(), Ok(()));
            let at = now.iter_mut().find(|(row, _)| Some(*row) == patch.at.uuid()).unwrap();
            at.1 = patch.columns["position"].as_f64().unwrap();
        }
        now.sort_by(|a, b| a.1.total_cmp(&b.1));
        (now.iter().map(|(id, _)| id.as_u128()).collect(), patches.len())
    }

    #[test]
    fn a_row_goes_where_it_is_put_and_only_it_is_written() {
        let list = [(1, 1.0), (2, 2.0), (3, 3.0)];
        assert_eq!(moved(&list, 3, 0), (vec![3, 1, 2], 1));
        assert_eq!(moved(&list, 1, 1), (vec![2, 1, 3], 1));
        assert_eq!(moved(&list, 1, 2), (vec![2, 3, 1], 1));
        assert_eq!(moved(&list, 1, 99), (vec![2, 3, 1], 1));
        assert_eq!(moved(&list, 2, 1), (vec![1, 2, 3], 0));
    }

    #[test]
    fn without_room_between_the_neighbours_all_are_numbered_anew() {
        let list = [(1, 0.0), (2, 0.0), (3, 0.0)];
        let (order, written) = moved(&list, 3, 1);
        assert_eq!(order, [1, 3, 2]);
        assert_eq!(written, 3);
    }

    #[test]
    fn what_the_server_requires_is_there() {
        let trips =
            CategoryEdit { name: Some(" Trips ".into()), color: Some("teal".into()), ..CategoryEdit::default() };
        let all = [
            create_category(id(1), id(2), trips.clone(), 1.0),
            edit_category(
                id(1),
                CategoryEdit { name: Some("x".into()), is_default: Some(true), ..CategoryEdit::default() },
            ),
            create_persona(id(1), id(2), PersonaEdit { name: Some("Aide".into()), ..PersonaEdit::default() }, 1.0),
            edit_persona(id(1), PersonaEdit { system_prompt: Some(Some("Be brief".into())), ..PersonaEdit::default() }),
            point(id(1), id(2), Table::Personas, None).unwrap(),
            point(id(1), id(2), Table::Categories, Some(id(3))).unwrap(),
        ];
        for patch in all {
            assert_eq!(patch.check(), Ok(()), "{:?}", patch.at);
        }
        let category = create_category(id(1), id(2), trips, 1.0).initial.unwrap();
        for column in ["user_id", "name", "color", "visible", "is_default", "position"] {
            assert!(!category[column].is_null(), "{column}");
        }
        assert_eq!(category["name"], "Trips");
    }

    #[test]
    fn without_its_persona_an_event_is_nobodys_to_look_after() {
        let patch = point(id(1), id(2), Table::Personas, None).unwrap();
        assert_eq!((&patch.columns["persona_id"], &patch.columns["ai_managed"]), (&json!(null), &json!(false)));
    }
}
