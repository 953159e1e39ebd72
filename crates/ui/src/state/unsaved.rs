//! What was typed and not saved goes to the device while it is typed, and comes back from there: after a reload or a
//! crash it is offered as after an editor that was closed by mistake.

use super::{Form, Ui};
use almanac_core::{
    Uuid,
    domain::{ShowTimeAs, TimeDefenseLevel},
};
use almanac_data::{use_account, use_shell_info};
use dioxus::prelude::*;
use serde_json::Value;
use std::time::Duration;

/// Between two writings.
const PAUSE: Duration = Duration::from_millis(250);

/// For the root: outlives the page of any account.
pub(crate) fn use_unsaved(mut ui: Ui) {
    let (account, info) = (use_account(), use_shell_info());
    // Whose drafts the UI holds.
    let mut of = use_hook(|| CopyValue::new(None::<Uuid>));
    let mut writing = use_hook(|| CopyValue::new(false));
    use_effect(move || {
        let person = account.read().person();
        drop((ui.form.read(), ui.kept.read()));
        if *of.peek() != person {
            // What one person typed is nothing for the next one.
            ui.form.set(None);
            let text = person.and_then(|person| info.unsaved(person));
            ui.kept.set(text.map(|text| text.split('\n').filter_map(draft).collect()).unwrap_or_default());
            of.set(person);
        } else if person.is_some() && !writing.replace(true) {
            let info = info.clone();
            spawn(async move {
                info.sleep(PAUSE).await;
                writing.set(false);
                // Of whoever is there by now: the account may have changed, and something been typed, meanwhile.
                let person = account.peek().person();
                if let Some(person) = person.filter(|_| *of.peek() == person) {
                    info.keep_unsaved(person, &lines(ui));
                }
            });
        }
    });
}

/// A line for each draft, that in the open editor last.
fn lines(ui: Ui) -> String {
    let (kept, open) = (ui.kept.peek(), ui.form.peek());
    let open = open.as_ref().filter(|(form, before)| form.has_typed(before));
    let lines: Vec<String> = kept.iter().chain(open).map(line).collect();
    lines.join("\n")
}

/// The fields of both, as JSON: a list of texts.
fn line((form, before): &(Form, Form)) -> String {
    Value::from([texts(form), texts(before)].concat()).to_string()
}

/// None for what another version wrote in another way.
fn draft(line: &str) -> Option<(Form, Form)> {
    let Value::Array(texts) = line.parse().ok()? else { return None };
    let texts: Vec<String> = texts.iter().map(|text| text.as_str().map(str::to_owned)).collect::<Option<_>>()?;
    let (form, before) = texts.split_at_checked(FIELDS)?;
    Some((form_of(form)?, form_of(before)?))
}

const FIELDS: usize = 18;

/// The fields as texts, in the order that [`form_of`] reads.
fn texts(form: &Form) -> Vec<String> {
    let id = |id: Option<Uuid>| id.map_or_else(String::new, |id| id.to_string());
    let is = |is: bool| u8::from(is).to_string();
    let list = |list: &Vec<i64>| list.iter().map(|minutes| format!("{minutes},")).collect();
    vec![
        id(form.id),
        form.title.clone(),
        is(form.all_day),
        form.start_date.clone(),
        form.start_time.clone(),
        form.end_date.clone(),
        form.end_time.clone(),
        form.location.clone(),
        form.notes.clone(),
        is(form.private),
        id(form.calendar),
        (form.show_as as u8).to_string(),
        id(form.category),
        (form.defense as u8).to_string(),
        form.reminders.as_ref().map_or_else(|| "-".to_owned(), list),
        is(form.ai_managed),
        form.instructions.clone(),
        id(form.persona),
    ]
}

fn form_of(texts: &[String]) -> Option<Form> {
    use ShowTimeAs::{Busy, Free, Oof, Tentative, WorkingElsewhere};
    use TimeDefenseLevel::{Flexible, HardBlock, High, Normal};
    let [
        id,
        title,
        all_day,
        start_date,
        start_time,
        end_date,
        end_time,
        location,
        notes,
        private,
        calendar,
        show_as,
        category,
        defense,
        reminders,
        ai_managed,
        instructions,
        persona,
    ] = texts
    else {
        return None;
    };
    let number = |text: &str| text.parse::<usize>().ok();
    Some(Form {
        id: id.parse().ok(),
        title: title.clone(),
        all_day: all_day == "1",
        start_date: start_date.clone(),
        start_time: start_time.clone(),
        end_date: end_date.clone(),
        end_time: end_time.clone(),
        location: location.clone(),
        notes: notes.clone(),
        private: private == "1",
        calendar: calendar.parse().ok(),
        show_as: *[Free, Tentative, Busy, Oof, WorkingElsewhere].get(number(show_as)?)?,
        category: category.parse().ok(),
        defense: *[Flexible, Normal, High, HardBlock].get(number(defense)?)?,
        reminders: (reminders != "-")
            .then(|| reminders.split(',').filter_map(|minutes| minutes.parse().ok()).collect()),
        ai_managed: ai_managed == "1",
        instructions: instructions.clone(),
        persona: persona.parse().ok(),
        // Comes with the first look into a field of time.
        settled: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        sample,
        time::{Clock, Zone},
    };
    use almanac_core::domain::TimeFormat;

    fn form() -> Form {
        let clock = Clock { zone: Zone::choose(None, "Europe/Berlin"), hours: TimeFormat::TwentyFourHour, year: 2026 };
        Form::of(&sample::item(7, "Lunch", "2026-11-17T12:00:00Z", 60, 2), clock)
    }

    #[test]
    fn a_draft_comes_back_as_it_was_typed() {
        let before = form();
        let mut typed = form();
        typed.title = "Lunch \"with\" Ana \u{1f5d3}".into();
        typed.notes = "two\nlines\r\n".into();
        typed.end_time = "half past".into();
        typed.private = true;
        typed.category = Some(Uuid::from_u128(5));
        typed.persona = Some(Uuid::from_u128(6));
        typed.ai_managed = true;
        typed.instructions = "never on Mondays".into();
        let line = line(&(typed.clone(), before.clone()));
        assert!(!line.contains('\n'), "one draft, one line");
        assert_eq!(draft(&line), Some((typed, before)));
    }

    #[test]
    fn each_choice_comes_back() {
        use ShowTimeAs::{Busy, Free, Oof, Tentative, WorkingElsewhere};
        use TimeDefenseLevel::{Flexible, HardBlock, High, Normal};
        for show_as in [Free, Tentative, Busy, Oof, WorkingElsewhere] {
            for defense in [Flexible, Normal, High, HardBlock] {
                for reminders in [None, Some(Vec::new()), Some(vec![0, 1440])] {
                    let form = Form { show_as, defense, reminders, ..form() };
                    assert_eq!(form_of(&texts(&form)), Some(form));
                }
            }
        }
        let new = Form { id: None, calendar: None, all_day: true, ..form() };
        assert_eq!(form_of(&texts(&new)), Some(new));
    }

    #[test]
    fn what_does_not_read_is_no_draft() {
        let empty = |count: usize| Value::from(vec![""; count]).to_string();
        for text in ["", "null", &empty(18), &empty(36), &empty(41)] {
            assert_eq!(draft(text), None, "{text}");
        }
    }
}
