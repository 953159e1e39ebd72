//! The only crate that knows the network: auth, rest and realtime.
