//! Events, series and exceptions.

use crate::{row::Span, time};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `events`: one event, a series (it has a `recurrence`), or an exception of one (it has a `series_id`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Made by the client, UUIDv7.
    pub id: Uuid,
    /// Who made it and decides about it. Never changes.
    pub owner_id: Uuid,
    /// The SUMMARY of RFC 5545. May be empty.
    #[serde(default)]
    pub title: String,
    /// DTSTART as an instant; for an all-day event midnight UTC of its date.
    #[serde(with = "time::canonical")]
    pub start_time: DateTime<Utc>,
    /// Minutes; whole days (1440) for an all-day event.
    pub duration: i64,
    /// A date, not an instant: never shifted by a zone.
    #[serde(default)]
    pub all_day: bool,
    /// IANA name of the zone the event was made in; none (an all-day event's) floats with the profile's zone.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// RFC 5545 RRULE/RDATE/EXDATE lines of a series.
    #[serde(default)]
    pub recurrence: Option<String>,
    /// Only owner and full delegates see it.
    #[serde(default)]
    pub private: bool,
    /// LOCATION.
    #[serde(default)]
    pub location: Option<String>,
    /// DESCRIPTION.
    #[serde(default)]
    pub notes: Option<String>,
    /// The series that this is an exception of.
    #[serde(default)]
    pub series_id: Option<Uuid>,
    /// RECURRENCE-ID: the start the exception replaces.
    #[serde(default, with = "time::canonical_option")]
    pub original_start: Option<DateTime<Utc>>,
    /// The series this one was split from ("this and following").
    #[serde(default)]
    pub split_from: Option<Uuid>,
    /// UID of an imported event.
    #[serde(default)]
    pub ical_uid: Option<String>,
    /// First instant of all occurrences, ms since 1970 UTC.
    pub start_timestamp_ms: i64,
    /// First instant after all occurrences, ms; without end [`time::FAR_FUTURE_MS`].
    pub end_timestamp_ms: i64,
}

impl Event {
    /// The instants covered by this event (by all its occurrences, for a series).
    #[must_use]
    pub const fn span(&self) -> Span {
        Span { start: self.start_timestamp_ms, end: self.end_timestamp_ms }
    }

    /// The instant the event (or the first occurrence) ends.
    #[must_use]
    pub fn end_time(&self) -> DateTime<Utc> {
        let minutes = chrono::TimeDelta::try_minutes(self.duration).unwrap_or(chrono::TimeDelta::MAX);
        self.start_time.checked_add_signed(minutes).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The bounds `(start, end)` in ms of an event with these times and no end of its recurrence known.
    #[must_use]
    pub fn bounds(start: DateTime<Utc>, duration_minutes: i64, recurs: bool) -> Span {
        let start = start.timestamp_millis();
        let end = if recurs {
            time::FAR_FUTURE_MS
        } else {
            start.saturating_add(duration_minutes.saturating_mul(60_000)).min(time::FAR_FUTURE_MS)
        };
        Span { start, end }
    }
}
