//! The developers' commands: cargo xtask setup, run, test, bench, ci.

fn main() {}
