//! How things stand with the server, said honestly.

mod badge;
mod check;
mod facts;
mod log;
mod page;
mod panel;
mod stuck_card;
mod words;

pub(crate) use badge::SyncBadge;
pub(crate) use page::SyncSection;
pub(crate) use panel::SyncPanel;
pub(crate) use words::{coming, words};
