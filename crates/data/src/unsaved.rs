//! What was typed into an editor and not saved, kept on the device for each account, so that a reload or a crash does
//! not lose it. What stands in the text is the UI's matter, but for this: one line for each draft, the newest last.

use crate::{
    account::Account,
    local::NOBODY,
    shell::{Shell, ShellInfo},
};
use std::sync::Arc;
use uuid::Uuid;

fn name(user: Uuid) -> String {
    format!("unsaved.{user}")
}

impl Account {
    /// Whose drafts are kept while this is the account: its id, or one of its own for who has none; none while no calendar is
    /// open. It stays the same while an account changes its e-mail.
    #[must_use]
    pub const fn person(&self) -> Option<Uuid> {
        match self {
            Self::Open { user_id, .. } => Some(*user_id),
            Self::Local => Some(NOBODY),
            _ => None,
        }
    }
}

impl ShellInfo {
    /// The drafts of an [`Account::person`]; none if nothing was left unsaved.
    #[must_use]
    pub fn unsaved(&self, person: Uuid) -> Option<String> {
        self.kept(&name(person))
    }

    /// Keeps these drafts in place of those kept before.
    pub fn keep_unsaved(&self, person: Uuid, lines: &str) {
        self.keep(&name(person), Some(lines).filter(|lines| !lines.is_empty()));
    }
}

/// The account leaves this device.
pub(crate) fn forget(shell: &Arc<dyn Shell>, user: Uuid) {
    shell.keep(&name(user), None);
}

/// What was typed without an account goes with what was made without one.
pub(crate) fn adopt(shell: &Arc<dyn Shell>, user: Uuid) {
    if let Some(lines) = shell.kept(&name(NOBODY)) {
        let own = shell.kept(&name(user)).map_or_else(String::new, |own| own + "\n");
        shell.keep(&name(user), Some(&(own + &lines)));
        forget(shell, NOBODY);
    }
}
