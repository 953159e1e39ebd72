//! From the rail: makes, changes or deletes one calendar, with the forms of the settings' list.

use super::lists::{DeleteOne, EditOne, calendars, forget, new, save_calendar, words};
use crate::{
    i18n::t,
    primitives::DialogBox,
    state::{Dialog, use_ui},
};
use almanac_core::{Uuid, table::Table};
use almanac_data::{CalendarItem, use_mutations};
use dioxus::prelude::*;

const TABLE: Table = Table::Calendars;

/// `id`: which calendar; none for a new one.
#[component]
pub(crate) fn CalendarDialog(all: Vec<CalendarItem>, id: Option<Uuid>, delete: bool) -> Element {
    let ui = use_ui();
    let mut dialog = ui.dialog;
    let mutations = use_mutations();
    let all = calendars(&all);
    // As it was when it was opened: only what differs from that is written.
    let item = use_hook(|| match id {
        Some(id) => all.iter().find(|item| item.id == id).cloned(),
        None => Some(new(TABLE, &all)),
    });
    let done = move || {
        forget(ui.drafts, TABLE);
        ui.close_dialog();
    };
    let title = match &item {
        Some(item) if delete => t!("calendar-delete-title", name = &item.name),
        _ => words(TABLE, id.is_none()).to_owned(),
    };
    rsx! {
        DialogBox { title, alert: delete, onclose: move |()| done(),
            // Gone meanwhile: nothing is left to do here.
            if let Some(item) = item {
                if delete {
                    DeleteOne {
                        table: TABLE,
                        others: all.into_iter().filter(|other| other.id != item.id).collect::<Vec<_>>(),
                        item: item.clone(),
                        bare: true,
                        ondelete: move |fate| {
                            mutations.delete_calendar(item.id, fate);
                            done();
                        },
                        onclose: move |()| done(),
                    }
                } else {
                    EditOne {
                        table: TABLE,
                        item: item.clone(),
                        bare: true,
                        ondelete: id.map(|id| EventHandler::new(move |()| dialog.set(Some(Dialog::DeleteCalendar(id))))),
                        onsave: move |now| {
                            save_calendar(mutations, item.clone(), now);
                            done();
                        },
                        onclose: move |()| done(),
                    }
                }
            }
        }
    }
}
