//! Almanac in the browser: IndexedDB, Web Locks, BroadcastChannel and a service worker under the shared UI.

mod leader;
mod peers;
mod platform;
mod shell;
mod vault;
mod window;

use almanac_data::ShellHandle;
use dioxus::prelude::*;
use std::sync::Arc;

fn main() {
    start_logging();
    window::ask_for_persistent_storage();
    dioxus::launch(Root);
}

/// What people are asked to copy from the console when something is wrong, and no more. `tracing` hands what it is told to
/// `log`: a subscriber of its own would be a larger download.
fn start_logging() {
    // Only a second logger would be refused.
    drop(console_log::init_with_level(log::Level::Warn));
    // A panic says so; the browser by itself only knows that something unreachable was reached.
    std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
}

#[component]
#[allow(
    clippy::arc_with_non_send_sync,
    reason = "the browser has one thread; core shares shells by Arc on every platform"
)]
fn Root() -> Element {
    let shell = use_hook(|| ShellHandle(Arc::new(shell::WebShell::new())));
    rsx! {
        almanac_ui::App { shell }
    }
}
