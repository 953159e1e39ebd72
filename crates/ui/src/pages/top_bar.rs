//! The bars: navigation and views at the top, on phones the views at the bottom.

use crate::{
    i18n::t,
    primitives::{Icon, IconButton, Shape},
    state::{Place, View, use_ui},
    sync::SyncBadge,
};
use almanac_core::engine::Status;
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// The top bar.
#[component]
pub(crate) fn TopBar(status: Status, now: DateTime<Utc>, oncreate: EventHandler<()>) -> Element {
    let ui = use_ui();
    let place = *ui.place.read();
    let first = *ui.first.read();
    let today = ui.clock.read().zone.date(now);
    let mut turned = ui.rail_turned;
    rsx! {
        header { class: "bar",
            span { class: "not-phone",
                IconButton {
                    shape: Shape::Menu,
                    name: t!("calendars"),
                    expanded: !turned(),
                    onclick: move |_| turned.toggle(),
                }
            }
            button {
                r#type: "button",
                class: "btn btn-line",
                title: "T",
                onclick: move |_| ui.go(Place { date: today, ..place }),
                {t!("today")}
            }
            IconButton { shape: Shape::Left, name: place.view.previous(), onclick: move |_| ui.go(place.step(-1)) }
            IconButton { shape: Shape::Right, name: place.view.next(), onclick: move |_| ui.go(place.step(1)) }
            h1 { class: "bar-title", "data-testid": "title", {place.title(first)} }
            if let Some(week) = place.week(first) {
                span { class: "bar-week", {t!("week-number", week = week)} }
            }
            span { class: "sr", role: "status", {place.spoken(first)} }
            span { class: "grow" }
            SyncBadge { status, now }
            div { class: "segmented not-phone", role: "group", "aria-label": t!("view"),
                for view in View::ALL {
                    button {
                        key: "{view.name()}",
                        r#type: "button",
                        "aria-pressed": "{view == place.view}",
                        "data-view": view.name(),
                        onclick: move |_| ui.go(Place { view, ..place }),
                        {view.label()}
                    }
                }
            }
            button { r#type: "button", class: "btn btn-main not-phone", title: "C", onclick: move |_| oncreate.call(()),
                Icon { shape: Shape::Plus }
                {t!("new-event")}
            }
        }
    }
}

/// The bar at the bottom of a phone.
#[component]
pub(crate) fn BottomBar(oncreate: EventHandler<()>) -> Element {
    let ui = use_ui();
    let place = *ui.place.read();
    let mut turned = ui.rail_turned;
    let views = [(View::Day, Shape::Day), (View::ThreeDays, Shape::Columns), (View::Month, Shape::Grid)];
    rsx! {
        nav { class: "tabs", "aria-label": t!("views"),
            button { r#type: "button", "aria-expanded": "{turned}", onclick: move |_| turned.toggle(),
                Icon { shape: Shape::Menu }
                {t!("calendars")}
            }
            for (view , shape) in views {
                button {
                    key: "{view.name()}",
                    r#type: "button",
                    "aria-pressed": "{view == place.view}",
                    onclick: move |_| ui.go(Place { view, ..place }),
                    Icon { shape }
                    {view.label()}
                }
            }
            button { r#type: "button", class: "tab-new", onclick: move |_| oncreate.call(()),
                Icon { shape: Shape::Plus }
                {t!("new-short")}
            }
        }
    }
}
