//! One refused change: what was written here, what the server has, and what to do.

use crate::{
    i18n::t,
    primitives::{Face, button},
    settings::Section,
    state::{Dialog, Form, Ui, use_ui},
    time::{Clock, date_only, length},
};
use almanac_core::table::Table;
use almanac_data::{FieldValue, StuckField, StuckItem};
use dioxus::prelude::*;

/// A change for review.
#[component]
pub(crate) fn StuckCard(item: StuckItem, onretry: EventHandler<()>, ondiscard: EventHandler<()>) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let edit = editor(&item, clock);
    let (mine, theirs) = (is_all_day(&item, |field| &field.mine), is_all_day(&item, |field| &field.theirs));
    rsx! {
        li { class: "stuck", "data-stuck-key": "{item.at.key}",
            h3 { dir: "auto", "{item.title}" }
            p { {why(&item.code)} }
            if !item.message.is_empty() {
                details { class: "muted",
                    summary { {t!("details")} }
                    span { "{item.code}: {item.message}" }
                }
            }
            if !item.is_there {
                p { class: "muted", {t!("stuck-not-there")} }
            }
            if !item.fields.is_empty() {
                table { class: "versions",
                    thead {
                        tr {
                            th { scope: "col", {t!("field")} }
                            th { scope: "col", {t!("yours")} }
                            th { scope: "col", {t!("server")} }
                        }
                    }
                    tbody {
                        for field in item.fields.iter() {
                            tr { key: "{field.column}", "data-differs": "{field.mine != field.theirs}",
                                th { scope: "row", "{named(item.at.table, &field.column)}" }
                                td { dir: "auto", {shown(&field.mine, mine, clock)} }
                                td { dir: "auto", {shown(&field.theirs, theirs, clock)} }
                            }
                        }
                    }
                }
            }
            div { class: "popover-foot",
                {button(Face::plain(t!("discard-mine")), move |_| ondiscard.call(()))}
                if let Some(edit) = edit {
                    {button(Face::line(t!("edit")), move |_| edit.open(ui))}
                }
                {button(Face::line(t!("try-again")), move |_| onretry.call(()))}
            }
        }
    }
}

/// Where a change is edited. Saving there sends it again.
enum Edit {
    Event(Box<Form>),
    Dialog(Dialog),
}

impl Edit {
    fn open(&self, mut ui: Ui) {
        match self {
            Self::Event(form) => {
                ui.dialog.set(None);
                ui.edit((**form).clone());
            }
            Self::Dialog(dialog) => {
                ui.close();
                ui.dialog.set(Some(*dialog));
            }
        }
    }
}

/// None where there is nothing left here to edit.
fn editor(item: &StuckItem, clock: Clock) -> Option<Edit> {
    if let Some(event) = &item.event {
        return Some(Edit::Event(Box::new(Form::of(event, clock))));
    }
    let section = match item.at.table {
        Table::Profiles => Section::Profile,
        Table::Calendars => return item.at.uuid().map(|id| Edit::Dialog(Dialog::Calendar(Some(id)))),
        Table::Categories => Section::Categories,
        Table::Personas => Section::Personas,
        Table::Events | Table::Overlays | Table::Roles | Table::Invites => return None,
    };
    Some(Edit::Dialog(Dialog::Settings(section)))
}

/// What a person calls a column.
fn named(table: Table, column: &str) -> String {
    let words = match column {
        "title" if table == Table::Profiles => t!("job-title"),
        "title" => t!("title"),
        "start_time" => t!("starts"),
        "duration" => t!("field-length"),
        "all_day" => t!("all-day-switch"),
        "time_zone" | "timezone" => t!("time-zone"),
        "recurrence" => t!("repeats"),
        "private" => t!("private"),
        "location" => t!("location"),
        "notes" => t!("notes"),
        "calendar_id" => t!("calendar"),
        "category_id" => t!("category"),
        "persona_id" => t!("persona"),
        "show_time_as" => t!("show-as"),
        "time_defense_level" => t!("defend"),
        "ai_managed" => t!("ai-managed"),
        "ai_instructions" => t!("ai-instructions"),
        "reminders" => t!("reminders"),
        "name" => t!("name"),
        "color" => t!("colour"),
        "role" => t!("role"),
        "rsvp" => t!("rsvp"),
        "following" => t!("following"),
        "deleted_at" => t!("field-deleted"),
        "display_name" => t!("display-name"),
        "first_name" => t!("first-name"),
        "last_name" => t!("last-name"),
        "organization" => t!("organization"),
        "avatar_url" => t!("picture"),
        "system_prompt" => t!("persona-prompt"),
        "time_format" => t!("clock"),
        "week_start_day" => t!("week-start"),
        "work_schedule" => t!("settings-hours"),
        "default_reminders" => t!("reminders"),
        "is_default" => t!("calendar-default"),
        other => return other.replace('_', " "),
    };
    words.to_owned()
}

/// Whether one of the versions is of whole days, as it says itself or else the event.
fn is_all_day(item: &StuckItem, version: fn(&StuckField) -> &FieldValue) -> bool {
    match item.fields.iter().find(|field| field.column == "all_day").map(version) {
        Some(FieldValue::Flag(all_day)) => *all_day,
        _ => item.event.as_ref().is_some_and(|event| event.event.all_day),
    }
}

fn shown(value: &FieldValue, all_day: bool, clock: Clock) -> String {
    match value {
        FieldValue::Nothing => "–".to_owned(),
        FieldValue::Text(text) => text.clone(),
        // Whole days are those of UTC, wherever one is.
        FieldValue::At(at) if all_day => date_only(at.date_naive()),
        FieldValue::At(at) => {
            let zone = clock.zone;
            format!("{}, {}", date_only(zone.date(*at)), clock.minute(zone.minute(*at)))
        }
        FieldValue::Minutes(minutes) => length(*minutes),
        FieldValue::Flag(true) => t!("on").to_owned(),
        FieldValue::Flag(false) => t!("off").to_owned(),
    }
}

/// What a code means to a person.
fn why(code: &str) -> &'static str {
    match code {
        "forbidden" => t!("why-forbidden"),
        "deleted" => t!("why-deleted"),
        "missing" | "gone" => t!("why-missing"),
        "parent_missing" | "parent_stuck" => t!("why-parent"),
        "invalid" => t!("why-invalid"),
        "rate_limited" => t!("why-rate"),
        _ => t!("why-other"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{sample, time::Zone};
    use almanac_core::{Uuid, domain::TimeFormat, key::RowRef};

    #[test]
    fn each_version_has_the_date_or_the_time_that_its_event_has() {
        let clock =
            Clock { zone: Zone::choose(None, "America/New_York"), hours: TimeFormat::TwentyFourHour, year: 2026 };
        let start = FieldValue::At("2026-11-18T00:00:00Z".parse().unwrap());
        let field = |column: &str, mine, theirs| StuckField { column: column.into(), mine, theirs };
        let mut event = sample::item(1, "Fair", "2026-11-18T00:00:00Z", 1440, 1);
        event.event.all_day = true;
        let mut item = StuckItem {
            at: RowRef::event(Uuid::from_u128(1)),
            title: "Fair".into(),
            code: "invalid".into(),
            message: String::new(),
            fields: vec![field("start_time", start.clone(), start)],
            is_there: true,
            event: Some(event),
        };
        let versions: [fn(&StuckField) -> &FieldValue; 2] = [|field| &field.mine, |field| &field.theirs];
        let both = |item: &StuckItem| {
            versions.map(|version| shown(version(&item.fields[0]), is_all_day(item, version), clock))
        };
        let (date, time) = ("18 November 2026", "17 November 2026, 19:00");
        assert_eq!(both(&item), [date, date], "as the event is");
        item.fields.push(field("all_day", FieldValue::Flag(true), FieldValue::Flag(false)));
        assert_eq!(both(&item), [date, time], "as each says");
        item.fields.pop();
        item.event = None;
        assert_eq!(both(&item), [time, time]);
    }
}
