//! How much room the data takes.

use crate::{provider::Context, shell::Storage};
use dioxus::prelude::*;

/// The room taken on this device, asked once when the component comes up; none until it is known.
#[must_use]
pub fn use_storage() -> Option<Storage> {
    let context = use_context::<Context>();
    let asked = use_resource(move || {
        let user = context.open.read().as_ref().map(|open| open.session.user_id);
        async move { context.shell().storage(user?).await }
    });
    let answer = asked.read();
    answer.as_ref().copied().flatten()
}
