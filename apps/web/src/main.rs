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
    tracing_wasm::set_as_global_default();
    window::ask_for_persistent_storage();
    dioxus::launch(Root);
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
