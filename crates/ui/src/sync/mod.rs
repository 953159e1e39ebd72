//! How things stand with the server, said honestly.

mod badge;
mod panel;
mod stuck_card;
mod words;

pub(crate) use badge::SyncBadge;
pub(crate) use panel::SyncPanel;
