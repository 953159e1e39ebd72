//! The overlay: what one person keeps about an event for themselves, without touching the others'.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How an event's time counts for others who look for a free slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShowTimeAs {
    /// Free.
    Free,
    /// Perhaps.
    Tentative,
    /// Taken; the default.
    #[default]
    Busy,
    /// Out of office.
    Oof,
    /// Working elsewhere.
    WorkingElsewhere,
}

/// How firmly the time is defended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeDefenseLevel {
    /// May move.
    Flexible,
    /// The default.
    #[default]
    Normal,
    /// Only for good reasons.
    High,
    /// Never.
    HardBlock,
}

/// A row of `event_details_personal`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlay {
    /// The event.
    pub event_id: Uuid,
    /// Whose view it is.
    pub user_id: Uuid,
    /// One of the user's calendars; none or a deleted one counts as the default.
    #[serde(default)]
    pub calendar_id: Option<Uuid>,
    /// One of the user's categories.
    #[serde(default)]
    pub category_id: Option<Uuid>,
    /// Free, busy and so on.
    #[serde(default)]
    pub show_time_as: ShowTimeAs,
    /// Flexible to hard block.
    #[serde(default)]
    pub time_defense_level: TimeDefenseLevel,
    /// Whether a persona looks after it.
    #[serde(default)]
    pub ai_managed: bool,
    /// What the persona should know.
    #[serde(default)]
    pub ai_instructions: Option<String>,
    /// Which persona.
    #[serde(default)]
    pub persona_id: Option<Uuid>,
    /// Minutes before the start; none means the calendar's.
    #[serde(default)]
    pub reminders: Option<Vec<i64>>,
}
