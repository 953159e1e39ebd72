//! The context all components share.

use crate::{
    grid::Dragging,
    settings::Drafts,
    state::{Anchor, Density, Followed, Form, Place, Settled, Theme},
    time::Clock,
};
use almanac_core::Uuid;
use almanac_data::ShellInfo;
use chrono::{NaiveDate, Weekday};
use dioxus::prelude::*;
use std::rc::Rc;

/// What is open beside the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Open {
    /// Nothing.
    #[default]
    Nothing,
    /// An event's popover.
    Peek(Uuid, Anchor),
    /// The small editor of a new event ([`Ui::form`]).
    Draft(Anchor),
    /// The full editor ([`Ui::form`]).
    Editor,
    /// The sync panel.
    Sync(Anchor),
    /// The account's menu.
    Account(Anchor),
    /// The menu of views.
    Views(Anchor),
    /// A calendar to jump with.
    Jump(Anchor),
    /// All events of a date that has too many for its cell.
    Date(NaiveDate, Anchor),
}

/// A dialog over everything.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Dialog {
    /// A new calendar, or this one.
    Calendar(Option<Uuid>),
    /// What becomes of this calendar's events?
    DeleteCalendar(Uuid),
    /// So many rows would be lost by signing out.
    SignOut(usize),
    /// The keys.
    Keys,
    /// The session has ended; or, without an account, one is wanted.
    SignIn,
    /// The account's password, and its end.
    Account,
    /// Leave this account for another one?
    Switch,
    /// Empty the calendar made without an account?
    EraseLocal,
    /// Search, commands, an event in words.
    Palette,
    /// The settings, opened at a section.
    Settings(crate::settings::Section),
}

/// See the module. Copy it into event handlers.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Ui {
    /// Dates shown.
    pub(crate) place: Signal<Place>,
    /// The shell, for its clock; none in the gallery.
    pub(crate) shell: CopyValue<Option<ShellInfo>>,
    /// The next place takes the present one's address instead of a new one.
    pub(crate) quiet: CopyValue<bool>,
    /// How far the time grid is scrolled, minutes of the day at its top; none before it was.
    pub(crate) scroll: CopyValue<Option<f64>>,
    /// How far lists are scrolled, px; see [`super::use_scroll`].
    pub(crate) tops: CopyValue<Vec<(Place, f64)>>,
    /// Whether the focus is in what is shown of the place.
    pub(crate) in_main: CopyValue<bool>,
    /// Whether what is shown is scrolled to its upper end.
    pub(crate) at_top: CopyValue<bool>,
    /// A finger has just come down on the heads of the days, which stand at the upper end however far is scrolled.
    pub(crate) on_head: CopyValue<bool>,
    /// A drag was let be while the pointer is still down: letting it go is no click on what lies below.
    pub(crate) no_click: CopyValue<bool>,
    /// The last change, for screen readers.
    pub(crate) said: Signal<String>,
    /// What was typed into editors that were closed without saving, each with what stood there before; the newest last.
    pub(crate) kept: Signal<Vec<(Form, Form)>>,
    /// What was saved last, and the number of the command that does it: it may come back as not saved.
    pub(crate) saved: CopyValue<Option<((Form, Form), u32)>>,
    /// What was typed on the pages of the settings and is not saved.
    pub(crate) drafts: Signal<Drafts>,
    /// Light, dark or the system's.
    pub(crate) theme: Signal<Theme>,
    /// How much room an hour has.
    pub(crate) density: Signal<Density>,
    /// What is open.
    pub(crate) open: Signal<Open>,
    /// The event whose popover is open. Each event on the screen reads it: not everything that opens is news to all of them.
    pub(crate) peeked: Memo<Option<Uuid>>,
    /// What stands in the editor, and what stood in it when it was opened.
    pub(crate) form: Signal<Option<(Form, Form)>>,
    /// A dialog.
    pub(crate) dialog: Signal<Option<Dialog>>,
    /// The event with the focus.
    pub(crate) chosen: Signal<Option<Uuid>>,
    /// Whether the rail is folded away; on phones whether it is open.
    pub(crate) rail_turned: Signal<bool>,
    /// A drag under way.
    pub(crate) drag: Signal<Option<Dragging>>,
    /// The event being dragged, once it has moved.
    pub(crate) dragged: Signal<Option<Uuid>>,
    /// A drop or a new event that waits for the database.
    pub(crate) settled: Signal<Option<Settled>>,
    /// Size of the window, px.
    pub(crate) window: Signal<(f64, f64)>,
    /// An event with the focus, moved by a key; none once anything else of the page has the focus, or another key was pressed.
    pub(crate) follow: CopyValue<Option<Followed>>,
    /// Raised to give the keyboard back to the page.
    pub(crate) refocus: Signal<u32>,
    /// What to give the focus back to when the popover closes.
    pub(crate) opener: Signal<Option<Rc<MountedData>>>,
    /// The tag of the language chosen on this device; none follows the system.
    pub(crate) language: Signal<Option<String>>,
    /// Zone and hours.
    pub(crate) clock: Memo<Clock>,
    /// First weekday.
    pub(crate) first: Memo<Weekday>,
    /// Whether nobody is signed in and the calendar made without an account is shown.
    pub(crate) local: Memo<bool>,
}

/// The context.
pub(crate) fn use_ui() -> Ui {
    use_context()
}

/// Narrower windows get the phone's layout, as in the style. Px.
const PHONE: f64 = 720.0;

impl Ui {
    /// Whether the phone's layout is shown.
    pub(crate) fn is_phone(self) -> bool {
        self.window.peek().0 < PHONE
    }

    /// Shows the place.
    pub(crate) fn go(mut self, place: Place) {
        // What has the focus in there may go: then the keys would be dead.
        if *self.in_main.peek() && *self.place.peek() != place {
            self.refocus += 1;
            // What leaves the page says nothing of having lost it.
            self.chosen.set(None);
        }
        // Nor is an event followed that a key has moved off the page.
        self.follow.set(None);
        self.place.set(place);
    }

    /// Shows the place without a step to go back from.
    pub(crate) fn go_in_place(mut self, place: Place) {
        if *self.place.peek() != place {
            self.quiet.set(true);
            self.place.set(place);
        }
    }

    /// The event that has the focus is moved by a key.
    pub(crate) fn follow(mut self, followed: Option<Followed>) {
        self.follow.set(followed);
    }

    /// Something has got the focus.
    pub(crate) fn focus_came(self) {
        let follow = *self.follow.peek();
        if follow.is_some_and(|followed| *self.chosen.peek() != Some(followed.id)) {
            self.follow(None);
        }
    }

    /// What is shown was scrolled.
    pub(crate) fn scrolled(mut self, event: &ScrollEvent) {
        self.at_top.set(event.scroll_top() <= 0.0);
    }

    /// Shows what was done before it is written; none: as the database has it.
    pub(crate) fn settle(mut self, settled: Option<Settled>) {
        self.settled.set(settled);
    }

    /// Tells screen readers of a change.
    pub(crate) fn say(mut self, words: String) {
        self.said.set(words);
    }

    /// The event has got or lost the focus.
    pub(crate) fn choose(mut self, id: Uuid, has: bool) {
        if has {
            self.chosen.set(Some(id));
        } else if *self.chosen.peek() == Some(id) {
            self.chosen.set(None);
        }
    }

    /// The event that keys are about: the one with the open popover, else the one with the focus.
    pub(crate) fn subject(self) -> Option<Uuid> {
        match *self.open.peek() {
            Open::Peek(id, _) => Some(id),
            _ => *self.chosen.peek(),
        }
    }

    /// [`Self::subject`] is not on the page any more.
    pub(crate) fn lose_subject(mut self) {
        self.chosen.set(None);
        if matches!(*self.open.peek(), Open::Peek(..)) {
            self.opener.set(None);
            self.open.set(Open::Nothing);
            // Of an editor that the popover has covered.
            self.keep_typed();
        }
        if *self.open.peek() == Open::Nothing {
            self.refocus += 1;
        }
    }

    /// Opens an event's popover beside it.
    pub(crate) fn peek(mut self, id: Uuid, anchor: Anchor, opener: Option<Rc<MountedData>>) {
        self.opener.set(opener);
        self.open.set(Open::Peek(id, anchor));
    }

    /// Opens the small editor of a new event.
    pub(crate) fn draft(mut self, form: Form, anchor: Anchor) {
        self.keep_typed();
        self.opener.set(None);
        self.form.set(Some((form.clone(), form)));
        self.open.set(Open::Draft(anchor));
    }

    /// Opens the full editor.
    pub(crate) fn edit(mut self, form: Form) {
        self.keep_typed();
        self.form.set(Some((form.clone(), form)));
        self.open.set(Open::Editor);
    }

    /// Changes what stands in the editor.
    pub(crate) fn with_form(mut self, change: impl FnOnce(&mut Form)) {
        if let Some((form, _)) = self.form.write().as_mut() {
            change(form);
        }
    }

    /// Goes from the small editor to the full one with what was typed.
    pub(crate) fn more(mut self) {
        self.open.set(Open::Editor);
    }

    /// Opens a panel, or closes it if it is the open one.
    pub(crate) fn toggle(mut self, what: Open, opener: Option<Rc<MountedData>>) {
        if std::mem::discriminant(&*self.open.peek()) == std::mem::discriminant(&what) {
            self.close();
        } else {
            self.opener.set(opener);
            self.open.set(what);
        }
    }

    /// Opens something about the place of a click: the focus comes back to the page.
    pub(crate) fn open_at(mut self, what: Open) {
        self.opener.set(None);
        self.open.set(what);
    }

    /// A date was picked: the calendar to jump with has done its work.
    pub(crate) fn leave_jump(self) {
        if matches!(*self.open.peek(), Open::Jump(_)) {
            self.close();
        }
    }

    /// Closes what is open and gives the focus back.
    pub(crate) fn close(mut self) {
        if *self.open.peek() == Open::Nothing {
            return;
        }
        self.open.set(Open::Nothing);
        self.keep_typed();
        self.give_focus_back();
    }

    /// Puts the editor's form away. With something typed into it, it is kept and offered again.
    pub(crate) fn keep_typed(mut self) {
        if let Some((form, before)) = self.form.take()
            && form.has_typed(&before)
        {
            self.kept.push((form, before));
        }
    }

    /// The form was saved by this command, if there was anything to save: nothing of it is offered again, unless
    /// [`Self::not_saved`] says so.
    pub(crate) fn close_saved(mut self, command: Option<u32>) {
        self.saved.set(self.form.take().zip(command));
        self.close();
    }

    /// What this command was to write could not be kept. Was it what was saved last, that is offered again.
    pub(crate) fn not_saved(mut self, command: Option<u32>) {
        let saved = self.saved.write().take_if(|(_, number)| Some(*number) == command);
        if let Some((form, _)) = saved {
            self.kept.push(form);
        }
    }

    /// Opens again what was kept last.
    pub(crate) fn take_up(mut self) {
        let kept = self.kept.write().pop();
        if kept.is_some() {
            self.keep_typed();
            self.opener.set(None);
            self.form.set(kept);
            self.open.set(Open::Editor);
        }
    }

    /// Closes what is open about an event that is about to go: the page gets the focus. What was typed into it goes with
    /// it, what was typed into another one does not.
    pub(crate) fn close_for_good(mut self, id: Uuid) {
        self.opener.set(None);
        self.open.set(Open::Nothing);
        if self.form.peek().as_ref().is_some_and(|(form, _)| form.id == Some(id)) {
            self.form.set(None);
        }
        self.keep_typed();
        self.refocus += 1;
    }

    /// Closes the dialog and gives the focus back.
    pub(crate) fn close_dialog(mut self) {
        self.dialog.set(None);
        self.give_focus_back();
    }

    /// Ends a drag without a change. Whether there was one.
    pub(crate) fn cancel_drag(mut self) -> bool {
        self.dragged.set(None);
        let was = self.drag.take().is_some_and(|dragging| dragging.active);
        if was {
            self.no_click.set(true);
        }
        was
    }

    /// The focus goes to what opened the popover, else to the page, so that keys go on working.
    pub(crate) fn give_focus_back(mut self) {
        match self.opener.take() {
            // Not a task of the caller: that is the popover, about to go.
            Some(opener) => drop(dioxus::core::spawn_forever(async move {
                // Gone when the event was deleted: then the page has it.
                if opener.set_focus(true).await.is_err() {
                    self.refocus += 1;
                }
            })),
            None => self.refocus += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gallery::{Gallery, GalleryProps, Screen};

    /// With the full editor of an event open.
    fn in_the_editor(test: impl FnOnce(Ui)) {
        let props = GalleryProps { screen: Screen::Editor, twelve: false, width: 1440.0 };
        let mut dom = VirtualDom::new_with_props(Gallery, props);
        dom.rebuild_in_place();
        let scopes = (0..).map(ScopeId).take_while(|scope| dom.get_scope(*scope).is_some());
        let below = scopes.filter(|scope| dom.in_scope(*scope, try_consume_context::<Ui>).is_some()).last();
        dom.in_scope(below.unwrap(), || test(consume_context()));
    }

    #[test]
    fn deleting_an_event_keeps_what_was_typed_into_another() {
        in_the_editor(|ui| {
            ui.with_form(|form| form.notes = "bring cake".into());
            let other = Uuid::from_u128(999);
            ui.peek(other, Anchor { x: 0.0, y: 0.0, width: 0.0, height: 0.0 }, None);
            ui.close_for_good(other);
            let kept: Vec<_> = ui.kept.peek().iter().map(|(form, _)| form.notes.clone()).collect();
            assert_eq!(kept, ["bring cake"]);
            assert!(ui.form.peek().is_none());
        });
    }

    #[test]
    fn deleting_an_event_forgets_what_was_typed_into_it() {
        in_the_editor(|ui| {
            ui.with_form(|form| form.notes = "bring cake".into());
            let id = ui.form.peek().as_ref().and_then(|(form, _)| form.id).unwrap();
            ui.close_for_good(id);
            assert!(ui.kept.peek().is_empty() && ui.form.peek().is_none());
        });
    }

    #[test]
    fn only_a_drag_let_be_takes_the_click_that_follows() {
        in_the_editor(|mut ui| {
            let start = "2026-11-18T13:00:00Z".parse().unwrap();
            let mut press = Dragging {
                kind: crate::layout::DragKind::Create,
                shown: None,
                before: crate::layout::Moved { start, minutes: 0 },
                all_day: false,
                whole: false,
                origin: (100.0, 100.0),
                at: (100.0, 100.0),
                ground: None,
                active: false,
                copy: false,
                waits: false,
            };
            ui.drag.set(Some(press.clone()));
            assert!(!ui.cancel_drag() && !*ui.no_click.peek(), "a press that has not travelled");
            press.follow((100.0, 160.0));
            ui.drag.set(Some(press));
            assert!(ui.cancel_drag() && *ui.no_click.peek());
        });
    }

    #[test]
    fn what_was_saved_is_offered_again_only_if_just_that_was_not_saved() {
        in_the_editor(|ui| {
            ui.with_form(|form| form.notes = "bring cake".into());
            ui.close_saved(Some(7));
            ui.not_saved(Some(9));
            ui.not_saved(None);
            assert!(ui.kept.peek().is_empty(), "another write has failed");
            ui.not_saved(Some(7));
            ui.not_saved(Some(7));
            let kept: Vec<_> = ui.kept.peek().iter().map(|(form, _)| form.notes.clone()).collect();
            assert_eq!(kept, ["bring cake"]);
        });
    }

    #[test]
    fn what_was_typed_is_kept_when_an_event_looked_at_goes_away() {
        in_the_editor(|ui| {
            ui.with_form(|form| form.notes = "bring cake".into());
            ui.peek(Uuid::from_u128(999), Anchor { x: 0.0, y: 0.0, width: 0.0, height: 0.0 }, None);
            ui.lose_subject();
            assert_eq!(ui.kept.peek().len(), 1);
        });
    }
}
