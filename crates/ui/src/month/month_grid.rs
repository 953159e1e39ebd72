//! Weeks below each other, under the names of the days: the month, and so many weeks.

use super::week_row::WeekRow;
use crate::{
    grid::{Asked, Measure, Press, use_drags, use_edge},
    i18n::t,
    layout::{DragKind, Moved},
    primitives::moved,
    state::{Anchor, Place, Shown, use_scroll, use_ui},
    time::{weekday, weekday_short, weekdays},
};
use chrono::{DateTime, NaiveDate, Utc};
use dioxus::prelude::*;
use std::rc::Rc;

/// More dates than are ever shown at once.
const MOST: usize = 100;

/// The elements of the dates' cells, for the arrow keys.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    /// Those that came up last.
    elements: CopyValue<Vec<(NaiveDate, Rc<MountedData>)>>,
    wanted: CopyValue<Option<NaiveDate>>,
}

impl Cells {
    /// A cell has come up: it takes the focus if a key has led to it.
    pub(super) fn mounted(mut self, date: NaiveDate, element: Rc<MountedData>) {
        {
            let mut elements = self.elements.write();
            elements.retain(|(other, _)| *other != date);
            if elements.len() >= MOST {
                elements.remove(0);
            }
            elements.push((date, element));
        }
        if *self.wanted.peek() == Some(date) {
            self.focus(date);
        }
    }

    fn focus(mut self, date: NaiveDate) {
        let element = self.elements.peek().iter().find(|(other, _)| *other == date).map(|(_, element)| element.clone());
        self.wanted.set(element.is_none().then_some(date));
        spawn(async move {
            if let Some(element) = element {
                let _ = element.set_focus(true).await;
            }
        });
    }
}

/// Whole weeks; as many events as fit. Of the cells, the date of the place has the Tab key; arrows move it.
#[component]
pub(crate) fn MonthGrid(
    days: Vec<NaiveDate>,
    /// The month whose dates stand out; none where all are alike.
    month: Option<u32>,
    events: Rc<Vec<Shown>>,
    now: DateTime<Utc>,
    /// CSS colour of new events.
    color: String,
    onask: EventHandler<Asked>,
) -> Element {
    let ui = use_ui();
    let first = *ui.first.read();
    let place = *ui.place.read();
    let scroll = use_scroll(Place { date: NaiveDate::MIN, ..place }, true);
    let mut height = use_signal(|| 760.0_f64);
    let cells = use_hook(|| Cells { elements: CopyValue::new(Vec::new()), wanted: CopyValue::new(None) });
    let mut ground = use_signal(|| None::<Rc<MountedData>>);
    let mut scroller = use_signal(|| None::<Rc<MountedData>>);
    let mut names = use_signal(|| None::<Rc<MountedData>>);
    let drags = use_drags(Measure::Weeks { weeks: ground }, &days, onask);
    let edge = use_edge(drags, scroller, names);
    let press = move |(kind, shown, event): (DragKind, Option<Shown>, PointerEvent)| {
        drags.press(Press { kind, shown, whole: true }, &event, now);
    };
    let weeks = days.len() / 7;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "pixels")]
    let rows = ((height() / weeks.max(1) as f64 - 30.0) / 22.0).clamp(1.0, 60.0) as usize;
    rsx! {
        div {
            class: "month",
            role: "grid",
            onmounted: move |event| {
                scroller.set(Some(event.data()));
                scroll.mounted(&event);
            },
            onscroll: move |event| {
                scroll.scrolled(&event);
                drags.scrolled();
            },
            "aria-label": place.spoken(first),
            onkeydown: move |event| {
                let Some(date) = moved(&event.key(), event.modifiers(), place.date, first) else { return };
                // Only from a date's own cell: events in it have the page's keys.
                if ui.chosen.peek().is_some() {
                    return;
                }
                event.prevent_default();
                event.stop_propagation();
                ui.go_in_place(Place { date, ..place });
                cells.focus(date);
            },
            div { class: "month-names", role: "row", onmounted: move |event| names.set(Some(event.data())),
                span { role: "columnheader", class: "month-week-number", span { class: "sr", {t!("week")} } }
                for day in weekdays(first) {
                    span { key: "{day}", role: "columnheader", "aria-label": weekday(day), {weekday_short(day)} }
                }
            }
            div {
                class: "month-weeks",
                role: "rowgroup",
                "aria-label": t!("calendar"),
                onpointermove: move |event| {
                    if drags.follow(&event) {
                        edge.dragged();
                    }
                },
                onpointerup: move |_| drags.release(),
                onpointercancel: move |_| {
                    ui.cancel_drag();
                },
                ontouchmove: move |event| {
                    if drags.is_active() {
                        event.prevent_default();
                    }
                },
                oncontextmenu: move |event| {
                    if ui.drag.peek().is_some() {
                        event.prevent_default();
                    }
                },
                onresize: move |event| {
                    if let Ok(size) = event.get_border_box_size() {
                        height.set(size.height);
                    }
                },
                // The part with the dates, without the numbers of the weeks.
                div { class: "month-ground", role: "presentation", onmounted: move |event| ground.set(Some(event.data())) }
                // Below each other and not by their dates: the rows of another month are the same with other events.
                for week in days.chunks(7) {
                    WeekRow {
                        days: week.to_vec(),
                        month,
                        events: near(&events, week),
                        now,
                        rows,
                        current: week.contains(&place.date).then_some(place.date),
                        onmount: move |(date, element)| cells.mounted(date, element),
                        all: days.clone(),
                        color: color.clone(),
                        onpress: press,
                        onclick: move |(date, anchor): (NaiveDate, Anchor)| {
                            spawn(async move {
                                if drags.clicked((anchor.x, anchor.y)).await.is_some() {
                                    let start = date.and_time(chrono::NaiveTime::MIN).and_utc();
                                    drags.create(Moved { start, minutes: 1440 }, true, anchor);
                                }
                            });
                        },
                    }
                }
            }
        }
    }
}

/// The events that may touch a week, so that a week is drawn again only for its own.
fn near(events: &[Shown], week: &[NaiveDate]) -> Rc<Vec<Shown>> {
    let from = week[0].and_time(chrono::NaiveTime::MIN).and_utc() - chrono::TimeDelta::days(1);
    let to = from + chrono::TimeDelta::days(9);
    let touches = |shown: &&Shown| shown.item.event.start_time < to && shown.item.event.end_time() >= from;
    Rc::new(events.iter().filter(touches).cloned().collect())
}
