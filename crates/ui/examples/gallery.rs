//! Renders the screens with fixed data to HTML files, to look at: `cargo run -p almanac-ui --example gallery -- out/`.

use almanac_ui::gallery::{Gallery, GalleryProps, Screen};
use dioxus::prelude::*;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = std::path::PathBuf::from(arguments.next().unwrap_or_else(|| "target/gallery".into()));
    let width = arguments.next().and_then(|width| width.parse().ok()).unwrap_or(1440.0);
    std::fs::create_dir_all(&folder)?;
    for (name, screen) in Screen::ALL {
        let mut dom = VirtualDom::new_with_props(Gallery, GalleryProps { screen, twelve: name == "day", width });
        dom.rebuild_in_place();
        let body = dioxus_ssr::render(&dom);
        let page = format!(
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>{name}</title>\
             <body><div id=main>{body}</div>"
        );
        std::fs::write(folder.join(format!("{name}.html")), page)?;
    }
    Ok(())
}
