//! The root: data, style, and the page for the account's state.

use crate::{
    color::PALETTE,
    i18n::{self, Language, Locale, t},
    pages::{AdoptPage, SignInPage, TroublePage, Workspace},
    primitives::{Icon, Shape},
    settings::Drafts,
    state::{Density, Dialog, Open, Place, Theme, Ui, View, use_peeked, use_unsaved},
    text::APP,
    time::{Clock, Zone},
};
use almanac_core::domain::Profile;
use almanac_data::{
    Account, DataProvider, ShellHandle, ShellKind, use_account, use_clock, use_profile, use_shell_info,
};
use chrono::{DateTime, Datelike, Utc};
use dioxus::prelude::*;

/// The looks. In the page itself, so that no shell has to ship it.
const STYLE: &str = include_str!(concat!(env!("OUT_DIR"), "/style.css"));

/// Rules for a colour of the palette, which stands at `$color` and its name at `$hue`.
const HUES: &str = include_str!(concat!(env!("OUT_DIR"), "/hues.css"));

/// The sheet of the page. What differs from colour to colour only is written out here: it would be 8 KB of the download's program.
pub(crate) fn style() -> String {
    let hues = PALETTE.iter().map(|(name, color)| HUES.replace("$hue", name).replace("$color", color));
    std::iter::once(STYLE.to_owned()).chain(hues).collect()
}

/// The whole app.
#[component]
pub fn App(shell: ShellHandle) -> Element {
    rsx! {
        style { dangerous_inner_html: use_hook(style) }
        DataProvider { shell, Root {} }
    }
}

/// The device's choice of a language: its tag.
pub(crate) const LANGUAGE: &str = "language";

#[component]
fn Root() -> Element {
    let info = use_shell_info();
    let profile = use_profile();
    let now = use_clock();
    let account = use_account();
    let device = info.zone.clone();
    let system = Locale::of(info.languages.iter().map(String::as_str));
    let chosen = use_signal({
        let info = info.clone();
        move || info.kept(LANGUAGE)
    });
    let locale = use_memo(move || match chosen.read().as_deref().and_then(Language::named) {
        Some(language) => Locale { language, ..system },
        None => system,
    });
    // Before anything below is drawn; another language draws all of it anew.
    i18n::speak(locale());
    let clock = use_memo(move || clock_of(profile.read().as_ref(), &device, system, now()));
    let first = use_memo(move || {
        let profile = profile.read();
        chosen_clock(profile.as_ref()).map_or(system.first_weekday(), |profile| profile.week_start_day.weekday())
    });
    let local = use_memo(move || *account.read() == Account::Local);
    let view = if info.kind == ShellKind::Mobile { View::ThreeDays } else { View::Week };
    let today = Place { view, date: clock.peek().zone.date(*now.peek()) };
    let open = use_signal(|| Open::Nothing);
    let peeked = use_peeked(open);
    let opened = use_hook(|| info.address().as_deref().and_then(Place::of_address));
    let mut ui = use_context_provider(|| Ui {
        place: Signal::new(opened.unwrap_or(today)),
        shell: CopyValue::new(Some(info.clone())),
        quiet: CopyValue::new(true),
        scroll: CopyValue::new(None),
        tops: CopyValue::new(Vec::new()),
        in_main: CopyValue::new(false),
        at_top: CopyValue::new(true),
        on_head: CopyValue::new(false),
        no_click: CopyValue::new(false),
        said: Signal::new(String::new()),
        kept: Signal::new(Vec::new()),
        saved: CopyValue::new(None),
        drafts: Signal::new(Default::default()),
        theme: Signal::new(Theme::kept(&info)),
        density: Signal::new(Density::kept(&info)),
        open,
        peeked,
        form: Signal::new(None),
        dialog: Signal::new(None::<Dialog>),
        chosen: Signal::new(None),
        rail_turned: Signal::new(false),
        drag: Signal::new(None),
        dragged: Signal::new(None),
        settled: Signal::new(None),
        window: Signal::new((1280.0, 800.0)),
        follow: CopyValue::new(None),
        refocus: Signal::new(0),
        opener: Signal::new(None),
        language: chosen,
        clock,
        first,
        local,
    });
    use_unsaved(ui);
    // What one person typed is nothing for the next one.
    use_effect(move || {
        let _ = account.read();
        ui.drafts.set(Drafts::default());
    });
    #[cfg(debug_assertions)]
    if let Some(screen) = use_hook(|| crate::gallery::Screen::of_address(&info.address()?)) {
        return rsx! {
            crate::gallery::Stage { screen }
        };
    }
    follow_address(ui);
    let mut measured = use_signal(|| opened.is_some());
    rsx! {
        // A list of one: another language is another item, and everything is drawn anew.
        for language in [locale().language] {
            div {
                class: "app",
                key: "{language.tag()}",
                lang: language.tag(),
                "data-theme": ui.theme.read().attribute(),
                "data-density": ui.density.read().attribute(),
                onresize: move |event| {
                    let Ok(size) = event.get_border_box_size() else { return };
                    ui.window.set((size.width, size.height));
                    // Only at the start: later the person has chosen.
                    if !measured() {
                        measured.set(true);
                        let place = *ui.place.peek();
                        if ui.is_phone() && place.view == View::Week {
                            ui.go_in_place(Place { view: View::ThreeDays, ..place });
                        }
                    }
                },
                match account() {
                    Account::Opening => rsx! {
                        div { class: "opening",
                            div { class: "brand", role: "status", "aria-label": t!("opening"),
                                Icon { shape: Shape::Brand }
                                "{APP}"
                            }
                        }
                    },
                    Account::SignedOut { notice } => rsx! {
                        SignInPage { notice }
                    },
                    Account::Local => rsx! {
                        Workspace { key: "{account:?}", email: None }
                    },
                    Account::Adopt { email, made } => rsx! {
                        AdoptPage { email, made }
                    },
                    Account::Open { user_id, email } => rsx! {
                        Workspace { key: "{user_id}", email: Some(email) }
                    },
                    Account::Trouble { what, kind } => rsx! {
                        TroublePage { what, kind }
                    },
                }
            }
        }
    }
}

/// Place and address follow each other, where the shell has addresses.
fn follow_address(mut ui: Ui) {
    let info = use_shell_info();
    use_effect({
        let info = info.clone();
        move || {
            let address = ui.place.read().address();
            let in_place = ui.quiet.replace(false);
            if info.address().is_some_and(|now| now != address) {
                info.visit(&address, in_place);
            }
        }
    });
    use_future(move || {
        let mut visits = info.visits();
        async move {
            while let Some(address) = futures::StreamExt::next(&mut visits).await {
                if let Some(place) = Place::of_address(&address) {
                    ui.close();
                    ui.go(place);
                }
            }
        }
    });
}

/// The profile's zone and hours. `UTC` is what the server gives a profile in which nobody chose: then the device's.
fn clock_of(profile: Option<&Profile>, device: &str, system: Locale, now: DateTime<Utc>) -> Clock {
    let chosen = profile.and_then(|profile| profile.timezone.as_deref()).filter(|zone| *zone != "UTC");
    let zone = Zone::choose(chosen, device);
    let hours = chosen_clock(profile).map_or(system.hours(), |profile| profile.time_format);
    Clock { zone, hours, year: zone.date(now).year() }
}

/// The profile, if somebody has chosen how times are read in it. Else the device's habits count.
fn chosen_clock(profile: Option<&Profile>) -> Option<&Profile> {
    profile.filter(|profile| profile.clock_chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheets_are_small_and_nothing_of_them_is_lost() {
        let sheets = [include_str!("style.css"), include_str!("domains.css"), include_str!("sync/sync.css")].concat();
        for gone in ["/*", "*/", "  ", "\n", ": ", " {"] {
            assert!(!style().contains(gone), "{gone:?}");
        }
        let count = |text: &str, sign| text.matches(sign).count();
        let hues = include_str!("hues.css");
        let all = |sign| count(&sheets, sign) + PALETTE.len() * count(hues, sign);
        let style = style();
        // No comment of ours has a brace.
        assert_eq!((count(&style, '{'), count(&style, '}')), (all('{'), all('}')));
        for kept in [
            "calc(100vw - 16px)",
            ".app :is(.popover,.dialog):focus-visible{outline:none}",
            "oklch(from var(--c) l c h / 13%)",
            "[data-hue=\"green\"][data-show=\"busy\"]{color:light-dark(oklch(from oklch(0.63 0.15 150) 0.37 calc(c * 0.8) h),",
        ] {
            assert!(style.contains(kept), "{kept}");
        }
    }
}
