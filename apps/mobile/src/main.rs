//! Almanac on the phone: SQLite and the phone's web view under the shared UI. On the host it opens a phone-sized window.

use almanac_data::ShellKind;
use almanac_shell_native::{DataDir, Start, start_logging, usual_server};
use dioxus::{
    mobile::{
        Config, LogicalSize, WindowBuilder,
        tao::event::{Event, WindowEvent},
        use_wry_event_handler,
    },
    prelude::*,
};
use std::{io::Write as _, process::ExitCode};

/// A phone of today, in CSS pixels.
const PHONE: (f64, f64) = (390.0, 844.0);

fn main() -> ExitCode {
    start_logging();
    let server = usual_server();
    let opened = DataDir::open(&server).map_err(|e| e.to_string());
    let started = opened.and_then(|dir| Start::new(ShellKind::Mobile, server, dir).map_err(|e| e.to_string()));
    let start = match started {
        Ok(start) => start,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "almanac-mobile: {problem}");
            return ExitCode::FAILURE;
        }
    };
    let window = WindowBuilder::new().with_title("Almanac").with_inner_size(LogicalSize::new(PHONE.0, PHONE.1));
    let config = Config::new().with_window(window).with_menu(None);
    LaunchBuilder::mobile().with_cfg(config).with_context(start).launch(Root);
    ExitCode::SUCCESS
}

#[component]
fn Root() -> Element {
    let start = use_context::<Start>();
    let shell = start.shell.clone();
    use_wry_event_handler(move |event, _| {
        if matches!(event, Event::Resumed | Event::WindowEvent { event: WindowEvent::Focused(true), .. }) {
            start.is_back();
        }
    });
    rsx! {
        almanac_ui::App { shell }
    }
}
