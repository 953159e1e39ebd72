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

/// What people are asked to copy from the console when something is wrong, and no more.
fn start_logging() {
    let config = tracing_wasm::WASMLayerConfigBuilder::new()
        .set_max_level(tracing::Level::INFO)
        .set_console_config(tracing_wasm::ConsoleConfig::ReportWithoutConsoleColor)
        .set_report_logs_in_timings(false)
        .build();
    tracing_wasm::set_as_global_default_with_config(config);
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
