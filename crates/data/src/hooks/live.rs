//! A live query: read, then read again after every commit that matters to what was read.

use crate::{account::OpenAccount, provider::Context};
use almanac_core::{changes::Changes, store::StoreError};
use dioxus::prelude::*;
use futures::{FutureExt, StreamExt, future::LocalBoxFuture};
use std::{future::Future, rc::Rc};

/// Which commits make a read stale.
pub(super) trait Interest: 'static {
    /// Whether the commit may have changed the answer.
    fn is_hit(&self, changes: &Changes) -> bool;
}

/// One read, which shows what it found.
type Reading = LocalBoxFuture<'static, Result<Box<dyn Interest>, StoreError>>;

/// Reads now, and again after each commit that hits the interest of the last read; each answer goes to `show`.
///
/// `read` is called inside a reactive scope: signals it reads before its first await start it anew when they change.
/// Only reads happen here, so being cut short at any await does no harm.
pub(super) fn use_live<T, I, R>(read: impl Fn(Rc<OpenAccount>) -> R + Copy + 'static, show: impl Fn(T) + Copy + 'static)
where
    T: 'static,
    I: Interest,
    R: Future<Output = Result<(T, I), StoreError>> + 'static,
{
    use_reading(Rc::new(move |open| {
        let reading = read(open);
        async move {
            let (found, interest) = reading.await?;
            show(found);
            Ok(Box::new(interest) as Box<dyn Interest>)
        }
        .boxed_local()
    }));
}

/// What is the same for all of them, and for that reason knows no types: written out for each query it was a fortieth of
/// the web app's code.
fn use_reading(read: Rc<dyn Fn(Rc<OpenAccount>) -> Reading>) {
    let context = use_context::<Context>();
    // What the resource would give back has been shown: nothing of it is read.
    let _resource = use_resource(move || {
        let read = read.clone();
        let open = context.open.read().clone();
        let first = open.clone().map(&*read);
        async move {
            let (Some(open), Some(first)) = (open, first) else { return };
            // Listening begins before reading: what is committed meanwhile makes the read stale, it is not missed.
            let mut commits = open.database.listen();
            let mut reading = Some(first);
            loop {
                let result = match reading.take() {
                    Some(first) => first.await,
                    None => read(open.clone()).await,
                };
                let interest = match result {
                    Ok(interest) => Some(interest),
                    Err(error) => {
                        tracing::error!(%error, "a local read failed");
                        None
                    }
                };
                loop {
                    let Some(told) = commits.next().await else { return };
                    if interest.as_ref().is_none_or(|interest| interest.is_hit(&told.changes)) {
                        break;
                    }
                }
                // What else was committed by now is covered by the read that follows.
                while commits.try_recv().is_ok() {}
            }
        }
    });
}
