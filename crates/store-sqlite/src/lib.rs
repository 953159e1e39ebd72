//! The store on SQLite: desktop and mobile.
