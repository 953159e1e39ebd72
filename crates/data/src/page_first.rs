//! What a person waits for goes first: what talks to the server begins once the first page is read and drawn. Both want the same
//! processor and the same database, and a start is a twentieth shorter when they take turns.

use almanac_core::platform::Platform;
use futures::{
    FutureExt,
    channel::oneshot::{Receiver, Sender, channel},
    future::{Either, Shared, select},
};
use std::{cell::Cell, sync::Arc, time::Duration};

/// Longest wait for a page: not all of them show events.
const PATIENCE: Duration = Duration::from_secs(1);
/// From when a page is read until it is drawn.
const DRAWING: Duration = Duration::from_millis(50);

/// Told when the first page is read.
pub(crate) struct FirstPage(Cell<Option<Sender<()>>>);

/// Waits for the first page. A copy waits for the same one.
#[derive(Clone)]
pub(crate) struct AfterPage {
    platform: Arc<dyn Platform>,
    read: Shared<Receiver<()>>,
}

/// The two ends.
pub(crate) fn page_first(platform: Arc<dyn Platform>) -> (FirstPage, AfterPage) {
    let (sender, receiver) = channel();
    (FirstPage(Cell::new(Some(sender))), AfterPage { platform, read: receiver.shared() })
}

impl FirstPage {
    /// A page is read; only the first one matters.
    pub(crate) fn is_read(&self) {
        if let Some(sender) = self.0.take() {
            // Without a listener nothing waits.
            let _ = sender.send(());
        }
    }
}

impl AfterPage {
    /// Returns when the first page is drawn, when there was none for long, or when the account is closed.
    pub(crate) async fn wait(self) {
        if let Either::Left(_) = select(self.read, self.platform.sleep(PATIENCE)).await {
            self.platform.sleep(DRAWING).await;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use almanac_core::platform::{BoxFuture, TaskFuture};
    use std::pin::{Pin, pin};

    /// A platform on which no time passes but that of this length.
    pub(crate) struct Still(pub(crate) Duration);

    impl Platform for Still {
        fn now_micros(&self) -> u64 {
            0
        }

        fn monotonic_micros(&self) -> u64 {
            0
        }

        fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
            if time == self.0 { Box::pin(std::future::ready(())) } else { Box::pin(std::future::pending()) }
        }

        fn spawn(&self, _: Pin<Box<dyn TaskFuture>>) {}

        fn random(&self) -> u64 {
            0
        }
    }

    #[test]
    fn the_server_has_its_turn_when_the_first_page_is_drawn() {
        let (page, after) = page_first(Arc::new(Still(DRAWING)));
        let mut waits = pin!(after.clone().wait());
        assert_eq!(waits.as_mut().now_or_never(), None, "nothing is read yet");
        page.is_read();
        page.is_read();
        assert_eq!(waits.now_or_never(), Some(()));
        assert_eq!(after.wait().now_or_never(), Some(()), "who comes later need not wait");
    }

    #[test]
    fn a_page_is_not_waited_for_when_there_is_none_or_no_account_any_more() {
        let (_page, after) = page_first(Arc::new(Still(PATIENCE)));
        assert_eq!(after.wait().now_or_never(), Some(()));
        let (page, after) = page_first(Arc::new(Still(DRAWING)));
        drop(page);
        assert_eq!(after.wait().now_or_never(), Some(()));
    }
}
