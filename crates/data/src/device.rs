//! What the device remembers beside the accounts' databases: one small record, replaced as a whole before the step it
//! speaks of, so that moving between accounts can be cut short anywhere and is taken up again at the next start.

use crate::shell::Shell;
use almanac_core::session::VaultError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// The name the record is kept under.
const NAME: &str = "device";

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceNote {
    /// Counts the changes: of two copies the greater is the newer.
    n: u64,
    /// Whether this device has a calendar made without an account.
    #[serde(default)]
    pub(crate) local: bool,
    /// The account that is to get it. Set before the first row is copied, gone after the calendar made without an
    /// account was emptied.
    #[serde(default)]
    pub(crate) adopt: Option<Uuid>,
    /// Accounts whose person chose to keep it apart.
    #[serde(default)]
    pub(crate) apart: Vec<Uuid>,
    /// The databases that were left for good and are to be emptied: of accounts that were signed out, and nobody's.
    #[serde(default)]
    pub(crate) to_empty: Vec<Uuid>,
}

impl DeviceNote {
    /// The record. What does not read counts as not there.
    pub(crate) fn load(shell: &Arc<dyn Shell>) -> Self {
        shell.recall(NAME).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// There is no calendar made without an account any more.
    pub(crate) fn forget_local(&mut self) {
        self.local = false;
        self.adopt = None;
        self.apart.clear();
    }

    /// This database is not to be emptied, or not any more.
    pub(crate) fn spare(&mut self, user: Uuid) {
        self.to_empty.retain(|left| *left != user);
    }

    /// Keeps it, durably.
    pub(crate) fn save(&mut self, shell: &Arc<dyn Shell>) -> Result<(), VaultError> {
        self.n += 1;
        let text = serde_json::to_string(self).map_err(|error| VaultError(error.to_string()))?;
        shell.remember(NAME, Some(&text))
    }
}
