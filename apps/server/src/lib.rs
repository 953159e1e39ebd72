//! The self-hostable backend of Almanac.
//!
//! It speaks the dialect of a hosted Supabase project (`/auth/v1`, `/rest/v1`, `/realtime/v1`) over PostgreSQL and serves
//! the web app from the same origin, so that a client cannot tell which of the two it talks to. The schema, the rules
//! and the sync functions live in SQL under `supabase/`; this crate is a thin gateway in front of them and decides
//! nothing about who may see what: it only tells the database who is asking.
//!
//! * [`config`]: what can be set. [`serve`]: start and stop.
//! * [`db`]: the embedded database (one connection) or PostgreSQL by URL (a pool), and the migrations.
//! * [`admin`], [`backup`]: what an operator does on the command line.
//! * `auth`, `rest`, `realtime`, `web`: one module for each prefix.
//!
//! The library exists so that tests start the real server in their own process.

pub mod admin;
mod auth;
pub mod backup;
pub mod config;
pub mod db;
pub mod error;
mod http;
mod jwt;
mod listen;
mod metrics;
mod project;
mod realtime;
mod rest;
pub mod serve;
mod signing;
mod state;
mod tidy;
mod web;

pub use config::Config;
pub use error::StartError;
pub use serve::{Server, start};
