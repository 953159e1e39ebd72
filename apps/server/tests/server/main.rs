//! The server, driven from outside over HTTP and websockets.
//!
//! One server is started for all tests of this program, in this process, on the embedded database; with
//! `ALMANAC_TEST_DATABASE_URL` (a superuser on a PostgreSQL server) on a new database there instead.

mod auth;
mod auth_bursts;
mod auth_change;
mod cli;
mod commands;
mod common;
mod documents;
mod leaks;
mod matrix;
mod merge;
mod moved;
mod operations;
mod outages;
mod realtime;
mod realtime_limits;
mod realtime_tables;
mod rpc;
mod sql;
mod tables;
mod tables_errors;
mod web;
