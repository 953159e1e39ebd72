//! The web shell: IndexedDB, the browser's services, the shared UI.

fn main() {}
