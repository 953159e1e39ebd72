//! The one import surface of the UI: the provider, the domain hooks and the mutations.
//!
//! Hooks read the local database and nothing else; mutations write it and return at once. Which store, which server
//! and which platform is the shell's choice ([`Shell`]); sync runs behind it all.

mod account;
mod device;
mod drafts;
mod export;
mod hooks;
mod items;
mod lists;
mod local;
mod mutations;
mod page_first;
mod people;
mod provider;
mod sharing;
mod shell;
mod trouble;
mod undo;
mod unsaved;
mod writer;

pub use account::{Account, Farewell, Sessions, SignOut};
pub use drafts::{AiCare, CalendarEdit, EventEdit, Names, NewEvent, ProfileEdit};
pub use hooks::{
    use_account, use_calendars, use_categories, use_clock, use_event, use_events, use_holdings, use_invitations,
    use_invited, use_mutations, use_notice, use_people, use_personas, use_profile, use_search, use_sessions,
    use_shell_info, use_storage, use_stuck, use_sync_log, use_sync_status,
};
pub use items::{
    CalendarItem, CategoryItem, EventDetail, EventItem, Events, FieldValue, Found, Holdings, Invitation, Invited,
    Notice, PendingItem, People, PersonaItem, Said, StuckField, StuckItem,
};
pub use lists::{CategoryEdit, Fate, PersonaEdit};
pub use local::Made;
pub use mutations::Mutations;
pub use provider::DataProvider;
pub use sharing::Sharing;
pub use shell::{Lead, PeerSend, Peers, Shell, ShellHandle, ShellInfo, ShellKind, Storage};
pub use trouble::Trouble;

/// Every time an event can have, ms since 1970.
pub const ALL_TIME: almanac_core::row::Span =
    almanac_core::row::Span { start: -62_135_596_800_000, end: almanac_core::time::FAR_FUTURE_MS };
