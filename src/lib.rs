//! Fernstone.
pub mod auth;
pub mod config;
pub mod domain;
pub mod formatter;
pub mod http;
pub mod keys;
pub mod policy;
pub mod server;
pub mod store;
