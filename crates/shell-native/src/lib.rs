//! What the desktop and the mobile shell share: SQLite, files and tokio under the same UI.

mod files;
mod leader;
mod platform;
mod shell;
mod start;
mod vault;

pub use files::{DataDir, DataDirError};
pub use platform::NativePlatform;
pub use shell::{NativeShell, start_logging};
pub use start::{Start, StartError, usual_server};
