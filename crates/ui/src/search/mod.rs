//! Finding events, running commands, and adding an event in words: one line for all of it.

mod palette;
mod quick;
mod quick_day;
mod quick_span;
mod quick_time;

pub(crate) use palette::Palette;
