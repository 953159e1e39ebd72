//! Frames of vsn 2.0.0: `[join_ref, ref, topic, event, payload]`.

use serde_json::{Value, json};

/// A text frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The `ref` of the join it belongs to.
    pub join_ref: Option<String>,
    /// The sender's number, echoed by replies.
    pub reference: Option<String>,
    /// `phoenix`, or the channel.
    pub topic: String,
    /// What it is.
    pub event: String,
    /// The rest.
    pub payload: Value,
}

impl Frame {
    /// Reads a frame; none for anything that is no frame.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let Ok(Value::Array(parts)) = serde_json::from_str(text) else { return None };
        let mut parts = parts.into_iter();
        let join_ref = reference(parts.next()?)?;
        let own = reference(parts.next()?)?;
        let (Value::String(topic), Value::String(event)) = (parts.next()?, parts.next()?) else { return None };
        Some(Self { join_ref, reference: own, topic, event, payload: parts.next()? })
    }

    /// The frame's text.
    #[must_use]
    pub fn write(&self) -> String {
        json!([self.join_ref, self.reference, self.topic, self.event, self.payload]).to_string()
    }

    /// A text of the payload.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.payload.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Text or null; some servers send numbers.
fn reference(value: Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text)),
        Value::Number(number) => Some(Some(number.to_string())),
        _ => None,
    }
}
