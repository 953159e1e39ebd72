//! The window's size and place, kept from one start to the next; and one instance: a second start brings the first one's
//! window to the front and ends.

use almanac_shell_native::DataDir;
use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use std::{
    fs::{self, File, TryLockError},
    path::PathBuf,
    time::Duration,
};

/// How often the first instance looks whether another was started.
const LOOK: Duration = Duration::from_millis(300);

/// As much of a window's upper edge must be on a screen for a hand to get hold of it, physical pixels.
const HANDLE: f64 = 80.0;

/// Size and place of a window that is not maximized, and whether it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Logical pixels, so that it is as large on a denser screen.
    pub(crate) size: (f64, f64),
    /// Physical pixels, the one measure all screens share.
    pub(crate) place: Option<(f64, f64)>,
    pub(crate) maximized: bool,
}

/// A screen: place and size, physical pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    pub(crate) place: (f64, f64),
    pub(crate) size: (f64, f64),
}

impl Screen {
    /// How wide the part of a window's upper edge is that lies on this screen.
    fn shows(&self, place: (f64, f64), width: f64) -> f64 {
        let within = (self.place.1..self.place.1 + self.size.1 - HANDLE).contains(&place.1);
        let left = place.0.max(self.place.0);
        let right = (place.0 + width).min(self.place.0 + self.size.0);
        if within { right - left } else { 0.0 }
    }
}

impl Frame {
    /// The same window where it can be reached: no larger than the largest screen, and at its place only if that is on one
    /// of them (a screen may have gone since).
    pub(crate) fn on(self, screens: &[Screen], scale: f64) -> Self {
        let largest = |side: fn(&Screen) -> f64| screens.iter().map(side).fold(0.0, f64::max) / scale;
        let (width, height) = (largest(|screen| screen.size.0), largest(|screen| screen.size.1));
        if width <= 0.0 || height <= 0.0 {
            // Nothing is known about the screens.
            return self;
        }
        let size = (self.size.0.min(width), self.size.1.min(height));
        let reached = |place: &(f64, f64)| {
            place.0.is_finite() && screens.iter().any(|screen| screen.shows(*place, size.0 * scale) >= HANDLE)
        };
        Self { size, place: self.place.filter(reached), ..self }
    }

    /// As it was kept: `[width,height,x,y,maximized]`. What does not read, or is no window one could use, counts as none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.trim().strip_prefix('[')?.strip_suffix(']')?.split(',').map(str::trim).collect();
        let [width, height, x, y, maximized] = words[..] else { return None };
        let size: (f64, f64) = (width.parse().ok()?, height.parse().ok()?);
        let place = x.parse().ok().zip(y.parse().ok());
        let usable = |side: f64| (200.0..20_000.0).contains(&side);
        (usable(size.0) && usable(size.1)).then_some(Self { size, place, maximized: maximized == "true" })
    }

    /// The text to keep.
    pub(crate) fn text(self) -> String {
        let (x, y) = self.place.map_or(("null".to_owned(), "null".to_owned()), |(x, y)| (x.to_string(), y.to_string()));
        format!("[{},{},{x},{y},{}]", self.size.0, self.size.1, self.maximized)
    }
}

/// Being the only one. Held as long as the app runs.
pub(crate) struct Instance {
    _lock: Option<File>,
    /// An item whenever another was started.
    pub(crate) raised: UnboundedReceiver<()>,
}

/// Becomes the only instance on this data folder; none when there is one already: it has been asked to show itself.
pub(crate) fn only(dir: &DataDir) -> Option<Instance> {
    let ask = dir.file("raise");
    let lock = match File::create(dir.file("instance.lock")).map(|file| (file.try_lock(), file)) {
        Ok((Ok(()), file)) => Some(file),
        Ok((Err(TryLockError::WouldBlock), _)) => {
            if let Err(error) = File::create(&ask) {
                tracing::warn!(%error, "the window that is open could not be asked to the front");
            }
            return None;
        }
        // Without a lock there is nothing to agree by: then there may be two, which merge keeps harmless.
        Ok((Err(TryLockError::Error(error)), _)) | Err(error) => {
            tracing::warn!(%error, "no lock for a single instance");
            None
        }
    };
    // Left by a start long ago.
    let _ = fs::remove_file(&ask);
    let (sender, raised) = unbounded();
    let watch = std::thread::Builder::new().name("almanac-instance".to_owned());
    let watching = watch.spawn(move || look(ask, &sender));
    if let Err(error) = watching {
        tracing::warn!(%error, "a second start will not bring this window to the front");
    }
    Some(Instance { _lock: lock, raised })
}

fn look(ask: PathBuf, sender: &futures::channel::mpsc::UnboundedSender<()>) {
    while !sender.is_closed() {
        if fs::remove_file(&ask).is_ok() && sender.unbounded_send(()).is_err() {
            return;
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt as _, executor::block_on};

    #[test]
    fn a_frame_is_read_as_it_was_kept() {
        for frame in [
            Frame { size: (1280.0, 840.5), place: Some((-12.0, 30.0)), maximized: false },
            Frame { size: (900.0, 700.0), place: None, maximized: true },
        ] {
            assert_eq!(Frame::read(&frame.text()), Some(frame));
        }
    }

    #[test]
    fn what_is_no_window_is_not_used() {
        for text in ["", "[]", "[1,2]", "[10,10,0,0,false]", "[NaN,800,0,0,false]", "[1e9,800,0,0,false]", "{}"] {
            assert_eq!(Frame::read(text), None, "{text}");
        }
    }

    const SCREEN: Screen = Screen { place: (0.0, 0.0), size: (1920.0, 1080.0) };

    fn at(x: f64, y: f64) -> Frame {
        Frame { size: (1200.0, 800.0), place: Some((x, y)), maximized: false }
    }

    #[test]
    fn a_place_a_hand_can_reach_is_kept() {
        let beside = Screen { place: (-1280.0, 200.0), size: (1280.0, 1024.0) };
        for frame in [at(0.0, 0.0), at(1800.0, 900.0), at(-1100.0, 40.0), at(-1280.0, 300.0)] {
            assert_eq!(frame.on(&[SCREEN, beside], 1.0), frame, "{frame:?}");
        }
    }

    #[test]
    fn a_place_no_screen_shows_is_not_used() {
        for frame in [at(-1280.0, 300.0), at(1900.0, 10.0), at(100.0, -300.0), at(100.0, 1070.0), at(f64::NAN, 0.0)] {
            assert_eq!(frame.on(&[SCREEN], 1.0), Frame { place: None, ..frame }, "{frame:?}");
        }
    }

    #[test]
    fn a_window_is_no_larger_than_the_largest_screen() {
        let huge = Frame { size: (4000.0, 3000.0), place: None, maximized: true };
        assert_eq!(huge.on(&[SCREEN], 1.0).size, (1920.0, 1080.0));
        assert_eq!(huge.on(&[SCREEN], 2.0).size, (960.0, 540.0), "logical pixels of a dense screen");
        assert_eq!(huge.on(&[], 1.0), huge, "without a known screen nothing is known better");
    }

    #[test]
    fn a_second_start_asks_the_first_to_show_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = DataDir::below(folder.path(), "http://x").expect("a data folder");
        let mut first = only(&dir).expect("the first is the only one");
        assert!(only(&dir).is_none(), "two at once");
        block_on(first.raised.next()).expect("asked");
        drop(first);
        assert!(only(&dir).is_some(), "the lock ends with its holder");
    }
}
