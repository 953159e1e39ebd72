//! The hooks, one a file.

mod ahead;
mod live;
mod use_calendars;
mod use_context;
mod use_event;
mod use_events;
mod use_holdings;
mod use_lists;
mod use_profile;
mod use_search;
mod use_storage;
mod use_stuck;
mod use_sync_log;

pub use use_calendars::use_calendars;
pub use use_context::{
    use_account, use_clock, use_mutations, use_notice, use_sessions, use_shell_info, use_sync_status,
};
pub(crate) use use_event::invitations;
pub use use_event::{use_event, use_invitations, use_invited, use_people};
pub use use_events::use_events;
pub(crate) use use_events::{Homes, join, made};
pub use use_holdings::use_holdings;
pub use use_lists::{use_categories, use_personas};
pub use use_profile::use_profile;
pub use use_search::use_search;
pub use use_storage::use_storage;
pub use use_stuck::use_stuck;
pub use use_sync_log::use_sync_log;
