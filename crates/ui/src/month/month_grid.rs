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
use dioxus::{
    core::{queue_effect, spawn_forever},
    prelude::*,
};
use std::rc::Rc;

/// The elements of the dates' cells, for the arrow keys.
#[derive(Clone, Copy)]
struct Cells {
    /// Those drawn, each with the number of its week among the rows.
    elements: CopyValue<Vec<(usize, NaiveDate, Rc<MountedData>)>>,
    /// The date that a key has led to, until its cell has the focus.
    wanted: CopyValue<Option<NaiveDate>>,
}

impl Cells {
    /// A cell has come up.
    fn mounted(mut self, row: usize, date: NaiveDate, element: Rc<MountedData>) {
        self.elements.push((row, date, element));
        self.focus();
    }

    /// These dates are drawn: a cell stays that has its date in the same row still, the others go.
    fn drawn(mut self, days: &[NaiveDate]) {
        self.elements.retain(|(row, date, _)| days.chunks(7).nth(*row).is_some_and(|week| week.contains(date)));
        // The page may have turned by the key: not before that is done.
        if self.wanted.peek().is_some() {
            queue_effect(move || self.focus());
        }
    }

    /// The wanted date's cell takes the focus, if it is there.
    fn focus(mut self) {
        let wanted = *self.wanted.peek();
        let element = self.elements.peek().iter().find(|(_, date, _)| Some(*date) == wanted).map(|each| each.2.clone());
        if let Some(element) = element {
            self.wanted.set(None);
            // Effects belong to no component.
            spawn_forever(async move {
                let _ = element.set_focus(true).await;
            });
        }
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
    let mut cells = use_hook(|| Cells { elements: CopyValue::new(Vec::new()), wanted: CopyValue::new(None) });
    cells.drawn(&days);
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
                cells.wanted.set(Some(date));
                if date == place.date {
                    cells.focus();
                } else {
                    ui.go_in_place(Place { date, ..place });
                }
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
                for (row , week) in days.chunks(7).enumerate() {
                    WeekRow {
                        days: week.to_vec(),
                        month,
                        events: near(&events, week),
                        now,
                        rows,
                        current: week.contains(&place.date).then_some(place.date),
                        onmount: move |(date, element)| cells.mounted(row, date, element),
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
