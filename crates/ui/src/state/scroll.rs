//! How far lists are scrolled: who goes elsewhere and comes back finds what they looked at. (The hours keep theirs in
//! [`Ui::scroll`], as a time of day.)

use super::{Place, Ui, use_ui};
use dioxus::{html::geometry::PixelsVector2D, prelude::*};
use std::{rc::Rc, time::Duration};

/// The scrolling of one list's element.
#[derive(Clone, Copy)]
pub(crate) struct Scroll {
    ui: Ui,
    element: CopyValue<Option<Rc<MountedData>>>,
    /// The list, and whether what it shows has been read.
    list: CopyValue<(Place, bool)>,
    /// The list whose scrolling the element has; none until what stands in it has been read.
    shown: CopyValue<Option<Place>>,
}

/// `list` names what is shown: another one begins where it was left, or at its top. `read`: what it shows has been read,
/// so that it is as high as it will be.
pub(crate) fn use_scroll(list: Place, read: bool) -> Scroll {
    let ui = use_ui();
    let mut scroll = use_hook(|| Scroll {
        ui,
        element: CopyValue::new(None),
        list: CopyValue::new((list, read)),
        shown: CopyValue::new(None),
    });
    scroll.list.set((list, read));
    scroll.show();
    scroll
}

impl Scroll {
    /// Goes to where the list was left, once.
    fn show(mut self) {
        let (list, read) = *self.list.peek();
        if *self.shown.peek() == Some(list) {
            return;
        }
        let element = self.element.peek().clone().filter(|_| read);
        self.shown.set(element.is_some().then_some(list));
        if let Some(element) = element {
            let top = self.ui.tops.peek().iter().rfind(|(place, _)| *place == list).map_or(0.0, |(_, top)| *top);
            let ui = self.ui;
            spawn(async move {
                // Its turn comes when what is being drawn stands there.
                let Some(info) = ui.shell.peek().clone() else { return };
                info.sleep(Duration::ZERO).await;
                let _ = element.scroll(PixelsVector2D::new(0.0, top), ScrollBehavior::Instant).await;
            });
        }
    }

    /// The element has come up.
    pub(crate) fn mounted(mut self, event: &MountedEvent) {
        self.element.set(Some(event.data()));
        self.show();
    }

    /// It was scrolled.
    pub(crate) fn scrolled(self, event: &ScrollEvent) {
        self.ui.scrolled(event);
        let Some(list) = *self.shown.peek() else { return };
        let mut tops = self.ui.tops;
        let mut tops = tops.write();
        // Who scrolls does so many times in a row.
        tops.pop_if(|(place, _)| *place == list);
        tops.push((list, event.scroll_top()));
    }
}
