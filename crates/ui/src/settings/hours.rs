//! Working hours, each weekday its own, in any number of stretches.

use crate::{
    i18n::t,
    layout::schedule_key,
    primitives::{Face, Haven, Icon, IconButton, Shape, Switch, button},
    state::use_ui,
    time::{parse_time, weekday, weekdays},
};
use almanac_core::domain::{Profile, WorkHours};
use almanac_data::{ProfileEdit, use_mutations};
use chrono::Weekday;
use dioxus::prelude::*;
use std::collections::BTreeMap;

/// The working hours of a week, as kept.
pub(super) type Schedule = BTreeMap<String, Vec<WorkHours>>;

fn stretch(start: &str, end: &str) -> WorkHours {
    WorkHours { start: start.to_owned(), end: end.to_owned() }
}

/// What counts until a person says otherwise: nine to five from Monday to Friday.
fn usual() -> Schedule {
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    almanac_core::order::collect(days.map(|day| (schedule_key(day).to_owned(), vec![stretch("09:00", "17:00")])))
}

/// The schedule with its times in the form that is kept; none where one is no time or ends before it starts.
fn checked(schedule: &Schedule) -> Option<Schedule> {
    let time = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    let mut out = Schedule::new();
    for (day, stretches) in schedule {
        let mut kept = Vec::new();
        for hours in stretches {
            let (start, end) = (parse_time(&hours.start)?, parse_end(&hours.end)?);
            if start >= end {
                return None;
            }
            kept.push((start, end));
        }
        almanac_core::order::sort(&mut kept);
        out.insert(day.clone(), kept.into_iter().map(|(start, end)| stretch(&time(start), &time(end))).collect());
    }
    Some(out)
}

/// The end of a day may be midnight.
fn parse_end(text: &str) -> Option<i64> {
    let minute = if text.trim() == "24:00" { 1440 } else { parse_time(text)? };
    Some(if minute == 0 { 1440 } else { minute })
}

/// See the module.
#[component]
pub(super) fn HoursSection(profile: Option<Profile>) -> Element {
    let ui = use_ui();
    let mutations = use_mutations();
    let mut drafts = ui.drafts;
    let kept = || drafts.peek().hours.clone();
    let own = || profile.and_then(|profile| profile.work_schedule).unwrap_or_else(usual);
    let mut before = use_signal(|| kept().map_or_else(own, |(before, _)| before));
    let mut schedule = use_signal(|| kept().map_or_else(|| before.peek().clone(), |(_, schedule)| schedule));
    use_effect(move || {
        let (before, schedule) = (before(), schedule());
        let draft = (schedule != before).then_some((before, schedule));
        if drafts.peek().hours != draft {
            drafts.write().hours = draft;
        }
    });
    let havens = use_hook(|| [(); 7].map(|()| Haven::new()));
    let now = schedule();
    let wrong = checked(&now).is_none();
    let why_not = match (wrong, now == before()) {
        (true, _) => Some(t!("hours-wrong").to_owned()),
        (false, true) => Some(t!("all-saved").to_owned()),
        (false, false) => None,
    };
    let mut change = move |day: Weekday, change: &dyn Fn(&mut Vec<WorkHours>)| {
        change(schedule.write().entry(schedule_key(day).to_owned()).or_default());
    };
    rsx! {
        form {
            class: "settings-form",
            onsubmit: move |event| {
                event.prevent_default();
                let kept = checked(&schedule.peek());
                if let Some(kept) = kept {
                    mutations.edit_profile(ProfileEdit { work_schedule: Some(kept.clone()), ..ProfileEdit::default() });
                    schedule.set(kept.clone());
                    before.set(kept);
                }
            },
            p { class: "muted", {t!("hours-hint")} }
            for day in weekdays(*ui.first.read()) {
                div {
                    key: "{day}",
                    class: "worktime-day",
                    role: "group",
                    "aria-label": weekday(day),
                    tabindex: "-1",
                    onmounted: move |event| havens[day.num_days_from_monday() as usize].mounted(&event),
                    Switch {
                        label: weekday(day),
                        checked: now.get(schedule_key(day)).is_some_and(|stretches| !stretches.is_empty()),
                        onchange: move |works: bool| {
                            change(day, &|stretches| {
                                stretches.clear();
                                if works {
                                    stretches.push(stretch("09:00", "17:00"));
                                }
                            });
                        },
                    }
                    div { class: "worktime-list",
                        for (index , hours) in now.get(schedule_key(day)).cloned().unwrap_or_default().into_iter().enumerate() {
                            div { key: "{index}", class: "worktime",
                                input {
                                    class: "input tabular",
                                    "aria-label": t!("hours-from", day = weekday(day)),
                                    "aria-invalid": parse_time(&hours.start).is_none().then_some("true"),
                                    value: "{hours.start}",
                                    onchange: move |event| change(day, &|all| all[index].start = event.value()),
                                }
                                "–"
                                input {
                                    class: "input tabular",
                                    "aria-label": t!("hours-to", day = weekday(day)),
                                    "aria-invalid": parse_end(&hours.end).is_none_or(|end| parse_time(&hours.start).is_some_and(|start| start >= end)).then_some("true"),
                                    value: "{hours.end}",
                                    onchange: move |event| change(day, &|all| all[index].end = event.value()),
                                }
                                IconButton {
                                    shape: Shape::Close,
                                    name: t!("hours-remove", day = weekday(day)),
                                    onclick: move |_| {
                                        change(day, &|all| drop(all.remove(index)));
                                        // The lines close up: it is the last one that goes, and with it the focus.
                                        let gone = schedule.peek().get(schedule_key(day)).is_none_or(|all| all.len() == index);
                                        if gone {
                                            havens[day.num_days_from_monday() as usize].focus();
                                        }
                                    },
                                }
                            }
                        }
                        if now.get(schedule_key(day)).is_some_and(|stretches| !stretches.is_empty()) {
                            button {
                                r#type: "button",
                                class: "link worktime-more",
                                "aria-label": t!("hours-add-named", day = weekday(day)),
                                onclick: move |_| change(day, &|all| all.push(stretch("18:00", "20:00"))),
                                Icon { shape: Shape::Plus }
                                {t!("hours-add")}
                            }
                        }
                    }
                }
            }
            if wrong {
                p { class: "error", role: "alert", {t!("hours-wrong")} }
            }
            div { class: "dialog-foot",
                if now == before() {
                    span { class: "muted grow", role: "status", {t!("all-saved")} }
                }
                {button(Face::main(t!("save")).submit().unless(why_not), |_| {})}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn monday(stretches: &[(&str, &str)]) -> Schedule {
        Schedule::from([("monday".to_owned(), stretches.iter().map(|(a, b)| stretch(a, b)).collect())])
    }

    #[test]
    fn times_are_kept_in_one_form_and_in_order() {
        let kept = checked(&monday(&[("2pm", "18"), ("9", "12:30")]));
        assert_eq!(kept, Some(monday(&[("09:00", "12:30"), ("14:00", "18:00")])));
    }

    #[test]
    fn a_day_may_end_at_midnight_but_not_before_it_starts() {
        assert_eq!(checked(&monday(&[("18:00", "0:00")])), Some(monday(&[("18:00", "24:00")])));
        assert_eq!(checked(&monday(&[("18:00", "24:00")])), Some(monday(&[("18:00", "24:00")])));
        for (start, end) in [("18:00", "17:00"), ("9:00", "9:00"), ("x", "10"), ("9", "25:00")] {
            assert_eq!(checked(&monday(&[(start, end)])), None, "{start} {end}");
        }
    }
}
