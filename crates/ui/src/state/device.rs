//! What is chosen for this device alone: theme and density.

use crate::i18n::t;
use almanac_data::ShellInfo;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// How high an hour is in the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Density {
    Compact,
    #[default]
    Normal,
    Roomy,
}

/// Under these names the shell keeps them.
const THEME: &str = "theme";
const DENSITY: &str = "density";

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// As kept; the system's unless chosen.
    pub(crate) fn kept(info: &ShellInfo) -> Self {
        let kept = info.kept(THEME);
        Self::ALL.into_iter().find(|theme| theme.attribute() == kept.as_deref()).unwrap_or_default()
    }

    /// Keeps it.
    pub(crate) fn keep(self, info: &ShellInfo) {
        info.keep(THEME, self.attribute());
    }

    /// The value of `data-theme`, and of what is kept.
    pub(crate) const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    /// What a person reads.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::System => t!("theme-system"),
            Self::Light => t!("theme-light"),
            Self::Dark => t!("theme-dark"),
        }
    }
}

impl Density {
    pub(crate) const ALL: [Self; 3] = [Self::Compact, Self::Normal, Self::Roomy];

    /// As kept; normal unless chosen.
    pub(crate) fn kept(info: &ShellInfo) -> Self {
        let kept = info.kept(DENSITY);
        Self::ALL.into_iter().find(|density| density.attribute() == kept.as_deref()).unwrap_or_default()
    }

    /// Keeps it.
    pub(crate) fn keep(self, info: &ShellInfo) {
        info.keep(DENSITY, self.attribute());
    }

    /// The value of `data-density`, and of what is kept.
    pub(crate) const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Compact => Some("compact"),
            Self::Normal => None,
            Self::Roomy => Some("roomy"),
        }
    }

    /// Px an hour: `--hour` in the style.
    pub(crate) const fn hour(self) -> i64 {
        match self {
            Self::Compact => 40,
            Self::Normal => 48,
            Self::Roomy => 64,
        }
    }

    /// What a person reads.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Compact => t!("density-compact"),
            Self::Normal => t!("density-normal"),
            Self::Roomy => t!("density-roomy"),
        }
    }
}
