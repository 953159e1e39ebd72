//! The mobile shell: SQLite, the phone's services, the shared UI.

fn main() {}
