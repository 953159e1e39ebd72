//! The desktop shell: SQLite, the desktop's services, the shared UI.

fn main() {}
