//! Almanac on the phone: SQLite and the phone's web view under the shared UI. On the host it opens a phone-sized window.

use almanac_data::{ShellHandle, ShellKind};
use almanac_shell_native::{DataDir, NativePlatform, NativeShell, start_logging};
use dioxus::{
    mobile::{
        Config, LogicalSize, WindowBuilder,
        tao::event::{Event, WindowEvent},
        use_wry_event_handler,
    },
    prelude::*,
};
use futures::channel::mpsc::UnboundedSender;
use std::{io::Write as _, process::ExitCode, sync::Arc};

/// A phone of today, in CSS pixels.
const PHONE: (f64, f64) = (390.0, 844.0);

/// What the root component is made from.
#[derive(Clone)]
struct Start {
    shell: ShellHandle,
    wake: UnboundedSender<()>,
}

fn main() -> ExitCode {
    start_logging();
    let server = std::env::var("ALMANAC_SERVER").unwrap_or_else(|_| "http://127.0.0.1:8787".to_owned());
    let opened = DataDir::open(&server).map_err(|e| e.to_string());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|e| e.to_string());
    let (dir, runtime) = match (opened, runtime) {
        (Ok(dir), Ok(runtime)) => (dir, runtime),
        (Err(problem), _) | (_, Err(problem)) => {
            let _ = writeln!(std::io::stderr(), "almanac-mobile: {problem}");
            return ExitCode::FAILURE;
        }
    };
    // Requests made by the UI's own executor need the runtime too.
    let _entered = runtime.enter();
    let platform = NativePlatform::new(runtime.handle().clone());
    let (shell, wake) = NativeShell::new(ShellKind::Mobile, server, dir, platform);
    let start = Start { shell: ShellHandle(Arc::new(shell)), wake };
    let window = WindowBuilder::new().with_title("Almanac").with_inner_size(LogicalSize::new(PHONE.0, PHONE.1));
    let config = Config::new().with_window(window).with_menu(None);
    LaunchBuilder::mobile().with_cfg(config).with_context(start).launch(Root);
    ExitCode::SUCCESS
}

#[component]
fn Root() -> Element {
    let start = use_context::<Start>();
    use_wry_event_handler(move |event, _| {
        let back = matches!(event, Event::Resumed | Event::WindowEvent { event: WindowEvent::Focused(true), .. });
        if back {
            // Without a receiver the app is closing.
            let _ = start.wake.unbounded_send(());
        }
    });
    let shell = use_context::<Start>().shell;
    rsx! {
        almanac_ui::App { shell }
    }
}
