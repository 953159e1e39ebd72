//! The two wire forms of a Phoenix message: an object (`vsn` 1.0.0) or an array (2.0.0). Logically both are
//! `join_ref, ref, topic, event, payload`; 1.0.0 leaves `join_ref` out on the way to the client.

use serde_json::{Value, json};

/// Which form a socket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// `{"topic","event","payload","ref"}`
    V1,
    /// `[join_ref, ref, topic, event, payload]`
    V2,
}

/// One message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    pub(super) join_ref: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) topic: String,
    pub(super) event: String,
    pub(super) payload: Value,
}

impl Message {
    /// Reads a text frame; `None` when it is no message.
    pub(super) fn read(version: Version, text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        match version {
            Version::V2 => {
                let Value::Array(parts) = value else { return None };
                let [join_ref, reference, topic, event, payload]: [Value; 5] = parts.try_into().ok()?;
                Some(Self {
                    join_ref: reference_of(&join_ref),
                    reference: reference_of(&reference),
                    topic: topic.as_str()?.to_owned(),
                    event: event.as_str()?.to_owned(),
                    payload,
                })
            }
            Version::V1 => Some(Self {
                join_ref: value.get("join_ref").and_then(reference_of),
                reference: value.get("ref").and_then(reference_of),
                topic: value.get("topic")?.as_str()?.to_owned(),
                event: value.get("event")?.as_str()?.to_owned(),
                payload: value.get("payload").cloned().unwrap_or(Value::Null),
            }),
        }
    }

    /// Reads a binary frame: the broadcast of a client that speaks 2.0.0, the only kind that clients send. Its contents are left
    /// out, since nobody gets them.
    ///
    /// A kind (3), one byte each for the lengths of `join_ref`, `ref`, topic, event and metadata, one for the encoding, then
    /// these fields.
    pub(super) fn read_broadcast(version: Version, bytes: &[u8]) -> Option<Self> {
        let [3, join_ref, reference, topic, event, metadata, _encoding, fields @ ..] = bytes else { return None };
        let mut rest = fields;
        let mut field = |length: &u8| {
            let (field, after) = rest.split_at_checked(usize::from(*length))?;
            rest = after;
            std::str::from_utf8(field).ok().map(str::to_owned)
        };
        let (join_ref, reference, topic) = (field(join_ref)?, field(reference)?, field(topic)?);
        // The event of the client's own words, within the broadcast.
        let _ = (field(event)?, field(metadata)?);
        let some = |text: String| (!text.is_empty()).then_some(text);
        (version == Version::V2).then(|| Self {
            join_ref: some(join_ref),
            reference: some(reference),
            topic,
            event: "broadcast".to_owned(),
            payload: Value::Null,
        })
    }

    /// Writes a text frame.
    pub(super) fn write(&self, version: Version) -> String {
        match version {
            Version::V2 => json!([self.join_ref, self.reference, self.topic, self.event, self.payload]),
            Version::V1 => {
                json!({"topic": self.topic, "event": self.event, "payload": self.payload, "ref": self.reference})
            }
        }
        .to_string()
    }
}

/// References are strings; clients that count with numbers get strings back.
fn reference_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_read_and_write() {
        let text = r#"["1","2","realtime:x","phx_join",{"a":1}]"#;
        let message = Message::read(Version::V2, text).expect("a message");
        assert_eq!((message.join_ref.as_deref(), message.reference.as_deref()), (Some("1"), Some("2")));
        assert_eq!(message.write(Version::V2), text);
        let one = Message::read(Version::V1, r#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":7}"#);
        let one = one.expect("a message");
        assert_eq!((one.join_ref.as_deref(), one.reference.as_deref()), (None, Some("7")));
        let back: Value = serde_json::from_str(&one.write(Version::V1)).expect("JSON");
        assert_eq!(back, json!({"topic":"phoenix","event":"heartbeat","payload":{},"ref":"7"}));
    }

    #[test]
    fn a_broadcast_in_bytes_tells_where_its_answer_goes() {
        let bytes =
            [&[3, 1, 2, 10, 4, 2, 1][..], b"1", b"17", b"realtime:x", "\u{1f5d3}".as_bytes(), b"{}", b"{\"a\":1}"]
                .concat();
        let message = Message::read_broadcast(Version::V2, &bytes).expect("a message");
        assert_eq!((message.join_ref.as_deref(), message.reference.as_deref()), (Some("1"), Some("17")));
        assert_eq!((message.topic.as_str(), message.event.as_str()), ("realtime:x", "broadcast"));
        assert_eq!(Message::read_broadcast(Version::V1, &bytes), None);
        for length in 0..bytes.len() - 7 {
            assert_eq!(Message::read_broadcast(Version::V2, &bytes[..length]), None, "{length}");
        }
        for garbage in [&[4, 0, 0, 0, 0, 0, 0][..], &[3, 255, 0, 0, 0, 0, 0, 1], &[3, 1, 0, 0, 0, 0, 0, 0xff]] {
            assert_eq!(Message::read_broadcast(Version::V2, garbage), None, "{garbage:?}");
        }
    }

    #[test]
    fn garbage_is_no_message() {
        for text in ["", "[]", "{}", "null", "[1,2,3,4,5]", r#"["1","2","t","e"]"#, r#"["1","2",3,"e",{}]"#, "\u{0}"] {
            assert_eq!(Message::read(Version::V2, text), None, "{text:?}");
        }
        assert_eq!(Message::read(Version::V1, r#"{"topic":"x"}"#), None);
    }
}
