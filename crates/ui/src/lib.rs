//! Pages and components shared by the shells.
//!
//! Everything a person sees. Data comes from the hooks of `almanac_data`, and nothing here knows the platform: no
//! browser API, no window, no timer. Rules (`time`, `layout`, `state`) are pure and tested apart from the components
//! that show them.

mod agenda;
mod app;
mod color;
mod event;
#[cfg(debug_assertions)]
pub mod gallery;
mod grid;
mod i18n;
mod layout;
mod month;
#[cfg(not(target_arch = "wasm32"))]
pub mod native_menu;
mod pages;
mod people;
mod primitives;
mod rail;
#[cfg(any(test, debug_assertions))]
mod sample;
mod search;
mod settings;
mod state;
mod sync;
mod text;
mod time;
mod year;

pub use app::App;
pub use state::{Place, View, use_place};
