//! The native menu bar: what the app offers there, with the keys that systems have for it.

use almanac_data::ShellHandle;
use almanac_ui::native_menu::{Menu, menus};
use dioxus::desktop::muda::{
    self, MenuItem, PredefinedMenuItem, Submenu,
    accelerator::{Accelerator, CMD_OR_CTRL, Code},
};

/// The keys that a menu of every program has. The app's own single keys are told on its sheet of keys: a menu would take
/// them from the text fields.
fn key(id: &str) -> Option<Accelerator> {
    let code = match id {
        "create" => Code::KeyN,
        "settings" => Code::Comma,
        _ => return None,
    };
    Some(Accelerator::new(Some(CMD_OR_CTRL), code))
}

/// The bar.
pub(crate) fn bar(shell: &ShellHandle) -> Result<muda::Menu, muda::Error> {
    let bar = muda::Menu::new();
    for (number, Menu { label, items }) in menus(shell).into_iter().enumerate() {
        let menu = Submenu::new(label, true);
        for item in items {
            match item {
                Some(item) => menu.append(&MenuItem::with_id(item.id, item.label, true, key(item.id)))?,
                None => menu.append(&PredefinedMenuItem::separator())?,
            }
        }
        // There these keys are the menu's; elsewhere they are the web view's own.
        if cfg!(target_os = "macos") {
            menu.append(&PredefinedMenuItem::separator())?;
            match number {
                0 => menu.append(&PredefinedMenuItem::quit(None))?,
                1 => menu.append_items(&[
                    &PredefinedMenuItem::cut(None),
                    &PredefinedMenuItem::copy(None),
                    &PredefinedMenuItem::paste(None),
                    &PredefinedMenuItem::select_all(None),
                ])?,
                _ => {
                    menu.append_items(&[&PredefinedMenuItem::minimize(None), &PredefinedMenuItem::fullscreen(None)])?
                }
            }
        }
        bar.append(&menu)?;
    }
    Ok(bar)
}
