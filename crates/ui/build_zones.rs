//! The time zones as a small table, read out of `chrono-tz` while building: what that crate would put into the web app is
//! six times as large, most of it before 1970 and said twice (ADR 9).

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use std::{collections::BTreeMap, fmt::Write as _};

/// From 1970 until 2100, seconds.
const FIRST: i64 = 0;
const LAST: i64 = 4_102_444_800;
/// No zone has changed twice within so many seconds since 1970 (four days).
const STEP: i64 = 4 * 86_400;

/// The offset in 1970, then for each change the seconds since the one before and the new offset, seconds east of UTC.
type Changes = (i32, Vec<(u32, i32)>);

/// The code of the tables.
pub(crate) fn tables() -> Result<String, std::fmt::Error> {
    let mut sets: Vec<Changes> = Vec::new();
    let mut known: BTreeMap<Changes, usize> = BTreeMap::new();
    let mut names: Vec<(&str, usize)> = Vec::new();
    for zone in TZ_VARIANTS {
        let changes = changes(zone);
        let index = *known.entry(changes.clone()).or_insert_with(|| {
            sets.push(changes);
            sets.len() - 1
        });
        names.push((zone.name(), index));
    }
    names.sort_unstable();
    let mut code = String::new();
    writeln!(code, "/// Names, sorted, and where their changes stand.")?;
    writeln!(code, "static NAMES: [(&str, u16); {}] = {names:?};", names.len())?;
    writeln!(code, "/// The offset in 1970 and the changes since.")?;
    writeln!(code, "static CHANGES: [(i32, &[(u32, i32)]); {}] = [", sets.len())?;
    for (first, changes) in &sets {
        writeln!(code, "    ({first}, &{changes:?}),")?;
    }
    writeln!(code, "];")?;
    Ok(code)
}

fn offset(zone: Tz, at: i64) -> i32 {
    let instant = DateTime::<Utc>::from_timestamp(at, 0).unwrap_or_default();
    zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc()
}

fn changes(zone: Tz) -> Changes {
    let first = offset(zone, FIRST);
    let (mut before, mut last_change, mut found) = (first, FIRST, Vec::new());
    let mut at = FIRST;
    while at < LAST {
        let next = (at + STEP).min(LAST);
        let after = offset(zone, next);
        if after != before {
            let (mut low, mut high) = (at, next);
            while high - low > 1 {
                let middle = i64::midpoint(low, high);
                if offset(zone, middle) == before { low = middle } else { high = middle }
            }
            found.push((u32::try_from(high - last_change).unwrap_or(u32::MAX), after));
            (before, last_change) = (after, high);
        }
        at = next;
    }
    (first, found)
}
