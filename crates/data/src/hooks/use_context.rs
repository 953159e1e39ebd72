//! Hooks that only hand out what the provider keeps.

use crate::{
    account::{Account, Sessions},
    items::Notice,
    mutations::Mutations,
    provider::Context,
    shell::ShellInfo,
};
use almanac_core::engine::Status;
use chrono::{DateTime, Utc};
use dioxus::prelude::*;

/// Who is signed in.
#[must_use]
pub fn use_account() -> ReadSignal<Account> {
    use_context::<Context>().account.into()
}

/// Signing in and out.
#[must_use]
pub fn use_sessions() -> Sessions {
    Sessions { context: use_context() }
}

/// Writing.
#[must_use]
pub fn use_mutations() -> Mutations {
    Mutations { context: use_context() }
}

/// How the sync stands.
#[must_use]
pub fn use_sync_status() -> ReadSignal<Status> {
    use_context::<Context>().status.into()
}

/// The last word for the person.
#[must_use]
pub fn use_notice() -> ReadSignal<Option<Notice>> {
    use_context::<Context>().notice.into()
}

/// Now, ticking each half minute.
#[must_use]
pub fn use_clock() -> ReadSignal<DateTime<Utc>> {
    use_context::<Context>().now.into()
}

/// What the UI may know of its shell.
#[must_use]
pub fn use_shell_info() -> ShellInfo {
    let context = use_context::<Context>();
    use_hook(|| context.info())
}
