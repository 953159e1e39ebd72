//! What the keys mean, apart from doing it.

use crate::state::View;
use dioxus::prelude::*;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Today,
    Step(i32),
    View(View),
    Create,
    Edit,
    Delete,
    Undo,
    Redo,
    Close,
    Keys,
    /// Search and commands.
    Palette,
    /// More weeks below each other.
    MoreWeeks,
    /// Asks for a date to go to.
    Jump,
    /// The event again, at the same time.
    Duplicate,
    /// Moves the event with the focus by minutes.
    Move(i64),
    /// Makes it longer or shorter by minutes.
    Stretch(i64),
}

/// The command of a key, if it has one here. Letters count only without modifiers, so that no system key is taken.
pub(crate) fn command(key: &Key, modifiers: Modifiers) -> Option<Command> {
    let strong = modifiers.ctrl() || modifiers.meta();
    let (alt, shift) = (modifiers.alt(), modifiers.shift());
    if strong {
        return match key {
            Key::Character(letter) if letter.eq_ignore_ascii_case("z") && !alt => {
                Some(if shift { Command::Redo } else { Command::Undo })
            }
            Key::Character(letter) if letter.eq_ignore_ascii_case("k") && !alt && !shift => Some(Command::Palette),
            Key::Character(letter) if letter.eq_ignore_ascii_case("y") && !alt && !shift => Some(Command::Redo),
            Key::Character(letter) if letter.eq_ignore_ascii_case("d") && !alt && !shift => Some(Command::Duplicate),
            _ => None,
        };
    }
    if alt {
        return match (key, shift) {
            (Key::ArrowUp, false) => Some(Command::Move(-15)),
            (Key::ArrowDown, false) => Some(Command::Move(15)),
            (Key::ArrowLeft, false) => Some(Command::Move(-1440)),
            (Key::ArrowRight, false) => Some(Command::Move(1440)),
            (Key::ArrowUp, true) => Some(Command::Stretch(-15)),
            (Key::ArrowDown, true) => Some(Command::Stretch(15)),
            (Key::ArrowLeft, true) => Some(Command::Stretch(-1440)),
            (Key::ArrowRight, true) => Some(Command::Stretch(1440)),
            _ => None,
        };
    }
    match key {
        Key::Escape => Some(Command::Close),
        Key::Delete | Key::Backspace => Some(Command::Delete),
        Key::ArrowRight if !shift => Some(Command::Step(1)),
        Key::ArrowLeft if !shift => Some(Command::Step(-1)),
        Key::Character(letter) => match letter.to_lowercase().as_str() {
            "?" => Some(Command::Keys),
            "/" => Some(Command::Palette),
            _ if shift => None,
            "t" => Some(Command::Today),
            "j" => Some(Command::Step(1)),
            "k" => Some(Command::Step(-1)),
            "c" => Some(Command::Create),
            "e" => Some(Command::Edit),
            "1" => Some(Command::View(View::Day)),
            "2" => Some(Command::View(View::ThreeDays)),
            "3" => Some(Command::View(View::Week)),
            "4" => Some(Command::View(View::Month)),
            "5" => Some(Command::View(View::Agenda)),
            "6" => Some(Command::View(View::Year)),
            "7" => Some(Command::MoreWeeks),
            "g" => Some(Command::Jump),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(text: &str, modifiers: Modifiers) -> Option<Command> {
        command(&Key::Character(text.into()), modifiers)
    }

    #[test]
    fn letters_are_commands_only_without_modifiers() {
        assert_eq!(letter("c", Modifiers::empty()), Some(Command::Create));
        assert_eq!(letter("c", Modifiers::CONTROL), None);
        assert_eq!(letter("t", Modifiers::META), None);
        assert_eq!(letter("T", Modifiers::SHIFT), None);
        assert_eq!(letter("?", Modifiers::SHIFT), Some(Command::Keys));
    }

    #[test]
    fn search_has_two_keys() {
        assert_eq!(letter("k", Modifiers::CONTROL), Some(Command::Palette));
        assert_eq!(letter("k", Modifiers::META), Some(Command::Palette));
        assert_eq!(letter("/", Modifiers::SHIFT), Some(Command::Palette), "a German keyboard");
        assert_eq!(letter("k", Modifiers::empty()), Some(Command::Step(-1)));
    }

    #[test]
    fn undo_and_redo_are_the_systems_keys() {
        assert_eq!(letter("z", Modifiers::CONTROL), Some(Command::Undo));
        assert_eq!(letter("Z", Modifiers::CONTROL | Modifiers::SHIFT), Some(Command::Redo));
        assert_eq!(letter("z", Modifiers::META), Some(Command::Undo));
        assert_eq!(letter("d", Modifiers::CONTROL), Some(Command::Duplicate));
    }

    #[test]
    fn alt_and_arrows_move_and_stretch() {
        assert_eq!(command(&Key::ArrowDown, Modifiers::ALT), Some(Command::Move(15)));
        assert_eq!(command(&Key::ArrowLeft, Modifiers::ALT), Some(Command::Move(-1440)));
        assert_eq!(command(&Key::ArrowUp, Modifiers::ALT | Modifiers::SHIFT), Some(Command::Stretch(-15)));
        assert_eq!(command(&Key::ArrowRight, Modifiers::empty()), Some(Command::Step(1)));
    }
}
