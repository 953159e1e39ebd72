//! A button with words. The browser's own: Tab reaches it, Enter and the space bar press it.
//!
//! One that cannot be pressed now is never `disabled`: it would lose the focus where it stands, and nobody could ask it
//! for the reason. It keeps its place, tells the reason, and does nothing.
//!
//! It is a function and no component: there are fifty buttons, and the properties of each would be compiled anew.

use super::{Icon, Shape};
use dioxus::prelude::*;

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Look {
    /// Words only, beside a louder one.
    #[default]
    Plain,
    /// With a line around it.
    Line,
    /// What most people are about to do.
    Main,
    /// What takes something away.
    Danger,
}

/// What a button shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Face {
    words: &'static str,
    look: Look,
    shape: Option<Shape>,
    busy: bool,
    why_not: Option<String>,
    submit: bool,
    wide: bool,
    hint: Option<&'static str>,
    testid: Option<&'static str>,
}

impl Face {
    pub(crate) fn new(look: Look, words: &'static str) -> Self {
        Self { words, look, ..Self::default() }
    }

    pub(crate) fn plain(words: &'static str) -> Self {
        Self::new(Look::Plain, words)
    }

    pub(crate) fn line(words: &'static str) -> Self {
        Self::new(Look::Line, words)
    }

    pub(crate) fn main(words: &'static str) -> Self {
        Self::new(Look::Main, words)
    }

    pub(crate) fn danger(words: &'static str) -> Self {
        Self::new(Look::Danger, words)
    }

    /// With an icon before the words.
    pub(crate) fn shape(self, shape: Shape) -> Self {
        Self { shape: Some(shape), ..self }
    }

    /// It sends the form it stands in.
    pub(crate) fn submit(self) -> Self {
        Self { submit: true, ..self }
    }

    /// As wide as what it stands in.
    pub(crate) fn wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// What it does is under way.
    pub(crate) fn busy(self, busy: bool) -> Self {
        Self { busy, ..self }
    }

    /// It cannot be pressed now, for this reason.
    pub(crate) fn unless(self, why_not: Option<String>) -> Self {
        Self { why_not, ..self }
    }

    /// The key that does the same.
    pub(crate) fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    /// The name that tests know it by.
    pub(crate) fn testid(self, testid: &'static str) -> Self {
        Self { testid: Some(testid), ..self }
    }
}

/// See the module.
pub(crate) fn button(face: Face, onclick: impl FnMut(MouseEvent) + 'static) -> Element {
    drawn(face, Box::new(onclick))
}

fn drawn(face: Face, mut onclick: Box<dyn FnMut(MouseEvent)>) -> Element {
    let cannot = face.busy || face.why_not.is_some();
    let look = match face.look {
        Look::Plain => "",
        Look::Line => "btn-line",
        Look::Main => "btn-main",
        Look::Danger => "btn-danger",
    };
    let wide = if face.wide { " btn-wide" } else { "" };
    rsx! {
        button {
            r#type: if face.submit { "submit" } else { "button" },
            class: "btn {look}{wide}",
            title: face.why_not.or_else(|| face.hint.map(str::to_owned)),
            "data-testid": face.testid,
            "aria-disabled": cannot.then_some("true"),
            "aria-busy": face.busy.then_some("true"),
            onclick: move |event| {
                if cannot {
                    // Nor does the form go, also not by Enter in a field: browsers press its button for that.
                    event.prevent_default();
                } else {
                    onclick(event);
                }
            },
            if let Some(shape) = face.shape {
                Icon { shape }
            }
            {face.words}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(element: fn() -> Element) -> String {
        let mut dom = VirtualDom::new(element);
        dom.rebuild_in_place();
        dioxus_ssr::render(&dom)
    }

    #[test]
    fn it_is_a_button_of_the_browser_and_sends_no_form_unless_told_to() {
        let plain = drawn(|| rsx! { {button(Face::plain("Cancel"), |_| {})} });
        assert!(plain.contains("type=\"button\""), "{plain}");
        assert!(!plain.contains("aria-disabled") && !plain.contains("title"), "{plain}");
        let main = drawn(|| rsx! { {button(Face::main("Save").submit().wide().hint("Ctrl+Enter"), |_| {})} });
        assert!(main.contains("type=\"submit\"") && main.contains("btn btn-main btn-wide"), "{main}");
        assert!(main.contains("title=\"Ctrl+Enter\""), "{main}");
    }

    #[test]
    fn one_that_cannot_be_pressed_keeps_the_focus_and_says_why() {
        let drawn = drawn(|| {
            let face = Face::main("Save").hint("Ctrl+Enter").unless(Some("Give it a name.".to_owned()));
            rsx! { {button(face, |_| {})} }
        });
        assert!(drawn.contains("aria-disabled=\"true\"") && drawn.contains("title=\"Give it a name.\""), "{drawn}");
        assert!(!drawn.contains(" disabled"), "{drawn}");
    }
}
