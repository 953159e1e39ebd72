//! Pressing, dragging and letting go, for every grid: by mouse at once, by touch after holding still for a moment, so
//! that fingers go on scrolling.

use super::{
    Asked,
    dragging::{Dragging, Ground},
    why_fixed,
};
use crate::{
    layout::{DragKind, Moved},
    state::{Anchor, Open, Shown, Ui, use_ui},
};
use almanac_data::{Mutations, use_mutations};
use chrono::{DateTime, NaiveDate, Utc};
use dioxus::{
    html::{geometry::PixelsRect, input_data::MouseButton},
    prelude::*,
};
use std::{rc::Rc, time::Duration};

/// A finger held still so long drags.
const HOLD: Duration = Duration::from_millis(420);

/// The elements that say where days and hours are in the window.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Measure {
    /// Columns of days, under a head with the lane.
    Days { columns: Signal<Option<Rc<MountedData>>>, head: Signal<Option<Rc<MountedData>>> },
    /// Rows of weeks.
    Weeks { weeks: Signal<Option<Rc<MountedData>>> },
}

impl Measure {
    async fn rect(element: Signal<Option<Rc<MountedData>>>) -> Option<PixelsRect> {
        let element = element.peek().clone()?;
        element.get_client_rect().await.ok()
    }

    pub(crate) async fn ground(self) -> Option<Ground> {
        match self {
            Self::Days { columns, head } => {
                let first = Self::rect(columns).await?;
                let head = Self::rect(head).await?.max_y();
                Some(Ground::Days { first, now: first, head })
            }
            Self::Weeks { weeks } => {
                let first = Self::rect(weeks).await?;
                Some(Ground::Weeks { first, now: first })
            }
        }
    }
}

/// What was pressed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Press {
    pub(crate) kind: DragKind,
    /// The event; none on free room.
    pub(crate) shown: Option<Shown>,
    /// In the lane or the month, where there are dates but no hours.
    pub(crate) whole: bool,
}

/// Drags of one grid. Copy it into its handlers.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Drags {
    ui: Ui,
    measure: Measure,
    days: Signal<Vec<NaiveDate>>,
    /// Something was open when the pointer went down: then the click only closes it.
    only_closes: Signal<bool>,
    /// Counts presses, so that a clock of an earlier one does nothing.
    presses: Signal<u32>,
    onask: EventHandler<Asked>,
    mutations: Mutations,
}

/// The drags of a grid that shows `days`.
pub(crate) fn use_drags(measure: Measure, days: &[NaiveDate], onask: EventHandler<Asked>) -> Drags {
    let (ui, mutations) = (use_ui(), use_mutations());
    // Read by handlers that outlive this drawing.
    let mut shown = use_signal(|| days.to_vec());
    if *shown.peek() != days {
        shown.set(days.to_vec());
    }
    let (only_closes, presses) = (use_signal(|| false), use_signal(|| 0));
    Drags { ui, measure, days: shown, only_closes, presses, onask, mutations }
}

impl Drags {
    /// A pointer has gone down.
    pub(crate) fn press(self, press: Press, event: &PointerEvent, now: DateTime<Utc>) {
        let Self { ui, measure, mut only_closes, mut presses, .. } = self;
        let mut drag = ui.drag;
        only_closes.set(*ui.open.peek() != Open::Nothing);
        // An event's edge and body, pressed before the column, have spoken.
        if drag.peek().is_some() || event.trigger_button() != Some(MouseButton::Primary) {
            return;
        }
        let touch = event.pointer_type() == "touch";
        let at = event.client_coordinates();
        let before = press.shown.as_ref().map_or(Moved { start: now, minutes: 0 }, |shown| Moved {
            start: shown.item.event.start_time,
            minutes: shown.item.event.duration,
        });
        let id = press.shown.as_ref().map(Shown::id);
        drag.set(Some(Dragging {
            kind: press.kind,
            all_day: press.shown.as_ref().map_or(press.whole, |shown| shown.item.event.all_day),
            shown: press.shown,
            whole: press.whole,
            before,
            origin: (at.x, at.y),
            at: (at.x, at.y),
            ground: None,
            active: false,
            copy: event.modifiers().alt(),
            waits: touch,
        }));
        presses += 1;
        let this = *presses.peek();
        spawn(async move {
            let Some(ground) = measure.ground().await else { return };
            if let Some(dragging) = drag.write().as_mut() {
                dragging.ground = Some(ground);
            }
        });
        if touch {
            spawn(async move {
                let Some(info) = ui.shell.peek().clone() else { return };
                info.sleep(HOLD).await;
                let still = *presses.peek() == this && drag.peek().as_ref().is_some_and(|dragging| dragging.waits);
                if still {
                    if let Some(dragging) = drag.write().as_mut() {
                        dragging.waits = false;
                        dragging.active = true;
                    }
                    if self.says_why_not() {
                        return;
                    }
                    let mut dragged = ui.dragged;
                    dragged.set(id);
                }
            });
        }
    }

    /// The pointer has moved. Whether something is being dragged.
    pub(crate) fn follow(self, event: &PointerEvent) -> bool {
        let ui = self.ui;
        let mut drag = ui.drag;
        if drag.peek().is_none() {
            return false;
        }
        let at = event.client_coordinates();
        let gone = event.held_buttons().is_empty();
        let scrolls = drag.peek().as_ref().is_some_and(|dragging| dragging.waits && dragging.travelled((at.x, at.y)));
        if gone || scrolls {
            // Let go outside of the window; or a finger that did not wait: it scrolls or swipes.
            ui.cancel_drag();
            return false;
        }
        let mut dragged = ui.dragged;
        if let Some(dragging) = drag.write().as_mut() {
            dragging.follow((at.x, at.y));
            dragging.copy = event.modifiers().alt();
        }
        if self.says_why_not() {
            return false;
        }
        if let Some(dragging) = &*drag.peek() {
            let id = dragging.shown.as_ref().map(Shown::id).filter(|_| !dragging.copy);
            if dragging.active && *dragged.peek() != id {
                dragged.set(id);
            }
        }
        self.is_active()
    }

    /// Lets a drag be of what the person may not move, and says why; a copy is theirs to make.
    fn says_why_not(self) -> bool {
        let fixed = self.ui.drag.peek().as_ref().and_then(|dragging| {
            let moves = dragging.active && !dragging.copy;
            dragging.shown.as_ref().filter(|_| moves).and_then(why_fixed)
        });
        let Some(why) = fixed else { return false };
        self.ui.cancel_drag();
        self.mutations.say(why);
        true
    }

    /// Whether something is being dragged: then the page must not scroll under it.
    pub(crate) fn is_active(self) -> bool {
        self.ui.drag.peek().as_ref().is_some_and(|dragging| dragging.active)
    }

    /// How high in the window something is dragged over what scrolls: the hours, under a head that ends at `head`, or
    /// weeks.
    pub(crate) fn height_over_grid(self, head: f64) -> Option<f64> {
        let drag = self.ui.drag.peek();
        let scrolls =
            |dragging: &Dragging| matches!(self.measure, Measure::Weeks { .. }) || !dragging.is_over_lane(head);
        let dragging = drag.as_ref().filter(|dragging| dragging.active && scrolls(dragging))?;
        Some(dragging.at.1)
    }

    /// The grid was scrolled under the pointer.
    pub(crate) fn scrolled(self) {
        let mut drag = self.ui.drag;
        if !self.is_active() {
            return;
        }
        spawn(async move {
            let Some(Ground::Days { first: rect, .. } | Ground::Weeks { first: rect, .. }) =
                self.measure.ground().await
            else {
                return;
            };
            if let Some(Dragging { ground: Some(Ground::Days { now, .. } | Ground::Weeks { now, .. }), .. }) =
                drag.write().as_mut()
            {
                *now = rect;
            }
        });
    }

    /// The pointer was let go: what was dragged becomes a question to the page.
    pub(crate) fn release(self) {
        let Self { mut ui, days, onask, .. } = self;
        let Some(dragging) = ui.drag.take() else { return };
        ui.dragged.set(None);
        let days = days.peek();
        let zone = ui.clock.peek().zone;
        let Some(drag) = dragging.on_grid(&days).filter(|_| dragging.active) else { return };
        let (moved, all_day) = drag.result(zone);
        match &dragging.shown {
            Some(shown) if dragging.copy => onask.call(Asked::Copy(shown.id(), moved, all_day)),
            Some(shown) if (moved, all_day) != (dragging.before, dragging.all_day) => {
                onask.call(Asked::Change { id: shown.id(), moved, all_day, before: dragging.before });
            }
            Some(_) => {}
            None => {
                let Some(ground) = dragging.ground else { return };
                onask.call(Asked::Create(moved, all_day, ground.anchor(moved, all_day, dragging.at, &days, zone)));
            }
        }
    }

    /// A click on free room; none if it only closed what was open or let go of a drag, or the room is not there.
    pub(crate) async fn clicked(mut self, at: (f64, f64)) -> Option<(crate::layout::Spot, Ground, Vec<NaiveDate>)> {
        if self.ui.no_click.replace(false) || *self.only_closes.peek() {
            return None;
        }
        let ground = self.measure.ground().await?;
        let days = self.days.peek().clone();
        Some((ground.spot(at, &days)?, ground, days))
    }

    /// Begins a new event with a popover beside the anchor.
    pub(crate) fn create(self, moved: Moved, all_day: bool, anchor: Anchor) {
        self.onask.call(Asked::Create(moved, all_day, anchor));
    }
}
