//! The synced tables and their groups: the one place that says which columns merge together.
//!
//! The same list stands in SQL (`almanac.groups`, `supabase/migrations`) and in `docs/wire.md`.

use serde::{Deserialize, Serialize};

/// A synced table. The order is the push order: parents before children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Table {
    /// One's own profile.
    #[serde(rename = "user_profiles")]
    Profiles,
    /// AI personas.
    #[serde(rename = "ai_personas")]
    Personas,
    /// Calendars.
    #[serde(rename = "user_calendars")]
    Calendars,
    /// Categories.
    #[serde(rename = "user_categories")]
    Categories,
    /// Events, series and exceptions.
    #[serde(rename = "events")]
    Events,
    /// What one user keeps about an event for themselves: the overlay.
    #[serde(rename = "event_details_personal")]
    Overlays,
    /// Who may do what with an event, and their answer.
    #[serde(rename = "event_user_roles")]
    Roles,
    /// Invitations by e-mail.
    #[serde(rename = "event_invites")]
    Invites,
}

/// A group: columns that only make sense together, the unit of merge.
#[derive(Debug, PartialEq, Eq)]
pub struct Group {
    /// The name that stamps carry.
    pub name: &'static str,
    /// The columns, in the order that ties compare them.
    pub columns: &'static [&'static str],
    /// Whether a newer stamp of this group revives a deleted row.
    pub content: bool,
}

/// The name of the group that holds `deleted_at`, in every table.
pub const LIFE: &str = "life";
/// The tombstone column.
pub const DELETED_AT: &str = "deleted_at";
/// The column with the time of the newest stamp.
pub const UPDATED_AT: &str = "updated_at";
/// The column with the stamps.
pub const STAMPS: &str = "stamps";

const fn content(name: &'static str, columns: &'static [&'static str]) -> Group {
    Group { name, columns, content: true }
}

const fn plain(name: &'static str, columns: &'static [&'static str]) -> Group {
    Group { name, columns, content: false }
}

static PROFILES: &[Group] = &[
    plain("names", &["first_name", "last_name", "display_name"]),
    plain("title", &["title"]),
    plain("organization", &["organization"]),
    plain("avatar", &["avatar_url"]),
    plain("clock", &["timezone", "time_format", "week_start_day"]),
    plain("work_schedule", &["work_schedule"]),
];
static PERSONAS: &[Group] = &[
    content("name", &["name"]),
    plain("avatar", &["avatar_url"]),
    content("prompt", &["system_prompt"]),
    plain("position", &["position"]),
];
static CALENDARS: &[Group] = &[
    content("name", &["name"]),
    plain("color", &["color"]),
    plain("visible", &["visible"]),
    plain("is_default", &["is_default"]),
    plain("position", &["position"]),
    plain("default_reminders", &["default_reminders"]),
];
static CATEGORIES: &[Group] = &[
    content("name", &["name"]),
    plain("color", &["color"]),
    plain("visible", &["visible"]),
    plain("is_default", &["is_default"]),
    plain("position", &["position"]),
];
static EVENTS: &[Group] = &[
    content("title", &["title"]),
    content(
        "when",
        &["start_time", "duration", "all_day", "time_zone", "recurrence", "start_timestamp_ms", "end_timestamp_ms"],
    ),
    plain("private", &["private"]),
    content("location", &["location"]),
    content("notes", &["notes"]),
];
static OVERLAYS: &[Group] = &[
    plain("calendar", &["calendar_id"]),
    plain("category", &["category_id"]),
    plain("show_time_as", &["show_time_as"]),
    plain("time_defense_level", &["time_defense_level"]),
    plain("ai", &["ai_managed", "ai_instructions", "persona_id"]),
    plain("reminders", &["reminders"]),
];
static ROLES: &[Group] = &[plain("role", &["role"]), plain("rsvp", &["rsvp"]), plain("following", &["following"])];
static INVITES: &[Group] = &[plain("role", &["role"])];
static LIFE_GROUP: Group = plain(LIFE, &[DELETED_AT]);

impl Table {
    /// All tables, parents before children.
    pub const ALL: [Self; 8] = [
        Self::Profiles,
        Self::Personas,
        Self::Calendars,
        Self::Categories,
        Self::Events,
        Self::Overlays,
        Self::Roles,
        Self::Invites,
    ];

    /// The table's name in SQL and on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Profiles => "user_profiles",
            Self::Personas => "ai_personas",
            Self::Calendars => "user_calendars",
            Self::Categories => "user_categories",
            Self::Events => "events",
            Self::Overlays => "event_details_personal",
            Self::Roles => "event_user_roles",
            Self::Invites => "event_invites",
        }
    }

    /// The table of that name, if this version knows it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// The groups but `life`, in the order of `docs/wire.md`.
    #[must_use]
    pub const fn groups(self) -> &'static [Group] {
        match self {
            Self::Profiles => PROFILES,
            Self::Personas => PERSONAS,
            Self::Calendars => CALENDARS,
            Self::Categories => CATEGORIES,
            Self::Events => EVENTS,
            Self::Overlays => OVERLAYS,
            Self::Roles => ROLES,
            Self::Invites => INVITES,
        }
    }

    /// The groups and `life` after them.
    pub fn all_groups(self) -> impl Iterator<Item = &'static Group> {
        self.groups().iter().chain(std::iter::once(&LIFE_GROUP))
    }

    /// The group of that name, `life` included.
    #[must_use]
    pub fn group(self, name: &str) -> Option<&'static Group> {
        self.all_groups().find(|g| g.name == name)
    }

    /// The group a column belongs to; none for keys, immutable and unknown columns.
    #[must_use]
    pub fn group_of(self, column: &str) -> Option<&'static Group> {
        self.all_groups().find(|g| g.columns.contains(&column))
    }

    /// The columns that make the key.
    #[must_use]
    pub const fn key_columns(self) -> &'static [&'static str] {
        match self {
            Self::Overlays | Self::Roles => &["event_id", "user_id"],
            Self::Invites => &["event_id", "email"],
            _ => &["id"],
        }
    }

    /// Columns outside the groups: written once by the client, or by the server only. The key is not among them,
    /// except where it says whose the row is.
    #[must_use]
    pub const fn fixed_columns(self) -> &'static [&'static str] {
        match self {
            Self::Profiles => &["email"],
            Self::Personas | Self::Calendars | Self::Categories => &["user_id"],
            Self::Events => &["owner_id", "series_id", "original_start", "split_from", "ical_uid"],
            Self::Overlays | Self::Roles => &[],
            Self::Invites => &["invited_by", "status"],
        }
    }

    /// The stamp by which a fixed column merges that the server changes: it alone writes both.
    #[must_use]
    pub fn server_stamp(self, column: &str) -> Option<&'static str> {
        (self == Self::Profiles && column == "email").then_some("account")
    }

    /// Whether this version knows the column (in a group, a key, fixed or bookkeeping).
    #[must_use]
    pub fn knows(self, column: &str) -> bool {
        matches!(column, STAMPS | UPDATED_AT)
            || self.key_columns().contains(&column)
            || self.fixed_columns().contains(&column)
            || self.group_of(column).is_some()
    }

    /// Whether rows of this table hang on an event by the first part of their key.
    #[must_use]
    pub const fn is_event_child(self) -> bool {
        matches!(self, Self::Overlays | Self::Roles | Self::Invites)
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_is_in_two_places() {
        for table in Table::ALL {
            let mut seen = std::collections::BTreeSet::new();
            let grouped = table.all_groups().flat_map(|g| g.columns.iter());
            for column in table.key_columns().iter().chain(table.fixed_columns()).chain(grouped) {
                assert!(seen.insert(*column), "{table}.{column} stands twice");
            }
        }
    }

    #[test]
    fn names_lead_back_to_the_table() {
        for table in Table::ALL {
            assert_eq!(Table::from_name(table.name()), Some(table));
        }
        assert_eq!(Table::from_name("pg_shadow"), None);
    }
}
