//! The store on IndexedDB: the web.
