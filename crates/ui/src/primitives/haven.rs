//! Where the focus goes when what has it is about to vanish: without any, the keys would be dead.

use dioxus::prelude::*;
use std::rc::Rc;

/// An element that stays. Copy it into event handlers.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Haven(CopyValue<Option<Rc<MountedData>>>);

/// See [`Haven`].
pub(crate) fn use_haven() -> Haven {
    use_hook(Haven::new)
}

impl Haven {
    /// While drawing, in a hook.
    pub(crate) fn new() -> Self {
        Self(CopyValue::new(None))
    }

    /// The element has come up; it needs a `tabindex`.
    pub(crate) fn mounted(mut self, event: &MountedEvent) {
        self.0.set(Some(event.data()));
    }

    /// The focus goes there.
    pub(crate) fn focus(self) {
        if let Some(element) = self.0.peek().clone() {
            spawn(async move {
                let _ = element.set_focus(true).await;
            });
        }
    }
}
