//! The bars: navigation and views at the top, on phones the views at the bottom.

use crate::{
    i18n::t,
    primitives::{Face, Icon, IconButton, Menu, MenuItem, Popover, Shape, button},
    rail::MiniMonth,
    state::{Anchor, Open, Place, View, use_ui},
    sync::SyncBadge,
    time::month,
};
use almanac_core::engine::Status;
use almanac_data::use_invitations;
use chrono::{DateTime, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// The top bar.
#[component]
pub(crate) fn TopBar(status: Status, now: DateTime<Utc>, oncreate: EventHandler<()>) -> Element {
    let ui = use_ui();
    let place = *ui.place.read();
    let first = *ui.first.read();
    let today = ui.clock.read().zone.date(now);
    let mut turned = ui.rail_turned;
    let invitations = use_invitations();
    // They wait in the rail: folded away, it hides them.
    let folded_over = if turned() { invitations.read().len() } else { 0 };
    let mut title = use_signal(|| None::<Rc<MountedData>>);
    let mut chooser = use_signal(|| None::<Rc<MountedData>>);
    // A phone has no room for a date that stands below it anyway.
    let _ = ui.window.read();
    let narrow = ui.is_phone() && place.view == View::Day;
    let heading = if narrow { month(place.date) } else { place.title(first) };
    let jumping = matches!(*ui.open.read(), Open::Jump(_));
    let choosing = matches!(*ui.open.read(), Open::Views(_));
    rsx! {
        header { class: "bar",
            span { class: "not-phone",
                IconButton {
                    shape: Shape::Menu,
                    name: if folded_over > 0 { format!("{} {folded_over} {}", t!("calendars"), t!("invitations")) } else { t!("calendars").to_owned() },
                    expanded: !turned(),
                    onclick: move |_| turned.toggle(),
                }
                if folded_over > 0 {
                    span { class: "tab-mark", "aria-hidden": "true", "{folded_over}" }
                }
            }
            {button(Face::line(t!("today")).hint("T"), move |_| ui.go(Place { date: today, ..place }))}
            IconButton { shape: Shape::Left, name: place.view.previous(), onclick: move |_| ui.go(place.step(-1)) }
            IconButton { shape: Shape::Right, name: place.view.next(), onclick: move |_| ui.go(place.step(1)) }
            h1 { class: "bar-title", "data-testid": "title",
                button {
                    r#type: "button",
                    class: "title-button",
                    title: t!("go-to-date"),
                    "aria-haspopup": "dialog",
                    "aria-expanded": "{jumping}",
                    onmounted: move |event| title.set(Some(event.data())),
                    onpointerdown: move |event| event.stop_propagation(),
                    onclick: move |_| {
                        let opener = title.peek().clone();
                        async move {
                            let anchor = Anchor::of(opener.as_deref()).await;
                            ui.toggle(Open::Jump(anchor), opener);
                        }
                    },
                    {heading}
                }
            }
            if let Some(week) = place.week(first) {
                span { class: "bar-week", {t!("week-number", week = week)} }
            }
            span { class: "sr", role: "status", {place.spoken(first)} }
            span { class: "sr", role: "status", "data-testid": "said", {ui.said.read().clone()} }
            span { class: "grow" }
            SyncBadge { status, now }
            button {
                r#type: "button",
                class: "btn btn-line not-phone",
                "data-testid": "view",
                "data-view": place.view.name(),
                "aria-haspopup": "menu",
                "aria-expanded": "{choosing}",
                onmounted: move |event| chooser.set(Some(event.data())),
                onpointerdown: move |event| event.stop_propagation(),
                onclick: move |_| {
                    let opener = chooser.peek().clone();
                    async move {
                        let anchor = Anchor::of(opener.as_deref()).await;
                        ui.toggle(Open::Views(anchor), opener);
                    }
                },
                span { class: "sr", "{t!(\"view\")}: " }
                {place.view.label()}
                Icon { shape: Shape::Down }
            }
            span { class: "not-phone",
                {button(Face::main(t!("new-event")).shape(Shape::Plus).hint("C"), move |_| oncreate.call(()))}
            }
            // Within the bar's landmark, where screen readers expect what a button of it opens.
            if let Open::Views(anchor) = *ui.open.read() {
                ViewMenu { anchor }
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
    let invitations = use_invitations();
    let waiting = invitations.read().len();
    let views = [
        (View::Day, Shape::Day),
        (View::ThreeDays, Shape::Columns),
        (View::Month, Shape::Grid),
        (View::Agenda, Shape::List),
    ];
    rsx! {
        nav { class: "tabs", "aria-label": t!("views"),
            button { r#type: "button", "aria-expanded": "{turned}", onclick: move |_| turned.toggle(),
                Icon { shape: Shape::Menu }
                {t!("calendars")}
                // They wait in there.
                if waiting > 0 {
                    span { class: "tab-mark", "{waiting}" }
                    span { class: "sr", " " {t!("invitations")} }
                }
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

/// The menu of views.
#[component]
fn ViewMenu(anchor: Anchor) -> Element {
    let ui = use_ui();
    let place = *ui.place.read();
    let all = View::ALL.into_iter().map(|view| MenuItem {
        value: view.name().to_owned(),
        label: view.label(),
        key: view.key(),
        checked: Some(view == place.view),
        shape: None,
    });
    rsx! {
        Menu {
            anchor,
            name: t!("view"),
            items: all.collect::<Vec<_>>(),
            onpick: move |name: String| {
                ui.close();
                if let Some(view) = View::named(&name) {
                    ui.go(Place { view, ..place });
                }
            },
        }
    }
}

/// The calendar to jump with, under the heading.
#[component]
pub(crate) fn JumpPopover(anchor: Anchor, today: NaiveDate) -> Element {
    rsx! {
        Popover { anchor, height: 280.0, width: 264.0, name: t!("go-to-date"), below: true, testid: "jump",
            div { class: "popover-body", style: "padding:8px",
                MiniMonth { today, focus: true }
            }
        }
    }
}
