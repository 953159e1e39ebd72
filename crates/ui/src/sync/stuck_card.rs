//! One refused change: what was written here, what the server has, and what to do.

use crate::{
    i18n::t,
    primitives::{Face, button},
    settings::Section,
    state::{Dialog, Form, Ui, use_ui},
    time::{Clock, date_only, length},
};
use almanac_core::table::Table;
use almanac_data::{FieldValue, StuckItem};
use dioxus::prelude::*;

/// A change for review.
#[component]
pub(crate) fn StuckCard(item: StuckItem, onretry: EventHandler<()>, ondiscard: EventHandler<()>) -> Element {
    let ui = use_ui();
    let clock = *ui.clock.read();
    let edit = editor(&item, clock);
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
                                td { dir: "auto", {shown(&field.mine, clock)} }
                                td { dir: "auto", {shown(&field.theirs, clock)} }
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

fn shown(value: &FieldValue, clock: Clock) -> String {
    match value {
        FieldValue::Nothing => "–".to_owned(),
        FieldValue::Text(text) => text.clone(),
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
