//! AI personas.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `ai_personas`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Persona {
    /// Made by the client.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// Shown name.
    #[serde(default)]
    pub name: String,
    /// Picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
    /// What the persona is told.
    #[serde(default)]
    pub system_prompt: Option<String>,
    /// Order in lists, ascending.
    #[serde(default)]
    pub position: f64,
}
