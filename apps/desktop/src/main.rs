//! Almanac on the desktop: SQLite and a native window under the shared UI.

mod cli;

use almanac_data::{ShellHandle, ShellKind};
use almanac_shell_native::{DataDir, NativePlatform, NativeShell, start_logging};
use dioxus::{
    desktop::{
        Config, LogicalSize, WindowBuilder,
        tao::event::{Event, WindowEvent},
        use_wry_event_handler,
    },
    prelude::*,
};
use futures::channel::mpsc::UnboundedSender;
use std::{process::ExitCode, sync::Arc};

/// What the root component is made from.
#[derive(Clone)]
struct Start {
    shell: ShellHandle,
    wake: UnboundedSender<()>,
}

fn main() -> ExitCode {
    let options = match cli::parse(std::env::args().skip(1)) {
        Ok(cli::Asked::Run(options)) => options,
        Ok(cli::Asked::Help) => return cli::print_help(),
        Err(problem) => return cli::fail(&problem),
    };
    start_logging();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::fail(&format!("Almanac could not start its background threads: {error}")),
    };
    let dir = match DataDir::open(&options.server) {
        Ok(dir) => dir,
        Err(error) => return cli::fail(&error.to_string()),
    };
    // Requests made by the UI's own executor need the runtime too.
    let _entered = runtime.enter();
    let platform = NativePlatform::new(runtime.handle().clone());
    let (shell, wake) = NativeShell::new(ShellKind::Desktop, options.server, dir, platform);
    let start = Start { shell: ShellHandle(Arc::new(shell)), wake };
    let window = WindowBuilder::new()
        .with_title("Almanac")
        .with_inner_size(LogicalSize::new(options.size.0, options.size.1))
        .with_min_inner_size(LogicalSize::new(360.0, 480.0));
    let config = Config::new().with_window(window).with_menu(None).with_disable_context_menu(!cfg!(debug_assertions));
    LaunchBuilder::desktop().with_cfg(config).with_context(start).launch(Root);
    ExitCode::SUCCESS
}

#[component]
fn Root() -> Element {
    let start = use_context::<Start>();
    use_wry_event_handler(move |event, _| {
        if let Event::WindowEvent { event: WindowEvent::Focused(true), .. } = event {
            // Without a receiver the app is closing.
            let _ = start.wake.unbounded_send(());
        }
    });
    let shell = use_context::<Start>().shell;
    rsx! {
        almanac_ui::App { shell }
    }
}
