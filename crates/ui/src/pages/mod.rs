//! The pages: one for each state of the account.

mod account_menu;
mod credentials;
pub(crate) mod device;
mod dialogs;
mod keys;
mod sign_in;
mod top_bar;
mod trouble;
mod workspace;

#[cfg(debug_assertions)]
pub(crate) use sign_in::SignInCard;
pub(crate) use sign_in::SignInPage;
#[cfg(debug_assertions)]
pub(crate) use top_bar::{BottomBar, TopBar};
pub(crate) use trouble::TroublePage;
pub(crate) use workspace::Workspace;
