//! The sync log: what the engine did lately, for people who look for a fault. A ring in the local store.
//!
//! It never holds contents of rows: tables, numbers and ids only (an invitation's key without its e-mail).

use crate::{key::RowRef, table::Table};
use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Lines kept; the oldest give way.
pub const KEPT: u64 = 500;
/// Characters of a message kept.
const LONGEST: usize = 200;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number, from 1, never reused.
    pub number: u64,
    /// Local ms since 1970.
    pub at_ms: i64,
    /// What happened.
    pub what: Happened,
}

impl Line {
    /// The slot of the ring where it is kept.
    #[must_use]
    pub const fn slot(&self) -> u64 {
        self.number % KEPT
    }
}

/// What happened. It is kept as text, a word and its figures: words are only added, never changed. (Text, because reading
/// each variant as JSON would be a hundredth of the web app's download.)
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Happened {
    /// The engine began to run.
    Started,
    /// A page of the feed was applied.
    Pulled {
        /// Rows on it.
        rows: u64,
        /// Rows that left.
        gone: u64,
        /// The cursor after it.
        cursor: u64,
    },
    /// A push was answered.
    Pushed {
        /// Entries sent.
        sent: u64,
        /// Done.
        done: u64,
        /// Put off.
        put_off: u64,
        /// Refused.
        refused: u64,
    },
    /// An entry was refused and is set aside.
    Refused {
        /// The table.
        table: Table,
        /// The row's id, or its event's.
        id: String,
        /// The server's code.
        code: String,
    },
    /// A window was fetched.
    Window {
        /// From, ms.
        from: i64,
        /// To, ms.
        to: i64,
    },
    /// Everything is fetched again.
    Resync {
        /// Why, in words.
        why: String,
    },
    /// The resync has come to its end.
    Resynced {
        /// Rows that came.
        rows: u64,
        /// The cursor after it.
        cursor: u64,
    },
    /// The data were compared with the server's.
    Compared {
        /// Tables that differ.
        unlike: Vec<Table>,
    },
    /// Rows were forgotten: tombstones that are no longer needed, or old windows for want of room.
    Forgot {
        /// How many.
        rows: u64,
    },
    /// A cycle ended early.
    Trouble {
        /// Why, in words.
        why: String,
    },
    /// A row of the server does not read and was left out.
    Malformed {
        /// Which, and why, in words.
        what: String,
    },
}

impl Happened {
    /// A refusal, without what a key may tell of a person.
    #[must_use]
    pub fn refused(at: &RowRef, code: &str) -> Self {
        Self::Refused { table: at.table, id: at.key.chars().take(36).collect(), code: brief(code) }
    }

    /// A failure.
    #[must_use]
    pub fn trouble(why: &str) -> Self {
        Self::Trouble { why: brief(why) }
    }

    /// A row that does not read.
    #[must_use]
    pub fn malformed(what: &str) -> Self {
        Self::Malformed { what: brief(what) }
    }
}

impl From<Happened> for String {
    fn from(what: Happened) -> Self {
        match what {
            Happened::Started => "started".to_owned(),
            Happened::Pulled { rows, gone, cursor } => format!("pulled {rows} {gone} {cursor}"),
            Happened::Pushed { sent, done, put_off, refused } => format!("pushed {sent} {done} {put_off} {refused}"),
            Happened::Refused { table, id, code } => format!("refused {table} {id} {code}"),
            Happened::Window { from, to } => format!("window {from} {to}"),
            Happened::Resync { why } => format!("resync {why}"),
            Happened::Resynced { rows, cursor } => format!("resynced {rows} {cursor}"),
            Happened::Compared { unlike } => {
                unlike.iter().fold("compared".to_owned(), |text, table| text + " " + table.name())
            }
            Happened::Forgot { rows } => format!("forgot {rows}"),
            Happened::Trouble { why } => format!("trouble {why}"),
            Happened::Malformed { what } => format!("malformed {what}"),
        }
    }
}

/// A line of the log that this version has no word for.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a line of another version")]
pub struct Unknown;

impl TryFrom<String> for Happened {
    type Error = Unknown;

    fn try_from(text: String) -> Result<Self, Unknown> {
        Self::read(&text).ok_or(Unknown)
    }
}

impl Happened {
    fn read(text: &str) -> Option<Self> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let mut parts = rest.split(' ');
        let mut figure = || parts.next()?.parse::<i64>().ok();
        let count = |figure: Option<i64>| figure.map(i64::cast_unsigned);
        Some(match word {
            "started" => Self::Started,
            "pulled" => Self::Pulled { rows: count(figure())?, gone: count(figure())?, cursor: count(figure())? },
            "pushed" => Self::Pushed {
                sent: count(figure())?,
                done: count(figure())?,
                put_off: count(figure())?,
                refused: count(figure())?,
            },
            "refused" => {
                let mut parts = rest.splitn(3, ' ');
                let table = Table::from_name(parts.next()?)?;
                Self::Refused { table, id: parts.next()?.to_owned(), code: parts.next()?.to_owned() }
            }
            "window" => Self::Window { from: figure()?, to: figure()? },
            "resync" => Self::Resync { why: rest.to_owned() },
            "resynced" => Self::Resynced { rows: count(figure())?, cursor: count(figure())? },
            "compared" => Self::Compared { unlike: rest.split(' ').filter_map(Table::from_name).collect() },
            "forgot" => Self::Forgot { rows: count(figure())? },
            "trouble" => Self::Trouble { why: rest.to_owned() },
            "malformed" => Self::Malformed { what: rest.to_owned() },
            _ => return None,
        })
    }
}

/// The beginning of a message. E-mail addresses are left out.
fn brief(text: &str) -> String {
    let words = text.split(' ').map(|word| if word.contains('@') { "…" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started => f.write_str("sync starts"),
            Self::Pulled { rows, gone, cursor } => write!(f, "pulled {rows} rows, {gone} gone; cursor {cursor}"),
            Self::Pushed { sent, done, put_off, refused } => {
                write!(f, "pushed {sent}: {done} done, {put_off} put off, {refused} refused")
            }
            Self::Refused { table, id, code } => write!(f, "refused: {table}/{id}, {code}"),
            Self::Window { from, to } => write!(f, "window {} … {} fetched", day(*from), day(*to)),
            Self::Resync { why } => write!(f, "fetching everything again: {why}"),
            Self::Resynced { rows, cursor } => write!(f, "everything is here: {rows} rows; cursor {cursor}"),
            Self::Compared { unlike } if unlike.is_empty() => f.write_str("compared with the server: the same"),
            Self::Compared { unlike } => {
                let names: Vec<&str> = unlike.iter().map(|table| table.name()).collect();
                write!(f, "compared with the server: {} differ", names.join(", "))
            }
            Self::Forgot { rows } => write!(f, "forgot {rows} rows that are no longer needed here"),
            Self::Trouble { why } => write!(f, "trouble: {why}"),
            Self::Malformed { what } => write!(f, "left out: {what}"),
        }
    }
}

fn day(ms: i64) -> String {
    // (Not chrono's own format: it would be several KB of the web app's download.)
    chrono::DateTime::from_timestamp_millis(ms)
        .map_or_else(|| ms.to_string(), |day| format!("{:04}-{:02}-{:02}", day.year(), day.month(), day.day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Uuid;

    #[test]
    fn no_address_gets_into_the_log() {
        let invite = RowRef::invite(Uuid::from_u128(1), "ana@example.org");
        let line = Happened::refused(&invite, "invalid").to_string();
        assert!(!line.contains("ana"), "{line}");
        let line = Happened::malformed("event_invites/…:ana@example.org: neither row nor gone").to_string();
        assert!(!line.contains("ana"), "{line}");
    }

    #[test]
    fn a_line_reads_again() {
        for what in [
            Happened::Started,
            Happened::Pulled { rows: 3, gone: 0, cursor: u64::from(u32::MAX) },
            Happened::Pushed { sent: 9, done: 5, put_off: 3, refused: 1 },
            Happened::Refused { table: Table::Roles, id: "a".to_owned(), code: "not yours".to_owned() },
            Happened::Window { from: -1, to: 2 },
            Happened::Resync { why: "two words".to_owned() },
            Happened::Resynced { rows: 1, cursor: 2 },
            Happened::Compared { unlike: vec![] },
            Happened::Compared { unlike: vec![Table::Events, Table::Invites] },
            Happened::Forgot { rows: 7 },
            Happened::trouble("no network  at all"),
            Happened::malformed("events/…: no title"),
        ] {
            let line = Line { number: 3, at_ms: 5, what };
            let text = serde_json::to_string(&line).expect("it is plain data");
            assert_eq!(serde_json::from_str::<Line>(&text).expect("it was just written"), line);
        }
        let line = Happened::Compared { unlike: vec![Table::Events] };
        assert_eq!(line.to_string(), "compared with the server: events differ");
    }

    #[test]
    fn a_line_of_a_newer_version_is_no_line() {
        assert!(serde_json::from_str::<Line>(r#"{"number":1,"at_ms":2,"what":"danced 3"}"#).is_err());
        assert!(serde_json::from_str::<Line>(r#"{"number":1,"at_ms":2,"what":"pulled many"}"#).is_err());
    }
}
