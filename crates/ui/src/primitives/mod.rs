//! The parts that everything is made of, each with its keyboard behaviour.

mod dialog;
mod field;
mod icon;
mod icon_button;
mod popover;
mod select;
mod switch;

pub(crate) use dialog::DialogBox;
pub(crate) use field::TextField;
pub(crate) use icon::{Icon, Shape};
pub(crate) use icon_button::IconButton;
pub(crate) use popover::Popover;
pub(crate) use select::Select;
pub(crate) use switch::Switch;
