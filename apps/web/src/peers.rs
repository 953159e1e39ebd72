//! The other tabs, by BroadcastChannel.

use almanac_data::{PeerSend, Peers};
use futures::{StreamExt, channel::mpsc::unbounded};
use std::sync::Arc;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

struct Sender(BroadcastChannel);

impl PeerSend for Sender {
    fn send(&self, message: &str) {
        // Fails only on a closed channel: then the tab is closing.
        let _ = self.0.post_message(&message.into());
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Hears the channel for as long as it is there. The channel itself may be there longer.
struct Listening {
    channel: BroadcastChannel,
    _listener: Closure<dyn FnMut(MessageEvent)>,
}

impl Listening {
    fn to(channel: &BroadcastChannel, hears: impl FnMut(MessageEvent) + 'static) -> Self {
        let listener = Closure::<dyn FnMut(MessageEvent)>::new(hears);
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        Self { channel: channel.clone(), _listener: listener }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
    }
}

/// Joins the channel of that name.
#[allow(clippy::arc_with_non_send_sync, reason = "the browser has one thread; core shares by Arc on every platform")]
pub(crate) fn join(name: &str) -> Option<Peers> {
    let channel = BroadcastChannel::new(name).ok()?;
    let (heard, receive) = unbounded();
    let listening = Listening::to(&channel, move |event| {
        if let Some(text) = event.data().as_string() {
            let _ = heard.unbounded_send(text);
        }
    });
    let receive = receive.map(move |text| {
        // It listens as long as somebody reads.
        let _ = &listening;
        text
    });
    Some(Peers { send: Arc::new(Sender(channel)), receive: receive.boxed_local() })
}
