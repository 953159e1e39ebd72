//! One's own profile: names and how the calendar is read.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// 12 or 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TimeFormat {
    /// 2:30 pm.
    #[serde(rename = "12_hour")]
    TwelveHour,
    /// 14:30.
    #[default]
    #[serde(rename = "24_hour")]
    TwentyFourHour,
}

/// The weekday that weeks begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "weekdays")]
pub enum WeekStart {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl WeekStart {
    /// The weekday.
    #[must_use]
    pub const fn weekday(self) -> chrono::Weekday {
        match self {
            Self::Monday => chrono::Weekday::Mon,
            Self::Tuesday => chrono::Weekday::Tue,
            Self::Wednesday => chrono::Weekday::Wed,
            Self::Thursday => chrono::Weekday::Thu,
            Self::Friday => chrono::Weekday::Fri,
            Self::Saturday => chrono::Weekday::Sat,
            Self::Sunday => chrono::Weekday::Sun,
        }
    }
}

/// Working hours of a day, local wall time `HH:MM`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkHours {
    /// Begin.
    pub start: String,
    /// End.
    pub end: String,
}

/// A row of `user_profiles`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The user's id.
    pub id: Uuid,
    /// The account's e-mail; written by the server.
    #[serde(default)]
    pub email: Option<String>,
    /// Given name.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default)]
    pub last_name: Option<String>,
    /// What others see.
    #[serde(default)]
    pub display_name: Option<String>,
    /// Job title.
    #[serde(default)]
    pub title: Option<String>,
    /// Organization.
    #[serde(default)]
    pub organization: Option<String>,
    /// Picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
    /// IANA zone; empty means the device's.
    #[serde(default)]
    pub timezone: Option<String>,
    /// 12 or 24 hours.
    #[serde(default)]
    pub time_format: TimeFormat,
    /// First weekday.
    #[serde(default)]
    pub week_start_day: WeekStart,
    /// Working hours by weekday name (`monday` …).
    #[serde(default)]
    pub work_schedule: Option<BTreeMap<String, Vec<WorkHours>>>,
    /// Whether anybody has chosen the zone, the hours or the first weekday, which are one group: its stamp is zero in the profile that a
    /// new account gets. Not a column; whoever reads the row says so.
    #[serde(skip)]
    pub clock_chosen: bool,
}
