//! Settings: the person's profile and working hours, the lists they sort events by, this device, and their data.

mod calendar_dialog;
mod data;
mod fetch_all;
mod hours;
mod lists;
mod profile;

use crate::{
    i18n::t,
    primitives::{DialogBox, Tabs, panel_id, tab_id},
    state::{Dialog, use_ui},
    sync::SyncSection,
};
use almanac_core::table::Table;
use almanac_data::use_profile;
pub(crate) use calendar_dialog::CalendarDialog;
use data::DataSection;
use dioxus::prelude::*;
pub(crate) use fetch_all::FetchAll;
use hours::{HoursSection, Schedule};
use lists::{CalendarsSection, CategoriesSection, Listed, PersonasSection};
use profile::{ClockSection, Fields, ProfileSection};

/// What was typed and is not saved, each with what stood there before: it waits while another page is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Drafts {
    profile: Option<(Fields, Fields)>,
    hours: Option<(Schedule, Schedule)>,
    /// At most one of each list.
    lists: Vec<(Table, Listed, Listed)>,
}

impl Drafts {
    /// Whether the page has something unsaved.
    fn has(&self, section: Section) -> bool {
        match section {
            Section::Profile => self.profile.is_some(),
            Section::Hours => self.hours.is_some(),
            _ => self.lists.iter().any(|(table, ..)| section.table() == Some(*table)),
        }
    }
}

/// A page of the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Section {
    /// Names, title, organization, picture.
    #[default]
    Profile,
    /// Language, zone, clock, first weekday.
    Clock,
    /// Working hours.
    Hours,
    /// Calendars.
    Calendars,
    /// Categories.
    Categories,
    /// AI personas.
    Personas,
    /// How things stand with the server.
    Sync,
    /// What is on this device.
    Data,
}

impl Section {
    const ALL: [Self; 8] = [
        Self::Profile,
        Self::Clock,
        Self::Hours,
        Self::Calendars,
        Self::Categories,
        Self::Personas,
        Self::Sync,
        Self::Data,
    ];

    /// The list it manages.
    const fn table(self) -> Option<Table> {
        match self {
            Self::Calendars => Some(Table::Calendars),
            Self::Categories => Some(Table::Categories),
            Self::Personas => Some(Table::Personas),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Profile => t!("settings-profile"),
            Self::Clock => t!("settings-clock"),
            Self::Hours => t!("settings-hours"),
            Self::Calendars => t!("calendars"),
            Self::Categories => t!("categories"),
            Self::Personas => t!("personas"),
            Self::Sync => t!("sync"),
            Self::Data => t!("settings-data"),
        }
    }
}

/// All of it, a section at a time. Which one stands in the page's state: another language draws all of it anew.
#[component]
pub(crate) fn SettingsPage(section: Section) -> Element {
    let ui = use_ui();
    let profile = use_profile();
    let mut dialog = ui.dialog;
    let mut drafts = ui.drafts;
    let unsaved: Vec<_> = Section::ALL.iter().map(|section| drafts.read().has(*section)).collect();
    let at = Section::ALL.iter().position(|each| *each == section).unwrap_or(0);
    rsx! {
        DialogBox {
            title: t!("settings"),
            focus: true,
            cross: true,
            // The pages keep what is typed, and know what is saved.
            fleeting: true,
            unsaved: unsaved.contains(&true),
            onclose: move |()| {
                drafts.set(Drafts::default());
                ui.close_dialog();
            },
            div { class: "settings", "data-testid": "settings",
                Tabs {
                    id: "settings",
                    label: t!("settings-sections"),
                    class: "settings-nav",
                    tabs: Section::ALL.iter().map(|section| section.name()).collect::<Vec<_>>(),
                    chosen: at,
                    unsaved,
                    onpick: move |index| dialog.set(Some(Dialog::Settings(Section::ALL[index]))),
                }
                div {
                    class: "settings-body",
                    role: "tabpanel",
                    id: panel_id("settings"),
                    "aria-labelledby": tab_id("settings", at),
                    match section {
                        Section::Profile => rsx! {
                            ProfileSection { key: "{profile.read().is_some()}", profile: profile() }
                        },
                        Section::Clock => rsx! {
                            ClockSection { profile: profile() }
                        },
                        Section::Hours => rsx! {
                            HoursSection { key: "{profile.read().is_some()}", profile: profile() }
                        },
                        Section::Calendars => rsx! {
                            CalendarsSection {}
                        },
                        Section::Categories => rsx! {
                            CategoriesSection {}
                        },
                        Section::Personas => rsx! {
                            PersonasSection {}
                        },
                        Section::Sync => rsx! {
                            SyncSection {}
                        },
                        Section::Data => rsx! {
                            DataSection {}
                        },
                    }
                }
            }
        }
    }
}
