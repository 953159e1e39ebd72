//! The palette of calendars.

use crate::i18n::t;

/// The palette: what is stored, and the colour. Lightness and chroma are tuned so that all hues
/// look equally strong beside each other in both themes.
pub(crate) const PALETTE: [(&str, &str); 11] = [
    ("blue", "oklch(0.61 0.17 258)"),
    ("cyan", "oklch(0.66 0.12 220)"),
    ("teal", "oklch(0.63 0.11 185)"),
    ("green", "oklch(0.63 0.15 150)"),
    ("amber", "oklch(0.72 0.15 78)"),
    ("orange", "oklch(0.67 0.17 48)"),
    ("red", "oklch(0.61 0.2 26)"),
    ("pink", "oklch(0.64 0.19 355)"),
    ("violet", "oklch(0.6 0.19 300)"),
    ("indigo", "oklch(0.55 0.19 277)"),
    ("gray", "oklch(0.58 0.02 265)"),
];

/// What a person calls a colour of the palette.
pub(crate) fn label(name: &str) -> &'static str {
    match name {
        "cyan" => t!("cyan"),
        "teal" => t!("teal"),
        "green" => t!("green"),
        "amber" => t!("amber"),
        "orange" => t!("orange"),
        "red" => t!("red"),
        "pink" => t!("pink"),
        "violet" => t!("violet"),
        "indigo" => t!("indigo"),
        "gray" => t!("gray"),
        _ => t!("blue"),
    }
}

/// The CSS colour of a stored one: a palette name or `#rrggbb`. Anything else is blue, and never reaches the style.
pub(crate) fn css(stored: &str) -> &str {
    if let Some((_, css)) = PALETTE.iter().find(|(name, _)| *name == stored) {
        return css;
    }
    let hex = stored
        .strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if hex { stored } else { PALETTE[0].1 }
}

/// The name of a CSS colour of the palette; events in it have rules of their own in the style.
pub(crate) fn hue(css: &str) -> Option<&'static str> {
    PALETTE.iter().find(|(_, color)| *color == css).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_hex_are_colours_and_nothing_else_gets_into_the_style() {
        assert_eq!(css("green"), "oklch(0.63 0.15 150)");
        assert_eq!(css("#12aBcd"), "#12aBcd");
        for bad in ["", "red;background:url(x)", "#12", "#12345g", "hotpink"] {
            assert_eq!(css(bad), PALETTE[0].1, "{bad}");
        }
    }
}
