//! The palette of calendars.

use crate::i18n::t;
pub(crate) use crate::palette::PALETTE;

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
