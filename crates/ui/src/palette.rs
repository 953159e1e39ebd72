//! The palette's colours.

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
