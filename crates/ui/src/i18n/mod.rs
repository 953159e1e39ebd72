//! The one place where words are looked up: `t!("key")`, or `t!("key", count = n)` for a message with variables.
//!
//! The words stand in `i18n/*.ftl` (Fluent) and are compiled in by `build.rs`; a key that no file has, a variable that is
//! missing or not asked for, does not compile. The language is the thread's: an app has one thread that draws.

mod locale;

pub(crate) use locale::{Language, Locale};

use std::cell::{Cell, OnceCell};

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

/// The value of a variable.
#[derive(Clone, Copy)]
pub(crate) enum Arg<'a> {
    Text(&'a str),
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

macro_rules! numbers {
    ($($kind:ty)*) => {$(
        impl From<$kind> for Arg<'_> {
            fn from(number: $kind) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
numbers!(i32 i64 u32 u64 usize);

thread_local! {
    static CURRENT: Cell<Locale> = const { Cell::new(Locale::DEFAULT) };
    /// The messages of each language, once one of them was asked for: finding their beginnings costs less of the download
    /// than a table of them.
    static FOUND: [OnceCell<Vec<&'static str>>; MESSAGES.len()] = const { [const { OnceCell::new() }; MESSAGES.len()] };
}

/// The locale words are given in.
pub(crate) fn current() -> Locale {
    CURRENT.get()
}

/// Speaks that locale from here on. What is on the screen stays as it is until it is drawn again.
pub(crate) fn speak(locale: Locale) {
    CURRENT.set(locale);
}

/// Where a message stands. Only for constants: what no file has does not compile.
pub(crate) const fn key(name: &str, variables: &[&str]) -> usize {
    let mut i = 0;
    while i < KEYS.len() {
        if same(KEYS[i].0, name) {
            assert!(KEYS[i].1.len() == variables.len(), "the message has other variables");
            let mut v = 0;
            while v < variables.len() {
                assert!(has(KEYS[i].1, variables[v]), "the message does not know that variable");
                v += 1;
            }
            return i;
        }
        i += 1;
    }
    panic!("i18n/en.ftl has no such message")
}

const fn has(list: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < list.len() {
        if same(list[i], name) {
            return true;
        }
        i += 1;
    }
    false
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// The words of a message without variables.
pub(crate) fn plain(key: usize) -> &'static str {
    let language = current().language as usize;
    FOUND.with(|found| found[language].get_or_init(|| MESSAGES[language].split('\x08').collect())[key])
}

/// The words of a message with variables.
pub(crate) fn with(key: usize, args: &[(&str, Arg<'_>)]) -> String {
    let mut out = String::new();
    write(plain(key), args, &mut out);
    out
}

/// Reads what `build.rs` has written: `\x01 variable \x02`, and `\x03 variable (\x04 case \x05 text)… \x06 otherwise \x07`.
/// A number is matched as itself, then by its plural category.
fn write(mut text: &'static str, args: &[(&str, Arg<'_>)], out: &mut String) {
    let value = |name: &str| args.iter().find(|(known, _)| *known == name).map(|(_, arg)| *arg);
    while let Some((before, rest)) = text.split_once(['\x01', '\x03']) {
        out.push_str(before);
        let chooses = text.as_bytes()[before.len()] == 3;
        let (inside, after) = rest.split_once(if chooses { '\x07' } else { '\x02' }).unwrap_or((rest, ""));
        text = after;
        if chooses {
            let (cases, default) = inside.split_once('\x06').unwrap_or_default();
            let (name, cases) = cases.split_once('\x04').unwrap_or((cases, ""));
            let case = |wanted: &str| {
                cases.split('\x04').filter_map(|case| case.split_once('\x05')).find(|(case, _)| *case == wanted)
            };
            let chosen = match value(name) {
                Some(Arg::Text(text)) => case(text),
                // English and German have the same two forms.
                Some(Arg::Number(number)) => {
                    case(&number.to_string()).or_else(|| if number == 1 { case("one") } else { None })
                }
                None => None,
            };
            write(chosen.map_or(default, |(_, text)| text), args, out);
        } else {
            match value(inside) {
                Some(Arg::Text(text)) => out.push_str(text),
                Some(Arg::Number(number)) => out.push_str(&number.to_string()),
                None => {}
            }
        }
    }
    out.push_str(text);
}

/// The words of a message in the language spoken.
macro_rules! t {
    ($key:literal) => {{
        const KEY: usize = $crate::i18n::key($key, &[]);
        $crate::i18n::plain(KEY)
    }};
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {{
        const KEY: usize = $crate::i18n::key($key, &[$(stringify!($name)),+]);
        $crate::i18n::with(KEY, &[$((stringify!($name), $crate::i18n::Arg::from($value))),+])
    }};
}
pub(crate) use t;

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    fn german<T>(say: impl FnOnce() -> T) -> T {
        speak(Locale { language: Language::German, us: false });
        let said = say();
        speak(Locale::DEFAULT);
        said
    }

    #[test]
    fn words_come_in_the_language_spoken() {
        assert_eq!(t!("today"), "Today");
        assert_eq!(german(|| t!("today")), "Heute");
    }

    #[test]
    fn numbers_choose_their_form() {
        assert_eq!(t!("sync-to-review", count = 1), "1 change to review");
        assert_eq!(t!("sync-to-review", count = 2), "2 changes to review");
        assert_eq!(german(|| t!("sync-to-review", count = 2)), "2 Änderungen zu prüfen");
    }

    #[test]
    fn choices_may_hold_variables_and_stand_within_words() {
        let parts = |events: i64| t!("adopt-both", events = events, others = 4, email = "ana@example.org");
        assert!(parts(1).starts_with("You made one event and changed 4 other things"), "{}", parts(1));
        assert!(parts(3).starts_with("You made 3 events and changed 4 other things"), "{}", parts(3));
        assert!(parts(3).ends_with("part of ana@example.org."));
        let day = |style: &str| t!("date-day-month", style = style, month = "Nov", day = 18);
        assert_eq!((day("us"), day("other")), ("Nov 18".to_owned(), "18 Nov".to_owned()));
    }

    #[test]
    fn what_a_person_wrote_is_put_in_as_it_is() {
        assert_eq!(t!("calendar-edit-named", name = "{ $name } <b>"), "Edit { $name } <b>");
    }

    #[test]
    fn no_message_is_empty() {
        for language in MESSAGES {
            assert_eq!(language.split('\x08').count(), KEYS.len());
            for ((name, _), text) in KEYS.iter().zip(language.split('\x08')) {
                assert!(!text.is_empty(), "{name}");
            }
        }
    }

    /// That every key used is there is the compiler's matter; this is the other way round.
    #[test]
    fn every_message_is_used() {
        let mut code = String::new();
        read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut code);
        // A call may break its line.
        let code: String = code.split_whitespace().collect();
        let unused: Vec<_> =
            KEYS.iter().map(|(name, _)| *name).filter(|name| !code.contains(&format!("t!(\"{name}\""))).collect();
        assert!(unused.is_empty(), "nobody says {unused:?}");
    }

    fn read(folder: &Path, code: &mut String) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                read(&entry.path(), code);
            } else if entry.path().extension().is_some_and(|ending| ending == "rs") {
                code.push_str(&fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
}
