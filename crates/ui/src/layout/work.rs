//! Working hours: what of a day is shaded.

use almanac_core::domain::WorkHours;
use chrono::Weekday;
use std::collections::BTreeMap;

/// Nine to five from Monday to Friday, until a person says otherwise.
const USUAL: (i64, i64) = (540, 1020);

/// The minutes `(from, to)` of a weekday that lie outside the working hours.
#[must_use]
pub(crate) fn off_hours(schedule: Option<&BTreeMap<String, Vec<WorkHours>>>, day: Weekday) -> Vec<(i64, i64)> {
    let mut work: Vec<(i64, i64)> = match schedule {
        Some(schedule) => schedule.get(schedule_key(day)).into_iter().flatten().filter_map(hours).collect(),
        None if matches!(day, Weekday::Sat | Weekday::Sun) => Vec::new(),
        None => vec![USUAL],
    };
    almanac_core::order::sort(&mut work);
    let mut off = Vec::new();
    let mut reached = 0;
    for (from, to) in work {
        if from > reached {
            off.push((reached, from));
        }
        reached = reached.max(to);
    }
    if reached < 1440 {
        off.push((reached, 1440));
    }
    off
}

/// A weekday's name in the schedule of the profile.
pub(crate) const fn schedule_key(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "monday",
        Weekday::Tue => "tuesday",
        Weekday::Wed => "wednesday",
        Weekday::Thu => "thursday",
        Weekday::Fri => "friday",
        Weekday::Sat => "saturday",
        Weekday::Sun => "sunday",
    }
}

fn hours(hours: &WorkHours) -> Option<(i64, i64)> {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let at = hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?;
        (0..=1440).contains(&at).then_some(at)
    };
    let (from, to) = (minute(&hours.start)?, minute(&hours.end)?);
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(hours: &[(&str, &str)]) -> BTreeMap<String, Vec<WorkHours>> {
        let hours = hours.iter().map(|(start, end)| WorkHours { start: (*start).into(), end: (*end).into() }).collect();
        BTreeMap::from([("monday".to_owned(), hours)])
    }

    #[test]
    fn without_a_schedule_work_is_nine_to_five() {
        assert_eq!(off_hours(None, Weekday::Wed), [(0, 540), (1020, 1440)]);
        assert_eq!(off_hours(None, Weekday::Sun), [(0, 1440)]);
    }

    #[test]
    fn a_schedule_may_have_a_break_and_days_off() {
        let schedule = schedule(&[("13:00", "18:00"), ("08:30", "12:00")]);
        assert_eq!(off_hours(Some(&schedule), Weekday::Mon), [(0, 510), (720, 780), (1080, 1440)]);
        assert_eq!(off_hours(Some(&schedule), Weekday::Tue), [(0, 1440)]);
    }

    #[test]
    fn hours_that_make_no_sense_do_not_count() {
        let schedule = schedule(&[("x", "18:00"), ("18:00", "08:00"), ("09:00", "99:00")]);
        assert_eq!(off_hours(Some(&schedule), Weekday::Mon), [(0, 1440)]);
    }
}
