//! One websocket: its channels, and the loop that serves them.
//!
//! A socket that is not read fast enough holds up nobody else: changes wait for it in a bounded queue; when that runs
//! over it is told to pull, and when a frame cannot be sent for ten seconds it is dropped.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{Message as Frame, WebSocket};
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::binding::Binding;
use super::channel::Channel;
use super::deliver::payload;
use super::frame::{Message, Version};
use crate::db::{Change, Signal};
use crate::rest::caller::Caller;
use crate::state::{App, unix_now};

/// How long one frame may take to leave.
const SEND: Duration = Duration::from_secs(10);
/// How long a client may take to answer the end. Closing before it has read what was said last would take that from it.
const FAREWELL: Duration = Duration::from_secs(1);
/// Channels on one socket.
const CHANNELS: usize = 100;
/// Messages from one client in a second.
const PER_SECOND: u32 = 100;

/// The socket is no more.
#[derive(Debug)]
struct Gone;

/// One connection.
pub(super) struct Socket {
    app: App,
    stream: WebSocket,
    version: Version,
    /// Who the project key makes the client, until a channel brings a token.
    anyone: Caller,
    channels: HashMap<String, Channel>,
    signals: broadcast::Receiver<Signal>,
}

/// What the loop woke up for.
enum Event {
    Frame(Frame),
    Signal(Result<Signal, RecvError>),
    Tick,
    Stopping,
}

impl Socket {
    pub(super) fn new(app: App, stream: WebSocket, version: Version, anyone: Caller) -> Self {
        // From now on nothing is missed: this is before any join is answered.
        let signals = app.db.signals();
        Self { app, stream, version, anyone, channels: HashMap::new(), signals }
    }

    /// Serves the client until either side is done.
    pub(super) async fn run(mut self) {
        if self.serve().await.is_ok()
            && matches!(tokio::time::timeout(SEND, self.stream.send(Frame::Close(None))).await, Ok(Ok(())))
        {
            let ended = async { while let Some(Ok(_)) = self.stream.recv().await {} };
            let _ = tokio::time::timeout(FAREWELL, ended).await;
        }
    }

    async fn serve(&mut self) -> Result<(), Gone> {
        let mut stopping = self.app.stopping.clone();
        let silence = self.app.limits.silence;
        let mut heard = Instant::now();
        let mut second = Instant::now();
        let mut messages = 0;
        loop {
            let wake = self.next_expiry().min(heard + silence);
            let event = tokio::select! {
                frame = self.stream.recv() => match frame {
                    Some(Ok(frame)) => Event::Frame(frame),
                    Some(Err(_)) | None => return Err(Gone),
                },
                signal = self.signals.recv() => Event::Signal(signal),
                () = tokio::time::sleep_until(wake) => Event::Tick,
                _ = stopping.wait_for(|stop| *stop) => Event::Stopping,
            };
            match event {
                Event::Frame(frame @ (Frame::Text(_) | Frame::Binary(_))) => {
                    heard = Instant::now();
                    if second.elapsed() >= Duration::from_secs(1) {
                        (second, messages) = (heard, 0);
                    }
                    messages += 1;
                    if messages > PER_SECOND {
                        return self.close_all("error", "Too many messages per second").await;
                    }
                    let message = match &frame {
                        Frame::Text(text) => Message::read(self.version, text.as_str()),
                        Frame::Binary(bytes) => Message::read_broadcast(self.version, bytes),
                        _ => None,
                    };
                    // What cannot be read is ignored, as unknown events are.
                    if let Some(message) = message {
                        self.handle(message).await?;
                    }
                }
                Event::Frame(Frame::Close(_)) => return Ok(()),
                Event::Frame(_) => heard = Instant::now(),
                Event::Signal(Ok(Signal::Changed(change))) => self.changed(&change).await?,
                Event::Signal(Ok(Signal::Gap) | Err(RecvError::Lagged(_))) => self.subscribed_again().await?,
                Event::Signal(Err(RecvError::Closed)) => return Ok(()),
                Event::Tick => {
                    if heard.elapsed() >= silence {
                        return Ok(());
                    }
                    self.expire().await?;
                }
                Event::Stopping => return self.close_all("ok", "Server requested disconnect").await,
            }
        }
    }

    async fn handle(&mut self, message: Message) -> Result<(), Gone> {
        match (message.topic.as_str(), message.event.as_str()) {
            ("phoenix", "heartbeat") => self.reply(&message, "ok", json!({})).await,
            (_, "phx_join") => self.join(message).await,
            (topic, _) if !self.channels.contains_key(topic) => {
                let unmatched = Message { join_ref: None, ..message };
                self.reply(&unmatched, "error", json!({"reason": "unmatched topic"})).await
            }
            (_, "phx_leave") => {
                self.channels.remove(&message.topic);
                self.reply(&message, "ok", json!({})).await?;
                self.send(Message {
                    reference: message.join_ref.clone(),
                    event: "phx_close".to_owned(),
                    payload: json!({}),
                    ..message
                })
                .await
            }
            (_, "access_token") => self.renew(&message).await,
            (_, "presence") => self.reply(&message, "ok", json!({})).await,
            (topic, "broadcast") if self.channels.get(topic).is_some_and(|channel| channel.acknowledges) => {
                // Else the client would wait for an answer until it gives up.
                self.reply(&message, "error", json!({"reason": "UnsupportedEvent: this server carries no broadcasts"}))
                    .await
            }
            _ => Ok(()),
        }
    }

    async fn join(&mut self, message: Message) -> Result<(), Gone> {
        if let Some(old) = self.channels.remove(&message.topic) {
            self.send(closing(&message.topic, old.join_ref)).await?;
        }
        let joined = if self.channels.len() >= CHANNELS {
            Err("ChannelRateLimitReached: Too many channels".to_owned())
        } else {
            Channel::read(&message, &self.app.project, &self.anyone)
        };
        match joined {
            Err(reason) => self.reply(&message, "error", json!({"reason": reason})).await,
            Ok((channel, trouble)) => {
                let echo: Vec<_> = channel.bindings.iter().map(Binding::echo).collect();
                let wants_changes = !channel.bindings.is_empty() || trouble.is_some();
                self.channels.insert(message.topic.clone(), channel);
                self.reply(&message, "ok", json!({"postgres_changes": echo})).await?;
                if !wants_changes {
                    return Ok(());
                }
                self.subscribe(&message.topic, trouble).await
            }
        }
    }

    /// Checks what a channel asks for and tells it `system ok`, or why not; then the channel stays, and stays silent.
    async fn subscribe(&mut self, topic: &str, trouble: Option<String>) -> Result<(), Gone> {
        let trouble = match (trouble, self.channels.get(topic)) {
            (Some(trouble), _) => Some(trouble),
            (None, None) => return Ok(()),
            (None, Some(channel)) => match channel.check(&self.app).await {
                Ok(trouble) => trouble,
                Err(error) => {
                    tracing::warn!(%error, "realtime: cannot subscribe");
                    Some("the database is not available".to_owned())
                }
            },
        };
        if let (Some(_), Some(channel)) = (&trouble, self.channels.get_mut(topic)) {
            channel.bindings.clear();
        }
        let (status, text) = match trouble {
            None => ("ok", "Subscribed to PostgreSQL".to_owned()),
            Some(reason) => (
                "error",
                format!(
                    "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: {reason}"
                ),
            ),
        };
        self.system(topic, "postgres_changes", status, &text).await
    }

    /// A new token for a channel. There is no reply, but `system ok` again.
    async fn renew(&mut self, message: &Message) -> Result<(), Gone> {
        let Some(token) = message.payload.get("access_token").and_then(Value::as_str) else { return Ok(()) };
        let Some(channel) = self.channels.get_mut(&message.topic) else { return Ok(()) };
        match channel.renew(&self.app.project, token) {
            Ok(true) if !channel.bindings.is_empty() => self.subscribe(&message.topic, None).await,
            Ok(_) => Ok(()),
            Err(reason) => self.end(&message.topic, "error", &reason).await,
        }
    }

    /// Passes a change on to the channels that may and want to hear of it.
    async fn changed(&mut self, change: &Change) -> Result<(), Gone> {
        let Some(table) = self.app.tables.get(&change.schema, &change.table) else { return Ok(()) };
        let mut frames = Vec::new();
        for (topic, channel) in &self.channels {
            let wanted: Vec<&Binding> =
                channel.bindings.iter().filter(|binding| binding.may_match(change, &table)).collect();
            if wanted.is_empty() {
                continue;
            }
            match payload(&self.app.db, &channel.caller, &table, change, &wanted).await {
                Ok(Some(payload)) => frames.push(Message {
                    join_ref: None,
                    reference: None,
                    topic: topic.clone(),
                    event: "postgres_changes".to_owned(),
                    payload,
                }),
                Ok(None) => {}
                Err(error) => {
                    // The client pulls on its own after a while; better a late hint than a dead socket.
                    tracing::warn!(%error, "realtime: a change could not be looked up");
                }
            }
        }
        for frame in frames {
            self.send(frame).await?;
            self.app.metrics.changes.inc();
        }
        Ok(())
    }

    /// Changes may have been missed: `system ok` makes clients pull.
    async fn subscribed_again(&mut self) -> Result<(), Gone> {
        let topics: Vec<_> = self
            .channels
            .iter()
            .filter(|(_, channel)| !channel.bindings.is_empty())
            .map(|(topic, _)| topic.clone())
            .collect();
        for topic in topics {
            self.system(&topic, "postgres_changes", "ok", "Subscribed to PostgreSQL").await?;
        }
        Ok(())
    }

    /// When the first token ends.
    fn next_expiry(&self) -> Instant {
        let now = unix_now();
        let seconds = self.channels.values().filter_map(|channel| channel.caller.expires()).map(|exp| exp - now).min();
        // A far expiry is looked at again after an hour.
        let seconds = seconds.unwrap_or(3600).clamp(0, 3600);
        Instant::now() + Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    }

    /// Ends the channels whose token is over.
    async fn expire(&mut self) -> Result<(), Gone> {
        let now = unix_now();
        let over: Vec<_> = self
            .channels
            .iter()
            .filter_map(|(topic, channel)| Some((topic.clone(), now - channel.caller.expires()?)))
            .filter(|(_, late)| *late >= 0)
            .collect();
        for (topic, late) in over {
            self.end(&topic, "error", &format!("Token has expired {late} seconds ago")).await?;
        }
        Ok(())
    }

    /// Tells one channel why and closes it.
    async fn end(&mut self, topic: &str, status: &str, text: &str) -> Result<(), Gone> {
        self.system(topic, "system", status, text).await?;
        match self.channels.remove(topic) {
            Some(channel) => self.send(closing(topic, channel.join_ref)).await,
            None => Ok(()),
        }
    }

    async fn close_all(&mut self, status: &str, text: &str) -> Result<(), Gone> {
        let topics: Vec<_> = self.channels.keys().cloned().collect();
        for topic in topics {
            self.end(&topic, status, text).await?;
        }
        Ok(())
    }

    async fn system(&mut self, topic: &str, extension: &str, status: &str, text: &str) -> Result<(), Gone> {
        let join_ref = self.channels.get(topic).and_then(|channel| channel.join_ref.clone());
        let name = topic.strip_prefix("realtime:").unwrap_or(topic);
        self.send(Message {
            join_ref,
            reference: None,
            topic: topic.to_owned(),
            event: "system".to_owned(),
            payload: json!({"extension": extension, "status": status, "message": text, "channel": name}),
        })
        .await
    }

    async fn reply(&mut self, to: &Message, status: &str, response: Value) -> Result<(), Gone> {
        self.send(Message {
            join_ref: to.join_ref.clone(),
            reference: to.reference.clone(),
            topic: to.topic.clone(),
            event: "phx_reply".to_owned(),
            payload: json!({"status": status, "response": response}),
        })
        .await
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        let frame = Frame::Text(message.write(self.version).into());
        match tokio::time::timeout(SEND, self.stream.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Gone),
            Err(_) => {
                self.app.metrics.slow.inc();
                Err(Gone)
            }
        }
    }
}

fn closing(topic: &str, join_ref: Option<String>) -> Message {
    Message {
        join_ref: join_ref.clone(),
        reference: join_ref,
        topic: topic.to_owned(),
        event: "phx_close".to_owned(),
        payload: json!({}),
    }
}
