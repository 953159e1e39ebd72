//! The parts that everything is made of, each with its keyboard behaviour.

mod button;
mod combobox;
mod date_field;
mod date_grid;
mod dialog;
mod field;
mod haven;
mod icon;
mod icon_button;
mod menu;
mod popover;
mod select;
mod switch;
mod tabs;
mod toast;

#[cfg(debug_assertions)]
pub(crate) use button::Look;
pub(crate) use button::{Face, button};
pub(crate) use combobox::{ComboOption, Combobox};
pub(crate) use date_field::DateField;
pub(crate) use date_grid::{DateGrid, moved};
pub(crate) use dialog::DialogBox;
pub(crate) use field::TextField;
pub(crate) use haven::{Haven, use_haven};
pub(crate) use icon::{Icon, Shape};
pub(crate) use icon_button::IconButton;
pub(crate) use menu::{Menu, MenuItem};
pub(crate) use popover::Popover;
pub(crate) use select::Select;
pub(crate) use switch::Switch;
pub(crate) use tabs::{Tabs, panel_id, tab_id};
pub(crate) use toast::Toast;
