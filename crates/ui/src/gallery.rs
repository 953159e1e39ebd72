//! Everything with fixed data, to look at while working on it. Only in debug builds: at `/gallery` of the app (the
//! primitives, and below it a screen each), and as the files that the example `gallery` renders.

pub(crate) mod nowhere;
mod primitives;

use crate::{
    agenda::Agenda,
    app::style,
    color,
    event::{DraftPopover, Editor, Peek},
    grid::TimeGrid,
    month::MonthGrid,
    pages::{BottomBar, SignInCard, TopBar},
    rail::{CalendarList, MiniMonth},
    sample,
    settings::CalendarDialog,
    state::{Anchor, Form, Open, Place, Ui, View, shown, use_peeked},
    sync::SyncPanel,
    time::{Clock, Zone},
    year::YearGrid,
};
use almanac_core::{
    Uuid,
    domain::TimeFormat,
    engine::{Phase, Status},
    key::RowRef,
};
use almanac_data::{DataProvider, FieldValue, StuckField, StuckItem};
use chrono::{Datelike, TimeDelta, Weekday};
use dioxus::prelude::*;

/// Which screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// The calendar in one of its views.
    Calendar(View),
    /// With a new event's popover.
    Draft,
    /// With an event's popover.
    Peek,
    /// With the full editor.
    Editor,
    /// With the sync panel.
    Sync,
    /// With the dialog of a calendar.
    Calendar2,
    /// With the question before a calendar goes.
    Delete,
    /// Signed out.
    SignIn,
    /// Days that are not here yet.
    Skeleton,
    /// What everything is made of.
    Primitives,
}

impl Screen {
    /// All, with their names.
    pub const ALL: [(&'static str, Self); 16] = [
        ("week", Self::Calendar(View::Week)),
        ("day", Self::Calendar(View::Day)),
        ("3days", Self::Calendar(View::ThreeDays)),
        ("month", Self::Calendar(View::Month)),
        ("2weeks", Self::Calendar(View::Weeks(2))),
        ("agenda", Self::Calendar(View::Agenda)),
        ("year", Self::Calendar(View::Year)),
        ("draft", Self::Draft),
        ("peek", Self::Peek),
        ("editor", Self::Editor),
        ("sync", Self::Sync),
        ("calendar", Self::Calendar2),
        ("delete", Self::Delete),
        ("sign-in", Self::SignIn),
        ("skeleton", Self::Skeleton),
        ("primitives", Self::Primitives),
    ];
}

impl Screen {
    /// The one of an address: `/gallery` shows the primitives, `/gallery/week` the week.
    pub(crate) fn of_address(address: &str) -> Option<Self> {
        let name = address.trim_end_matches('/').strip_prefix("/gallery")?;
        let Some(name) = name.strip_prefix('/') else { return name.is_empty().then_some(Self::Primitives) };
        Self::ALL.into_iter().find(|(each, _)| *each == name).map(|(_, screen)| screen)
    }
}

/// One screen, without an app around it.
#[component]
pub fn Gallery(screen: Screen, twelve: bool, width: f64) -> Element {
    rsx! {
        style { dangerous_inner_html: use_hook(style) }
        DataProvider { shell: use_hook(nowhere::shell),
            Stage { screen, twelve, width }
        }
    }
}

/// One screen, below a provider of data: components ask it, and it has none.
#[component]
pub(crate) fn Stage(screen: Screen, #[props(default)] twelve: bool, #[props(default = 1440.0)] width: f64) -> Element {
    let now = sample::now();
    let hours = if twelve { TimeFormat::TwelveHour } else { TimeFormat::TwentyFourHour };
    let clock = use_memo(move || Clock { zone: Zone::choose(None, "Europe/Berlin"), hours, year: now.year() });
    let first = use_memo(|| Weekday::Mon);
    let local = use_memo(|| false);
    let events = shown(&sample::week(), &sample::calendars());
    let anchor = Anchor { x: 560.0, y: 300.0, width: 150.0, height: 48.0 };
    let form = Form::new("2026-11-18T13:00:00Z".parse().unwrap_or_default(), 60, false, None, *clock.read());
    let picked = events.iter().find(|shown| shown.item.event.title.starts_with("Lunch")).cloned();
    let open = match screen {
        Screen::Draft => Open::Draft(anchor),
        Screen::Editor => Open::Editor,
        Screen::Peek => Open::Peek(picked.as_ref().map_or(Uuid::nil(), |shown| shown.id()), anchor),
        _ => Open::Nothing,
    };
    let form = match (screen, &picked) {
        (Screen::Editor, Some(shown)) => Form::of(&shown.item, *clock.read()),
        _ => form,
    };
    let view = if let Screen::Calendar(view) = screen { view } else { View::Week };
    let kept = form.clone();
    let open = use_signal(|| open);
    let peeked = use_peeked(open);
    let ui = use_context_provider(|| Ui {
        place: Signal::new(Place { view, date: now.date_naive() }),
        shell: CopyValue::new(None),
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
        theme: Signal::new(Default::default()),
        density: Signal::new(Default::default()),
        open,
        peeked,
        form: Signal::new((*open.peek() != Open::Nothing).then(|| (kept.clone(), kept))),
        dialog: Signal::new(None),
        chosen: Signal::new(None),
        rail_turned: Signal::new(false),
        drag: Signal::new(None),
        dragged: Signal::new(None),
        settled: Signal::new(None),
        window: Signal::new((width, 900.0)),
        follow: CopyValue::new(None),
        refocus: Signal::new(0),
        opener: Signal::new(None),
        language: Signal::new(None),
        clock,
        first,
        local,
    });
    let status = match screen {
        Screen::Sync | Screen::Peek => Status {
            phase: Phase::Offline,
            pending: 3,
            stuck: 1,
            as_of_ms: Some(now.timestamp_millis() - 840_000),
            ..Status::default()
        },
        Screen::Draft => Status { phase: Phase::Offline, pending: 2, ..Status::default() },
        Screen::Editor => {
            Status { phase: Phase::Offline, as_of_ms: Some(now.timestamp_millis() - 840_000), ..Status::default() }
        }
        _ => Status { phase: Phase::UpToDate, ..Status::default() },
    };
    let days = ui.place.read().days(Weekday::Mon);
    let calendars = sample::calendars();
    let skeleton = screen == Screen::Skeleton;
    let stuck = StuckItem {
        at: RowRef::event(Uuid::from_u128(22)),
        title: "Budget".into(),
        code: "forbidden".into(),
        message: "row-level security".into(),
        fields: vec![
            StuckField {
                column: "title".into(),
                mine: FieldValue::Text("Budget".into()),
                theirs: FieldValue::Text("Budget 2027".into()),
            },
            StuckField {
                column: "start_time".into(),
                mine: FieldValue::At(now),
                theirs: FieldValue::At(now - TimeDelta::hours(1)),
            },
        ],
        is_there: true,
        event: None,
    };
    if screen == Screen::Primitives {
        return rsx! {
            primitives::Primitives {}
        };
    }
    if screen == Screen::SignIn {
        return rsx! {
            div { class: "app",
                SignInCard {
                    has_local: false,
                    ontry: |()| {},
                    notice: None,
                    server: "calendar.example.org",
                    busy: false,
                    error: Some("E-mail or password is wrong. Check both; capitals count in the password.".to_owned()),
                    onturn: |()| {},
                    onsubmit: |_| {},
                }
            }
        };
    }
    rsx! {
        div { class: "app",
            div { class: "frame",
                TopBar { status: status.clone(), now, oncreate: |()| {} }
                div { class: "body",
                    nav { class: "rail", "data-turned": "false",
                        MiniMonth { today: now.date_naive() }
                        CalendarList { calendars: calendars.clone(), known: true, onshow: |_| {} }
                        div { class: "rail-foot",
                            button { r#type: "button", class: "account",
                                span { class: "avatar", "data-initial": "A" }
                                span { "ada@example.org" }
                            }
                        }
                    }
                    main { class: "main",
                        if view.is_rows() {
                            MonthGrid { days, month: (view == View::Month).then_some(11), events, now, color: color::css("blue"), onask: |_| {} }
                        } else if view == View::Agenda {
                            Agenda { days, events, now, here: true, read: true, oncreate: |()| {} }
                        } else if view == View::Year {
                            YearGrid { year: 2026, events, now }
                        } else {
                            TimeGrid {
                                days,
                                events: if skeleton { Default::default() } else { events },
                                now,
                                skeleton,
                                schedule: None,
                                color: color::css("blue"),
                                onask: |_| {},
                            }
                        }
                    }
                    if screen == Screen::Editor {
                        Editor { form: form.clone(), calendars: calendars.clone(), onsave: |()| {}, ondelete: |()| {} }
                    }
                }
                BottomBar { oncreate: |()| {} }
            }
            if screen == Screen::Draft {
                DraftPopover { anchor, form, calendars: calendars.clone(), onsave: |()| {} }
            }
            if let (Screen::Peek, Some(shown)) = (screen, picked) {
                Peek { anchor, shown, onedit: |()| {}, oncopy: |()| {}, ondelete: |()| {} }
            }
            if screen == Screen::Sync {
                SyncPanel {
                    anchor: Anchor { x: 900.0, y: 12.0, width: 150.0, height: 28.0 },
                    status,
                    stuck: vec![stuck],
                    now,
                    server: "calendar.example.org",
                    onsync: |()| {},
                    onretry: |_| {},
                    ondiscard: |_| {},
                }
            }
            if screen == Screen::Calendar2 {
                CalendarDialog { all: calendars.clone(), id: calendars[1].calendar.id, delete: false }
            }
            if screen == Screen::Delete {
                CalendarDialog { all: calendars.clone(), id: calendars[1].calendar.id, delete: true }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_can_be_drawn_without_a_shell() {
        for (name, screen) in Screen::ALL {
            let mut dom = VirtualDom::new_with_props(Gallery, GalleryProps { screen, twelve: false, width: 1440.0 });
            dom.rebuild_in_place();
            let drawn = dioxus_ssr::render(&dom);
            assert!(drawn.contains("class=\"app\""), "{name}: {drawn}");
            let failed = dom.in_scope(ScopeId::ROOT_ERROR_BOUNDARY, || {
                consume_context::<ErrorContext>().error().map(|error| error.to_string())
            });
            assert_eq!(failed, None, "{name}");
        }
    }

    #[test]
    fn the_app_shows_the_gallery_at_its_address() {
        for (address, wanted) in [
            ("/gallery", Some(Screen::Primitives)),
            ("/gallery/", Some(Screen::Primitives)),
            ("/gallery/editor", Some(Screen::Editor)),
            ("/gallery/nothing", None),
            ("/galleryweek", None),
            ("/week/2026-11-18", None),
        ] {
            assert_eq!(Screen::of_address(address), wanted, "{address}");
        }
        let drawn = |address: &str| {
            let shell = nowhere::shell_at(address);
            let mut dom = VirtualDom::new_with_props(crate::App, crate::app::AppProps { shell });
            dom.rebuild_in_place();
            dioxus_ssr::render(&dom)
        };
        assert!(drawn("/gallery").contains("href=\"/gallery/editor\""));
        assert!(drawn("/gallery/editor").contains("data-testid=\"event-editor\""));
        assert!(!drawn("/week/2026-11-18").contains("/gallery"));
    }

    #[test]
    fn the_gallery_shows_every_primitive_in_both_themes() {
        let props = GalleryProps { screen: Screen::Primitives, twelve: false, width: 1440.0 };
        let mut dom = VirtualDom::new_with_props(Gallery, props);
        dom.rebuild_in_place();
        let drawn = dioxus_ssr::render(&dom);
        let roles = ["switch", "combobox", "listbox", "tablist", "tabpanel", "grid", "menu", "alertdialog", "dialog"];
        for what in
            roles.map(|role| format!("role=\"{role}\"")).into_iter().chain(["<select".into(), "<textarea".into()])
        {
            assert_eq!(drawn.matches(&what).count(), 2, "{what}");
        }
    }
}
