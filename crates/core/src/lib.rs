//! Domains, stamps, merge, the store and remote traits and the sync engine. No I/O and no clock of its own.
