//! What stands in an editor, as typed: read from an event, checked, and turned into what really changed.

use crate::{
    i18n::t,
    time::{Clock, is_possible, iso_date, parse_time},
};
use almanac_core::{
    Uuid,
    domain::{ShowTimeAs, TimeDefenseLevel},
};
use almanac_data::{AiCare, EventEdit, EventItem, NewEvent};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// The longest texts the server takes, in characters.
const TITLE: usize = 2000;
const LOCATION: usize = 5000;
const NOTES: usize = 200_000;
/// Minutes: ten years.
const LONGEST: i64 = 5_256_000;

/// The field that a message belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Title,
    StartDate,
    StartTime,
    EndDate,
    EndTime,
    Location,
    Notes,
    Instructions,
}

/// What is wrong, at which field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) field: Field,
    pub(crate) words: String,
}

/// The fields of an editor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    /// The event edited; none for a new one.
    pub(crate) id: Option<Uuid>,
    pub(crate) title: String,
    pub(crate) all_day: bool,
    /// `YYYY-MM-DD`, as date inputs have it.
    pub(crate) start_date: String,
    pub(crate) start_time: String,
    /// The last date of the event; for an all-day event included.
    pub(crate) end_date: String,
    pub(crate) end_time: String,
    pub(crate) location: String,
    pub(crate) notes: String,
    pub(crate) private: bool,
    pub(crate) calendar: Option<Uuid>,
    pub(crate) show_as: ShowTimeAs,
    pub(crate) category: Option<Uuid>,
    pub(crate) defense: TimeDefenseLevel,
    /// Minutes before the start; none: the calendar's.
    pub(crate) reminders: Option<Vec<i64>>,
    pub(crate) ai_managed: bool,
    pub(crate) instructions: String,
    pub(crate) persona: Option<Uuid>,
    /// The times when a field of them was last gone into or left, if they were right. What is typed is measured against
    /// these: between two keys a time is wrong, or another one than meant.
    pub(crate) settled: Option<When>,
}

/// Start, minutes, all-day.
pub(crate) type When = (DateTime<Utc>, i64, bool);

impl Form {
    /// A new event at these times.
    pub(crate) fn new(start: DateTime<Utc>, minutes: i64, all_day: bool, calendar: Option<Uuid>, clock: Clock) -> Self {
        let mut form = Self {
            id: None,
            title: String::new(),
            all_day,
            start_date: String::new(),
            // An hour to begin with when an all-day event becomes a timed one.
            start_time: clock.minute(540),
            end_date: String::new(),
            end_time: clock.minute(600),
            location: String::new(),
            notes: String::new(),
            private: false,
            calendar,
            show_as: ShowTimeAs::Busy,
            category: None,
            defense: TimeDefenseLevel::Normal,
            reminders: None,
            ai_managed: false,
            instructions: String::new(),
            persona: None,
            settled: None,
        };
        form.set_when(start, minutes, all_day, clock);
        form
    }

    /// An event as it is.
    pub(crate) fn of(item: &EventItem, clock: Clock) -> Self {
        let event = &item.event;
        let mut form = Self::new(event.start_time, event.duration, event.all_day, item.calendar, clock);
        form.id = Some(event.id);
        form.title.clone_from(&event.title);
        form.location = event.location.clone().unwrap_or_default();
        form.notes = event.notes.clone().unwrap_or_default();
        form.private = event.private;
        if let Some(own) = &item.overlay {
            form.show_as = own.show_time_as;
            form.category = own.category_id;
            form.defense = own.time_defense_level;
            form.reminders.clone_from(&own.reminders);
            form.ai_managed = own.ai_managed;
            form.instructions = own.ai_instructions.clone().unwrap_or_default();
            form.persona = own.persona_id;
        }
        form
    }

    /// Whether it says more than when it was opened; an emptied title alone is nothing to keep.
    pub(crate) fn has_typed(&self, before: &Self) -> bool {
        *before != Self { settled: before.settled, ..self.clone() }
            && (self.id.is_some()
                || [&self.title, &self.location, &self.notes].into_iter().any(|text| !text.trim().is_empty()))
    }

    /// Sets the fields of time.
    pub(crate) fn set_when(&mut self, start: DateTime<Utc>, minutes: i64, all_day: bool, clock: Clock) {
        self.all_day = all_day;
        if all_day {
            self.start_date = start.date_naive().to_string();
        } else {
            self.start_date = clock.zone.date(start).to_string();
            self.start_time = clock.minute(clock.zone.minute(start));
        }
        self.set_end(start, minutes, clock);
    }

    /// Times of day have no say while it is all-day: they stay for when it is not.
    fn set_end(&mut self, start: DateTime<Utc>, minutes: i64, clock: Clock) {
        let end = start + TimeDelta::minutes(minutes);
        if self.all_day {
            let first = start.date_naive();
            self.end_date = end.date_naive().pred_opt().unwrap_or(first).max(first).to_string();
        } else {
            self.end_date = clock.zone.date(end).to_string();
            self.end_time = clock.minute(clock.zone.minute(end));
        }
    }

    /// A field of time is gone into. What was right stays known while a start is not: it may be mended yet.
    pub(crate) fn settle(&mut self, clock: Clock) {
        self.settled = self.when(clock).ok().or(self.settled);
    }

    /// A field of the end is left. A wrong end is for the person to mend: the start is not to write over it.
    pub(crate) fn settle_end(&mut self, clock: Clock) {
        self.settled = self.when(clock).ok();
    }

    /// Sets the start as far as it is typed. The end moves along, so that the length stays as it was settled.
    pub(crate) fn set_start(&mut self, date: String, time: String, clock: Clock) {
        (self.start_date, self.start_time) = (date, time);
        if let Some((before, minutes, all_day)) = self.settled
            && all_day == self.all_day
        {
            self.set_end(self.start(clock).unwrap_or(before), minutes, clock);
        }
    }

    /// Sets the time of the end as far as it is typed. Of an event over midnight the end's date follows: 23:00 – 00:00
    /// with an end at 23:30 is half an hour, not a day and a half hour.
    pub(crate) fn set_end_time(&mut self, time: String, clock: Clock) {
        self.end_time = time;
        let Some((start, minutes, false)) = self.settled else { return };
        let zone = clock.zone;
        let (first, last) = (zone.date(start), zone.date(start + TimeDelta::minutes(minutes)));
        if minutes < 1440 && first != last {
            let is_before_midnight = parse_time(&self.end_time).is_some_and(|end| end > zone.minute(start));
            self.end_date = if is_before_midnight { first } else { last }.to_string();
        }
    }

    /// Makes it all-day, or gives it its times again. What ends at midnight has nothing of that last date.
    pub(crate) fn set_all_day(&mut self, all_day: bool, clock: Clock) {
        self.all_day = all_day;
        let dates = (iso_date(&self.start_date), iso_date(&self.end_date));
        if parse_time(&self.end_time) == Some(0)
            && let (Some(first), Some(last)) = dates
            && let Some(last) = if all_day { last.pred_opt() } else { last.succ_opt() }
            && last >= first
        {
            self.end_date = last.to_string();
        }
        self.settle_end(clock);
    }

    fn date(text: &str, field: Field) -> Result<NaiveDate, Problem> {
        let wrong = |words: &str| Problem { field, words: words.to_owned() };
        let date = iso_date(text).ok_or_else(|| wrong(t!("bad-date")))?;
        if is_possible(&date) { Ok(date) } else { Err(wrong(t!("far-date"))) }
    }

    fn minute(text: &str, field: Field) -> Result<i64, Problem> {
        parse_time(text).ok_or_else(|| Problem { field, words: t!("bad-time").to_owned() })
    }

    fn start(&self, clock: Clock) -> Result<DateTime<Utc>, Problem> {
        let date = Self::date(&self.start_date, Field::StartDate)?;
        if self.all_day {
            return Ok(date.and_time(NaiveTime::MIN).and_utc());
        }
        Ok(clock.zone.at(date, Self::minute(&self.start_time, Field::StartTime)?))
    }

    /// The times meant.
    pub(crate) fn when(&self, clock: Clock) -> Result<When, Problem> {
        let start = self.start(clock)?;
        let date = Self::date(&self.end_date, Field::EndDate)?;
        let end = if self.all_day {
            (date.and_time(NaiveTime::MIN) + TimeDelta::days(1)).and_utc()
        } else {
            clock.zone.at(date, Self::minute(&self.end_time, Field::EndTime)?)
        };
        let minutes = (end - start).num_minutes();
        let field = if self.start_date == self.end_date { Field::EndTime } else { Field::EndDate };
        if minutes < 0 || self.all_day && minutes == 0 {
            return Err(Problem { field, words: t!("end-before-start").to_owned() });
        }
        if minutes > LONGEST {
            return Err(Problem { field: Field::EndDate, words: t!("too-long-event").to_owned() });
        }
        Ok((start, minutes, self.all_day))
    }

    /// Everything that is wrong.
    pub(crate) fn problems(&self, clock: Clock) -> Vec<Problem> {
        let long = [
            (Field::Title, &self.title, TITLE),
            (Field::Location, &self.location, LOCATION),
            (Field::Notes, &self.notes, NOTES),
            (Field::Instructions, &self.instructions, NOTES),
        ]
        .into_iter()
        .filter(|(_, text, most)| text.chars().count() > *most)
        .map(|(field, text, most)| Problem { field, words: t!("too-long", is = text.chars().count(), most = most) });
        long.chain(self.when(clock).err()).collect()
    }

    /// The new event, if all is right.
    pub(crate) fn to_new(&self, clock: Clock) -> Option<NewEvent> {
        let (start, duration_minutes, all_day) = self.checked(clock)?;
        Some(NewEvent {
            title: self.title.trim().to_owned(),
            start,
            duration_minutes,
            all_day,
            time_zone: (!all_day).then(|| clock.zone.name().to_owned()),
            calendar: self.calendar,
            location: some(&self.location),
            notes: some(&self.notes),
            more: self.more(),
        })
    }

    /// What a new event has beyond its times and words.
    fn more(&self) -> EventEdit {
        EventEdit {
            private: self.private.then_some(true),
            show_time_as: (self.show_as != ShowTimeAs::Busy).then_some(self.show_as),
            category: self.category.is_some().then_some(self.category),
            time_defense_level: (self.defense != TimeDefenseLevel::Normal).then_some(self.defense),
            reminders: self.reminders.is_some().then(|| self.reminders.clone()),
            ai: (self.care() != AiCare::default()).then(|| self.care()),
            ..EventEdit::default()
        }
    }

    /// What differs from the form as it was opened, if all is right. Only that is written, so that another's edit of
    /// another field stays.
    pub(crate) fn to_edit(&self, before: &Self, clock: Clock) -> Option<EventEdit> {
        let when = self.checked(clock)?;
        let same_time = before.when(clock).is_ok_and(|before| before == when);
        let changed = |now: &str, then: &str| (now.trim() != then.trim()).then(|| some(now));
        Some(EventEdit {
            title: (self.title.trim() != before.title.trim()).then(|| self.title.trim().to_owned()),
            when: (!same_time).then_some(when),
            location: changed(&self.location, &before.location),
            notes: changed(&self.notes, &before.notes),
            private: (self.private != before.private).then_some(self.private),
            calendar: self.calendar.filter(|_| self.calendar != before.calendar),
            show_time_as: (self.show_as != before.show_as).then_some(self.show_as),
            category: (self.category != before.category).then_some(self.category),
            time_defense_level: (self.defense != before.defense).then_some(self.defense),
            reminders: (self.reminders != before.reminders).then(|| self.reminders.clone()),
            ai: (self.care() != before.care()).then(|| self.care()),
            ..EventEdit::default()
        })
    }

    fn care(&self) -> AiCare {
        AiCare { managed: self.ai_managed, instructions: some(&self.instructions), persona: self.persona }
    }

    /// Sets or takes away a reminder; the list stays sorted.
    pub(crate) fn remind(&mut self, minutes: i64, wanted: bool) {
        let reminders = self.reminders.get_or_insert_default();
        reminders.retain(|other| *other != minutes);
        if wanted {
            reminders.push(minutes);
            almanac_core::order::sort(reminders);
        }
    }

    fn checked(&self, clock: Clock) -> Option<When> {
        if self.problems(clock).is_empty() { self.when(clock).ok() } else { None }
    }
}

fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        sample,
        time::{Zone, parse_date},
    };
    use almanac_core::domain::TimeFormat;

    fn clock() -> Clock {
        Clock { zone: Zone::choose(None, "Europe/Berlin"), hours: TimeFormat::TwentyFourHour, year: 2026 }
    }

    fn form() -> Form {
        Form::of(&sample::item(7, "Lunch", "2026-11-17T12:00:00Z", 60, 2), clock())
    }

    fn problem(form: &Form) -> Option<(Field, String)> {
        form.problems(clock()).into_iter().next().map(|p| (p.field, p.words))
    }

    #[test]
    fn an_event_reads_as_wall_times_and_back_unchanged() {
        let form = form();
        assert_eq!(
            (form.start_date.as_str(), form.start_time.as_str(), form.end_time.as_str()),
            ("2026-11-17", "13:00", "14:00")
        );
        assert_eq!(form.to_edit(&form, clock()), Some(EventEdit::default()));
    }

    #[test]
    fn an_edit_has_only_what_was_changed() {
        let mut changed = form();
        changed.end_time = "2:30pm".into();
        changed.location = " Alto ".into();
        let edit = changed.to_edit(&form(), clock()).unwrap();
        assert_eq!(edit.when.unwrap().1, 90);
        assert_eq!(edit.location, Some(Some("Alto".into())));
        assert_eq!((edit.title, edit.notes, edit.private, edit.calendar), (None, None, None, None));
    }

    #[test]
    fn ones_own_view_is_written_field_by_field() {
        let mut changed = form();
        changed.defense = TimeDefenseLevel::HardBlock;
        changed.remind(10, true);
        changed.remind(0, true);
        changed.ai_managed = true;
        let edit = changed.to_edit(&form(), clock()).unwrap();
        assert_eq!(edit.time_defense_level, Some(TimeDefenseLevel::HardBlock));
        assert_eq!(edit.reminders, Some(Some(vec![0, 10])));
        assert!(edit.ai.unwrap().managed);
        assert_eq!((edit.category, edit.show_time_as, edit.title), (None, None, None));
        assert_eq!(form().more(), EventEdit::default(), "a new event with nothing of its own needs no overlay");
    }

    #[test]
    fn only_what_was_typed_is_worth_keeping() {
        let before = Form::new("2026-11-17T12:00:00Z".parse().unwrap(), 60, false, None, clock());
        let mut draft = before.clone();
        draft.title = "  ".into();
        assert!(!draft.has_typed(&before));
        draft.notes = "bring cake".into();
        assert!(draft.has_typed(&before));
        let mut edited = form();
        assert!(!edited.has_typed(&form()));
        edited.title.clear();
        assert!(edited.has_typed(&form()), "an edit of an event, whatever it is");
    }

    #[test]
    fn moving_the_start_keeps_the_length() {
        let mut form = form();
        form.settle(clock());
        form.set_start("2026-11-18".into(), "23:30".into(), clock());
        assert_eq!((form.end_date.as_str(), form.end_time.as_str()), ("2026-11-19", "00:30"));
        form.settle(clock());
        form.set_start("2026-11-18".into(), "nonsense".into(), clock());
        assert_eq!((form.end_time.as_str(), form.start_time.as_str()), ("00:30", "nonsense"));
        form.settle(clock());
        form.set_start("2026-11-18".into(), "9".into(), clock());
        assert_eq!(form.end_time, "10:00", "gone into again, the nonsense is mended");
    }

    /// What stands in a field after each key of a text: at first nothing, or, where all of it was selected, the first letter.
    fn keys(text: &str, cleared: bool) -> impl Iterator<Item = &str> {
        (usize::from(!cleared)..=text.len()).map(|at| &text[..at])
    }

    fn times(form: &Form) -> String {
        format!("{} {} – {} {}", form.start_date, form.start_time, form.end_date, form.end_time)
    }

    #[test]
    fn a_start_typed_key_by_key_keeps_the_length() {
        for (text, end) in [("15:30", "2026-11-17 16:30"), ("9", "2026-11-17 10:00"), ("11.45 pm", "2026-11-18 00:45")]
        {
            for cleared in [true, false] {
                let mut form = form();
                form.settle(clock());
                for time in keys(text, cleared) {
                    form.set_start(form.start_date.clone(), time.into(), clock());
                }
                assert_eq!(times(&form), format!("2026-11-17 {text} – {end}"), "cleared: {cleared}");
            }
        }
    }

    #[test]
    fn a_start_date_typed_key_by_key_keeps_the_length() {
        for text in ["24.11.", "24 Nov", "24.11.2026", "2026-11-24"] {
            for cleared in [true, false] {
                for all_day in [true, false] {
                    let mut form = form();
                    form.set_all_day(all_day, clock());
                    form.settle(clock());
                    let near = "2026-11-17".parse().unwrap();
                    for words in keys(text, cleared) {
                        let date = parse_date(words, near).map_or(words.to_owned(), |date| date.to_string());
                        form.set_start(date, form.start_time.clone(), clock());
                    }
                    let wanted = "2026-11-24 13:00 – 2026-11-24 14:00";
                    assert_eq!(times(&form), wanted, "{text}, cleared: {cleared}, all day: {all_day}");
                }
            }
        }
    }

    #[test]
    fn an_end_typed_key_by_key_is_on_the_date_meant() {
        let late = || Form::of(&sample::item(7, "Late", "2026-11-17T22:00:00Z", 60, 2), clock());
        assert_eq!(times(&late()), "2026-11-17 23:00 – 2026-11-18 00:00");
        for (text, minutes) in [("23:30", 30), ("01:00", 120), ("1", 120), ("2:30", 210)] {
            for cleared in [true, false] {
                let mut form = late();
                form.settle(clock());
                for time in keys(text, cleared) {
                    form.set_end_time(time.into(), clock());
                }
                assert_eq!(form.when(clock()).map(|when| when.1), Ok(minutes), "{text}, cleared: {cleared}");
            }
        }
    }

    #[test]
    fn half_of_a_start_leaves_the_end_where_it_was() {
        let mut form = form();
        form.settle(clock());
        for time in keys("15:3", true) {
            form.set_start(form.start_date.clone(), time.into(), clock());
        }
        assert_eq!(times(&form), "2026-11-17 15:3 – 2026-11-17 14:00");
    }

    #[test]
    fn an_end_that_is_wrong_is_not_mended_by_the_start() {
        let mut form = form();
        form.settle(clock());
        form.set_end_time("12:3".into(), clock());
        form.settle_end(clock());
        form.settle(clock());
        form.set_start("2026-11-17".into(), "11:00".into(), clock());
        assert_eq!(times(&form), "2026-11-17 11:00 – 2026-11-17 12:3");
        assert_eq!(problem(&form).map(|p| p.0), Some(Field::EndTime));
    }

    #[test]
    fn looking_into_a_field_is_no_change() {
        let before = form();
        let mut seen = form();
        seen.settle(clock());
        assert!(!seen.has_typed(&before));
    }

    #[test]
    fn all_day_and_back_leaves_the_times_alone() {
        let mut form = form();
        form.set_all_day(true, clock());
        form.settle(clock());
        form.set_start("2026-11-20".into(), form.start_time.clone(), clock());
        assert_eq!(form.when(clock()).map(|when| when.1), Ok(1440));
        form.set_all_day(false, clock());
        assert_eq!(times(&form), "2026-11-20 13:00 – 2026-11-20 14:00");
    }

    #[test]
    fn what_ends_at_midnight_is_all_day_on_the_date_before() {
        let late = |minutes| Form::of(&sample::item(7, "Late", "2026-11-17T21:00:00Z", minutes, 2), clock());
        for (minutes, days) in [(120, 1), (120 + 1440, 2), (180, 2)] {
            let mut form = late(minutes);
            form.set_all_day(true, clock());
            assert_eq!(form.when(clock()).map(|when| when.1), Ok(days * 1440), "{minutes}");
            form.set_all_day(false, clock());
            assert_eq!(times(&form), times(&late(minutes)));
        }
        let mut wrong = late(120);
        wrong.end_date.clone_from(&wrong.start_date);
        wrong.set_all_day(true, clock());
        assert_eq!(wrong.end_date, wrong.start_date, "never before the start");
    }

    #[test]
    fn what_was_all_day_begins_with_an_hour() {
        let mut form = Form::new("2026-11-17T00:00:00Z".parse().unwrap(), 1440, true, None, clock());
        form.set_all_day(false, clock());
        assert_eq!(times(&form), "2026-11-17 09:00 – 2026-11-17 10:00");
    }

    #[test]
    fn an_end_before_midnight_again_is_on_the_same_date() {
        let mut form = form();
        form.settle(clock());
        form.set_start("2026-11-18".into(), "23:00".into(), clock());
        assert_eq!(form.end_date, "2026-11-19");
        form.settle(clock());
        form.set_end_time("23:30".into(), clock());
        assert_eq!(form.when(clock()).map(|when| when.1), Ok(30));
        form.settle_end(clock());
        form.set_end_time("22:00".into(), clock());
        assert_eq!(problem(&form).map(|p| p.0), Some(Field::EndTime), "on the same date it is a mistake");
    }

    #[test]
    fn mistakes_are_told_at_their_field() {
        let mut wrong = form();
        wrong.end_time = "12:59".into();
        assert_eq!(problem(&wrong), Some((Field::EndTime, t!("end-before-start").into())));
        wrong.end_date = "2026-11-16".into();
        assert_eq!(problem(&wrong).map(|p| p.0), Some(Field::EndDate));
        let mut wrong = form();
        wrong.start_time = "25:00".into();
        assert_eq!(problem(&wrong), Some((Field::StartTime, t!("bad-time").into())));
        let mut wrong = form();
        wrong.start_date = "9999-01-01".into();
        assert_eq!(problem(&wrong), Some((Field::StartDate, t!("far-date").into())));
        let mut wrong = form();
        wrong.title = "ä".repeat(2001);
        assert_eq!(problem(&wrong).map(|p| p.0), Some(Field::Title));
        assert_eq!(wrong.to_edit(&form(), clock()), None);
    }

    #[test]
    fn all_day_is_midnight_utc_and_whole_days() {
        let mut form = form();
        form.all_day = true;
        form.end_date = "2026-11-19".into();
        let new = form.to_new(clock()).unwrap();
        assert_eq!(new.start, "2026-11-17T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
        assert_eq!((new.duration_minutes, new.time_zone), (3 * 1440, None));
        let again = Form::new(new.start, new.duration_minutes, true, None, clock());
        assert_eq!((again.start_date.as_str(), again.end_date.as_str()), ("2026-11-17", "2026-11-19"));
    }

    #[test]
    fn text_is_kept_as_it_is() {
        let mut form = form();
        form.title = "<script>alert(1)</script> 🗓 שלום".into();
        assert_eq!(form.to_new(clock()).unwrap().title, form.title);
    }
}
