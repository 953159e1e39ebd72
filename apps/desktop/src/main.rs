//! Almanac on the desktop: SQLite and a native window under the shared UI.

mod cli;
mod frame;
mod menu;

use almanac_data::ShellKind;
use almanac_shell_native::{DataDir, Start, start_logging};
use almanac_ui::native_menu::Picks;
use dioxus::{
    desktop::{
        Config, DesktopContext, LogicalSize, WindowBuilder,
        tao::{
            dpi::PhysicalPosition,
            event::{Event, WindowEvent},
        },
        use_muda_event_handler, use_window, use_wry_event_handler,
    },
    prelude::*,
};
use frame::{Frame, Instance, Screen};
use futures::StreamExt as _;
use std::{
    cell::Cell,
    process::ExitCode,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
};

/// What the root component must know of its window.
#[derive(Clone)]
struct Framed {
    /// Taken by the root, which holds it to the end.
    instance: Arc<Mutex<Option<Instance>>>,
    /// The window as it was at the end of the last start.
    kept: Option<Frame>,
}

/// The name the window's size and place are kept under.
const FRAME: &str = "window";

fn main() -> ExitCode {
    let options = match cli::parse(std::env::args().skip(1)) {
        Ok(cli::Asked::Run(options)) => options,
        Ok(cli::Asked::Help) => return cli::print_help(),
        Err(problem) => return cli::fail(&problem),
    };
    start_logging();
    let dir = match DataDir::open(&options.server) {
        Ok(dir) => dir,
        Err(error) => return cli::fail(&error.to_string()),
    };
    let Some(instance) = frame::only(&dir) else {
        // The one that is open comes to the front.
        return ExitCode::SUCCESS;
    };
    let start = match Start::new(ShellKind::Desktop, options.server, dir) {
        Ok(start) => start,
        Err(error) => return cli::fail(&error.to_string()),
    };
    let kept = start.shell.0.recall(FRAME).and_then(|text| Frame::read(&text)).filter(|_| options.size.is_none());
    let size = kept.map(|frame| frame.size).or(options.size).unwrap_or((1280.0, 840.0));
    let framed = Framed { instance: Arc::new(Mutex::new(Some(instance))), kept };
    let mut window = WindowBuilder::new()
        .with_title("Almanac")
        .with_inner_size(LogicalSize::new(size.0, size.1))
        .with_maximized(kept.is_some_and(|frame| frame.maximized))
        .with_min_inner_size(LogicalSize::new(360.0, 480.0));
    if let Some((x, y)) = kept.and_then(|frame| frame.place) {
        window = window.with_position(PhysicalPosition::new(x, y));
    }
    let menu = menu::bar(&start.shell).inspect_err(|error| tracing::warn!(%error, "no menu bar")).ok();
    let config = Config::new().with_window(window).with_menu(menu).with_disable_context_menu(!cfg!(debug_assertions));
    LaunchBuilder::desktop().with_cfg(config).with_context(start).with_context(framed).launch(Root);
    ExitCode::SUCCESS
}

#[component]
fn Root() -> Element {
    let start = use_context::<Start>();
    let Framed { instance, kept } = use_context::<Framed>();
    let shell = start.shell.clone();
    let window = use_window();
    let picks = Picks::provide();
    use_muda_event_handler(move |event| picks.pick(&event.id.0));
    // The last size and place while not maximized: what it goes back to.
    let free = use_hook(|| Rc::new(Cell::new(kept)));
    use_wry_event_handler({
        let (window, shell) = (window.clone(), shell.clone());
        move |event, _| {
            let Event::WindowEvent { event, .. } = event else { return };
            match event {
                WindowEvent::Focused(true) => start.is_back(),
                WindowEvent::Resized(_) | WindowEvent::Moved(_) if !window.is_maximized() => {
                    free.set(Some(frame_of(&window)));
                }
                WindowEvent::Focused(false) | WindowEvent::CloseRequested => {
                    let now = frame_of(&window);
                    let frame = if now.maximized { free.get().unwrap_or(now) } else { now };
                    let frame = Frame { maximized: now.maximized, ..frame };
                    if let Err(error) = shell.0.remember(FRAME, Some(&frame.text())) {
                        tracing::warn!(%error, "the window's size is not kept");
                    }
                }
                _ => {}
            }
        }
    });
    use_future(move || {
        let (window, instance) = (window.clone(), instance.clone());
        async move {
            if let Some(kept) = kept {
                reach(&window, kept);
            }
            let taken = instance.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(mut instance) = taken else { return };
            while instance.raised.next().await.is_some() {
                window.set_minimized(false);
                window.set_focus();
            }
        }
    });
    rsx! {
        almanac_ui::App { shell }
    }
}

/// Brings a window that was made as it was kept to where the screens of today show it.
fn reach(window: &DesktopContext, kept: Frame) {
    let screens: Vec<Screen> = window
        .available_monitors()
        .map(|monitor| {
            let (place, size) = (monitor.position(), monitor.size());
            Screen {
                place: (f64::from(place.x), f64::from(place.y)),
                size: (f64::from(size.width), f64::from(size.height)),
            }
        })
        .collect();
    let seen = kept.on(&screens, window.scale_factor());
    if seen.size != kept.size && !kept.maximized {
        window.set_inner_size(LogicalSize::new(seen.size.0, seen.size.1));
    }
    if seen.place != kept.place {
        let first = screens.first().map_or((0.0, 0.0), |screen| screen.place);
        window.set_outer_position(PhysicalPosition::new(first.0 + 40.0, first.1 + 40.0));
    }
}

/// The window's size and place now.
fn frame_of(window: &DesktopContext) -> Frame {
    let size = window.inner_size().to_logical::<f64>(window.scale_factor());
    let place = window.outer_position().ok().map(|place| (f64::from(place.x), f64::from(place.y)));
    Frame { size: (size.width, size.height), place, maximized: window.is_maximized() }
}
