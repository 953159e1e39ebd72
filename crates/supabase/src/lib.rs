//! The only client crate that knows the network: Supabase's auth, rest and realtime, for `apps/server` and for a hosted
//! project alike.
//!
//! [`discover`] asks a server who it is, [`Client`] implements core's `Auth`, and the `Remote` it hands out carries the
//! sync functions of `docs/wire.md` and the realtime hints. Everything that can go wrong on the way is told in core's
//! few classes of failure, decided in one place ([`problem`]).
//!
//! It builds for the browser too: time and tasks come from core's `Platform`, never from a runtime. (Natively the HTTP
//! client itself needs a tokio runtime around it; shells have one.)

mod auth;
mod client;
mod config;
mod http;
mod json;
pub mod problem;
pub mod realtime;
mod remote;
mod retry_after;
mod token;
mod tokens;

pub use client::Client;
pub use config::{Config, DiscoverError, MIN_SCHEMA, discover};
