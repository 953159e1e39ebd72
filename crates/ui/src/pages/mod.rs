//! The pages: one for each state of the account.

mod account_dialog;
mod account_menu;
mod adopt;
mod credentials;
pub(crate) mod device;
mod dialogs;
mod empty;
mod keys;
mod leave;
mod pull;
mod sign_in;
mod top_bar;
mod trouble;
mod workspace;

pub(crate) use adopt::AdoptPage;
pub(crate) use device::{DensitySelect, LanguageSelect, ThemeSelect};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use keys::Command;
#[cfg(debug_assertions)]
pub(crate) use sign_in::SignInCard;
pub(crate) use sign_in::SignInPage;
#[cfg(debug_assertions)]
pub(crate) use top_bar::{BottomBar, TopBar};
pub(crate) use trouble::TroublePage;
pub(crate) use workspace::Workspace;
