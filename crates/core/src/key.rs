//! Which row: a table and the text of its key.

use crate::table::Table;
use serde::{Deserialize, Serialize};
use uuid::{Uuid, fmt::Hyphenated};

/// A table and the key of a row in it, as the feed and the outbox name it. Ordered as the outbox is pushed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowRef {
    /// The table.
    pub table: Table,
    /// The key's text: `"<id>"`, or two parts joined by `:` (`docs/wire.md`).
    pub key: String,
}

impl RowRef {
    /// A row of a table keyed by `id`.
    #[must_use]
    pub fn id(table: Table, id: Uuid) -> Self {
        Self { table, key: text(id, &mut [0; Hyphenated::LENGTH]).to_owned() }
    }

    /// An event.
    #[must_use]
    pub fn event(id: Uuid) -> Self {
        Self::id(Table::Events, id)
    }

    /// A calendar.
    #[must_use]
    pub fn calendar(id: Uuid) -> Self {
        Self::id(Table::Calendars, id)
    }

    /// The user's overlay of an event.
    #[must_use]
    pub fn overlay(event: Uuid, user: Uuid) -> Self {
        Self { table: Table::Overlays, key: pair(event, user) }
    }

    /// The user's role in an event.
    #[must_use]
    pub fn role(event: Uuid, user: Uuid) -> Self {
        Self { table: Table::Roles, key: pair(event, user) }
    }

    /// An invitation; the e-mail is put in lower case.
    #[must_use]
    pub fn invite(event: Uuid, email: &str) -> Self {
        Self { table: Table::Invites, key: format!("{event}:{}", email.trim().to_lowercase()) }
    }

    /// The values of the key's columns, in the order of [`Table::key_columns`].
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let columns = self.table.key_columns();
        let values = self.key.splitn(columns.len(), ':');
        columns.iter().copied().zip(values)
    }

    /// The id of the row, or of the event it hangs on, when the key is well formed.
    #[must_use]
    pub fn uuid(&self) -> Option<Uuid> {
        self.key.get(..36).and_then(|text| Uuid::parse_str(text).ok())
    }

    /// The event this row hangs on (overlay, role, invite).
    #[must_use]
    pub fn parent_event(&self) -> Option<Uuid> {
        if self.table.is_event_child() { self.uuid() } else { None }
    }
}

/// An id's text. (Keys are made for every look at a row: without the machinery of `format!`.)
fn text(id: Uuid, buffer: &mut [u8; Hyphenated::LENGTH]) -> &str {
    id.hyphenated().encode_lower(buffer)
}

fn pair(first: Uuid, second: Uuid) -> String {
    let (mut a, mut b) = ([0; Hyphenated::LENGTH], [0; Hyphenated::LENGTH]);
    [text(first, &mut a), ":", text(second, &mut b)].concat()
}

impl std::fmt::Display for RowRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.table, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_give_back_what_the_key_was_made_of() {
        let (event, user) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let overlay = RowRef::overlay(event, user);
        let parts: Vec<_> = overlay.parts().collect();
        assert_eq!(parts, [("event_id", event.to_string().as_str()), ("user_id", user.to_string().as_str())]);
        assert_eq!(overlay.parent_event(), Some(event));
        assert_eq!(RowRef::event(event).parent_event(), None);
    }

    #[test]
    fn an_email_may_hold_a_colon_and_is_lowered() {
        let invite = RowRef::invite(Uuid::from_u128(1), " Ana:X@Example.org ");
        assert_eq!(invite.parts().last(), Some(("email", "ana:x@example.org")));
    }

    #[test]
    fn parents_sort_before_children() {
        let event = Uuid::from_u128(9);
        assert!(RowRef::event(event) < RowRef::overlay(Uuid::nil(), event));
        assert!(RowRef::calendar(event) < RowRef::event(Uuid::nil()));
    }
}
