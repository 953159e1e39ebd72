//! Which language and which habits a device or a person has.

use almanac_core::domain::TimeFormat;
use chrono::Weekday;

/// A language there are words in. The number is its place in the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English = 0,
    German = 1,
}

impl Language {
    /// All, each with its tag and its name in itself.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 2] =
        [(Self::English, "en", "English"), (Self::German, "de", "Deutsch")];

    /// The language with that tag.
    pub(crate) fn named(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known, _)| *known == tag).map(|(language, _, _)| language)
    }

    /// Its tag: the value of `lang`.
    pub(crate) fn tag(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// Language and habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Locale {
    /// The words.
    pub(crate) language: Language,
    /// As in the United States: the month before the day, twelve hours, weeks from Sunday.
    pub(crate) us: bool,
}

impl Locale {
    /// What stands until anything is known.
    pub(crate) const DEFAULT: Self = Self { language: Language::English, us: false };

    /// The first of a device's languages that there are words in (tags of BCP 47 or POSIX, `de-AT`, `de_AT.UTF-8`); its
    /// first tag decides the habits, whether there are words in it or not.
    pub(crate) fn of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = None;
        let mut us = None;
        for tag in tags {
            let mut parts = tag.split(['-', '_', '.']);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            us.get_or_insert(parts.any(|part| part.eq_ignore_ascii_case("us")));
            let known = Language::ALL.into_iter().find(|(_, tag, _)| *tag == name);
            found = found.or(known.map(|(language, _, _)| language));
        }
        Self { language: found.unwrap_or(Language::English), us: us.unwrap_or(false) }
    }

    /// The word that chooses the order of a date in the files.
    pub(crate) const fn style(self) -> &'static str {
        if self.us { "us" } else { "other" }
    }

    /// The first day of the week where nobody has chosen one.
    pub(crate) const fn first_weekday(self) -> Weekday {
        if self.us { Weekday::Sun } else { Weekday::Mon }
    }

    /// 12 or 24 hours where nobody has chosen.
    pub(crate) const fn hours(self) -> TimeFormat {
        if self.us { TimeFormat::TwelveHour } else { TimeFormat::TwentyFourHour }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_with_words_is_spoken() {
        let language = |tags: &[&str]| Locale::of(tags.iter().copied()).language;
        assert_eq!(language(&["de-AT", "en"]), Language::German);
        assert_eq!(language(&["de_DE.UTF-8"]), Language::German);
        assert_eq!(language(&["fr", "de"]), Language::German);
        assert_eq!(language(&["tlh", "C"]), Language::English);
        assert_eq!(language(&[]), Language::English);
    }

    #[test]
    fn habits_are_the_first_tags() {
        assert!(Locale::of(["en-US", "de-DE"]).us);
        assert!(!Locale::of(["en-GB", "en-US"]).us);
        assert!(Locale::of(["es_US.UTF-8"]).us);
    }
}
