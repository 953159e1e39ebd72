//! One realtime connection as a pure machine: frames, tokens and time go in, actions come out. No socket, no clock.
//!
//! It joins one channel that watches the user's `sync_head` row, keeps the connection alive, and joins again whenever
//! the channel closes under it. A connection that is dead is given up with [`Action::Reconnect`]; the next one gets a
//! new machine.

use super::{backoff::Backoff, frame::Frame};
use almanac_core::{Uuid, remote::Hint};
use serde_json::{Value, json};

/// The channel's name; any would do.
const TOPIC: &str = "realtime:almanac";
/// Between heartbeats, ms. Servers close after 60 s of silence.
const HEARTBEAT: u64 = 25_000;
/// A heartbeat or join unanswered for so long is lost, ms.
const ANSWER: u64 = 10_000;
/// From the join's answer to the word that the database is watched, ms. Ordinary is up to 3 s.
const WATCHING: u64 = 20_000;

/// What the driver of the connection must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send this text frame.
    Send(String),
    /// Tell the engine.
    Hint(Hint),
    /// Get an access token and hand it to [`Machine::token`] (or call [`Machine::no_token`]).
    NeedToken {
        /// Whether the last one was refused: it must be another one.
        renewed: bool,
    },
    /// The connection is dead: open another one.
    Reconnect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Channel {
    /// The driver fetches a token.
    NeedsToken,
    /// Asked to join.
    Joining { join_ref: String, until: u64 },
    /// Joined, but changes are not watched yet: what is committed now may be missed.
    Joined { join_ref: String, until: u64 },
    /// Changes are watched.
    Subscribed { join_ref: String },
    /// Waits to join again.
    Resting { until: u64 },
}

/// See the module. Times are ms of any clock that does not go back.
#[derive(Clone, Debug)]
pub struct Machine {
    user: Uuid,
    /// Jitter: advanced at each use.
    random: u64,
    last_ref: u64,
    /// The heartbeat that waits for its answer.
    beating: Option<String>,
    /// When the next heartbeat is due, or the answer to the one sent.
    beat_at: u64,
    channel: Channel,
    /// The token the server has.
    token: String,
    backoff: Backoff,
    /// Whether another token is needed for the next join.
    refused: bool,
    /// Whether another one was already asked for since the channel last worked.
    renewed: bool,
}

impl Machine {
    /// A machine for a connection that has just opened, and what to do first.
    #[must_use]
    pub fn open(user: Uuid, random: u64, now: u64) -> (Self, Vec<Action>) {
        let machine = Self {
            user,
            random,
            last_ref: 0,
            beating: None,
            beat_at: now + HEARTBEAT,
            channel: Channel::NeedsToken,
            token: String::new(),
            backoff: Backoff::default(),
            refused: false,
            renewed: false,
        };
        (machine, vec![Action::NeedToken { renewed: false }])
    }

    /// Whether changes are watched now.
    #[must_use]
    pub const fn is_subscribed(&self) -> bool {
        matches!(self.channel, Channel::Subscribed { .. })
    }

    /// When [`Self::tick`] must be called at the latest.
    #[must_use]
    pub fn deadline(&self) -> u64 {
        match self.channel {
            Channel::Joining { until, .. } | Channel::Joined { until, .. } | Channel::Resting { until } => {
                until.min(self.beat_at)
            }
            Channel::NeedsToken | Channel::Subscribed { .. } => self.beat_at,
        }
    }

    /// A token in force: joins with it, or tells the server of it if it is new there.
    pub fn token(&mut self, token: &str, now: u64) -> Vec<Action> {
        let join_ref = match &self.channel {
            Channel::NeedsToken | Channel::Resting { .. } => return self.join(token, now),
            Channel::Joining { join_ref, .. } | Channel::Joined { join_ref, .. } | Channel::Subscribed { join_ref } => {
                join_ref.clone()
            }
        };
        if token == self.token {
            return Vec::new();
        }
        token.clone_into(&mut self.token);
        vec![self.send(Some(join_ref), TOPIC, "access_token", json!({"access_token": token}))]
    }

    /// There is no token to be had now: tries again later.
    pub fn no_token(&mut self, now: u64) -> Vec<Action> {
        if self.channel == Channel::NeedsToken {
            self.rest(now);
        }
        Vec::new()
    }

    /// Time has passed.
    pub fn tick(&mut self, now: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        if now >= self.beat_at {
            if self.beating.is_some() {
                return vec![Action::Reconnect];
            }
            self.beat_at = now + ANSWER;
            actions.push(self.send(None, "phoenix", "heartbeat", json!({})));
            self.beating = Some(self.last_ref.to_string());
        }
        match &self.channel {
            Channel::Joining { until, .. } | Channel::Joined { until, .. } if now >= *until => {
                actions.extend(self.leave(now))
            }
            Channel::Resting { until } if now >= *until => {
                self.channel = Channel::NeedsToken;
                let renewed = std::mem::take(&mut self.refused) && !self.renewed;
                self.renewed |= renewed;
                actions.push(Action::NeedToken { renewed });
            }
            _ => {}
        }
        actions
    }

    /// A text frame came. Anything that is no frame, or not for us, is left alone; so are binary ones, by the driver.
    pub fn frame(&mut self, text: &str, now: u64) -> Vec<Action> {
        let Some(frame) = Frame::read(text) else { return Vec::new() };
        if frame.topic == "phoenix" {
            if frame.event == "phx_reply" && frame.reference.is_some() && frame.reference == self.beating {
                self.beating = None;
                self.beat_at = now + HEARTBEAT;
            }
            return Vec::new();
        }
        let Some(join_ref) = self.join_ref().map(str::to_owned) else { return Vec::new() };
        // A late frame of a join before this one.
        if frame.topic != TOPIC || frame.join_ref.as_ref().is_some_and(|theirs| *theirs != join_ref) {
            return Vec::new();
        }
        match frame.event.as_str() {
            "phx_reply" => self.reply(&frame, join_ref, now),
            "system" => self.system(&frame, join_ref, now),
            "postgres_changes" => vec![Action::Hint(Hint::Changed)],
            "phx_close" | "phx_error" => self.lost(now),
            _ => Vec::new(),
        }
    }

    fn reply(&mut self, frame: &Frame, join_ref: String, now: u64) -> Vec<Action> {
        let reason = frame.payload.pointer("/response/reason").and_then(Value::as_str).unwrap_or_default();
        match frame.text("status") {
            "ok" if matches!(self.channel, Channel::Joining { .. }) && frame.reference.as_ref() == Some(&join_ref) => {
                self.channel = Channel::Joined { join_ref, until: now + WATCHING };
                Vec::new()
            }
            // The server does not know the channel any more: only what was sent since the join counts.
            "error" if reason.contains("unmatched topic") && is_since(&frame.reference, &join_ref) => self.lost(now),
            "error" if frame.reference.as_ref() == Some(&join_ref) => {
                tracing::info!(reason, "realtime: the join was refused");
                self.refused |= is_about_token(reason);
                self.lost(now)
            }
            _ => Vec::new(),
        }
    }

    fn system(&mut self, frame: &Frame, join_ref: String, now: u64) -> Vec<Action> {
        let of_changes = frame.text("extension") == "postgres_changes";
        match frame.text("status") {
            // Comes again after each new token: the server watched nothing for a moment.
            "ok" if of_changes => {
                self.channel = Channel::Subscribed { join_ref };
                self.backoff.reset();
                self.refused = false;
                self.renewed = false;
                vec![Action::Hint(Hint::Subscribed)]
            }
            "error" => {
                let message = frame.text("message");
                tracing::info!(message, "realtime: the server gave up the channel");
                self.refused |= is_about_token(message);
                self.leave(now)
            }
            _ => Vec::new(),
        }
    }

    fn join(&mut self, token: &str, now: u64) -> Vec<Action> {
        token.clone_into(&mut self.token);
        let join_ref = (self.last_ref + 1).to_string();
        let changes = json!([{"event": "*", "schema": "public", "table": "sync_head", "filter": format!("user_id=eq.{}", self.user)}]);
        let config = json!({
            "broadcast": {"ack": false, "self": false},
            "presence": {"key": "", "enabled": false},
            "postgres_changes": changes,
            "private": false,
        });
        let payload = json!({"config": config, "access_token": token});
        let join = self.send(Some(join_ref.clone()), TOPIC, "phx_join", payload);
        self.channel = Channel::Joining { join_ref, until: now + ANSWER };
        vec![join]
    }

    /// Leaves a channel that does not work, to join again later.
    fn leave(&mut self, now: u64) -> Vec<Action> {
        let join_ref = self.join_ref().map(str::to_owned);
        let mut actions = vec![self.send(join_ref, TOPIC, "phx_leave", json!({}))];
        actions.extend(self.lost(now));
        actions
    }

    /// The channel is gone, the connection is not.
    fn lost(&mut self, now: u64) -> Vec<Action> {
        let was = self.is_subscribed();
        self.rest(now);
        if was { vec![Action::Hint(Hint::Down)] } else { Vec::new() }
    }

    fn rest(&mut self, now: u64) {
        // Weyl's sequence: enough for jitter.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.channel = Channel::Resting { until: now + self.backoff.next(self.random >> 16) };
    }

    fn join_ref(&self) -> Option<&str> {
        match &self.channel {
            Channel::Joining { join_ref, .. } | Channel::Joined { join_ref, .. } | Channel::Subscribed { join_ref } => {
                Some(join_ref)
            }
            Channel::NeedsToken | Channel::Resting { .. } => None,
        }
    }

    fn send(&mut self, join_ref: Option<String>, topic: &str, event: &str, payload: Value) -> Action {
        self.last_ref += 1;
        let reference = Some(self.last_ref.to_string());
        Action::Send(Frame { join_ref, reference, topic: topic.to_owned(), event: event.to_owned(), payload }.write())
    }
}

/// Whether a message was sent with or after the join; both are numbers of ours.
fn is_since(reference: &Option<String>, join_ref: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().ok();
    match (reference.as_deref().and_then(number), number(join_ref)) {
        (Some(reference), Some(join)) => reference >= join,
        _ => true,
    }
}

/// Whether another token may help.
fn is_about_token(reason: &str) -> bool {
    let code = reason.split(':').next().unwrap_or_default();
    matches!(code, "InvalidJWTToken" | "JwtSignatureError" | "MalformedJWT" | "Unauthorized")
        || reason.contains("Token has expired")
        || reason.contains("JWT")
}
