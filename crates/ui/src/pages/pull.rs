//! On phones, pulling the calendar down asks the server at once; what has come of it stands there for a moment.
//!
//! A pull begins with one finger where nothing can be scrolled down to: at the upper end of a list or of the hours, on
//! the heads of the days, anywhere in a month.

use crate::{i18n::t, state::Ui, sync::words};
use almanac_core::engine::Status;
use almanac_data::{Mutations, use_mutations};
use chrono::{DateTime, Utc};
use dioxus::prelude::*;
use std::time::Duration;

/// So far, px, a finger must come down.
const FAR: f64 = 72.0;
/// So long the outcome is told.
const TOLD: Duration = Duration::from_secs(3);

/// How far a pull is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Stage {
    /// There is none.
    #[default]
    None,
    /// Let go now, nothing happens.
    Begun,
    /// Let go now, it syncs.
    Far,
    /// The server is being asked.
    Told,
}

/// Where a finger came down.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Start {
    at: (f64, f64),
    /// On what does not scroll: hours that still run from the flick before end no pull.
    on_head: bool,
}

/// The stage of a finger that came from one place to another; what goes to the side or up is none.
fn stage(from: (f64, f64), to: (f64, f64)) -> Stage {
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    match y {
        _ if y < 12.0 || y < 2.0 * x.abs() => Stage::None,
        _ if y < FAR => Stage::Begun,
        _ => Stage::Far,
    }
}

/// See the module. Copy it into event handlers.
#[derive(Clone, Copy)]
pub(super) struct Pull {
    ui: Ui,
    mutations: Mutations,
    from: CopyValue<Option<Start>>,
    stage: Signal<Stage>,
    /// Counts pulls, so that the clock of an earlier one ends nothing.
    pulls: CopyValue<u32>,
}

/// Of the calendar's one page.
pub(super) fn use_pull(ui: Ui) -> Pull {
    let mutations = use_mutations();
    let stage = use_signal(Stage::default);
    let (from, pulls) = use_hook(|| (CopyValue::new(None), CopyValue::new(0)));
    Pull { ui, mutations, from, stage, pulls }
}

impl Pull {
    fn place(event: &TouchEvent) -> Option<(f64, f64)> {
        let touches = event.touches();
        let [touch] = &touches[..] else { return None };
        let at = touch.client_coordinates();
        Some((at.x, at.y))
    }

    fn show(mut self, stage: Stage) {
        if *self.stage.peek() != stage {
            self.stage.set(stage);
        }
    }

    /// A finger has come down.
    pub(super) fn begin(mut self, event: &TouchEvent) {
        let on_head = self.ui.on_head.replace(false);
        let may = self.ui.is_phone() && !*self.ui.local.peek() && (on_head || *self.ui.at_top.peek());
        self.from.set(Self::place(event).filter(|_| may).map(|at| Start { at, on_head }));
    }

    /// It has moved.
    pub(super) fn follow(mut self, event: &TouchEvent) {
        let Some(Start { at: from, on_head }) = *self.from.peek() else { return };
        // What is dragged, or scrolled meanwhile, is no pull; nor are two fingers.
        let dragged = self.ui.drag.peek().as_ref().is_some_and(|dragging| dragging.active);
        match Self::place(event).filter(|_| !dragged && (on_head || *self.ui.at_top.peek())) {
            Some(at) => self.show(stage(from, at)),
            None => {
                self.from.set(None);
                self.show(Stage::None);
            }
        }
    }

    /// It was taken away, or the system has taken it.
    pub(super) fn end(mut self, cancelled: bool) {
        if self.from.take().is_none() {
            return;
        }
        if cancelled || *self.stage.peek() != Stage::Far {
            return self.show(Stage::None);
        }
        self.mutations.sync_now();
        self.show(Stage::Told);
        self.pulls += 1;
        let this = *self.pulls.peek();
        spawn(async move {
            let Some(info) = self.ui.shell.peek().clone() else { return };
            info.sleep(TOLD).await;
            if *self.pulls.peek() == this && *self.stage.peek() == Stage::Told {
                self.show(Stage::None);
            }
        });
    }

    /// What stands over the calendar meanwhile.
    pub(super) fn view(self, status: &Status, now: DateTime<Utc>) -> Element {
        let stage = *self.stage.read();
        let words = match stage {
            Stage::None => return rsx! {},
            Stage::Begun => t!("pull").to_owned(),
            Stage::Far => t!("pull-let-go").to_owned(),
            Stage::Told => words(status, *self.ui.clock.read(), now).long,
        };
        rsx! {
            div { class: "pull", role: "status", "data-testid": "pull", "data-far": (stage != Stage::Begun).then_some(""), "{words}" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_far_enough_and_straight_down_it_is_a_pull() {
        let from = (200.0, 100.0);
        assert_eq!(stage(from, (200.0, 105.0)), Stage::None, "a tap");
        assert_eq!(stage(from, (205.0, 140.0)), Stage::Begun);
        assert_eq!(stage(from, (190.0, 180.0)), Stage::Far);
        assert_eq!(stage(from, (120.0, 180.0)), Stage::None, "a swipe");
        assert_eq!(stage(from, (200.0, 20.0)), Stage::None, "scrolls");
    }
}
