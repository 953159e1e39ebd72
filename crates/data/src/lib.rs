//! The one import surface of the UI: the provider, the domain hooks and the mutations.
//!
//! Hooks read the local database and nothing else; mutations write it and return at once. Which store, which server
//! and which platform is the shell's choice ([`Shell`]); sync runs behind it all.

mod account;
mod drafts;
mod hooks;
mod items;
mod mutations;
mod provider;
mod shell;
mod undo;
mod writer;

pub use account::{Account, Farewell, Sessions, SignOut, Trouble};
pub use drafts::{CalendarEdit, EventEdit, NewEvent, ProfileEdit};
pub use hooks::{
    use_account, use_calendars, use_clock, use_events, use_mutations, use_notice, use_profile, use_sessions,
    use_shell_info, use_stuck, use_sync_status,
};
pub use items::{CalendarItem, EventItem, Events, Notice, Said, StuckItem};
pub use mutations::Mutations;
pub use provider::DataProvider;
pub use shell::{Lead, PeerSend, Peers, Shell, ShellHandle, ShellInfo, ShellKind};
