//! The style sheets as one, without comments and spare blanks: they are part of the download.

use std::{fs, io};

/// In the order in which they count.
const SHEETS: [&str; 3] = ["src/style.css", "src/domains.css", "src/sync/sync.css"];

/// All sheets in one.
pub(super) fn sheet() -> io::Result<String> {
    small(&SHEETS)
}

/// What the code writes once for each colour of the palette.
pub(super) fn hues() -> io::Result<String> {
    small(&["src/hues.css"])
}

/// Sheets made small. They keep to what this relies on: no string of ours has a blank, brace or comment sign in it
/// but the names of fonts, whose single blanks stay.
fn small(sheets: &[&str]) -> io::Result<String> {
    let mut all = String::new();
    for sheet in sheets {
        println!("cargo:rerun-if-changed={sheet}");
        all.push_str(&fs::read_to_string(sheet)?);
    }
    let bare: String = all.split("/*").map(|part| part.split_once("*/").map_or(part, |(_, rest)| rest)).collect();
    let mut style = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    for sign in ["{", "}", ";", ","] {
        for (spare, sign) in [(format!(" {sign}"), sign), (format!("{sign} "), sign)] {
            style = style.replace(&spare, sign);
        }
    }
    Ok(style.replace(": ", ":").replace(";}", "}"))
}
