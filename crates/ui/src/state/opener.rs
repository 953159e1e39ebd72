//! An event on the screen, whatever its shape: it opens the popover of the event beside itself, and keys know of it.

use super::{Anchor, Open, Ui, use_ui};
use crate::layout::Moved;
use almanac_core::{Uuid, domain::Event};
use dioxus::{
    core::{queue_effect, spawn_forever},
    prelude::*,
};
use std::rc::Rc;

/// What the element of an event does when it comes up, gets the focus or is clicked.
#[derive(Clone, Copy)]
pub(crate) struct Opener {
    ui: Ui,
    id: Uuid,
    times: Moved,
    element: CopyValue<Option<Rc<MountedData>>>,
}

/// An event with the focus that a key moves, and the times it was drawn at last. It takes the focus again where it is drawn at
/// others: until then it may be drawn where it was, as when the server answers for the change before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Followed {
    pub(crate) id: Uuid,
    pub(crate) from: Moved,
}

/// The event whose popover is open.
pub(crate) fn use_peeked(open: Signal<Open>) -> Memo<Option<Uuid>> {
    use_memo(move || match *open.read() {
        Open::Peek(id, _) => Some(id),
        _ => None,
    })
}

/// For the one element that a component draws; the event it shows may become another one.
pub(crate) fn use_opener(event: &Event) -> Opener {
    let ui = use_ui();
    let opener = Opener { ui, id: event.id, times: Moved::of(event), element: use_hook(|| CopyValue::new(None)) };
    // Drawn where a key has moved it, it is another element, or the same one at another place among its neighbours: on the
    // way there it has lost the focus.
    if opener.is_followed() {
        queue_effect(move || opener.follow());
    }
    opener
}

impl Opener {
    /// Whether the popover of the event is open; read while drawing.
    pub(crate) fn is_open(self) -> bool {
        *self.ui.peeked.read() == Some(self.id)
    }

    /// Whether a key has moved the event here.
    fn is_followed(self) -> bool {
        self.ui.follow.peek().is_some_and(|followed| followed.id == self.id && followed.from != self.times)
    }

    /// The element has come up.
    pub(crate) fn mounted(mut self, element: Rc<MountedData>) {
        self.element.set(Some(element));
        self.follow();
    }

    /// Takes the focus if a key has moved the event here; another move may be on its way.
    fn follow(self) {
        if self.is_followed()
            && let Some(element) = self.element.peek().clone()
        {
            self.ui.follow(Some(Followed { id: self.id, from: self.times }));
            // Effects belong to no component.
            spawn_forever(async move {
                let _ = element.set_focus(true).await;
            });
        }
    }

    /// The element has got or lost the focus.
    pub(crate) fn focused(self, has: bool) {
        self.ui.choose(self.id, has);
    }

    /// Opens the popover, and nothing that lies below; `returns`: the focus comes back here when it closes.
    pub(crate) fn clicked(mut self, event: &MouseEvent, returns: bool) {
        event.stop_propagation();
        // Let go of over itself, it was dragged and let be. (In a list that passes nothing is dragged.)
        if returns && self.ui.no_click.replace(false) {
            return;
        }
        let element = self.element.peek().clone();
        spawn(async move {
            let anchor = Anchor::of(element.as_deref()).await;
            self.ui.peek(self.id, anchor, element.filter(|_| returns));
        });
    }
}
