//! Who may do what with an event.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a person may do with an event they do not own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees it, answers, follows, leaves.
    Viewer,
    /// Also edits its content.
    Contributor,
    /// Also grants roles, invites, deletes.
    DelegateFull,
    /// The owner's own row, if there is one; the right itself comes from `owner_id`.
    Owner,
}

/// An answer to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rsvp {
    /// Perhaps.
    Tentative,
    /// Yes.
    Accepted,
    /// No.
    Declined,
}

/// A row of `event_user_roles`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventRole {
    /// The event.
    pub event_id: Uuid,
    /// The holder.
    pub user_id: Uuid,
    /// What they may do.
    pub role: Role,
    /// Their answer.
    #[serde(default)]
    pub rsvp: Option<Rsvp>,
    /// Whether they follow changes.
    #[serde(default)]
    pub following: bool,
}

/// A row of `event_invites`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invite {
    /// The event.
    pub event_id: Uuid,
    /// Lower case.
    pub email: String,
    /// What the invitee may do once they accept.
    pub role: Role,
    /// Who invited.
    #[serde(default)]
    pub invited_by: Option<Uuid>,
    /// `waiting` or `accepted`; written by the server.
    #[serde(default)]
    pub status: Option<String>,
}
