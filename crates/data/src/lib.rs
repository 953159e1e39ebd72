//! The one import surface of the UI: provider, hooks and mutations.
