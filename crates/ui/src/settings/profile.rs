//! Who one is, and how one reads times.

use crate::{
    i18n::t,
    people::Avatar,
    primitives::{Face, Select, TextField, button},
    state::use_ui,
    time::Zone,
};
use almanac_core::domain::{Profile, TimeFormat, WeekStart};
use almanac_data::{Names, ProfileEdit, use_mutations, use_shell_info};
use dioxus::prelude::*;

/// The server's value of a zone that nobody chose: read as the device's. Who lives by UTC has `Etc/UTC`.
pub(crate) const UNCHOSEN_ZONE: &str = "UTC";
/// The longest texts the server takes here, in characters.
const LONGEST: usize = 500;
const LONGEST_URL: usize = 2000;

/// What stands in the fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    first: String,
    last: String,
    display: String,
    title: String,
    organization: String,
    avatar: String,
}

impl Fields {
    fn of(profile: Option<&Profile>) -> Self {
        let text = |field: fn(&Profile) -> &Option<String>| profile.and_then(|p| field(p).clone()).unwrap_or_default();
        Self {
            first: text(|p| &p.first_name),
            last: text(|p| &p.last_name),
            display: text(|p| &p.display_name),
            title: text(|p| &p.title),
            organization: text(|p| &p.organization),
            avatar: text(|p| &p.avatar_url),
        }
    }

    /// What differs; only that is written.
    fn edit(&self, before: &Self) -> ProfileEdit {
        let changed = |now: &str, then: &str| (now.trim() != then.trim()).then(|| some(now));
        let names = (&self.first, &self.last, &self.display) != (&before.first, &before.last, &before.display);
        ProfileEdit {
            names: names.then(|| Names {
                first: some(&self.first),
                last: some(&self.last),
                display: some(&self.display),
            }),
            title: changed(&self.title, &before.title),
            organization: changed(&self.organization, &before.organization),
            avatar_url: changed(&self.avatar, &before.avatar),
            ..ProfileEdit::default()
        }
    }
}

/// A text, none if it is empty.
pub(super) fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Why a picture's address cannot be used.
pub(super) fn picture_problem(url: &str) -> Option<String> {
    let url = url.trim();
    if url.chars().count() > LONGEST_URL {
        return Some(t!("too-long", is = url.chars().count(), most = LONGEST_URL));
    }
    (!url.is_empty() && !url.starts_with("https://") && !url.starts_with("data:image/"))
        .then(|| t!("picture-bad").to_owned())
}

fn too_long(text: &str) -> Option<String> {
    let is = text.chars().count();
    (is > LONGEST).then(|| t!("too-long", is = is, most = LONGEST))
}

/// Names, title, organization, picture.
#[component]
pub(super) fn ProfileSection(profile: Option<Profile>) -> Element {
    let mutations = use_mutations();
    let mut drafts = use_ui().drafts;
    let kept = || drafts.peek().profile.clone();
    let mut before = use_signal(|| kept().map_or_else(|| Fields::of(profile.as_ref()), |(before, _)| before));
    let mut fields = use_signal(|| kept().map_or_else(|| before.peek().clone(), |(_, fields)| fields));
    use_effect(move || {
        let (before, fields) = (before(), fields());
        let draft = (fields.edit(&before) != ProfileEdit::default()).then_some((before, fields));
        if drafts.peek().profile != draft {
            drafts.write().profile = draft;
        }
    });
    let now = fields();
    let problem = picture_problem(&now.avatar);
    let texts = [&now.first, &now.last, &now.display, &now.title, &now.organization];
    let wrong = problem.clone().or_else(|| texts.iter().find_map(|text| too_long(text)));
    let same = now.edit(&before()) == ProfileEdit::default();
    let right = wrong.is_none();
    let why_not = if same { Some(t!("all-saved").to_owned()) } else { wrong };
    let name = if now.display.is_empty() { format!("{} {}", now.first, now.last) } else { now.display.clone() };
    rsx! {
        form {
            class: "settings-form",
            onsubmit: move |event| {
                event.prevent_default();
                if right {
                    mutations.edit_profile(fields.peek().edit(&before.peek()));
                    before.set(fields.peek().clone());
                }
            },
            div { class: "row",
                Avatar { name, url: some(&now.avatar).filter(|_| problem.is_none()), large: true }
                div { class: "grow",
                    TextField {
                        id: "display-name",
                        label: t!("display-name"),
                        value: now.display.clone(),
                        error: too_long(&now.display),
                        oninput: move |text| fields.write().display = text,
                    }
                }
            }
            p { class: "muted", {t!("display-name-hint")} }
            div { class: "row",
                TextField {
                    id: "first-name",
                    label: t!("first-name"),
                    autocomplete: "given-name",
                    value: now.first.clone(),
                    error: too_long(&now.first),
                    oninput: move |text| fields.write().first = text,
                }
                TextField {
                    id: "last-name",
                    label: t!("last-name"),
                    autocomplete: "family-name",
                    value: now.last.clone(),
                    error: too_long(&now.last),
                    oninput: move |text| fields.write().last = text,
                }
            }
            div { class: "row",
                TextField {
                    id: "job-title",
                    label: t!("job-title"),
                    value: now.title.clone(),
                    error: too_long(&now.title),
                    oninput: move |text| fields.write().title = text,
                }
                TextField {
                    id: "organization",
                    label: t!("organization"),
                    value: now.organization.clone(),
                    error: too_long(&now.organization),
                    oninput: move |text| fields.write().organization = text,
                }
            }
            TextField {
                id: "picture",
                label: t!("picture"),
                placeholder: "https://",
                value: now.avatar.clone(),
                error: problem,
                oninput: move |text| fields.write().avatar = text,
            }
            div { class: "dialog-foot",
                if same {
                    span { class: "muted grow", role: "status", {t!("all-saved")} }
                }
                {button(Face::main(t!("save")).submit().unless(why_not), |_| {})}
            }
        }
    }
}

/// The choices of zones: the device's own first.
pub(crate) fn zones(device: &str) -> Vec<(String, String)> {
    let device = (UNCHOSEN_ZONE.to_owned(), t!("zone-device", zone = device));
    let named = Zone::names().filter(|name| *name != UNCHOSEN_ZONE);
    std::iter::once(device).chain(named.map(|name| (name.to_owned(), name.replace('_', " ")))).collect()
}

const WEEK_STARTS: [WeekStart; 7] = [
    WeekStart::Monday,
    WeekStart::Tuesday,
    WeekStart::Wednesday,
    WeekStart::Thursday,
    WeekStart::Friday,
    WeekStart::Saturday,
    WeekStart::Sunday,
];

/// Language, zone, hours, first weekday. Each choice counts at once.
#[component]
pub(super) fn ClockSection(profile: Option<Profile>) -> Element {
    let mutations = use_mutations();
    let info = use_shell_info();
    let ui = use_ui();
    let (chosen, zone) =
        profile.map(|profile| (profile.clock_chosen, profile.timezone.unwrap_or_default())).unwrap_or_default();
    let hours = ui.clock.read().hours;
    let first = *ui.first.read();
    let week = WEEK_STARTS.into_iter().find(|day| day.weekday() == first).unwrap_or_default();
    // The three are written as one: with the first choice what was the device's habit becomes the person's.
    let choose = move |edit: ProfileEdit| {
        mutations.edit_profile(if chosen {
            edit
        } else {
            ProfileEdit {
                time_format: edit.time_format.or(Some(hours)),
                week_start_day: edit.week_start_day.or(Some(week)),
                ..edit
            }
        });
    };
    let zone = if zone.is_empty() { UNCHOSEN_ZONE.to_owned() } else { zone };
    rsx! {
        div { class: "settings-form",
            crate::pages::LanguageSelect {}
            crate::pages::ThemeSelect {}
            crate::pages::DensitySelect {}
            Select {
                id: "time-zone",
                label: t!("time-zone"),
                value: zone,
                options: zones(&info.zone),
                onchange: move |zone| choose(ProfileEdit { timezone: Some(zone), ..ProfileEdit::default() }),
            }
            Select {
                id: "time-format",
                label: t!("clock"),
                value: if hours == TimeFormat::TwelveHour { "12" } else { "24" },
                options: vec![("24".to_owned(), t!("clock-24").to_owned()), ("12".to_owned(), t!("clock-12").to_owned())],
                onchange: move |value: String| {
                    let format = if value == "12" { TimeFormat::TwelveHour } else { TimeFormat::TwentyFourHour };
                    choose(ProfileEdit { time_format: Some(format), ..ProfileEdit::default() });
                },
            }
            Select {
                id: "week-start",
                label: t!("week-start"),
                value: format!("{week:?}"),
                options: WEEK_STARTS.iter().map(|day| (format!("{day:?}"), crate::time::weekday(day.weekday()).to_owned())).collect::<Vec<_>>(),
                onchange: move |name: String| {
                    let day = WEEK_STARTS.into_iter().find(|day| format!("{day:?}") == name);
                    choose(ProfileEdit { week_start_day: day, ..ProfileEdit::default() });
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        Fields { first: "Ana".into(), title: "Doctor".into(), ..Fields::default() }
    }

    #[test]
    fn only_what_changed_is_written() {
        assert_eq!(fields().edit(&fields()), ProfileEdit::default());
        let changed = Fields { title: " ".into(), ..fields() };
        assert_eq!(changed.edit(&fields()), ProfileEdit { title: Some(None), ..ProfileEdit::default() });
        let named = Fields { display: "Ana B".into(), ..fields() };
        let names = named.edit(&fields()).names.unwrap();
        assert_eq!((names.first.as_deref(), names.last, names.display.as_deref()), (Some("Ana"), None, Some("Ana B")));
    }

    #[test]
    fn a_picture_comes_over_a_safe_connection_or_not_at_all() {
        for good in ["", "https://example.org/a.png", "data:image/png;base64,xx"] {
            assert_eq!(picture_problem(good), None, "{good}");
        }
        for bad in ["http://example.org/a.png", "javascript:alert(1)", "a.png"] {
            assert!(picture_problem(bad).is_some(), "{bad}");
        }
    }
}
